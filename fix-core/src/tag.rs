//! Field tags.

#[rustfmt::skip]
mod fix44;

pub use fix44::*;

/// A FIX field tag.
///
/// Signed because the wire can hold `-1=HI`: such a field is well-formed text with an invalid tag number,
/// to be rejected with reason 0 and that very number (FIX 4.4 Vol. 2, case 14a), not dropped as garbled.
///
/// ```
/// use fix_core::{Tag, tag};
///
/// assert_eq!(tag::CL_ORD_ID, Tag(11));
/// assert_eq!(tag::CL_ORD_ID.to_string(), "ClOrdID(11)");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag(pub i32);

/// The number only: the names of all fields are more than a board has room for.
#[cfg(feature = "defmt")]
impl defmt::Format for Tag {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "Tag({=i32})", self.0);
    }
}

/// Tags below `32 * WORDS`, one bit each: telling a member costs the same few instructions for every tag, on
/// small processors too.
pub(crate) struct TagBits<const WORDS: usize>([u32; WORDS]);

impl<const WORDS: usize> TagBits<WORDS> {
    /// The set of `tags`; evaluated by the compiler, which refuses a tag that is too large.
    pub(crate) const fn new(tags: &[i32]) -> Self {
        let mut bits = [0; WORDS];
        let mut at = 0;
        while at < tags.len() {
            bits[tags[at] as usize / 32] |= 1 << (tags[at] % 32);
            at += 1;
        }
        TagBits(bits)
    }

    /// True if `tag` is in the set.
    #[inline(always)]
    pub(crate) const fn contains(&self, tag: Tag) -> bool {
        let tag = tag.0 as u32;
        let word = (tag / 32) as usize;
        word < WORDS && self.0[word] >> (tag % 32) & 1 != 0
    }
}
