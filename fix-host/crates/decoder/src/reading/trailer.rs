//! The end of a message, `10=nnn`, and what is wrong with a message.

use fix_core::{
    tag,
    wire::{SOH, check_sum, field::DataPair, frame::GarbledReason},
};

use super::pieces::{Flaw, Piece, Pieces};
use super::{
    begin::BEGIN,
    head::{MAX_HEAD, is_head},
};

/// Digits of a CheckSum(10).
const DIGITS: usize = 3;
/// What a CheckSum(10) may have instead of three digits, and still be taken for one.
pub(super) const MAX_VALUE: usize = 8;
const TAG: &[u8] = b"10=";

/// Whether a body ends at `body_end` and CheckSum(10) follows; if so, whether it is right.
pub(super) fn check(message: &[u8], body_end: usize) -> Option<bool> {
    let (summed, trailer) = message.split_at_checked(body_end)?;
    let digits = trailer.strip_prefix(TAG)?.first_chunk::<DIGITS>()?;
    if summed.last() != Some(&SOH) || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some(*digits == check_sum::digits(check_sum::check_sum(summed)))
}

/// Where a CheckSum(10) that begins at `at` ends, a SOH behind it included: three digits are the value whatever
/// stands behind them. `None` if more of the text could move the end.
pub(super) fn end(message: &[u8], at: usize, last: bool) -> Option<usize> {
    let value_at = at + TAG.len();
    let value = message.get(value_at..).unwrap_or_default();
    let digits = value.iter().take(DIGITS).take_while(|byte| byte.is_ascii_digit()).count();
    if digits == DIGITS {
        let third = &value[DIGITS - 1..];
        let may_begin = third.starts_with(BEGIN) || BEGIN.starts_with(third);
        if may_begin && third.len() < MAX_HEAD && !last {
            return None;
        }
        if is_head(third) {
            // `10=108=FIX.4.4|9=`: the third digit is the next message's.
            return Some(value_at + DIGITS - 1);
        }
        return match value.get(DIGITS) {
            Some(byte) => Some(value_at + DIGITS + usize::from(*byte == SOH)),
            None => last.then_some(value_at + DIGITS),
        };
    }
    let near = value.get(..=MAX_VALUE).unwrap_or(value);
    match near.iter().position(|byte| matches!(*byte, SOH | b'\n')) {
        Some(len) => Some(value_at + len + usize::from(near[len] == SOH)),
        // Another message may begin within these bytes.
        None if value.len() <= MAX_VALUE + MAX_HEAD && !last => None,
        // Text that has nothing to do with it: only the digits are the value.
        None if value.len() > MAX_VALUE => Some(value_at + digits),
        None => Some(message.len()),
    }
}

/// What is wrong with a message, in the order in which a reader finds out. `head_len`: the bytes of `8=..|9=..|`;
/// `body_length`: what BodyLength(9) says.
pub(super) fn problem(
    message: &[u8],
    head_len: usize,
    body_length: Option<usize>,
    pairs: &'static [DataPair],
) -> Option<String> {
    let Some(body_length) = body_length else {
        let is_one_field = memchr::memchr(SOH, message).is_none_or(|at| at + 1 == message.len());
        return Some(if is_one_field {
            "cut off, or no separator stands between its fields".into()
        } else {
            GarbledReason::NoBodyLength.to_string()
        });
    };
    let Some(trailer) = Pieces::new(message, pairs).find(|piece| piece.raw.starts_with(TAG)) else {
        let there = message.len().saturating_sub(head_len);
        return Some(format!(
            "cut off: no {}; {} is {body_length}, {there} bytes follow",
            tag::CHECK_SUM,
            tag::BODY_LENGTH
        ));
    };
    let counted = trailer.at.saturating_sub(head_len);
    if counted != body_length {
        return Some(format!("{} is {body_length}, counted {counted}", tag::BODY_LENGTH));
    }
    let computed = check_sum::check_sum(&message[..trailer.at]);
    if trailer.value != check_sum::digits(computed) {
        let given = trailer.value.escape_ascii();
        return Some(format!("{} is {given}, computed {computed:03}", tag::CHECK_SUM));
    }
    if !message.get(head_len..).is_some_and(|body| body.starts_with(b"35=")) {
        return Some(GarbledReason::NoMsgType.to_string());
    }
    problem_of_fields(message, pairs)
}

/// What is wrong with the first field of a message that is malformed.
#[must_use]
pub fn problem_of_fields(message: &[u8], pairs: &'static [DataPair]) -> Option<String> {
    let Piece { at, tag, value, flaw, .. } =
        Pieces::new(message, pairs).find(|piece| piece.flaw.is_some())?;
    let place = at + 1;
    Some(match (tag, flaw?) {
        (Some(tag), Flaw::NoValue) => format!("{tag} has no value (at byte {place})"),
        (Some(tag), flaw @ Flaw::Length { .. }) => {
            let length = value.escape_ascii();
            format!("{tag} is {length}: {flaw} (at byte {place})")
        }
        (_, flaw) => format!("a field is {flaw} (at byte {place})"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_digits_are_the_value_whatever_follows() {
        for (text, len) in
            [("10=163\u{1}", 7), ("10=163\"", 6), ("10=1634", 6), ("10=7\u{1}", 5), ("10=7\nx", 4)]
        {
            assert_eq!(end(text.as_bytes(), 0, false), Some(len), "{text:?}");
        }
        let text = [b"10=7, more text".as_slice(), &[b'.'; MAX_HEAD]].concat();
        assert_eq!(end(&text, 0, false), Some(4));
        for text in ["10=16", "10=163", "10="] {
            assert_eq!(
                (end(text.as_bytes(), 0, false), end(text.as_bytes(), 0, true)),
                (None, Some(text.len()))
            );
        }
    }
}
