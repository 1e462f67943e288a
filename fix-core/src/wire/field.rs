//! Iterating the fields of a message in place.

use core::fmt;

#[cfg(target_pointer_width = "64")]
use super::word::find_soh;
use super::{SOH, soh::Delimiters, value::FromField};
use crate::tag::{Tag, TagBits};

/// One `tag=value` pair; the value is a slice of the received bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Field<'a> {
    /// The tag number.
    pub tag: Tag,
    /// The bytes between `=` and SOH; may be empty.
    pub value: &'a [u8],
}

/// A run of bytes that is no `tag=value` field: no `=`, a tag that is no number or beyond 31 bits, or no SOH at the
/// end. In a message whose frame is right it is a fault of that message, which counts all the same (FIX 4.4 Vol. 2,
/// case 14): it is not garbled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct NotAField;

impl fmt::Display for NotAField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a field is not tag=value")
    }
}

impl core::error::Error for NotAField {}

/// A length field and the data field whose size in bytes it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DataPair {
    /// Such as RawDataLength(95).
    pub length: Tag,
    /// Such as RawData(96).
    pub data: Tag,
}

impl DataPair {
    /// Whether it is one of the 16 pairs of FIX 4.4, which every message is read with.
    #[must_use]
    pub const fn is_fix44(self) -> bool {
        matches!(data_tag_of(self.length), Some(data) if data.0 == self.data.0)
    }

    /// How many of `pairs` FIX 4.4 does not have: meant for tables.
    #[must_use]
    pub const fn count_extra(pairs: &[DataPair]) -> usize {
        let (mut left, mut count) = (pairs, 0usize);
        while let [pair, rest @ ..] = left {
            count = count.wrapping_add(!pair.is_fix44() as usize);
            left = rest;
        }
        count
    }

    /// Those of `pairs` that FIX 4.4 does not have: meant for tables, `N` being [`count_extra`](Self::count_extra).
    #[must_use]
    pub const fn extra<const N: usize>(pairs: &[DataPair]) -> [DataPair; N] {
        let mut extra = [DataPair { length: Tag(0), data: Tag(0) }; N];
        let (mut left, mut free) = (pairs, extra.as_mut_slice());
        while let [pair, rest @ ..] = left {
            left = rest;
            if pair.is_fix44() {
                continue;
            }
            let Some((slot, behind)) = { free }.split_first_mut() else { break };
            *slot = *pair;
            free = behind;
        }
        extra
    }
}

/// The data field that a Length field announces: `RawData(96)` for `RawDataLength(95)`; the 16 pairs of FIX 4.4.
/// Such a value may contain SOH and `=`, so its length decides where it ends.
pub const fn data_tag_of(tag: Tag) -> Option<Tag> {
    match tag.0 {
        93 => Some(Tag(89)),
        _ if announces_data(tag) => Some(Tag(tag.0 + 1)),
        _ => None,
    }
}

/// The Length fields of FIX 4.4.
const LENGTH_TAGS: TagBits<20> =
    TagBits::new(&[90, 93, 95, 212, 348, 350, 352, 354, 356, 358, 360, 362, 364, 445, 618, 621]);

#[inline(always)]
pub(crate) const fn announces_data(tag: Tag) -> bool {
    // Most tags of most messages are below: they cost one compare.
    tag.0 >= 90 && LENGTH_TAGS.contains(tag)
}

/// Which fields are data, and announced by which.
pub trait DataTags: Copy {
    /// Whether it is a Length field.
    #[inline(always)]
    fn announces_data(self, tag: Tag) -> bool {
        announces_data(tag) || self.is_own_length(tag)
    }

    /// Whether it is a Length field that FIX 4.4 does not have.
    fn is_own_length(self, tag: Tag) -> bool;

    /// The data field that a Length field announces.
    fn data_tag_of(self, tag: Tag) -> Option<Tag>;
}

/// The data fields of FIX 4.4.
#[derive(Clone, Copy, Debug, Default)]
pub struct Fix44Data;

impl DataTags for Fix44Data {
    #[inline(always)]
    fn is_own_length(self, _tag: Tag) -> bool {
        false
    }

    #[inline]
    fn data_tag_of(self, tag: Tag) -> Option<Tag> {
        data_tag_of(tag)
    }
}

/// The data fields of FIX 4.4 and these beside them: a counterparty's own
/// ([`Dictionary::extra_data_pairs`](crate::dict::Dictionary::extra_data_pairs)).
impl DataTags for &'static [DataPair] {
    #[inline(always)]
    fn is_own_length(self, tag: Tag) -> bool {
        self.iter().any(|pair| pair.length == tag)
    }

    fn data_tag_of(self, tag: Tag) -> Option<Tag> {
        let own = self.iter().find(|pair| pair.length == tag);
        own.map_or_else(|| data_tag_of(tag), |pair| Some(pair.data))
    }
}

/// A field, and where its value begins among the iterated bytes.
pub(crate) struct PlacedField<'a> {
    pub(crate) field: Field<'a>,
    pub(crate) value_at: usize,
}

/// A Length field came just before: the data tag that it announces, and the number of bytes.
type Announced = (Tag, usize);

/// Iterator over fields. Behind a run of bytes that is [`NotAField`] it goes on with what follows the next SOH.
#[derive(Clone)]
pub struct Fields<'a, D: DataTags = Fix44Data> {
    bytes: &'a [u8],
    /// Where the next field begins.
    at: usize,
    delimiters: Delimiters,
    data: Option<Announced>,
    data_tags: D,
}

impl<'a> Fields<'a> {
    /// Iterates `bytes`, which hold whole fields, each ended by SOH.
    #[inline]
    pub fn new(bytes: &'a [u8]) -> Self {
        Fields::with_data_tags(bytes, Fix44Data)
    }
}

impl<'a, D: DataTags> Fields<'a, D> {
    /// Iterates `bytes` with the data fields that `data_tags` tells of.
    #[inline]
    pub fn with_data_tags(bytes: &'a [u8], data_tags: D) -> Self {
        Fields { bytes, at: 0, delimiters: Delimiters::from(0), data: None, data_tags }
    }

    /// The fields alone: what is none is passed over.
    #[inline]
    pub fn valid(self) -> ValidFields<'a, D> {
        ValidFields(self)
    }

    /// The bytes not yet iterated.
    #[inline]
    pub fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    /// Which fields are data.
    #[inline]
    pub(crate) fn data_tags(&self) -> D {
        self.data_tags
    }

    /// How many bytes were iterated.
    #[inline]
    pub(crate) fn position(&self) -> usize {
        self.at
    }

    /// The next field. Everything that is not common is behind calls that take this state by value, so that
    /// the state of a loop around this can live in registers.
    #[inline(always)]
    pub(crate) fn step(&mut self) -> Option<Result<Field<'a>, NotAField>> {
        let data_tags = self.data_tags;
        let placed = self.placed_step(|tag| data_tags.announces_data(tag))?;
        Some(placed.map(|placed| placed.field))
    }

    /// Like [`step`](Self::step), for a caller who has a way of its own to tell whether a tag announces data.
    #[inline(always)]
    pub(crate) fn placed_step(
        &mut self,
        announces_data: impl FnOnce(Tag) -> bool,
    ) -> Option<Result<PlacedField<'a>, NotAField>> {
        match self.common_field(announces_data) {
            Some(field) => Some(Ok(field)),
            None if self.at >= self.bytes.len() => None,
            None => Some(self.any_step()),
        }
    }

    /// The common field: a tag of 1 to 4 digits that announces no data, and no data announced before it.
    #[cfg(not(target_pointer_width = "64"))]
    #[inline(always)]
    fn common_field(&mut self, announces_data: impl FnOnce(Tag) -> bool) -> Option<PlacedField<'a>> {
        let rest = self.bytes.get(self.at..)?;
        let (tag, tag_len) = short_tag(rest)?;
        if announces_data(tag) {
            return None;
        }
        let value = rest.get(tag_len..)?;
        let value = value.get(..self.delimiters.next(value, 0)?)?;
        let value_at = self.at.wrapping_add(tag_len);
        self.at = value_at.wrapping_add(value.len()).wrapping_add(1);
        Some(PlacedField { field: Field { tag, value }, value_at })
    }

    /// The common field: a tag of 1 to 4 digits that announces no data, and no data announced before it.
    #[cfg(target_pointer_width = "64")]
    #[inline(always)]
    fn common_field(&mut self, announces_data: impl FnOnce(Tag) -> bool) -> Option<PlacedField<'a>> {
        let (end, (tag, tag_len)) =
            (self.delimiters.next(self.bytes, self.at)?, short_tag(self.bytes.get(self.at..)?)?);
        if announces_data(tag) {
            return None;
        }
        let value_at = self.at.wrapping_add(tag_len);
        let value = self.bytes.get(value_at..end)?;
        self.at = end.wrapping_add(1);
        Some(PlacedField { field: Field { tag, value }, value_at })
    }

    #[cfg(target_pointer_width = "64")]
    #[inline(always)]
    fn any_step(&mut self) -> Result<PlacedField<'a>, NotAField> {
        let (field, state) = self.clone().stepped();
        *self = state;
        field
    }

    #[cfg(target_pointer_width = "64")]
    #[cold]
    #[inline(never)]
    fn stepped(mut self) -> (Result<PlacedField<'a>, NotAField>, Self) {
        (self.take_any(), self)
    }

    #[cfg(not(target_pointer_width = "64"))]
    #[cold]
    #[inline(never)]
    fn any_step(&mut self) -> Result<PlacedField<'a>, NotAField> {
        self.take_any()
    }

    #[inline(always)]
    fn take_any(&mut self) -> Result<PlacedField<'a>, NotAField> {
        let Some((field, behind)) = self.any_field() else {
            self.pass_over();
            return Err(NotAField);
        };
        let value_at = behind.wrapping_sub(field.value.len()).wrapping_sub(1);
        self.at = behind;
        let data_tag = self.data_tags.data_tag_of(field.tag);
        self.data = data_tag.and_then(|data_tag| announced(data_tag, field.value));
        // There are none for a field that is none of the common ones: behind a Length field.
        self.delimiters = if self.data.is_some() { Delimiters::none() } else { Delimiters::from(behind) };
        Ok(PlacedField { field, value_at })
    }

    /// Goes behind a run of bytes that is no field. What a Length field announced just before is off.
    fn pass_over(&mut self) {
        let behind = find_soh(self.rest()).map(|at| self.at.wrapping_add(at).wrapping_add(1));
        self.at = behind.unwrap_or(self.bytes.len());
        self.data = None;
        self.delimiters = Delimiters::from(self.at);
    }

    /// The next field behind a run of bytes that was none.
    #[cold]
    #[inline(never)]
    pub(crate) fn next_good(&mut self) -> Option<Field<'a>> {
        loop {
            if let Ok(field) = self.next()? {
                return Some(field);
            }
        }
    }

    /// Any field, and where the next one begins.
    fn any_field(&self) -> Option<(Field<'a>, usize)> {
        let rest = self.rest();
        let (tag, after_tag) = any_tag(rest)?;
        let value = match self.data {
            Some((data_tag, length)) if data_tag == tag => data_value(after_tag, length)?,
            _ => after_tag.get(..find_soh(after_tag)?)?,
        };
        let tag_len = rest.len().checked_sub(after_tag.len())?;
        let behind = self.at.checked_add(tag_len)?.checked_add(value.len())?.checked_add(1)?;
        Some((Field { tag, value }, behind))
    }
}

impl<'a, D: DataTags> Iterator for Fields<'a, D> {
    type Item = Result<Field<'a>, NotAField>;

    #[inline(never)]
    fn next(&mut self) -> Option<Self::Item> {
        self.step()
    }

    /// Also what `for_each` does. One loop for all fields, without a call for each.
    #[inline]
    fn fold<B, F: FnMut(B, Self::Item) -> B>(mut self, init: B, mut add: F) -> B {
        let mut sum = init;
        while let Some(field) = self.step() {
            sum = add(sum, field);
        }
        sum
    }
}

/// A field that is none of the common ones may take longer: a Cortex-M has its flash for other things.
#[cfg(not(target_pointer_width = "64"))]
fn find_soh(bytes: &[u8]) -> Option<usize> {
    bytes.iter().position(|byte| *byte == SOH)
}

#[cold]
fn announced(data_tag: Tag, length: &[u8]) -> Option<Announced> {
    let length = u32::from_field(length).ok()?;
    Some((data_tag, usize::try_from(length).ok()?))
}

/// The fields without the runs of bytes that are [`NotAField`].
#[derive(Clone)]
pub struct ValidFields<'a, D: DataTags = Fix44Data>(Fields<'a, D>);

impl<'a, D: DataTags> Iterator for ValidFields<'a, D> {
    type Item = Field<'a>;

    #[inline]
    fn next(&mut self) -> Option<Field<'a>> {
        match self.0.next()? {
            Ok(field) => Some(field),
            Err(NotAField) => self.0.next_good(),
        }
    }
}

/// Reads `123=` with 1 to 4 digits and returns its length too. Most tags of FIX have 2 or 3 digits.
#[cfg(target_pointer_width = "64")]
#[inline(always)]
fn short_tag(bytes: &[u8]) -> Option<(Tag, usize)> {
    let word = u32::from_le_bytes(*bytes.first_chunk::<4>()?);
    if let Some([a, b, ..]) = matches(word, *b"00=\0") {
        return Some((Tag(a * 10 + b), 3));
    }
    if let Some([a, b, c, _]) = matches(word, *b"000=") {
        return Some((Tag((a * 10 + b) * 10 + c), 4));
    }
    if let Some([a, ..]) = matches(word, *b"0=\0\0") {
        return Some((Tag(a), 2));
    }
    match (matches(word, *b"0000"), bytes.get(4)) {
        (Some([a, b, c, d]), Some(b'=')) => Some((Tag(((a * 10 + b) * 10 + c) * 10 + d), 5)),
        _ => None,
    }
}

/// The same: most tags have two digits, which a 32-bit processor reads soonest one by one.
#[cfg(not(target_pointer_width = "64"))]
#[inline(always)]
fn short_tag(bytes: &[u8]) -> Option<(Tag, usize)> {
    if let [a, b, b'=', ..] = bytes {
        let (a, b) = (a.wrapping_sub(b'0'), b.wrapping_sub(b'0'));
        if a <= 9 && b <= 9 {
            return Some((Tag(i32::from(a).wrapping_mul(10).wrapping_add(b.into())), 3));
        }
    }
    plain_tag(bytes)
}

/// Tags of any length up to four, one digit after the other.
#[cfg(any(test, not(target_pointer_width = "64")))]
#[inline(never)]
fn plain_tag(bytes: &[u8]) -> Option<(Tag, usize)> {
    let mut number = 0i32;
    for (digits, byte) in bytes.iter().take(5).enumerate() {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return (*byte == b'=' && digits != 0).then_some((Tag(number), digits.wrapping_add(1)));
        }
        number = number.wrapping_mul(10).wrapping_add(digit.into());
    }
    None
}

/// The digits that four bytes are where `pattern` has a `0`. Where it has another byte, the text must have
/// that byte, and where it has zero, the text may have any. `None` if the text is not so.
#[cfg(target_pointer_width = "64")]
#[inline(always)]
fn matches(word: u32, pattern: [u8; 4]) -> Option<[i32; 4]> {
    let digits = word ^ u32::from_le_bytes(pattern);
    // Adding this sets the high bit of a digit above 9, and of anything but zero where no digit belongs.
    let limit = u32::from_le_bytes(pattern.map(|byte| if byte == b'0' { 0x76 } else { 0x7F }));
    let high_bits = u32::from_le_bytes(pattern.map(|byte| if byte == 0 { 0 } else { 0x80 }));
    if (digits | digits.wrapping_add(limit)) & high_bits != 0 {
        return None;
    }
    Some(digits.to_le_bytes().map(i32::from))
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

    fn fields(bytes: &[u8]) -> Vec<Result<(i32, &[u8]), NotAField>> {
        let mut fields: Vec<_> = Vec::new();
        Fields::new(bytes).for_each(|field| fields.push(field));
        assert!(Fields::new(bytes).eq(fields.iter().copied()), "one by one as all in one loop");
        fields.into_iter().map(|field| field.map(|field| (field.tag.0, field.value))).collect()
    }

    #[test]
    fn fields_in_place() {
        assert_eq!(
            fields(b"35=D\x0111=\x01-1=HI\x01"),
            vec![Ok((35, &b"D"[..])), Ok((11, b"")), Ok((-1, b"HI"))]
        );
    }

    #[test]
    fn both_ways_to_read_a_tag_agree() {
        for bytes in [
            &b"8=FIX"[..],
            b"35=D",
            b"108=30",
            b"5001=x",
            b"0=ab",
            b"=abcde",
            b"12345=",
            b"1a=bc",
            b"-1=ab",
            b"1234x",
        ] {
            assert_eq!(plain_tag(bytes), short_tag(bytes), "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn data_may_contain_soh_and_equals() {
        assert_eq!(
            fields(b"95=5\x0196=a\x01b=c\x0158=x\x01"),
            vec![Ok((95, &b"5"[..])), Ok((96, b"a\x01b=c")), Ok((58, b"x"))]
        );
    }

    #[test]
    fn a_dictionary_may_have_data_fields_of_its_own() {
        const OWN: &[DataPair] =
            &[DataPair { length: Tag(7), data: Tag(9999) }, DataPair { length: Tag(5000), data: Tag(5001) }];
        let bytes = b"95=3\x0196=a\x01b\x015000=3\x015001=\x01=\x01\x017=1\x019999=\x01\x0158=x\x01";
        let fields: Vec<_> = Fields::with_data_tags(bytes, OWN)
            .map(|field| field.map(|field| (field.tag.0, field.value)))
            .collect();
        let expected: [(i32, &[u8]); 7] = [
            (95, b"3"),
            (96, b"a\x01b"),
            (5000, b"3"),
            (5001, b"\x01=\x01"),
            (7, b"1"),
            (9999, b"\x01"),
            (58, b"x"),
        ];
        assert_eq!(fields, expected.map(Ok));
    }

    #[test]
    fn a_length_that_leads_nowhere_ends_at_the_soh() {
        assert_eq!(fields(b"95=2\x0196=abc\x01"), vec![Ok((95, &b"2"[..])), Ok((96, b"abc"))]);
        assert_eq!(fields(b"95=99\x0196=abc\x01"), vec![Ok((95, &b"99"[..])), Ok((96, b"abc"))]);
    }

    #[test]
    fn what_is_no_field() {
        for bad in [
            &b"4garbled9=TW\x01"[..],
            b"garbage\x01",
            b"=x\x01",
            b"35=D",
            b"77\x01",
            b"\x01",
            b"99999999999=x\x01",
            b"-=x\x01",
        ] {
            assert_eq!(fields(bad), vec![Err(NotAField)]);
            if bad.ends_with(b"\x01") {
                let among = [b"11=a\x01", bad, b"95=2\x01", bad, b"96=\x01\x01\x0158=b\x01"].concat();
                let good = Fields::new(&among).valid().map(|field| field.tag.0).collect::<Vec<_>>();
                assert_eq!(good, [11, 95, 96, 58], "{}", bad.escape_ascii());
                let is_good: Vec<_> = Fields::new(&among).map(|field| field.is_ok()).collect();
                // What the Length announced is off, so that its data field ends at the first SOH.
                assert_eq!(is_good, [true, false, true, false, true, false, false, true]);
            }
        }
    }
}
