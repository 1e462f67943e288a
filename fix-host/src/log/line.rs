//! The form of a log line.

use std::io::Write;

use fix_core::time::{Precision, UTC_TIMESTAMP_LEN, UtcTimestamp};

use super::glance::is_harmless;

/// MsgType(35), the third field of every message; `None` of bytes that are none.
pub(crate) fn msg_type(message: &[u8]) -> Option<&[u8]> {
    let end = |bytes: &[u8]| bytes.iter().position(|byte| *byte == 0x01);
    // BodyLength(9) has one digit at least, and seldom more than four: a plain search is the fastest.
    let digits = message.strip_prefix(b"8=FIX.4.4\x019=")?.get(1..)?;
    let third = digits.get(end(digits)? + 1..)?.strip_prefix(b"35=")?;
    match *third {
        [_, 0x01, ..] => third.get(..1),
        _ => third.get(..end(third)?),
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
    fn control_characters_are_escaped_from_a_place_on() {
        let mut out = b"a\n58=x\n\x1b[2J\x01\x7f".to_vec();
        escape_from(&mut out, 2, true);
        assert_eq!(out, b"a\n58=x\\x0A\\x1B[2J\x01\\x7F");
        escape_from(&mut out, 2, false);
        assert_eq!(out, b"a\n58=x\\x0A\\x1B[2J\\x01\\x7F");
    }
}
