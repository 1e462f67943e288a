//! Field tags.

use core::fmt;

/// A FIX field tag.
///
/// Signed because the wire can hold `-1=HI`: such a field is well-formed text with an invalid tag number,
/// to be rejected with reason 0 and that very number (FIX 4.4 Vol. 2, case 14a), not dropped as garbled.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag(pub i32);

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
