//! The last of a recording, in memory of a fixed size.

use core::cell::RefCell;

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
        let mut is_begun = false;
        for age in (0..u32::try_from(BLOCKS).unwrap_or(u32::MAX)).rev() {
            let number = self.number.wrapping_sub(age);
            let place = Self::place(number);
            let (Some(block), Some(used)) = (self.blocks.get(place), self.used.get(place)) else { continue };
            let start = self.starts.get(place).copied().flatten();
            is_begun |= start.is_some();
            let Some(payload) = block.get(HEAD..usize::from(*used)).filter(|_| is_begun) else { continue };
            let head = block::head(number, u16::try_from(payload.len()).unwrap_or_default(), start);
            put(&head);
            put(payload);
            put(&block::tail(&head, payload));
        }
    }
}

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
