//! Whether a value has the format of its type (FIX 4.4 Vol. 1, "Field Data Types").

use crate::{
    ascii::digits::Tail,
    decimal::Decimal,
    dict::{CodeSet, FieldType},
    time::{Date, MonthYear, UtcTimeOnly, UtcTimestamp, is_tz_time, is_tz_timestamp},
    wire::value::{DayOfMonth, FromField, MultipleValue, ValueError},
};

/// What is known of a value at once.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Fit {
    Yes,
    No,
    /// It has the format, but means something for the fields behind it.
    Structure,
}

impl From<bool> for Fit {
    #[inline(always)]
    fn from(fits: bool) -> Self {
        if fits { Fit::Yes } else { Fit::No }
    }
}

/// Like [`fits`], for a value that ends `bytes`; the types of most fields are checked in place.
#[inline(always)]
pub(super) fn fits_at_once(kind: FieldType, value: &[u8], bytes: &[u8]) -> Fit {
    match kind {
        FieldType::Char => Fit::from(matches!(value, [letter] if *letter >= b' ')),
        FieldType::SeqNum | FieldType::Int => {
            let short = Tail::new(bytes, value.len()).is_some_and(Tail::is_number);
            Fit::from(short || fits(kind, value))
        }
        FieldType::Qty
        | FieldType::Price
        | FieldType::PriceOffset
        | FieldType::Amt
        | FieldType::Float
        | FieldType::Percentage => {
            let short = Tail::new(bytes, value.len())
                .is_some_and(|tail| tail.is_number() || (value.len() > 1 && tail.is_number_with_point()));
            Fit::from(short || fits(kind, value))
        }
        FieldType::UtcTimestamp => Fit::from(UtcTimestamp::is_text(value)),
        FieldType::LocalMktDate | FieldType::UtcDateOnly => Fit::from(Date::is_text(value)),
        FieldType::Undefined => Fit::No,
        FieldType::NumInGroup | FieldType::Length | FieldType::Data | FieldType::XmlData => {
            if fits(kind, value) { Fit::Structure } else { Fit::No }
        }
        _ => Fit::from(fits(kind, value)),
    }
}

/// Whether a value that is not empty is of type `kind`.
#[inline(never)]
pub(super) fn fits(kind: FieldType, value: &[u8]) -> bool {
    match kind {
        FieldType::Undefined
        | FieldType::String
        | FieldType::Country
        | FieldType::Currency
        | FieldType::Exchange
        | FieldType::Language
        | FieldType::Data
        | FieldType::XmlData
        | FieldType::Xid
        | FieldType::XidRef => true,
        FieldType::Char => is::<u8>(value),
        FieldType::Boolean => is::<bool>(value),
        FieldType::Int => is::<i64>(value),
        FieldType::Length | FieldType::NumInGroup | FieldType::TagNum => is::<u32>(value),
        FieldType::SeqNum => is::<u64>(value),
        FieldType::DayOfMonth => is::<DayOfMonth>(value),
        FieldType::Float
        | FieldType::Qty
        | FieldType::Price
        | FieldType::PriceOffset
        | FieldType::Amt
        | FieldType::Percentage => is::<Decimal>(value),
        FieldType::MultipleValueString | FieldType::MultipleStringValue => is::<MultipleValue<'_>>(value),
        FieldType::MultipleCharValue => {
            MultipleValue::from_field(value).is_ok_and(|codes| codes.iter().all(is::<u8>))
        }
        FieldType::UtcTimestamp | FieldType::Time => is::<UtcTimestamp>(value),
        FieldType::UtcTimeOnly | FieldType::LocalMktTime => is::<UtcTimeOnly>(value),
        FieldType::UtcDateOnly | FieldType::UtcDate | FieldType::Date | FieldType::LocalMktDate => {
            is::<Date>(value)
        }
        FieldType::MonthYear => is::<MonthYear>(value),
        FieldType::TzTimeOnly => is_tz_time(value),
        FieldType::TzTimestamp => is_tz_timestamp(value),
    }
}

/// Whether a value is a legal `float` or `int`, to neither of which the standard sets an end, that is only beyond what
/// our types can hold.
pub(super) fn is_beyond_range(kind: FieldType, value: &[u8]) -> bool {
    let error = match kind {
        FieldType::Int | FieldType::SeqNum if value.contains(&b'.') => None,
        FieldType::Int => i64::from_field(value).err(),
        FieldType::SeqNum => u64::from_field(value).err(),
        FieldType::Float
        | FieldType::Qty
        | FieldType::Price
        | FieldType::PriceOffset
        | FieldType::Amt
        | FieldType::Percentage => Decimal::parse(value).err(),
        _ => None,
    };
    error == Some(ValueError::Overflow)
}

/// Whether a value is one of the codes, or a list of such.
#[inline(always)]
pub(super) fn is_coded(kind: FieldType, codes: &CodeSet, value: &[u8]) -> bool {
    // One byte is a test of one bit.
    if value.len() == 1 { codes.contains(value) } else { is_coded_long(kind, codes, value) }
}

#[inline(never)]
fn is_coded_long(kind: FieldType, codes: &CodeSet, value: &[u8]) -> bool {
    codes.contains(value)
        || (kind.is_multiple_value() && value.split(|byte| *byte == b' ').all(|code| codes.contains(code)))
}

fn is<'a, T: FromField<'a>>(value: &'a [u8]) -> bool {
    T::from_field(value).is_ok()
}
