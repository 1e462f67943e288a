//! `MultipleValueString`: codes separated by single spaces, such as ExecInst(18) (FIX 4.4 Vol. 1).

use core::fmt;

use super::{FromField, Text, ToField, ValueError, whole_text};
use crate::ascii::Sink;

/// Codes separated by single spaces.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct MultipleValue<'a>(&'a [u8]);

impl<'a> MultipleValue<'a> {
    /// The codes in their order.
    pub fn iter(self) -> impl Iterator<Item = &'a [u8]> + Clone {
        self.0.split(|byte| *byte == b' ').filter(|code| !code.is_empty())
    }

    /// True if `code` is among them.
    pub fn contains(self, code: &[u8]) -> bool {
        self.iter().any(|other| other == code)
    }

    /// The bytes on the wire.
    pub const fn as_bytes(self) -> &'a [u8] {
        self.0
    }
}

impl<'a> TryFrom<&'a str> for MultipleValue<'a> {
    type Error = ValueError;
    fn try_from(text: &'a str) -> Result<Self, ValueError> {
        MultipleValue::from_field(text.as_bytes())
    }
}

impl<'a> FromField<'a> for MultipleValue<'a> {
    fn from_field(value: &'a [u8]) -> Result<Self, ValueError> {
        if value.is_empty() {
            return Err(ValueError::Empty);
        }
        let well_formed = value.split(|byte| *byte == b' ').all(|code| !code.is_empty());
        if well_formed { Ok(MultipleValue(value)) } else { Err(ValueError::Format) }
    }
}

impl ToField for MultipleValue<'_> {
    fn to_field(&self, sink: &mut Sink<'_>) {
        sink.text(self.0);
    }

    whole_text!(self, self.0);
}

impl fmt::Debug for MultipleValue<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&Text::new(self.0), f)
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;

    #[test]
    fn codes_are_told_apart() {
        let codes = MultipleValue::from_field(b"G 6 AB").unwrap();
        assert_eq!(codes.iter().collect::<Vec<_>>(), [&b"G"[..], b"6", b"AB"]);
        assert!(codes.contains(b"6") && !codes.contains(b"A"));
    }

    #[test]
    fn stray_spaces_are_refused() {
        for bad in [&b" G"[..], b"G ", b"G  6", b" "] {
            assert_eq!(MultipleValue::from_field(bad), Err(ValueError::Format));
        }
        assert_eq!(MultipleValue::from_field(b""), Err(ValueError::Empty));
    }
}
