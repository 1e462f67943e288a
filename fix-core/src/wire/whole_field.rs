//! A whole field at once, for processors with 64-bit registers: one check that tag, value and SOH have room,
//! then stores of whole words at places that the compiler knows to be inside.

use super::{SOH, tag_text::TagText};
use crate::{
    ascii::digits::{eight_digits, leading_zeros},
    decimal::Decimal,
    time::UtcTimestamp,
};

/// Bytes that one field may take here: a tag of four digits and `=`, a value, SOH.
pub(super) const WINDOW: usize = 32;
/// Where a field is written. What is behind the field means nothing.
pub(super) type Window = [u8; WINDOW];

/// Bytes of the longest text that [`text`] writes.
pub(super) const MOST_TEXT: usize = 16;

/// `tag=text` and SOH, and its length; `None` for longer texts, empty ones, and those with a byte that may be SOH.
#[inline(always)]
pub(super) fn text(window: &mut Window, tag: TagText, text: &[u8]) -> Option<usize> {
    put(window, 0, tag.word.to_le_bytes());
    let end = tag.len.wrapping_add(text.len());
    let clean = match text {
        [a] => {
            put(window, tag.len, [*a]);
            *a >= b' '
        }
        [a, b] => {
            put(window, tag.len, [*a, *b]);
            *a >= b' ' && *b >= b' '
        }
        [a, b, c] => {
            put(window, tag.len, [*a, *b]);
            put(window, tag.len.wrapping_add(2), [*c]);
            *a >= b' ' && *b >= b' ' && *c >= b' '
        }
        _ if text.len() < 8 => {
            let (first, last) = (*text.first_chunk::<4>()?, *text.last_chunk::<4>()?);
            put(window, tag.len, first);
            put(window, end.wrapping_sub(4), last);
            let both = u64::from(u32::from_le_bytes(first)) | u64::from(u32::from_le_bytes(last)) << 32;
            is_plain(both, both)
        }
        _ if text.len() <= MOST_TEXT => {
            let (first, last) = (*text.first_chunk::<8>()?, *text.last_chunk::<8>()?);
            put(window, tag.len, first);
            put(window, end.wrapping_sub(8), last);
            is_plain(u64::from_le_bytes(first), u64::from_le_bytes(last))
        }
        _ => return None,
    };
    put(window, end, [SOH]);
    clean.then_some(end.wrapping_add(1))
}

/// The same for eight bytes and more, anywhere in `room`.
#[inline(never)]
pub(super) fn long_text(room: &mut [u8], tag: TagText, text: &[u8]) -> Option<usize> {
    let (tag_room, rest) = room.split_at_mut_checked(tag.len)?;
    let (value, rest) = rest.split_at_mut_checked(text.len())?;
    *rest.first_mut()? = SOH;
    let last = *text.last_chunk()?;
    *value.last_chunk_mut()? = last;
    let mut plain = u64::from_le_bytes(last);
    plain |= plain << 1;
    for (room, word) in value.as_chunks_mut().0.iter_mut().zip(text.as_chunks().0) {
        *room = *word;
        let word = u64::from_le_bytes(*word);
        plain &= word | word << 1;
    }
    tag_room.iter_mut().zip(tag.word.to_le_bytes()).for_each(|(room, byte)| *room = byte);
    (plain & PLAIN == PLAIN).then_some(tag.len.wrapping_add(text.len()).wrapping_add(1))
}

/// `tag=` and a character that is none of control, SOH.
#[inline(always)]
pub(super) fn code(window: &mut Window, tag: TagText, code: u8) -> Option<usize> {
    let behind = u64::from(code) | u64::from(SOH) << 8;
    put(window, 0, (tag.word | behind << (8 * (tag.len as u32 & 7))).to_le_bytes());
    (code >= b' ').then_some(tag.len.wrapping_add(2))
}

/// `tag=` and a number of up to eight digits, SOH.
#[inline(always)]
pub(super) fn number(window: &mut Window, tag: TagText, number: u64) -> Option<usize> {
    let number = u32::try_from(number).ok().filter(|number| *number < 100_000_000)?;
    let digits = eight_digits(number);
    let zeros = leading_zeros(digits);
    put(window, 0, tag.word.to_le_bytes());
    put(window, tag.len, (digits >> (8 * zeros)).to_le_bytes());
    let end = tag.len.wrapping_add(8).wrapping_sub(zeros as usize);
    put(window, end, [SOH]);
    Some(end.wrapping_add(1))
}

/// `tag=`, a decimal of up to eight digits without sign and up to seven decimals, SOH.
#[inline(always)]
pub(super) fn decimal(window: &mut Window, tag: TagText, decimal: Decimal) -> Option<usize> {
    let mantissa = u32::try_from(decimal.mantissa()).ok().filter(|mantissa| *mantissa < 100_000_000)?;
    let scale = Some(u32::from(decimal.scale())).filter(|scale| *scale <= 7)?;
    let len = short_decimal(value_room(window, tag)?, mantissa, scale);
    Some(tag.len.wrapping_add(len))
}

/// Eight digits, of which `scale`, at most seven, are decimals, and SOH; returns the length.
#[inline(never)]
fn short_decimal(room: &mut Value, mantissa: u32, scale: u32) -> usize {
    let digits = eight_digits(mantissa);
    // One digit in front of the point at least.
    let zeros = leading_zeros(digits).min(7u32.wrapping_sub(scale));
    let whole = 8u32.wrapping_sub(scale).wrapping_sub(zeros);
    put(room, 0, (digits >> (8 * zeros)).to_le_bytes());
    let mut end = whole;
    if scale != 0 {
        let decimals = digits >> (64u32.wrapping_sub(8 * scale));
        put(room, whole as usize, (decimals << 8 | u64::from(b'.')).to_le_bytes());
        end = end.wrapping_add(scale).wrapping_add(1);
    }
    put(room, end as usize, [SOH]);
    end.wrapping_add(1) as usize
}

/// `tag=`, a timestamp of [`UtcTimestamp::millis_text`], SOH.
#[inline(always)]
pub(super) fn timestamp(window: &mut Window, tag: TagText, moment: UtcTimestamp) -> Option<usize> {
    let written = moment.millis_text(value_room(window, tag)?);
    written.then_some(tag.len.wrapping_add(22))
}

/// Where a value stands behind its tag.
type Value = [u8; 24];

#[inline(always)]
fn value_room(window: &mut Window, tag: TagText) -> Option<&mut Value> {
    put(window, 0, tag.word.to_le_bytes());
    window.get_mut(tag.len..)?.first_chunk_mut()
}

/// Stores `bytes` from `at` on; nothing if they would not be inside.
#[inline(always)]
pub(super) fn put<const N: usize, const W: usize>(window: &mut [u8; W], at: usize, bytes: [u8; N]) {
    if let Some(room) = window.get_mut(at..).and_then(|rest| rest.first_chunk_mut()) {
        *room = bytes;
    }
}

/// Printable ASCII has this bit or the one below set, and SOH none of them.
const PLAIN: u64 = u64::MAX / 255 * 0x40;

/// True if no byte of either word is a control character. Not exact: false for some bytes above 127.
#[inline(always)]
pub(super) fn is_plain(first: u64, last: u64) -> bool {
    let [first, last] = [first, last].map(|word| word | word << 1);
    first & last & PLAIN == PLAIN
}

#[cfg(test)]
mod tests {
    use std::{vec, vec::Vec};

    use super::*;
    use crate::{
        tag::Tag,
        time::Date,
        wire::{
            value::{DayOfMonth, MultipleValue, Text, ToField},
            writer::{EncodeError, Sink, Writer},
        },
    };

    /// What is written at once is what is written in parts, whatever the room.
    fn check(value: impl ToField + Copy) {
        for tag in [1, 34, 150, 1128, 10_000, 123_456].map(Tag) {
            for size in (0..100).rev() {
                let mut buffer = vec![0xAA; size];
                let mut sink = Sink::new(&mut buffer);
                sink.parts(tag, &value);
                let parts = Writer { sink }.finish_fields().map(|len| buffer[..len].to_vec());
                let mut buffer = vec![0xAA; size];
                let mut writer = Writer::fields(&mut buffer);
                writer.field(tag, value);
                let whole: Result<Vec<u8>, EncodeError> =
                    writer.finish_fields().map(|len| buffer[..len].to_vec());
                assert_eq!(whole, parts, "{tag} in {size}");
            }
        }
    }

    #[test]
    fn texts_of_every_length_with_any_byte() {
        for len in 0..50 {
            let text: Vec<u8> = (0..len).map(|at| b'A' + at as u8 % 26).collect();
            check(&text[..]);
            for at in 0..len {
                for byte in [0, 1, 2, 0x1F, 0x7F, 0x80, 0x81, 0x9F, 0xFF] {
                    let mut text = text.clone();
                    text[at] = byte;
                    let mut buffer = [0; 100];
                    let mut writer = Writer::fields(&mut buffer);
                    writer.field(Tag(58), &text[..]);
                    let expected = [b"58=", &text[..], b"\x01"].concat();
                    let written = writer.finish_fields().map(|len| &buffer[..len]);
                    let expected = if byte == 1 { Err(EncodeError::BadValue) } else { Ok(&expected[..]) };
                    assert_eq!(written, expected, "{byte} at {at} of {len}");
                }
            }
        }
        check("text");
        check(Text::from("text"));
        check(MultipleValue::try_from("G 6").unwrap());
    }

    #[test]
    fn numbers_codes_and_times() {
        for number in [0, 1, 9, 10, 99_999_999, 100_000_000, u64::MAX, 1 << 63] {
            check(number);
            check(number as u32);
            check(number as i64);
        }
        for code in [0, 1, 0x1F, b' ', b'1', 0x80, 0xFF] {
            check(code);
        }
        for scale in 0..=18 {
            for mantissa in [0, 1, -1, 42, 109_375, 99_999_999, 100_000_000, i64::MIN] {
                check(Decimal::new(mantissa, scale));
            }
        }
        for second in [-1, 0, 1_795_000_000, 4_107_542_399, 4_107_542_400, i64::MAX] {
            check(UtcTimestamp::from_unix(second, 999_999_999));
            check(UtcTimestamp::from_unix(second, 1_000_000_000));
        }
        check(true);
        check(DayOfMonth::new(31).unwrap());
        check(Date::default());
    }
}
