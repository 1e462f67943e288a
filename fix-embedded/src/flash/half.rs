//! One half: notes behind each other, each with a head that tells whether it is whole and whether one before it is lost.
//!
//! A note is a head of 8 bytes, its own bytes, and ones up to the end of a word of the flash. The head has a sum of all that
//! follows (four bytes, little-endian), the note's length (two) and how many notes were written before it (two). Nothing is ever
//! written twice or erased here, so a power cut can only tear the last note: what is behind it goes on after the last word
//! that was written to, and is read from the next head that is right.

use core::ops::Range;

use embedded_storage_async::nor_flash::NorFlash;

use super::FlashError;
use crate::book::hash;

/// Bytes in front of each note.
pub(super) const HEAD: usize = 8;
/// Bytes of the sum, which stands first.
const SUM: usize = 4;

/// The half that is written to.
pub(super) struct Half<F> {
    flash: F,
    range: Range<u32>,
    /// Where the next note begins.
    at: u32,
    count: u16,
}

/// Why a note is not in the half.
pub(super) enum NotPushed {
    /// There is no room.
    Full,
    Flash(FlashError),
}

/// What begins at a word.
enum Found {
    Note {
        count: u16,
        len: usize,
    },
    /// Room for a head, all ones.
    Blank,
    /// A part of a torn note; whether its first word was written to.
    Torn(bool),
}

impl<F: NorFlash> Half<F> {
    /// What is read and written at once.
    const WORD: usize = if F::READ_SIZE > F::WRITE_SIZE { F::READ_SIZE } else { F::WRITE_SIZE };

    /// One that is blank, or about to be [`read`](Self::read).
    pub(super) fn new(flash: F, range: Range<u32>) -> Self {
        Half { flash, at: range.start, range, count: 0 }
    }

    /// Gives the flash back.
    pub(super) fn into_flash(self) -> F {
        self.flash
    }

    pub(super) fn flash(&mut self) -> &mut F {
        &mut self.flash
    }

    /// Bytes that are left, with what each note takes beside its own.
    pub(super) fn room(&self) -> u32 {
        self.range.end.saturating_sub(self.at)
    }

    /// Appends the note of `len` bytes that stands in `scratch` behind [`HEAD`] bytes of room.
    pub(super) async fn push(&mut self, scratch: &mut [u8], len: usize) -> Result<(), NotPushed> {
        let item = self.item(scratch, len)?;
        // Also if that fails: who knows which words of it are written to.
        let at = self.at;
        self.at = at.saturating_add(item.len() as u32);
        self.flash.write(at, item).await.map_err(|_| NotPushed::Flash(FlashError::Medium))?;
        self.count = self.count.wrapping_add(1);
        Ok(())
    }

    /// The words of the next note.
    fn item<'s>(&self, scratch: &'s mut [u8], len: usize) -> Result<&'s [u8], NotPushed> {
        let whole = (HEAD + len).next_multiple_of(Self::WORD);
        if whole > self.room() as usize {
            return Err(NotPushed::Full);
        }
        let too_large = NotPushed::Flash(FlashError::Size);
        let (Ok(short), Some(item)) = (u16::try_from(len), scratch.get_mut(..whole)) else {
            return Err(too_large);
        };
        let (note, fill) = item.split_at_mut_checked(HEAD + len).unwrap_or_default();
        fill.fill(0xFF);
        let ([a, b], [c, d]) = (short.to_le_bytes(), self.count.to_le_bytes());
        let Some((sum, summed)) = note.split_first_chunk_mut::<SUM>() else { return Err(too_large) };
        if let Some(head) = summed.first_chunk_mut() {
            *head = [a, b, c, d];
        }
        *sum = check(summed);
        Ok(item)
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
        (self.at, self.count) = (self.range.start, 0);
        let (mut at, mut is_torn) = (self.at, false);
        while at < self.range.end {
            match self.found(at, scratch).await? {
                Found::Note { count, len } => {
                    if count != self.count {
                        return Err(FlashError::Corrupt);
                    }
                    each(scratch.get(HEAD..HEAD + len).unwrap_or_default())?;
                    self.count = self.count.wrapping_add(1);
                    at = at.saturating_add((HEAD + len).next_multiple_of(Self::WORD) as u32);
                    (self.at, is_torn) = (at, false);
                    continue;
                }
                Found::Blank if is_blank(&mut self.flash, at..self.range.end, scratch).await? => break,
                Found::Torn(true) => (self.at, is_torn) = (at.saturating_add(Self::WORD as u32), true),
                Found::Blank | Found::Torn(false) => {}
            }
            at = at.saturating_add(Self::WORD as u32);
        }
        if is_torn {
            // The word behind looks erased, which one that the power went in may do as well.
            self.at = self.at.saturating_add(Self::WORD as u32);
        }
        Ok(())
    }

    /// What begins at `at`; a note is then in `scratch`.
    async fn found(&mut self, at: u32, scratch: &mut [u8]) -> Result<Found, FlashError> {
        let left = self.range.end.saturating_sub(at) as usize;
        let room = HEAD.next_multiple_of(Self::WORD).min(left);
        let head = scratch.get_mut(..room).ok_or(FlashError::Size)?;
        self.flash.read(at, head).await.map_err(|_| FlashError::Medium)?;
        if head.iter().all(|byte| *byte == 0xFF) {
            return Ok(Found::Blank);
        }
        let torn = Found::Torn(head.iter().take(Self::WORD).any(|byte| *byte != 0xFF));
        let Some([_, _, _, _, a, b, c, d]) = head.first_chunk::<HEAD>() else { return Ok(torn) };
        let (len, count) = (usize::from(u16::from_le_bytes([*a, *b])), u16::from_le_bytes([*c, *d]));
        let whole = (HEAD + len).next_multiple_of(Self::WORD);
        let Some(item) = scratch.get_mut(..whole).filter(|_| whole <= left) else { return Ok(torn) };
        self.flash.read(at, item).await.map_err(|_| FlashError::Medium)?;
        let note = item.get(..HEAD + len).and_then(|note| note.split_first_chunk::<SUM>());
        let is_right = note.is_some_and(|(sum, summed)| *sum == check(summed));
        Ok(if is_right { Found::Note { count, len } } else { torn })
    }
}

/// The sum that tells a note that is whole from one that is torn or damaged: FNV-1a of 64 bits, folded to 32. A CRC would
/// take a table, or bit by bit as long as all else that an order costs.
fn check(summed: &[u8]) -> [u8; SUM] {
    let hash = hash(summed);
    ((hash >> 32) as u32 ^ hash as u32).to_le_bytes()
}

/// True if nothing is written there.
pub(super) async fn is_blank<F: NorFlash>(
    flash: &mut F,
    place: Range<u32>,
    scratch: &mut [u8],
) -> Result<bool, FlashError> {
    let step = scratch.len() / F::READ_SIZE.max(1) * F::READ_SIZE.max(1);
    let mut at = place.start;
    while at < place.end {
        let len = step.min((place.end - at) as usize);
        let bytes = scratch.get_mut(..len).filter(|bytes| !bytes.is_empty()).ok_or(FlashError::Size)?;
        flash.read(at, bytes).await.map_err(|_| FlashError::Medium)?;
        if bytes.iter().any(|byte| *byte != 0xFF) {
            return Ok(false);
        }
        at += len as u32;
    }
    Ok(true)
}
