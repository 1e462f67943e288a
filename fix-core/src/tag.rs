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
