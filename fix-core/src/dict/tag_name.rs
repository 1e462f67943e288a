//! How a tag is shown.

use core::fmt;

use super::fix44;
use crate::tag::Tag;

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
