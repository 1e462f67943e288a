//! NOR flash in a file of the host: what was written is there after QEMU was killed, as flash is after a power cut.

use core::{future::poll_fn, task::Poll};

use cortex_m_semihosting::nr::open;
use embassy_time::{Duration, Instant};
use embedded_storage_async::nor_flash::{
    ErrorType, NorFlash, NorFlashError, NorFlashErrorKind, ReadNorFlash,
};

use crate::{
    exit,
    semihosting::{HostError, HostFile},
};

/// Bytes of a page, which is erased as a whole.
pub const PAGE: usize = 4096;
/// Bytes that are programmed at once: each once between two erasures, as in chips whose flash has ECC.
pub const WORD: usize = 8;

/// Bits that are ones, or still or again are, in a word in whose midst the power goes.
const TORN: u8 = 0x5A;

/// Why a flash operation failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, defmt::Format)]
pub enum FlashError {
    /// The host's file could not be read or written.
    Host(HostError),
    /// Not aligned, or beyond the end.
    Bounds,
    /// A word was written that is not erased. A chip would store something else than was asked for.
    NotErased,
}

impl NorFlashError for FlashError {
    fn kind(&self) -> NorFlashErrorKind {
        match self {
            FlashError::Bounds => NorFlashErrorKind::OutOfBounds,
            FlashError::Host(_) | FlashError::NotErased => NorFlashErrorKind::Other,
        }
    }
}

/// The flash.
pub struct FileFlash {
    file: HostFile,
    capacity: usize,
    /// How long an erasure of one page stops the CPU, as it does where code runs from the flash that is erased.
    stall: Duration,
    /// Words that are still written or erased before the power goes; `None`: it stays.
    power: Option<usize>,
}

impl FileFlash {
    /// The flash in the file at `path`, of `pages` pages. A file that is not there, or shorter, is made: erased.
    ///
    /// # Errors
    /// [`FlashError::Host`] if the host cannot open it.
    pub fn open(path: &str, pages: usize, stall: Duration, power: Option<usize>) -> Result<Self, FlashError> {
        let capacity = pages * PAGE;
        let file = HostFile::open(path, open::RW_BINARY).ok().filter(|file| file.len() == Ok(capacity));
        if let Some(file) = file {
            return Ok(FileFlash { file, capacity, stall, power });
        }
        let file = HostFile::open(path, open::RW_TRUNC_BINARY).map_err(FlashError::Host)?;
        // As it comes from its maker.
        let mut flash = FileFlash { file, capacity, stall, power: None };
        for page in 0..pages {
            flash.fill(page * PAGE)?;
        }
        Ok(FileFlash { power, ..flash })
    }

    /// Erases the page at `offset`.
    fn fill(&mut self, offset: usize) -> Result<(), FlashError> {
        for at in (offset..offset + PAGE).step_by(ERASED.len()) {
            if let Some(done) = self.goes_after(ERASED.len()) {
                self.tear_erase(at, done)?;
            }
            self.file.write_at(at, &ERASED).map_err(FlashError::Host)?;
        }
        Ok(())
    }

    /// How many bytes of the next `len` are done before the power goes, if it goes before all are.
    fn goes_after(&mut self, len: usize) -> Option<usize> {
        let left = self.power.as_mut()?;
        let words = len / WORD;
        if *left < words {
            return Some(*left * WORD);
        }
        *left -= words;
        None
    }

    /// The power goes while `bytes` are written: of the word in whose midst it does some bits are.
    fn tear_write(&mut self, offset: usize, bytes: &[u8], done: usize) -> Result<(), FlashError> {
        let mut word = [0xFF; WORD];
        for (torn, byte) in word.iter_mut().zip(bytes.iter().skip(done)) {
            *torn = byte | TORN;
        }
        self.file.write_at(offset, bytes.get(..done).unwrap_or_default()).map_err(FlashError::Host)?;
        self.file.write_at(offset + done, &word).map_err(FlashError::Host)?;
        defmt::info!("the power goes in the midst of a write");
        exit::failed()
    }

    /// The power goes while a page is erased: what was erased is, and what is behind it has some of its old bits.
    fn tear_erase(&mut self, offset: usize, done: usize) -> Result<(), FlashError> {
        let mut part = ERASED;
        self.file.read_at(offset + done, &mut part[done..]).map_err(FlashError::Host)?;
        part[done..].iter_mut().for_each(|byte| *byte |= TORN);
        self.file.write_at(offset, &part).map_err(FlashError::Host)?;
        defmt::info!("the power goes in the midst of an erase");
        exit::failed()
    }

    fn bounds(&self, offset: usize, len: usize, unit: usize) -> Result<(), FlashError> {
        let is_aligned = offset.is_multiple_of(unit) && len.is_multiple_of(unit);
        let is_inside = offset.checked_add(len).is_some_and(|end| end <= self.capacity);
        if is_aligned && is_inside { Ok(()) } else { Err(FlashError::Bounds) }
    }

    /// A chip finds out by itself: many words at a time, so that its stand-in costs little of what is counted.
    fn is_erased(&mut self, offset: usize, len: usize) -> Result<bool, FlashError> {
        let mut words = [0; 8 * WORD];
        let mut at = offset;
        while at < offset + len {
            let part = words.len().min(offset + len - at);
            let words = words.get_mut(..part).ok_or(FlashError::Bounds)?;
            self.file.read_at(at, words).map_err(FlashError::Host)?;
            if words.as_chunks::<WORD>().0.iter().any(|word| *word != [0xFF; WORD]) {
                return Ok(false);
            }
            at += part;
        }
        Ok(true)
    }
}

/// Lets no task run for so long, as where code cannot be fetched from the flash that is erased. The core sleeps meanwhile:
/// while it computes, QEMU's time passes with its instructions, and the stall would be much longer or shorter for the others.
async fn stop_core(stall: Duration) {
    let until = Instant::now() + stall;
    let this_task = poll_fn(|context| Poll::Ready(context.waker().clone())).await;
    embassy_time_driver::schedule_wake(until.as_ticks(), &this_task);
    while Instant::now() < until {
        // With PRIMASK set, an interrupt between the question and WFI ends WFI.
        cortex_m::interrupt::free(|_| {
            if Instant::now() < until {
                cortex_m::asm::wfi();
            }
        });
    }
}

static ERASED: [u8; 256] = [0xFF; 256];

impl ErrorType for FileFlash {
    type Error = FlashError;
}

impl ReadNorFlash for FileFlash {
    const READ_SIZE: usize = 1;

    async fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), FlashError> {
        self.bounds(offset as usize, bytes.len(), 1)?;
        self.file.read_at(offset as usize, bytes).map_err(FlashError::Host)
    }

    fn capacity(&self) -> usize {
        self.capacity
    }
}

impl NorFlash for FileFlash {
    const WRITE_SIZE: usize = WORD;
    const ERASE_SIZE: usize = PAGE;

    async fn erase(&mut self, from: u32, to: u32) -> Result<(), FlashError> {
        let len = to.checked_sub(from).ok_or(FlashError::Bounds)?;
        self.bounds(from as usize, len as usize, PAGE)?;
        for page in (from as usize..to as usize).step_by(PAGE) {
            stop_core(self.stall).await;
            self.fill(page)?;
        }
        Ok(())
    }

    async fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), FlashError> {
        self.bounds(offset as usize, bytes.len(), WORD)?;
        if !self.is_erased(offset as usize, bytes.len())? {
            return Err(FlashError::NotErased);
        }
        if let Some(done) = self.goes_after(bytes.len()) {
            self.tear_write(offset as usize, bytes, done)?;
        }
        self.file.write_at(offset as usize, bytes).map_err(FlashError::Host)
    }
}
