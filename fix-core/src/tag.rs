//! Field tags.

use core::fmt;

use crate::dict::fix44;
pub use crate::dict::fix44::tag::*;

/// A FIX field tag.
///
/// Signed because the wire can hold `-1=HI`: such a field is well-formed text with an invalid tag number,
/// to be rejected with reason 0 and that very number (FIX 4.4 Vol. 2, case 14a), not dropped as garbled.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag(pub i32);

/// Tags below `32 * WORDS`, one bit each: telling a member costs the same few instructions for every tag, on
/// small processors too.
pub(crate) struct TagSet<const WORDS: usize>([u32; WORDS]);

impl<const WORDS: usize> TagSet<WORDS> {
    /// The set of `tags`; evaluated by the compiler, which refuses a tag that is too large.
    pub(crate) const fn new(tags: &[i32]) -> Self {
        let mut bits = [0; WORDS];
        let mut at = 0;
        while at < tags.len() {
            bits[tags[at] as usize / 32] |= 1 << (tags[at] % 32);
            at += 1;
        }
        TagSet(bits)
    }

    /// True if `tag` is in the set.
    #[inline(always)]
    pub(crate) const fn contains(&self, tag: Tag) -> bool {
        let tag = tag.0 as u32;
        let word = (tag / 32) as usize;
        word < WORDS && self.0[word] >> (tag % 32) & 1 != 0
    }
}

/// With its name in FIX 4.4, such as `ClOrdID(11)`; a tag without one is just the number.
impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match fix44::NAMES.get(*self) {
            Some(name) => write!(f, "{name}({})", self.0),
            None => write!(f, "{}", self.0),
        }
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
