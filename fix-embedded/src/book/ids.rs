//! Which ids were used, as numbers: the text of each would take four times the room.

use crate::bytes::{Put, Take};

use super::IDS;

/// Of an id, 64 bits: that two of a day's ids have the same is less likely than that the memory fails.
pub(crate) type Hash = u64;

/// FNV-1a.
#[inline(never)]
pub(crate) fn hash(id: &[u8]) -> Hash {
    id.iter().fold(0xCBF2_9CE4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01B3)
    })
}

/// Ids in a note.
const IN_NOTE: usize = 16;

/// The newest `USED` ids.
pub(crate) struct Ids<const USED: usize> {
    hashes: [Hash; USED],
    /// How many were ever added.
    added: usize,
}

impl<const USED: usize> Ids<USED> {
    pub(crate) const fn new() -> Self {
        const { assert!(USED > 0) };
        Ids { hashes: [0; USED], added: 0 }
    }

    fn known(&self) -> &[Hash] {
        self.hashes.get(..self.added.min(USED)).unwrap_or_default()
    }

    pub(crate) fn contains(&self, id: Hash) -> bool {
        self.known().contains(&id)
    }

    /// Adds an id, in place of the oldest one; one that is known stays where it is.
    pub(crate) fn add(&mut self, id: Hash) {
        if self.contains(id) {
            return;
        }
        let at = self.added.checked_rem(USED).unwrap_or_default();
        if let Some(place) = self.hashes.get_mut(at) {
            *place = id;
        }
        self.added = self.added.wrapping_add(1);
    }

    /// How many notes say all of them.
    pub(crate) fn notes(&self) -> usize {
        self.known().len().div_ceil(IN_NOTE)
    }

    /// Note `index` of them, oldest ids first.
    pub(crate) fn note(&self, index: usize, out: &mut [u8]) -> Option<usize> {
        let oldest = if self.added > USED { self.added.checked_rem(USED)? } else { 0 };
        let (newer, older) = self.known().split_at_checked(oldest)?;
        let in_order = older.iter().chain(newer);
        let put = Put::new(out).u8(IDS);
        in_order.skip(index * IN_NOTE).take(IN_NOTE).fold(put, |put, id| put.u64(*id)).len()
    }

    pub(crate) fn read(&mut self, mut take: Take<'_>) -> Option<()> {
        while let Some(id) = take.u64() {
            self.add(id);
        }
        take.0.is_empty().then_some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_ids_survive_a_round_of_notes() {
        let mut ids = Ids::<20>::new();
        for id in 0..50u64 {
            ids.add(hash(&id.to_le_bytes()));
        }
        let (mut again, mut note) = (Ids::<20>::new(), [0; 200]);
        for index in 0..ids.notes() {
            let len = ids.note(index, &mut note).unwrap();
            again.read(Take(&note[1..len])).unwrap();
        }
        for id in 0..50u64 {
            assert_eq!(again.contains(hash(&id.to_le_bytes())), id >= 30, "{id}");
        }
        again.add(hash(&50u64.to_le_bytes()));
        assert!(!again.contains(hash(&30u64.to_le_bytes())), "the oldest made room");
    }
}
