//! The packets of SNTP (RFC 4330, RFC 5905).

use embassy_time::{Duration, Instant};
use fix_core::UtcTimestamp;

/// Bytes of a packet.
pub const PACKET: usize = 48;
/// Leap indicator 0, version 4, mode 3 (client).
const QUESTION: u8 = 0x23;
/// From 1900 to 1970, in seconds.
const TO_UNIX: i64 = 2_208_988_800;
/// Seconds of NTP that are less belong to the era that begins in 2036.
const ERA_0_FROM: u32 = 0xE000_0000;

/// What a server said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// When its answer came.
    pub at: Instant,
    /// UTC then, if both ways took the same time.
    pub utc: UtcTimestamp,
    /// How long the two ways took together: UTC is off by half of it at most.
    pub delay: Duration,
}

impl Sample {
    pub(super) fn millis(&self) -> i64 {
        millis(self.utc)
    }
}

pub(super) fn millis(utc: UtcTimestamp) -> i64 {
    utc.unix_seconds().saturating_mul(1000).saturating_add(i64::from(utc.subsec_nanos() / 1_000_000))
}

/// The question. `nonce` stands where the client's time would: it tells the answer to this question from others.
pub fn request(nonce: u64) -> [u8; PACKET] {
    let mut packet = [0; PACKET];
    packet[0] = QUESTION;
    if let Some(time) = packet.last_chunk_mut() {
        *time = nonce.to_be_bytes();
    }
    packet
}

/// Reads the answer to the question with `nonce`; `None` if it is none, or the server does not know the time itself.
pub fn sample(answer: &[u8], nonce: u64, sent: Instant, at: Instant) -> Option<Sample> {
    let packet: &[u8; PACKET] = answer.first_chunk()?;
    let [head, stratum, ..] = *packet;
    let time = |offset: usize| packet.get(offset..)?.first_chunk().map(|bytes| u64::from_be_bytes(*bytes));
    let (originate, receive, transmit) = (time(24)?, time(32)?, time(40)?);
    // Mode 4 is a server's; leap indicator 3 and stratum 0 say that it has no time.
    let is_good = head & 7 == 4 && head >> 6 != 3 && (1..16).contains(&stratum);
    if !is_good || originate != nonce || transmit == 0 {
        return None;
    }
    // Both are fractions of 2^-32 of a second: their difference is right across eras.
    let held = Duration::from_micros(transmit.wrapping_sub(receive).wrapping_mul(15_625) >> 26);
    let held = if transmit.wrapping_sub(receive) >> 40 == 0 { held } else { return None };
    let delay = at.saturating_duration_since(sent).checked_sub(held).unwrap_or(Duration::from_ticks(0));
    let seconds = (transmit >> 32) as u32;
    let era = if seconds < ERA_0_FROM { 1_i64 << 32 } else { 0 };
    let nanos = ((transmit & 0xFFFF_FFFF) * 1_000_000_000) >> 32;
    let nanos = nanos + delay.as_micros() * 500;
    let unix = i64::from(seconds) + era - TO_UNIX + i64::try_from(nanos / 1_000_000_000).ok()?;
    let utc = UtcTimestamp::from_unix(unix, u32::try_from(nanos % 1_000_000_000).ok()?);
    Some(Sample { at, utc, delay })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(nonce: u64, seconds: u32, fraction: u32) -> [u8; PACKET] {
        let mut packet = [0; PACKET];
        packet[0] = 0x24;
        packet[1] = 2;
        packet[24..32].copy_from_slice(&nonce.to_be_bytes());
        for at in [32, 40] {
            packet[at..at + 4].copy_from_slice(&seconds.to_be_bytes());
            packet[at + 4..at + 8].copy_from_slice(&fraction.to_be_bytes());
        }
        packet
    }

    #[test]
    fn an_answer_is_read_and_half_the_way_added() {
        let (sent, at) = (Instant::from_millis(1000), Instant::from_millis(1200));
        let sample = sample(&answer(7, 3_989_000_000, 0x8000_0000), 7, sent, at).unwrap();
        assert_eq!(millis(sample.utc), (3_989_000_000 - TO_UNIX) * 1000 + 600);
        assert_eq!(sample.delay, Duration::from_millis(200));
        let after_2036 = super::sample(&answer(7, 100, 0), 7, at, at).unwrap();
        assert_eq!(after_2036.utc.unix_seconds(), (1 << 32) + 100 - TO_UNIX);
    }

    #[test]
    fn what_is_no_answer_to_the_question_is_none() {
        let at = Instant::from_millis(0);
        let good = answer(7, 3_989_000_000, 0);
        assert!(sample(&good, 8, at, at).is_none(), "another question's");
        assert!(sample(&good[..47], 7, at, at).is_none(), "short");
        for (index, value) in [(0, 0x23), (0, 0xE4), (1, 0), (1, 16)] {
            let mut bad = good;
            bad[index] = value;
            assert!(sample(&bad, 7, at, at).is_none(), "{index} {value}");
        }
    }
}
