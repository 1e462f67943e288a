//! Iterating the fields of a message in place.

use super::{
    SOH,
    soh::Delimiters,
    value::FromField,
    word::{find_soh, four_digits},
};
use crate::tag::Tag;

/// One `tag=value` pair; the value is a slice of the received bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Field<'a> {
    /// The tag number.
    pub tag: Tag,
    /// The bytes between `=` and SOH; may be empty.
    pub value: &'a [u8],
}

/// A run of bytes that is no `tag=value` field: no `=`, a tag that is no number, or no SOH at the end.
/// The message is garbled (FIX 4.4 Vol. 2, "garbled message").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct NotAField;

/// Says which tag is the Length of a data field, and of which: `RawDataLength(95)` of `RawData(96)`.
/// Such a value may contain SOH and `=`, so its length decides where it ends.
pub type DataTagOf = fn(Tag) -> Option<Tag>;

/// A Length field came just before: the data tag that it announces, and the number of bytes.
type Announced = (Tag, usize);

/// Iterator over fields. Ends after the first [`NotAField`].
#[derive(Clone)]
pub struct Fields<'a> {
    bytes: &'a [u8],
    /// Where the next field begins.
    at: usize,
    delimiters: Delimiters,
    data_tag_of: DataTagOf,
    data: Option<Announced>,
}

impl<'a> Fields<'a> {
    /// Iterates `bytes`, which hold whole fields, each ended by SOH.
    #[inline]
    pub fn new(bytes: &'a [u8], data_tag_of: DataTagOf) -> Self {
        Fields { bytes, at: 0, delimiters: Delimiters::from(0), data_tag_of, data: None }
    }

    /// The fields up to the first that is none.
    #[inline]
    pub fn valid(self) -> ValidFields<'a> {
        ValidFields(self)
    }

    /// The bytes not yet iterated.
    #[inline]
    pub fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    /// The common field: a tag of 1 to 4 digits, and no data value announced before it.
    #[inline(always)]
    fn common_field(&mut self) -> Option<Field<'a>> {
        if self.data.is_some() {
            return None;
        }
        let end = self.delimiters.next(self.bytes, self.at)?;
        let (tag, value) = short_tag(self.bytes.get(self.at..end)?)?;
        if let Some(data_tag) = (self.data_tag_of)(tag) {
            self.data = announced(data_tag, value);
        }
        self.at = end.wrapping_add(1);
        Some(Field { tag, value })
    }

    /// Any field, and the state behind it. By value, so that the caller's iterator can live in registers.
    #[cold]
    #[inline(never)]
    fn any_field(self) -> Option<(Field<'a>, usize, Option<Announced>)> {
        let rest = self.rest();
        let (tag, after_tag) = any_tag(rest)?;
        let value = match self.data {
            Some((data_tag, length)) if data_tag == tag => data_value(after_tag, length)?,
            _ => after_tag.get(..find_soh(after_tag)?)?,
        };
        let data = (self.data_tag_of)(tag).and_then(|data_tag| announced(data_tag, value));
        let tag_len = rest.len().checked_sub(after_tag.len())?;
        let behind = self.at.checked_add(tag_len)?.checked_add(value.len())?.checked_add(1)?;
        Some((Field { tag, value }, behind, data))
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<Field<'a>, NotAField>;

    #[inline(always)]
    fn next(&mut self) -> Option<Self::Item> {
        if let Some(field) = self.common_field() {
            return Some(Ok(field));
        }
        if self.at >= self.bytes.len() {
            return None;
        }
        match self.clone().any_field() {
            Some((field, behind, data)) => {
                (self.at, self.data) = (behind, data);
                self.delimiters = Delimiters::from(behind);
                Some(Ok(field))
            }
            None => {
                self.at = self.bytes.len();
                Some(Err(NotAField))
            }
        }
    }
}

#[cold]
fn announced(data_tag: Tag, length: &[u8]) -> Option<Announced> {
    let length = u32::from_field(length).ok()?;
    Some((data_tag, usize::try_from(length).ok()?))
}

/// The fields up to the first [`NotAField`]: what is left to iterate of bytes that are known to be fields.
#[derive(Clone)]
pub struct ValidFields<'a>(Fields<'a>);

impl<'a> Iterator for ValidFields<'a> {
    type Item = Field<'a>;

    #[inline(always)]
    fn next(&mut self) -> Option<Field<'a>> {
        match self.0.next() {
            Some(Ok(field)) => Some(field),
            _ => None,
        }
    }
}

/// Reads `123=` with 1 to 4 digits; most tags of FIX have 2 or 3.
#[inline(always)]
fn short_tag(field: &[u8]) -> Option<(Tag, &[u8])> {
    let (number, value) = match field {
        [a, b, b'=', value @ ..] => (four_digits([b'0', b'0', *a, *b])?, value),
        [a, b, c, b'=', value @ ..] => (four_digits([b'0', *a, *b, *c])?, value),
        [a, b'=', value @ ..] => (four_digits([b'0', b'0', b'0', *a])?, value),
        [a, b, c, d, b'=', value @ ..] => (four_digits([*a, *b, *c, *d])?, value),
        _ => return None,
    };
    Some((Tag(number), value))
}

/// Tags of any length; a minus sign counts as numeric, see [`Tag`].
fn any_tag(bytes: &[u8]) -> Option<(Tag, &[u8])> {
    let (negative, digits) = match bytes {
        [b'-', rest @ ..] => (true, rest),
        rest => (false, rest),
    };
    let (mut number, mut seen) = (0i32, false);
    let mut iter = digits.iter();
    for &byte in iter.by_ref() {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            if byte != b'=' || !seen {
                return None;
            }
            let number = if negative { number.wrapping_neg() } else { number };
            return Some((Tag(number), iter.as_slice()));
        }
        seen = true;
        number = number.checked_mul(10)?.checked_add(digit.into())?;
    }
    None
}

/// A data value of announced length must be followed by SOH; if it is not, the announcement was wrong and
/// the value ends at the first SOH, so that validation can name the field.
fn data_value(bytes: &[u8], length: usize) -> Option<&[u8]> {
    match bytes.split_at_checked(length) {
        Some((value, [SOH, ..])) => Some(value),
        _ => bytes.get(..find_soh(bytes)?),
    }
}

#[cfg(test)]
mod tests {
    use std::{vec, vec::Vec};

    use super::*;

    fn raw_data(tag: Tag) -> Option<Tag> {
        (tag == Tag(95)).then_some(Tag(96))
    }

    fn fields(bytes: &[u8]) -> Vec<Result<(i32, &[u8]), NotAField>> {
        Fields::new(bytes, raw_data).map(|f| f.map(|f| (f.tag.0, f.value))).collect()
    }

    #[test]
    fn fields_in_place() {
        assert_eq!(
            fields(b"35=D\x0111=\x01-1=HI\x01"),
            vec![Ok((35, &b"D"[..])), Ok((11, b"")), Ok((-1, b"HI"))]
        );
    }

    #[test]
    fn data_may_contain_soh_and_equals() {
        assert_eq!(
            fields(b"95=5\x0196=a\x01b=c\x0158=x\x01"),
            vec![Ok((95, &b"5"[..])), Ok((96, b"a\x01b=c")), Ok((58, b"x"))]
        );
    }

    #[test]
    fn a_length_that_leads_nowhere_ends_at_the_soh() {
        assert_eq!(fields(b"95=2\x0196=abc\x01"), vec![Ok((95, &b"2"[..])), Ok((96, b"abc"))]);
        assert_eq!(fields(b"95=99\x0196=abc\x01"), vec![Ok((95, &b"99"[..])), Ok((96, b"abc"))]);
    }

    #[test]
    fn what_is_no_field() {
        for bad in
            [&b"4garbled9=TW\x01"[..], b"garbage\x01", b"=x\x01", b"35=D", b"99999999999=x\x01", b"-=x\x01"]
        {
            assert_eq!(fields(bad), vec![Err(NotAField)]);
        }
    }
}
