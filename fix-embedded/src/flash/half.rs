//! One half: a queue of sequential-storage, and the count that tells when a note in its midst is lost.

use core::ops::Range;

use embedded_storage_async::nor_flash::NorFlash;
use sequential_storage::{
    Error,
    cache::{Cache, Uncached, page_pointers::ArrayPagePointers, page_states::CalculatedPageStates},
    queue::{QueueConfig, QueueStorage},
};

use super::FlashError;

/// The most sectors of a half.
const SECTORS: usize = 32;

type Places = Cache<CalculatedPageStates, ArrayPagePointers<SECTORS>, Uncached>;

/// Bytes in front of each note: how many were written before it.
pub(super) const COUNT: usize = 2;

/// The half that is written to.
pub(super) struct Half<F: NorFlash> {
    queue: QueueStorage<F, Places>,
    count: u16,
}

/// Why a note is not in the half.
pub(super) enum NotPushed {
    /// There is no room.
    Full,
    Flash(FlashError),
}

impl<F: NorFlash> Half<F> {
    pub(super) fn new(flash: F, range: Range<u32>) -> Result<Self, FlashError> {
        let sectors = range.len() / F::ERASE_SIZE;
        let places = Cache::new(CalculatedPageStates::new(sectors), ArrayPagePointers::new(), Uncached);
        let config = QueueConfig::try_new(range).map_err(|_| FlashError::Size)?;
        Ok(Half { queue: QueueStorage::new(flash, config, places), count: 0 })
    }

    /// Gives the flash back.
    pub(super) fn into_flash(self) -> F {
        self.queue.destroy().0
    }

    pub(super) fn flash(&mut self) -> &mut F {
        self.queue.flash()
    }

    /// Appends the note of `len` bytes that stands in `scratch` behind [`COUNT`] bytes of room.
    pub(super) async fn push(&mut self, scratch: &mut [u8], len: usize) -> Result<(), NotPushed> {
        let item = scratch.get_mut(..COUNT + len).ok_or(NotPushed::Flash(FlashError::Size))?;
        if let Some(head) = item.first_chunk_mut::<COUNT>() {
            *head = self.count.to_le_bytes();
        }
        match self.queue.push(item, false).await {
            Ok(()) => {
                self.count = self.count.wrapping_add(1);
                Ok(())
            }
            Err(Error::FullStorage | Error::ItemTooBig) => Err(NotPushed::Full),
            Err(Error::Storage { .. }) => Err(NotPushed::Flash(FlashError::Medium)),
            Err(_) => Err(NotPushed::Flash(FlashError::Corrupt)),
        }
    }

    /// Bytes that are left, with what each note takes beside its own.
    pub(super) async fn room(&mut self) -> Result<u32, FlashError> {
        self.queue.space_left().await.map_err(|error| flash_error(&error))
    }

    /// Calls `each` with every note, in order. The next one that is pushed counts on from them.
    ///
    /// # Errors
    /// [`FlashError::Corrupt`] if one in their midst is missing: a power cut can only tear the last one.
    pub(super) async fn read(
        &mut self,
        scratch: &mut [u8],
        each: &mut dyn FnMut(&[u8]) -> Result<(), FlashError>,
    ) -> Result<(), FlashError> {
        self.count = 0;
        let mut notes = self.queue.iter().await.map_err(|error| flash_error(&error))?;
        while let Some(item) = notes.next(scratch).await.map_err(|error| flash_error(&error))? {
            let (count, note) = item.split_first_chunk::<COUNT>().ok_or(FlashError::Corrupt)?;
            if u16::from_le_bytes(*count) != self.count {
                return Err(FlashError::Corrupt);
            }
            self.count = self.count.wrapping_add(1);
            each(note)?;
        }
        Ok(())
    }
}

fn flash_error<E>(error: &Error<E>) -> FlashError {
    match error {
        Error::Storage { .. } => FlashError::Medium,
        _ => FlashError::Corrupt,
    }
}
