//! Messages of a counterparty that a test writes by hand.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its own part of this")]

use fix_core::time::{Precision, UTC_TIMESTAMP_LEN};
use fix_host::clock::utc_now;

/// The message with these fields, from MsgType(35) on.
pub fn frame(fields: &str) -> Vec<u8> {
    let text = format!("8=FIX.4.4\x019={}\x01{fields}", fields.len());
    let sum = text.bytes().fold(0u8, u8::wrapping_add);
    format!("{text}10={sum:03}\x01").into_bytes()
}

/// SendingTime(52), now.
pub fn sending_time() -> String {
    let mut text = [0; UTC_TIMESTAMP_LEN];
    let len = utc_now().with_precision(Precision::Millis).format(&mut text);
    String::from_utf8_lossy(&text[..len]).into_owned()
}
