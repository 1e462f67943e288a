//! The form of a log line.

use std::io::Write;

use fix_core::time::{Precision, UTC_TIMESTAMP_LEN, UtcTimestamp};

use super::glance::is_harmless;

/// MsgType(35), the third field of every message; `None` of bytes that are none.
pub(crate) fn msg_type(message: &[u8]) -> Option<&[u8]> {
    split_msg_type(message).map(|(msg_type, _)| msg_type)
}

/// True for prices of a market, which are of their moment: MarketDataSnapshotFullRefresh(W), MarketDataIncrementalRefresh(X).
pub(crate) fn are_prices(message: &[u8]) -> bool {
    matches!(msg_type(message), Some(b"W" | b"X"))
}

/// What [`msg_type`] says, and what follows behind it.
pub(super) fn split_msg_type(message: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = |bytes: &[u8]| bytes.iter().position(|byte| *byte == 0x01);
    // BodyLength(9) seldom has more than four digits: a plain search is the fastest. Anything but digits may be a field
    // that stands where the length is missing.
    let (head, length) = message.split_first_chunk()?;
    if *head != *b"8=FIX.4.4\x019=" {
        return None;
    }
    let digits = length.iter().position(|byte| !byte.is_ascii_digit()).filter(|digits| *digits > 0)?;
    let third = length.get(digits..)?.strip_prefix(b"\x0135=")?;
    match *third {
        [_, 0x01, ..] => third.split_at_checked(1),
        _ => third.split_at_checked(end(third)?),
    }
}

/// What the lines of one second begin with, so that only its fraction is written anew.
#[derive(Debug, Default)]
pub(super) struct Stamp {
    second: Option<i64>,
    text: Vec<u8>,
}

impl Stamp {
    /// As [`push_time`].
    pub(super) fn push(&mut self, out: &mut Vec<u8>, time: UtcTimestamp, fraction: bool) {
        // A leap second is not the second that it comes with.
        if time.subsec_nanos() >= 1_000_000_000 {
            return push_time(out, time, fraction);
        }
        let second = Some(time.unix_seconds());
        if self.second != second {
            self.text.clear();
            push_time(&mut self.text, time, false);
            self.second = second;
        }
        out.extend_from_slice(&self.text);
        if fraction {
            let nanos = time.subsec_nanos();
            let mut digits = *b".000000000";
            for (three, part) in
                digits[1..].chunks_exact_mut(3).zip([nanos / 1_000_000, nanos / 1000 % 1000, nanos % 1000])
            {
                for (digit, value) in three.iter_mut().zip([part / 100, part / 10 % 10, part % 10]) {
                    *digit = b'0' + value as u8;
                }
            }
            out.extend_from_slice(&digits);
        }
    }
}

/// Adds `YYYYMMDD-HH:MM:SS.nnnnnnnnn`, or without the fraction.
pub(super) fn push_time(out: &mut Vec<u8>, time: UtcTimestamp, fraction: bool) {
    let mut text = [0; UTC_TIMESTAMP_LEN];
    let precision = if fraction { Precision::Nanos } else { Precision::Seconds };
    let length = time.with_precision(precision).format(&mut text);
    out.extend_from_slice(&text[..length]);
}

/// Replaces control characters from `start` on, so that no text of a counterparty can begin a line of its own
/// or move a terminal's cursor. In a message SOH stays, as QuickFIX's tools expect.
pub(crate) fn escape_from(out: &mut Vec<u8>, start: usize, keep_soh: bool) {
    let harmless = |byte: u8| !byte.is_ascii_control() || (keep_soh && byte == 0x01);
    if is_harmless(&out[start..], keep_soh) {
        return;
    }
    let raw = out.split_off(start);
    for byte in raw {
        if harmless(byte) {
            out.push(byte);
        } else {
            // Writing to a Vec cannot fail.
            let _ = write!(out, "\\x{byte:02X}");
        }
    }
}

/// Replaces every SOH from `start` on by `|`, for people's eyes.
pub(super) fn soh_to_bar_from(out: &mut [u8], start: usize) {
    for byte in out.iter_mut().skip(start).filter(|byte| **byte == 0x01) {
        *byte = b'|';
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_quickfix_s() {
        let time = UtcTimestamp::from_unix(0, 123_456_789);
        let mut out = Vec::new();
        push_time(&mut out, time, true);
        out.push(b' ');
        push_time(&mut out, time, false);
        assert_eq!(out, b"19700101-00:00:00.123456789 19700101-00:00:00");
    }

    #[test]
    fn a_stamp_is_the_time() {
        let mut stamp = Stamp::default();
        for (seconds, nanos) in [
            (0, 0),
            (0, 999_999_999),
            (0, 5),
            (1_790_000_000, 120),
            (1, 1_000_000),
            (0, 7),
            (0, 1_500_000_000),
            (0, 8),
        ] {
            let time = UtcTimestamp::from_unix(seconds, nanos);
            for fraction in [true, false] {
                let (mut quick, mut slow) = (Vec::new(), Vec::new());
                stamp.push(&mut quick, time, fraction);
                push_time(&mut slow, time, fraction);
                assert_eq!(quick, slow);
            }
        }
    }

    #[test]
    fn control_characters_are_escaped_from_a_place_on() {
        let mut out = b"a\n58=x\n\x1b[2J\x01\x7f".to_vec();
        escape_from(&mut out, 2, true);
        assert_eq!(out, b"a\n58=x\\x0A\\x1B[2J\x01\\x7F");
        escape_from(&mut out, 2, false);
        assert_eq!(out, b"a\n58=x\\x0A\\x1B[2J\\x01\\x7F");
    }
}
