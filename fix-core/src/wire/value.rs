//! Field values: checked parses and canonical encodings (FIX 4.4 Vol. 1, "Field Data Types").

use core::fmt;

use super::writer::Sink;
use crate::{
    decimal::Decimal,
    time::{UTC_TIMESTAMP_LEN, UtcTimestamp},
};

/// Why a value is not of its type. Each is reason 6 or 4 of SessionRejectReason(373).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum ValueError {
    /// No bytes at all (reason 4, tag specified without a value).
    Empty,
    /// Not the form of its type (reason 6).
    Format,
    /// The right form, but beyond what this engine can hold (reason 6).
    Overflow,
}

impl fmt::Display for ValueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ValueError::Empty => "the value is empty",
            ValueError::Format => "the value has the wrong format",
            ValueError::Overflow => "the value is too large",
        })
    }
}

impl core::error::Error for ValueError {}

/// A type that a field value can be read as.
pub trait FromField<'a>: Sized {
    /// Reads a value, which never contains SOH unless the field is of type `data`.
    ///
    /// # Errors
    /// [`ValueError`] when the bytes are not of this type.
    fn from_field(value: &'a [u8]) -> Result<Self, ValueError>;
}

/// A value in its canonical encoding.
pub trait ToField {
    /// Writes the bytes of the value, without tag and SOH.
    fn to_field(&self, sink: &mut Sink<'_>);
}

impl<'a> FromField<'a> for &'a [u8] {
    fn from_field(value: &'a [u8]) -> Result<Self, ValueError> {
        if value.is_empty() { Err(ValueError::Empty) } else { Ok(value) }
    }
}

impl ToField for &[u8] {
    fn to_field(&self, sink: &mut Sink<'_>) {
        sink.text(self);
    }
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
}

/// `int` and its kin without sign: SeqNum, Length, NumInGroup, day of month. Leading zeros are allowed.
impl FromField<'_> for u64 {
    fn from_field(value: &[u8]) -> Result<Self, ValueError> {
        if value.is_empty() {
            return Err(ValueError::Empty);
        }
        value.iter().try_fold(0u64, |sum, byte| {
            let digit = byte.wrapping_sub(b'0');
            if digit > 9 {
                return Err(ValueError::Format);
            }
            sum.checked_mul(10).and_then(|sum| sum.checked_add(digit.into())).ok_or(ValueError::Overflow)
        })
    }
}

impl ToField for u64 {
    fn to_field(&self, sink: &mut Sink<'_>) {
        sink.number(*self);
    }
}

impl FromField<'_> for u32 {
    fn from_field(value: &[u8]) -> Result<Self, ValueError> {
        u64::from_field(value)?.try_into().map_err(|_| ValueError::Overflow)
    }
}

impl ToField for u32 {
    fn to_field(&self, sink: &mut Sink<'_>) {
        sink.number(u64::from(*self));
    }
}

/// `int`: an optional minus and digits; no plus (FIX 4.4 Vol. 1, "int").
impl FromField<'_> for i64 {
    fn from_field(value: &[u8]) -> Result<Self, ValueError> {
        match value {
            [b'-', digits @ ..] => {
                let size = u64::from_field(digits).map_err(|e| match e {
                    ValueError::Empty => ValueError::Format,
                    other => other,
                })?;
                0i64.checked_sub_unsigned(size).ok_or(ValueError::Overflow)
            }
            digits => u64::from_field(digits)?.try_into().map_err(|_| ValueError::Overflow),
        }
    }
}

impl ToField for i64 {
    fn to_field(&self, sink: &mut Sink<'_>) {
        if *self < 0 {
            sink.byte(b'-');
        }
        sink.number(self.unsigned_abs());
    }
}

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
}

/// `char`: one byte.
impl FromField<'_> for u8 {
    fn from_field(value: &[u8]) -> Result<Self, ValueError> {
        match value {
            [byte] => Ok(*byte),
            [] => Err(ValueError::Empty),
            _ => Err(ValueError::Format),
        }
    }
}

impl ToField for u8 {
    fn to_field(&self, sink: &mut Sink<'_>) {
        sink.text(&[*self]);
    }
}

impl FromField<'_> for Decimal {
    fn from_field(value: &[u8]) -> Result<Self, ValueError> {
        Decimal::parse(value)
    }
}

impl ToField for Decimal {
    fn to_field(&self, sink: &mut Sink<'_>) {
        let mut buffer = [0; 24];
        sink.bytes(self.format(&mut buffer));
    }
}

impl FromField<'_> for UtcTimestamp {
    fn from_field(value: &[u8]) -> Result<Self, ValueError> {
        UtcTimestamp::parse(value)
    }
}

impl ToField for UtcTimestamp {
    fn to_field(&self, sink: &mut Sink<'_>) {
        let mut buffer = [0; UTC_TIMESTAMP_LEN];
        let len = self.format(&mut buffer);
        sink.bytes(buffer.get(..len).unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_have_no_plus_and_no_blanks() {
        assert_eq!(u64::from_field(b"007"), Ok(7));
        assert_eq!(i64::from_field(b"-5"), Ok(-5));
        assert_eq!(i64::from_field(b"-9223372036854775808"), Ok(i64::MIN));
        for bad in [&b"+5"[..], b" 5", b"5 ", b"-", b"--5", b"5a"] {
            assert_eq!(i64::from_field(bad), Err(ValueError::Format));
        }
        assert_eq!(u64::from_field(b"18446744073709551616"), Err(ValueError::Overflow));
        assert_eq!(u32::from_field(b"4294967296"), Err(ValueError::Overflow));
        assert_eq!(u64::from_field(b""), Err(ValueError::Empty));
    }

    #[test]
    fn boolean_and_char_are_single_bytes() {
        assert_eq!(bool::from_field(b"Y"), Ok(true));
        assert_eq!(bool::from_field(b"y"), Err(ValueError::Format));
        assert_eq!(u8::from_field(b"12"), Err(ValueError::Format));
    }
}
