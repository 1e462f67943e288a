//! Numbers: `int`, `Length`, `SeqNum`, `NumInGroup`, `DayOfMonth`, and the decimal types.

use super::{FromField, ToField, ValueError, whole_field};
use crate::{
    ascii::{Sink, magnitude::magnitude},
    decimal::Decimal,
};

/// `int` and its kin without sign: SeqNum, Length, NumInGroup, day of month. Leading zeros are allowed.
impl FromField<'_> for u64 {
    #[cfg_attr(target_pointer_width = "64", inline)]
    fn from_field(value: &[u8]) -> Result<Self, ValueError> {
        #[cfg(target_pointer_width = "64")]
        if let Some(number) = crate::ascii::digits::short_number(value) {
            return Ok(number);
        }
        any_number(value)
    }
}

// Out of line, so that the short way stays small enough to be inlined.
#[cfg_attr(target_pointer_width = "64", inline(never))]
fn any_number(value: &[u8]) -> Result<u64, ValueError> {
    match magnitude(value) {
        Ok((number, None)) => Ok(number),
        Ok(_) => Err(ValueError::Format),
        Err(_) if value.is_empty() => Err(ValueError::Empty),
        Err(error) => Err(error),
    }
}

impl ToField for u64 {
    fn to_field(&self, sink: &mut Sink<'_>) {
        sink.number(*self);
    }

    whole_field!(self, number, *self);
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

    whole_field!(self, number, u64::from(*self));
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

    // A negative number is too large for it.
    whole_field!(self, number, *self as u64);
}

/// `int` as a code, such as OrdRejReason(103).
impl FromField<'_> for i32 {
    fn from_field(value: &[u8]) -> Result<Self, ValueError> {
        i64::from_field(value)?.try_into().map_err(|_| ValueError::Overflow)
    }
}

impl ToField for i32 {
    fn to_field(&self, sink: &mut Sink<'_>) {
        i64::from(*self).to_field(sink);
    }

    // A negative number is too large for it.
    whole_field!(self, number, i64::from(*self) as u64);
}

impl FromField<'_> for Decimal {
    #[cfg_attr(target_pointer_width = "64", inline)]
    #[cfg_attr(not(target_pointer_width = "64"), inline(never))]
    fn from_field(value: &[u8]) -> Result<Self, ValueError> {
        Decimal::parse(value)
    }
}

impl ToField for Decimal {
    fn to_field(&self, sink: &mut Sink<'_>) {
        if self.mantissa() < 0 {
            sink.byte(b'-');
        }
        sink.decimal(self.mantissa().unsigned_abs(), self.scale());
    }

    whole_field!(self, decimal, *self);
}

/// `DayOfMonth`: 1 to 31 (FIX 4.4 Vol. 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct DayOfMonth(u8);

impl DayOfMonth {
    /// The `day`-th day; `None` unless 1 to 31.
    pub const fn new(day: u8) -> Option<Self> {
        if day >= 1 && day <= 31 { Some(DayOfMonth(day)) } else { None }
    }

    /// 1 to 31.
    pub const fn get(self) -> u8 {
        self.0
    }
}

impl FromField<'_> for DayOfMonth {
    fn from_field(value: &[u8]) -> Result<Self, ValueError> {
        let day = u64::from_field(value)?;
        u8::try_from(day).ok().and_then(DayOfMonth::new).ok_or(ValueError::Format)
    }
}

impl ToField for DayOfMonth {
    fn to_field(&self, sink: &mut Sink<'_>) {
        sink.number(self.0.into());
    }

    whole_field!(self, number, self.0.into());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{tag::Tag, wire::writer::Writer};

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
    fn decimals_are_written_as_they_are_shown() {
        let mut buffer = [0; 32];
        for mantissa in
            [0, 1, 5, 42, 109_375, 1_500_000, 99_999_999, 100_000_000, -1, -109_375, i64::MAX, i64::MIN]
        {
            for scale in 0..=18 {
                let decimal = Decimal::new(mantissa, scale);
                let mut writer = Writer::fields(&mut buffer);
                writer.field(Tag(44), decimal);
                let len = writer.finish_fields().unwrap();
                assert_eq!(&buffer[..len], std::format!("44={decimal}\x01").as_bytes());
            }
        }
    }

    #[test]
    fn days_of_a_month() {
        assert_eq!(DayOfMonth::from_field(b"31").map(DayOfMonth::get), Ok(31));
        for bad in [&b"0"[..], b"32", b"-1", b"x", b"300"] {
            assert_eq!(DayOfMonth::from_field(bad), Err(ValueError::Format));
        }
    }
}
