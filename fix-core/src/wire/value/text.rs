//! Text and raw bytes.

use core::fmt;

use super::{FromField, ToField, ValueError, whole_text};
use crate::ascii::Sink;

impl<'a> FromField<'a> for &'a [u8] {
    fn from_field(value: &'a [u8]) -> Result<Self, ValueError> {
        if value.is_empty() { Err(ValueError::Empty) } else { Ok(value) }
    }
}

impl ToField for &[u8] {
    fn to_field(&self, sink: &mut Sink<'_>) {
        sink.text(self);
    }

    whole_text!(self, self);
}

impl<'a> FromField<'a> for &'a str {
    fn from_field(value: &'a [u8]) -> Result<Self, ValueError> {
        if value.is_empty() {
            return Err(ValueError::Empty);
        }
        core::str::from_utf8(value).map_err(|_| ValueError::Format)
    }
}

impl ToField for &str {
    fn to_field(&self, sink: &mut Sink<'_>) {
        sink.text(self.as_bytes());
    }

    whole_text!(self, self.as_bytes());
}

/// `String`, `Currency`, `Exchange`, `Country`: text whose encoding nobody promises (FIX 4.4 Vol. 1: ASCII;
/// in practice Latin-1 and UTF-8 come too), so bytes above 127 are carried through as they are.
///
/// Shown lossily, control characters escaped. The empty text is what a required field that nobody has set
/// holds; it is refused when it is written.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Text<'a>(&'a [u8]);

impl<'a> Text<'a> {
    /// The text that these bytes are.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Text(bytes)
    }

    /// The bytes on the wire.
    pub const fn as_bytes(self) -> &'a [u8] {
        self.0
    }

    /// The text as UTF-8, if it is.
    pub const fn as_str(self) -> Option<&'a str> {
        match core::str::from_utf8(self.0) {
            Ok(text) => Some(text),
            Err(_) => None,
        }
    }

    /// True for a text without bytes.
    pub const fn is_empty(self) -> bool {
        self.0.is_empty()
    }
}

impl<'a> From<&'a str> for Text<'a> {
    fn from(text: &'a str) -> Self {
        Text(text.as_bytes())
    }
}

impl<'a> From<&'a [u8]> for Text<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Text(bytes)
    }
}

impl PartialEq<str> for Text<'_> {
    fn eq(&self, other: &str) -> bool {
        self.0 == other.as_bytes()
    }
}

impl PartialEq<&str> for Text<'_> {
    fn eq(&self, other: &&str) -> bool {
        self.0 == other.as_bytes()
    }
}

impl<'a> FromField<'a> for Text<'a> {
    fn from_field(value: &'a [u8]) -> Result<Self, ValueError> {
        <&[u8]>::from_field(value).map(Text)
    }
}

impl ToField for Text<'_> {
    fn to_field(&self, sink: &mut Sink<'_>) {
        sink.text(self.0);
    }

    whole_text!(self, self.0);
}

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chunk in self.0.utf8_chunks() {
            for letter in chunk.valid().chars() {
                if letter.is_control() {
                    fmt::Display::fmt(&letter.escape_default(), f)?;
                } else {
                    fmt::Write::write_char(f, letter)?;
                }
            }
            if !chunk.invalid().is_empty() {
                fmt::Write::write_char(f, char::REPLACEMENT_CHARACTER)?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0.escape_ascii())
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Text<'_> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "{=[u8]:a}", self.0);
    }
}

/// A password or key, such as Password(554): its text is shown to nobody.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Secret<'a>(&'a [u8]);

impl<'a> Secret<'a> {
    /// The secret that these bytes are.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Secret(bytes)
    }

    /// The bytes, for the one who compares or sends them.
    pub const fn expose(self) -> &'a [u8] {
        self.0
    }
}

impl AsRef<[u8]> for Secret<'_> {
    fn as_ref(&self) -> &[u8] {
        self.0
    }
}

impl<'a> FromField<'a> for Secret<'a> {
    fn from_field(value: &'a [u8]) -> Result<Self, ValueError> {
        <&[u8]>::from_field(value).map(Secret)
    }
}

impl ToField for Secret<'_> {
    fn to_field(&self, sink: &mut Sink<'_>) {
        sink.text(self.0);
    }

    whole_text!(self, self.0);
}

impl fmt::Debug for Secret<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Secret<'_> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "***");
    }
}

/// `data`: any bytes, SOH and `=` included; their number stands in the Length field before.
///
/// It is written with [`Writer::data`](crate::wire::writer::Writer::data), together with that field, and only so:
/// anywhere else its SOH would break the message apart.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Data<'a>(pub &'a [u8]);

impl<'a> FromField<'a> for Data<'a> {
    fn from_field(value: &'a [u8]) -> Result<Self, ValueError> {
        Ok(Data(value))
    }
}

impl AsRef<[u8]> for Data<'_> {
    fn as_ref(&self) -> &[u8] {
        self.0
    }
}

impl fmt::Debug for Data<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "b\"{}\"", self.0.escape_ascii())
    }
}

#[cfg(test)]
mod tests {
    use std::{format, string::ToString};

    use super::*;

    #[test]
    fn text_carries_any_bytes_and_shows_them_harmlessly() {
        let text = Text::from_field(b"Z\xfcrich\n").unwrap();
        assert_eq!(text.as_bytes(), b"Z\xfcrich\n");
        assert_eq!(text.as_str(), None);
        assert_eq!(text.to_string(), "Z\u{fffd}rich\\n");
        assert_eq!(format!("{text:?}"), "\"Z\\xfcrich\\n\"");
        assert_eq!(Text::from("AAPL"), "AAPL");
        assert_eq!(Text::from_field(b""), Err(ValueError::Empty));
    }

    #[test]
    fn a_secret_is_not_shown() {
        assert_eq!(format!("{:?}", Secret::new(b"hunter2")), "***");
    }
}
