//! Numbers as the recording has them, and moments.

use super::tape::Tape;
use crate::time::{Mono, Now, Precision, UtcTimestamp};

/// A number: 7 bits a byte, low ones first; the high bit says that more follow.
pub(super) fn put_number(tape: &impl Tape, number: u64) {
    let (mut bytes, mut len, mut rest) = ([0u8; 10], 0usize, number);
    for byte in &mut bytes {
        let [low, ..] = rest.to_le_bytes();
        rest >>= 7;
        *byte = if rest > 0 { low | 0x80 } else { low & 0x7F };
        len = len.saturating_add(1);
        if rest == 0 {
            break;
        }
    }
    tape.put(bytes.get(..len).unwrap_or_default());
}

/// Bytes with their length in front.
pub(super) fn put_bytes(tape: &impl Tape, bytes: &[u8]) {
    put_number(tape, bytes.len() as u64);
    tape.put(bytes);
}

/// A number that may not be there: one more than it, or 0.
pub(super) fn put_optional(tape: &impl Tape, number: Option<u64>) {
    put_number(tape, number.map_or(0, |number| number.saturating_add(1)));
}

/// A whole number of either sign: twice as large, odd if it was negative.
pub(super) const fn folded(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)) as u64
}

pub(super) const fn unfolded(number: u64) -> i64 {
    (number >> 1) as i64 ^ -((number & 1) as i64)
}

/// A moment as the recording has it: how far either clock went since the last one, and the digits of UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Moved {
    /// Microseconds of the monotonic clock.
    pub(super) mono: u64,
    /// Four times the folded nanoseconds of UTC, and the precision.
    pub(super) utc: u64,
}

/// The nanoseconds since 1970, as far as 64 bits hold them: to the year 2262.
pub(super) fn nanos(utc: UtcTimestamp) -> i64 {
    utc.unix_seconds().saturating_mul(1_000_000_000).saturating_add(utc.subsec_nanos().into())
}

/// A moment before all others.
pub(super) const ORIGIN: Now = Now { mono: Mono::from_micros(0), utc: UtcTimestamp::UNIX_EPOCH };

impl Moved {
    /// From `last` to `now`.
    pub(super) fn between(last: Now, now: Now) -> Self {
        let mono = now.mono.as_micros().wrapping_sub(last.mono.as_micros());
        let passed = nanos(now.utc).saturating_sub(nanos(last.utc));
        let precision = match now.utc.precision() {
            Precision::Seconds => 0,
            Precision::Millis => 1,
            Precision::Micros => 2,
            Precision::Nanos => 3,
        };
        Moved { mono: folded(mono as i64), utc: folded(passed) << 2 | precision }
    }

    /// The moment that is so far from `last`.
    pub(super) fn after(self, last: Now) -> Now {
        let mono = last.mono.as_micros().wrapping_add(unfolded(self.mono) as u64);
        // The two bits that the precision takes are those that 584 years would need.
        let utc = nanos(last.utc).saturating_add(unfolded(self.utc >> 2));
        let precision = match self.utc & 3 {
            0 => Precision::Seconds,
            1 => Precision::Millis,
            2 => Precision::Micros,
            _ => Precision::Nanos,
        };
        Now { mono: Mono::from_micros(mono), utc: moment(utc).with_precision(precision) }
    }
}

/// The moment of so many nanoseconds since 1970.
pub(super) fn moment(nanos: i64) -> UtcTimestamp {
    let subsec = nanos.rem_euclid(1_000_000_000);
    UtcTimestamp::from_unix(nanos.div_euclid(1_000_000_000), subsec as u32)
}
