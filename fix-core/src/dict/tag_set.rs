//! Sets of tags with a constant-time membership test.

use crate::tag::Tag;

/// Tags below this number are held as bits, the others in a sorted list.
///
/// FIX 4.4 ends at 956; the limit leaves room for FIX 5.0 and keeps a set under 256 bytes.
pub const DENSE_TAGS: i32 = 2048;

/// A set of tags: one bit for each small tag, a sorted list for the rest (user-defined tags from 5000 on).
#[derive(Clone, Copy, Debug)]
pub struct TagSet {
    words: &'static [u32],
    high: &'static [Tag],
}

impl TagSet {
    /// The set without members.
    pub const EMPTY: TagSet = TagSet { words: &[], high: &[] };

    /// A set from bits as [`TagSet::words`] makes them, and the ascending tags from [`DENSE_TAGS`] on.
    #[must_use]
    pub const fn new(words: &'static [u32], high: &'static [Tag]) -> TagSet {
        TagSet { words, high }
    }

    /// The bits of those `members` that fit in `N` words of 32 tags: meant for constants.
    #[must_use]
    pub const fn words<const N: usize>(mut members: &[Tag]) -> [u32; N] {
        let mut words = [0; N];
        while let [tag, rest @ ..] = members {
            let index = (tag.0 >> 5) as usize;
            if index < N {
                words[index] |= 1 << (tag.0 & 31);
            }
            members = rest;
        }
        words
    }

    /// Whether the tag is a member: one load for tags that are held as bits.
    #[cfg_attr(target_pointer_width = "64", inline)]
    #[cfg_attr(not(target_pointer_width = "64"), inline(never))]
    #[must_use]
    pub fn contains(&self, tag: Tag) -> bool {
        // A negative tag is beyond all words.
        match self.words.get((tag.0 as u32 >> 5) as usize) {
            Some(word) => (word >> (tag.0 & 31)) & 1 == 1,
            None => !self.high.is_empty() && self.high.binary_search(&tag).is_ok(),
        }
    }

    /// Whether `seen` has the bits of all members, and `seen_high` says yes to each of the others.
    #[inline]
    pub(crate) fn all_in(&self, seen: &[u32], seen_high: impl Fn(Tag) -> bool) -> bool {
        // Behind the tags that can be seen there is nothing to be found.
        if self.words.len() > seen.len() {
            return false;
        }
        let missing = self.words.iter().zip(seen).fold(0, |missing, (word, seen)| missing | (word & !seen));
        missing == 0 && self.high.iter().all(|tag| seen_high(*tag))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEMBERS: [Tag; 4] = [Tag(1), Tag(31), Tag(32), Tag(5001)];
    static SET: TagSet = TagSet::new(&TagSet::words::<2>(&MEMBERS), &[Tag(5001)]);

    #[test]
    fn holds_its_members_and_no_other_tag() {
        for number in -70..6000 {
            assert_eq!(SET.contains(Tag(number)), MEMBERS.contains(&Tag(number)), "{number}");
        }
        assert!(!SET.contains(Tag(i32::MIN)) && !SET.contains(Tag(i32::MAX)));
        assert!(!TagSet::EMPTY.contains(Tag(0)));
    }
}
