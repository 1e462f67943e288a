//! Both halves: which one is written to, when the other one is erased.

use core::{cell::RefCell, ops::Range};

use embedded_storage_async::nor_flash::NorFlash;

use super::{
    FlashError, Notes, check,
    half::{COUNT, Half, NotPushed},
    kept_back,
};
use crate::{
    board::Watchdog,
    bytes::Put,
    memory::{change, look},
};

/// The first note of a half, with its generation behind it: of two halves the later one counts.
const BEGIN: u8 = 0xB0;
/// Behind the notes that say the whole state.
const END: u8 = 0xE0;
/// A first start that was cut off has not written more than this.
const FIRST_NOTES: u32 = 512;

/// A flash and what of it is used.
pub struct Flash<F> {
    /// The medium.
    pub medium: F,
    /// Whole sectors, an even number of them.
    pub range: Range<u32>,
}

/// Keeps notes in a flash.
pub struct Journal<F: NorFlash> {
    /// `None` only while the halves change places.
    half: Option<Half<F>>,
    range: Range<u32>,
    half_len: u32,
    generation: u32,
    /// Sectors of the other half that are still to be erased.
    to_erase: u32,
    /// The half that is written to has room for more than what is kept back.
    has_room: bool,
}

/// What one half holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Found {
    Blank,
    /// Nothing, or notes that do not say a whole state.
    Unfinished,
    Generation(u32),
}

impl<F: NorFlash> Journal<F> {
    /// Reads what is in the flash into `notes`, which is new; begins with it if there is nothing. `scratch` takes the
    /// largest note and a few bytes more. `watchdog` is fed before each sector that is erased.
    ///
    /// # Errors
    /// [`FlashError`].
    pub async fn open<N: Notes>(
        flash: Flash<F>,
        notes: &RefCell<N>,
        scratch: &mut [u8],
        watchdog: &mut impl Watchdog,
    ) -> Result<Self, FlashError> {
        let Flash { medium, range } = flash;
        let half_len = check::<F>(&range, look(notes).most_bytes())?;
        let places = [range.start, range.start + half_len].map(|start| start..start + half_len);
        let [first, second] = places.clone();
        let (medium, in_first) = found(medium, first.clone(), scratch).await?;
        let (mut medium, in_second) = found(medium, second.clone(), scratch).await?;
        let found = [in_first, in_second];
        let sectors = half_len / F::ERASE_SIZE as u32;
        let erase = |other: Found| if other == Found::Blank { 0 } else { sectors };
        let (generation, place, to_erase) = match found {
            [Found::Generation(a), Found::Generation(b)] if a < b => (b, second, sectors),
            [Found::Generation(a), other] => (a, first, erase(other)),
            [other, Found::Generation(b)] => (b, second, erase(other)),
            _ => {
                // Only a first start that was cut off leaves less than a whole state.
                let begun = first.start + FIRST_NOTES.min(half_len)..first.end;
                if found[1] != Found::Blank || !is_blank(&mut medium, begun, scratch).await? {
                    return Err(FlashError::Corrupt);
                }
                if found[0] != Found::Blank {
                    for start in first.clone().step_by(F::ERASE_SIZE) {
                        watchdog.feed();
                        let end = start + F::ERASE_SIZE as u32;
                        medium.erase(start, end).await.map_err(|_| FlashError::Medium)?;
                    }
                }
                let half = Half::new(medium, first)?;
                let mut journal =
                    Journal { half: Some(half), range, half_len, generation: 0, to_erase: 0, has_room: true };
                journal.write_whole(notes, scratch).await?;
                return Ok(journal);
            }
        };
        let mut half = Half::new(medium, place)?;
        half.read(scratch, &mut |note| match note {
            [BEGIN, ..] | [END] => Ok(()),
            note if change(notes).read(note) => Ok(()),
            _ => Err(FlashError::Corrupt),
        })
        .await?;
        change(notes).all_noted();
        let mut journal = Journal { half: Some(half), range, half_len, generation, to_erase, has_room: true };
        journal.look_for_room().await?;
        Ok(journal)
    }

    /// Writes all notes that are due. Should sectors have to be erased for them, `watchdog` is fed before each.
    ///
    /// # Errors
    /// [`FlashError`]; what was not written is still due.
    pub async fn keep<N: Notes>(
        &mut self,
        notes: &RefCell<N>,
        scratch: &mut [u8],
        watchdog: &mut impl Watchdog,
    ) -> Result<(), FlashError> {
        let mut wrote = false;
        loop {
            let due = scratch.get_mut(COUNT..).and_then(|out| change(notes).next_due(out));
            let Some(len) = due else { break };
            match self.half()?.push(scratch, len).await {
                Ok(()) => change(notes).noted(),
                Err(NotPushed::Full) => self.change_places(notes, scratch, watchdog).await?,
                Err(NotPushed::Flash(error)) => return Err(error),
            }
            wrote = true;
        }
        if wrote { self.look_for_room().await } else { Ok(()) }
    }

    /// False while an order had better wait: this half is nearly full and the other one is not erased yet.
    pub fn has_room(&self) -> bool {
        self.has_room
    }

    /// Whether there is something to erase when nothing is at stake.
    pub fn wants_erase(&self) -> bool {
        self.to_erase > 0
    }

    /// Erases one sector, if one is to be erased.
    ///
    /// # Errors
    /// [`FlashError`].
    pub async fn erase_one(&mut self) -> Result<(), FlashError> {
        let Some(left) = self.to_erase.checked_sub(1) else { return Ok(()) };
        let sector = F::ERASE_SIZE as u32;
        let start = self.place(self.generation.wrapping_add(1)).start + left * sector;
        let flash = self.half()?.flash();
        flash.erase(start, start + sector).await.map_err(|_| FlashError::Medium)?;
        self.to_erase = left;
        self.look_for_room().await
    }

    /// Gives the flash back.
    pub fn into_flash(self) -> Option<F> {
        self.half.map(Half::into_flash)
    }

    /// Where the half of a generation stands: the first one has the odd ones.
    fn place(&self, generation: u32) -> Range<u32> {
        let offset = if generation % 2 == 1 { 0 } else { self.half_len };
        let start = self.range.start + offset;
        start..start + self.half_len
    }

    fn half(&mut self) -> Result<&mut Half<F>, FlashError> {
        self.half.as_mut().ok_or(FlashError::Medium)
    }

    async fn look_for_room(&mut self) -> Result<(), FlashError> {
        let kept_back = kept_back(self.half_len);
        self.has_room = self.to_erase == 0 || self.half()?.room().await? > kept_back;
        Ok(())
    }

    /// Goes on in the other half.
    async fn change_places<N: Notes>(
        &mut self,
        notes: &RefCell<N>,
        scratch: &mut [u8],
        watchdog: &mut impl Watchdog,
    ) -> Result<(), FlashError> {
        // The flash is too small for a day: the session may suffer, the numbers do not.
        while self.to_erase > 0 {
            watchdog.feed();
            self.erase_one().await?;
        }
        let place = self.place(self.generation.wrapping_add(1));
        let flash = self.half.take().ok_or(FlashError::Medium)?.into_flash();
        self.half = Some(Half::new(flash, place)?);
        self.write_whole(notes, scratch).await?;
        self.to_erase = self.half_len / F::ERASE_SIZE as u32;
        Ok(())
    }

    /// Writes the whole state as the next generation.
    async fn write_whole<N: Notes>(
        &mut self,
        notes: &RefCell<N>,
        scratch: &mut [u8],
    ) -> Result<(), FlashError> {
        self.generation = self.generation.wrapping_add(1);
        let (mut index, mut is_last) = (0_usize, false);
        while !is_last {
            let out = scratch.get_mut(COUNT..).unwrap_or_default();
            let len = match index.checked_sub(1) {
                None => Put::new(out).u8(BEGIN).bytes(&self.generation.to_le_bytes()).len(),
                Some(index) => match change(notes).whole(index, out) {
                    Some(len) => Some(len),
                    None => {
                        is_last = true;
                        Put::new(out).u8(END).len()
                    }
                },
            };
            match self.half()?.push(scratch, len.ok_or(FlashError::Size)?).await {
                Ok(()) => index += 1,
                Err(NotPushed::Full) => return Err(FlashError::Size),
                Err(NotPushed::Flash(error)) => return Err(error),
            }
        }
        change(notes).all_noted();
        Ok(())
    }
}

/// What the half at `place` holds. Takes the flash and gives it back, so that there is one kind of [`Half`] in an image.
async fn found<F: NorFlash>(
    mut flash: F,
    place: Range<u32>,
    scratch: &mut [u8],
) -> Result<(F, Found), FlashError> {
    if is_blank(&mut flash, place.clone(), scratch).await? {
        return Ok((flash, Found::Blank));
    }
    let (mut generation, mut is_whole) = (None, false);
    let mut half = Half::new(flash, place)?;
    let read = half
        .read(scratch, &mut |note| {
            match note {
                [BEGIN, a, b, c, d] => generation = Some(u32::from_le_bytes([*a, *b, *c, *d])),
                [END] => is_whole = true,
                _ => {}
            }
            Ok(())
        })
        .await;
    let found = match (read, generation) {
        (Err(FlashError::Medium), _) => return Err(FlashError::Medium),
        // That a note behind is damaged is found again, and said, when it is read.
        (_, Some(generation)) if is_whole => Found::Generation(generation),
        _ => Found::Unfinished,
    };
    Ok((half.into_flash(), found))
}

async fn is_blank<F: NorFlash>(
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
