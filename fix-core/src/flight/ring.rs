//! The last of a recording, in memory of a fixed size.

use core::{cell::RefCell, fmt};

use super::{
    block::{self, OVERHEAD},
    tape::Tape,
};

/// `BLOCKS` blocks of `SIZE` bytes, of which the oldest goes when room is wanted: for a board, whose owner fetches them
/// with [`blocks`](Self::blocks). A tape is a reference to one.
///
/// ```
/// use core::cell::RefCell;
/// use fix_core::flight::{Ring, Tape};
///
/// let ring = RefCell::new(Ring::<8, 512>::new());
/// let tape = &ring;
/// assert!(tape.is_on() && tape.wants_start());
/// ```
#[derive(Clone, Debug)]
pub struct Ring<const BLOCKS: usize, const SIZE: usize> {
    blocks: [[u8; SIZE]; BLOCKS],
    /// How many bytes of each are in use, the block's head included; 0: none.
    used: [u16; BLOCKS],
    starts: [Option<u16>; BLOCKS],
    /// The number of the block that is being written; its place is the rest of a division by `BLOCKS`.
    number: u32,
    /// The block in which the last Start begins.
    last_start: Option<u32>,
    is_start_next: bool,
}

const HEAD: usize = 12;

impl<const BLOCKS: usize, const SIZE: usize> Default for Ring<BLOCKS, SIZE> {
    fn default() -> Self {
        Ring::new()
    }
}

impl<const BLOCKS: usize, const SIZE: usize> Ring<BLOCKS, SIZE> {
    /// Room for entries in a block; a block counts up to 65,535 bytes.
    const ROOM: usize = {
        assert!(
            SIZE > 64 && SIZE < 65_535 && BLOCKS > 3,
            "a ring has at least four blocks of 65 to 65,534 bytes"
        );
        SIZE - OVERHEAD
    };

    /// An empty one.
    #[must_use]
    pub const fn new() -> Self {
        Ring {
            blocks: [[0; SIZE]; BLOCKS],
            used: [0; BLOCKS],
            starts: [None; BLOCKS],
            number: 0,
            last_start: None,
            is_start_next: false,
        }
    }

    fn place(number: u32) -> usize {
        usize::try_from(number).unwrap_or_default().checked_rem(BLOCKS).unwrap_or_default()
    }

    /// A quarter of the ring has gone by since the last Start.
    fn wants_start(&self) -> bool {
        let quarter = u32::try_from(BLOCKS).unwrap_or(u32::MAX) / 4;
        self.last_start.is_none_or(|last| self.number.wrapping_sub(last) > quarter)
    }

    fn put(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while !rest.is_empty() {
            let place = Self::place(self.number);
            let (Some(block), Some(used)) = (self.blocks.get_mut(place), self.used.get_mut(place)) else {
                return;
            };
            let at = usize::from(*used).max(HEAD);
            let room = block.get_mut(at..HEAD.saturating_add(Self::ROOM)).unwrap_or_default();
            let len = room.len().min(rest.len());
            if len == 0 {
                self.turn();
                continue;
            }
            if core::mem::take(&mut self.is_start_next)
                && let Some(start) = self.starts.get_mut(place)
            {
                self.last_start = Some(self.number);
                start.get_or_insert(u16::try_from(at.saturating_sub(HEAD)).unwrap_or(u16::MAX));
            }
            let (now, later) = rest.split_at_checked(len).unwrap_or((rest, &[]));
            if let Some(room) = room.get_mut(..len) {
                room.copy_from_slice(now);
            }
            *used = u16::try_from(at.saturating_add(len)).unwrap_or(u16::MAX);
            rest = later;
        }
    }

    /// The next block, in place of the oldest.
    fn turn(&mut self) {
        self.number = self.number.wrapping_add(1);
        let place = Self::place(self.number);
        if let (Some(used), Some(start)) = (self.used.get_mut(place), self.starts.get_mut(place)) {
            (*used, *start) = (0, None);
        }
    }

    /// Hands out what there is, oldest block first, from the first one in which a [`Start`](super::Start) begins: three
    /// pieces a block, which together are a recording as a file has it.
    pub fn blocks(&self, mut put: impl FnMut(&[u8])) {
        let fetch = self.fetch();
        for number in self.numbers().skip_while(|number| *number != fetch.number) {
            if let Some((head, payload, tail)) = self.block(number, u16::MAX).filter(|_| !fetch.is_over) {
                put(&head);
                put(payload);
                put(&tail);
            }
        }
    }

    /// A copy of what there is now, of which [`copy`](Self::copy) hands out a piece at a time while the recording goes on.
    #[must_use]
    pub fn fetch(&self) -> Fetch {
        let used = self.used.get(Self::place(self.number)).copied().unwrap_or_default();
        let start = |number: &u32| self.starts.get(Self::place(*number)).copied().flatten().is_some();
        let first = self.numbers().find(start);
        let number = first.unwrap_or(self.number);
        Fetch { number, at: 0, last: self.number, used, is_over: first.is_none() }
    }

    /// The next bytes of a copy, as many as find room in `out`; 0: that was all.
    ///
    /// # Errors
    /// [`Overtaken`].
    pub fn copy(&self, fetch: &mut Fetch, out: &mut [u8]) -> Result<usize, Overtaken> {
        let mut len = 0usize;
        while !fetch.is_over && len < out.len() {
            if self.numbers().all(|number| number != fetch.number) {
                return Err(Overtaken);
            }
            let is_last = fetch.number == fetch.last;
            let used = if is_last { fetch.used } else { u16::MAX };
            let mut copied = 0usize;
            let mut size = 0usize;
            if let Some((head, payload, tail)) = self.block(fetch.number, used) {
                size = payload.len().saturating_add(OVERHEAD);
                let bytes = head.iter().chain(payload).chain(&tail).skip(fetch.at);
                for (place, byte) in out.iter_mut().skip(len).zip(bytes) {
                    *place = *byte;
                    copied = copied.saturating_add(1);
                }
            }
            len = len.saturating_add(copied);
            fetch.at = fetch.at.saturating_add(copied);
            if fetch.at >= size {
                (fetch.number, fetch.at, fetch.is_over) = (fetch.number.wrapping_add(1), 0, is_last);
            }
        }
        Ok(len)
    }

    /// The numbers of the blocks that are there, oldest first.
    fn numbers(&self) -> impl Iterator<Item = u32> {
        let last = self.number;
        (0..u32::try_from(BLOCKS).unwrap_or(u32::MAX)).rev().filter_map(move |age| last.checked_sub(age))
    }

    /// A block with what stands around it, if it has entries; of its bytes the first `most`.
    fn block(&self, number: u32, most: u16) -> Option<([u8; HEAD], &[u8], [u8; OVERHEAD - HEAD])> {
        let place = Self::place(number);
        let used = self.used.get(place)?.min(&most);
        let payload = self.blocks.get(place)?.get(HEAD..usize::from(*used))?;
        let start = self.starts.get(place).copied().flatten();
        let head = block::head(number, u16::try_from(payload.len()).unwrap_or_default(), start);
        Some((head, payload, block::tail(&head, payload)))
    }
}

/// How far the copy of a ring has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fetch {
    /// The block that is copied.
    number: u32,
    /// How many of its bytes were.
    at: usize,
    /// The block that was being written when the copy began, and how many of its bytes were in use.
    last: u32,
    used: u16,
    is_over: bool,
}

/// The recording went over a block before it was copied: the copy must begin again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overtaken;

impl fmt::Display for Overtaken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("more was recorded meanwhile than the ring has room for")
    }
}

impl core::error::Error for Overtaken {}

impl<const BLOCKS: usize, const SIZE: usize> Tape for &RefCell<Ring<BLOCKS, SIZE>> {
    fn is_on(&self) -> bool {
        true
    }

    fn wants_start(&self) -> bool {
        self.try_borrow().is_ok_and(|ring| ring.wants_start())
    }

    fn start(&self) {
        if let Ok(mut ring) = self.try_borrow_mut() {
            ring.is_start_next = true;
        }
    }

    fn put(&self, bytes: &[u8]) {
        if let Ok(mut ring) = self.try_borrow_mut() {
            ring.put(bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;

    /// Their number divides no power of two.
    type Small = RefCell<Ring<5, 80>>;

    fn all(ring: &Small) -> Vec<u8> {
        let mut all = Vec::new();
        ring.borrow().blocks(|piece| all.extend_from_slice(piece));
        all
    }

    fn written(entries: usize) -> Small {
        let ring = Small::default();
        for number in 0..entries {
            let tape = &ring;
            if tape.wants_start() {
                tape.start();
            }
            tape.put(&[number as u8; 7]);
        }
        ring
    }

    #[test]
    fn a_copy_in_pieces_of_any_size_is_what_was_there_when_it_began() {
        for entries in 0..80 {
            for size in [1, 7, 64, 500] {
                let ring = written(entries);
                let (wanted, mut fetch) = (all(&ring), ring.borrow().fetch());
                let (mut copy, mut piece) = (Vec::new(), std::vec![0; size]);
                let mut turns = 0;
                loop {
                    let len = ring.borrow().copy(&mut fetch, &mut piece).unwrap();
                    if len == 0 {
                        break;
                    }
                    copy.extend_from_slice(&piece[..len]);
                    turns += 1;
                    if turns % 100 == 0 {
                        // It goes on meanwhile, not so fast that it comes round.
                        (&ring).put(b"m");
                    }
                }
                assert_eq!(copy, wanted, "{entries} entries in pieces of {size}");
            }
        }
    }

    #[test]
    fn a_copy_that_is_overtaken_says_so() {
        let ring = written(40);
        let mut fetch = ring.borrow().fetch();
        assert_eq!(ring.borrow().copy(&mut fetch, &mut [0; 30]), Ok(30));
        (&ring).put(&[0; 5 * 64]);
        assert_eq!(ring.borrow().copy(&mut fetch, &mut [0; 30]), Err(Overtaken));
    }
}
