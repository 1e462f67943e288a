//! Values of one byte.

use super::{FromField, ToField, ValueError, whole_field};
use crate::ascii::Sink;

/// `Boolean`: `Y` or `N`.
impl FromField<'_> for bool {
    fn from_field(value: &[u8]) -> Result<Self, ValueError> {
        match value {
            b"Y" => Ok(true),
            b"N" => Ok(false),
            b"" => Err(ValueError::Empty),
            _ => Err(ValueError::Format),
        }
    }
}

impl ToField for bool {
    fn to_field(&self, sink: &mut Sink<'_>) {
        sink.byte(if *self { b'Y' } else { b'N' });
    }

    whole_field!(self, code, if *self { b'Y' } else { b'N' });
}

/// `char`: one byte, no control character.
impl FromField<'_> for u8 {
    fn from_field(value: &[u8]) -> Result<Self, ValueError> {
        match value {
            [byte] if *byte >= b' ' => Ok(*byte),
            [] => Err(ValueError::Empty),
            _ => Err(ValueError::Format),
        }
    }
}

impl ToField for u8 {
    fn to_field(&self, sink: &mut Sink<'_>) {
        // A control character is no char of FIX; NUL is a required code that nobody has set.
        sink.text(if *self < b' ' { &[] } else { core::slice::from_ref(self) });
    }

    whole_field!(self, code, *self);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boolean_and_char_are_single_bytes() {
        assert_eq!(bool::from_field(b"Y"), Ok(true));
        assert_eq!(bool::from_field(b"y"), Err(ValueError::Format));
        assert_eq!(u8::from_field(b"12"), Err(ValueError::Format));
    }

    #[test]
    fn a_control_character_is_neither_read_nor_written() {
        assert_eq!(u8::from_field(b"\0"), Err(ValueError::Format));
        let mut buffer = [0; 8];
        let mut out = crate::wire::writer::Writer::fields(&mut buffer);
        out.field(crate::tag::Tag(54), 0u8);
        assert_eq!(out.finish_fields(), Err(crate::wire::writer::EncodeError::BadValue));
    }
}
