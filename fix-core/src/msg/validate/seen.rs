//! Which tags have been met.

use crate::tag::Tag;

/// Tags below this number are remembered as bits; those of FIX 4.4 are below 957.
const DENSE: usize = 1024;

/// The tags met at one level of a message.
///
/// Capacity: any number of tags below 1024, and 64 others; of a repetition of further ones nothing is known.
pub(super) struct Seen {
    bits: [u64; DENSE / 64],
    others: heapless::Vec<Tag, 64>,
}

impl Seen {
    pub(super) const fn new() -> Self {
        Seen { bits: [0; DENSE / 64], others: heapless::Vec::new() }
    }

    /// Remembers a tag; false if it was there before.
    #[inline]
    pub(super) fn insert(&mut self, tag: Tag) -> bool {
        let bit = 1u64 << (tag.0 & 63);
        match self.bits.get_mut((tag.0 >> 6) as usize) {
            Some(word) => {
                let is_new = *word & bit == 0;
                *word |= bit;
                is_new
            }
            None => self.insert_other(tag),
        }
    }

    #[inline]
    pub(super) fn contains(&self, tag: Tag) -> bool {
        match self.bits.get((tag.0 >> 6) as usize) {
            Some(word) => (word >> (tag.0 & 63)) & 1 == 1,
            None => self.others.contains(&tag),
        }
    }

    #[cold]
    fn insert_other(&mut self, tag: Tag) -> bool {
        let is_new = !self.others.contains(&tag);
        if is_new {
            // A full list forgets: see the capacity.
            _ = self.others.push(tag);
        }
        is_new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tag_is_new_once() {
        let mut seen = Seen::new();
        for number in [0, 1, 63, 64, 1023, 1024, 5000, -1, -64, i32::MIN, i32::MAX] {
            assert!(!seen.contains(Tag(number)), "{number}");
            assert!(seen.insert(Tag(number)), "{number}");
            assert!(!seen.insert(Tag(number)), "{number}");
            assert!(seen.contains(Tag(number)), "{number}");
        }
    }

    #[test]
    fn a_full_list_forgets_but_does_not_fail() {
        let mut seen = Seen::new();
        assert!((5000..5200).all(|number| seen.insert(Tag(number))));
        assert!(!seen.insert(Tag(5063)) && seen.insert(Tag(5064)));
    }
}
