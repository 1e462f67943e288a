//! What must outlive a power cut, as notes in two halves of a flash: one is written to, the other one is erased while
//! nothing is at stake.
//!
//! A half is a queue of sequential-storage that is never made to erase anything: notes go behind each other until it
//! is full. Then the state as it is goes to the other half, which was erased long before, and that is written to from
//! then on. So a note never waits for an erase, which stops the CPU of many parts for a second or more.

use core::fmt;

use embedded_storage_async::nor_flash::NorFlash;

mod half;
mod journal;

pub use journal::{Flash, Journal};

/// Why the flash cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum FlashError {
    /// The medium failed.
    Medium,
    /// What is in it cannot be read: a note in the midst of others is damaged, or it was never the gateway's.
    Corrupt,
    /// A half does not hold what is to be kept, or the range is not of whole sectors: two to 64, in halves.
    Size,
}

impl fmt::Display for FlashError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            FlashError::Medium => "the flash failed",
            FlashError::Corrupt => {
                "the gateway's flash is corrupt or foreign: erase its range, and reset the session's numbers with the \
                 counterparty"
            }
            FlashError::Size => "the gateway's flash range is not of two halves of 1 to 32 sectors, or too small",
        })
    }
}

impl core::error::Error for FlashError {}

/// What is kept, as notes: each is a few bytes, and what they say in their order is the state.
pub trait Notes {
    /// Writes the next note that is due into `out` and returns its length; `None` if none is, or it finds no room.
    fn next_due(&mut self, out: &mut [u8]) -> Option<usize>;

    /// The note that [`next_due`](Self::next_due) gave is in the flash.
    fn noted(&mut self);

    /// Writes the note `index`, from 0, of those that say the whole state; `None` if there are no more.
    fn whole(&mut self, index: usize, out: &mut [u8]) -> Option<usize>;

    /// The whole state is in the flash.
    fn all_noted(&mut self);

    /// The most bytes that all notes of the whole state take, with what each takes beside its own.
    fn most_bytes(&self) -> usize;

    /// Takes up a note. False if it is none.
    fn read(&mut self, note: &[u8]) -> bool;
}

/// The most that a note takes beside its own bytes: a header of a word, a count, and what fills its last word. The widest
/// word is that of the STM32H7, of 32 bytes.
pub(crate) const BESIDE: usize = 32 + 2 + 31;

/// While the other half is not erased, so much of this one is kept back for what is not an order.
fn kept_back(half_len: u32) -> u32 {
    (half_len / 8).min(2048)
}

/// The length of a half, if the range can be used at all and a half holds `most_bytes` and what changes for a while.
fn check<F: NorFlash>(range: &core::ops::Range<u32>, most_bytes: usize) -> Result<u32, FlashError> {
    let sector = u32::try_from(F::ERASE_SIZE).map_err(|_| FlashError::Size)?;
    let len = range.end.checked_sub(range.start).ok_or(FlashError::Size)?;
    let sectors = len.checked_div(sector).ok_or(FlashError::Size)?;
    let whole = range.start.is_multiple_of(sector) && len.is_multiple_of(sector);
    let fits = whole && sectors.is_multiple_of(2) && (2..=64).contains(&sectors);
    let needed = most_bytes.saturating_add(most_bytes / 4).saturating_add(kept_back(len / 2) as usize);
    if fits && needed <= (len / 2) as usize { Ok(len / 2) } else { Err(FlashError::Size) }
}
