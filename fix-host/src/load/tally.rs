//! What is counted while a load runs.

use std::collections::BTreeMap;

use fix_core::session::state::CloseReason;
use hdrhistogram::Histogram;

use super::mix::Kind;

/// The longest latency that is told apart, in nanoseconds: an hour.
const LONGEST: u64 = 3_600_000_000_000;
/// Decimal digits of a latency that are exact.
const DIGITS: u8 = 3;
/// Different reasons of rejections that are kept; others are counted together.
const MOST_REASONS: usize = 20;
/// Characters of a reason that are kept.
const REASON: usize = 200;
/// Seconds of which the course is kept: a day.
const MOST_SECONDS: u64 = 86_400;

const NANOS: u64 = 1_000_000_000;

/// Counts and latencies of all sessions. Times are nanoseconds after the start.
pub struct Tally {
    /// Requests sent, by kind.
    pub sent: [u64; 3],
    /// Those that the venue took.
    pub acked: [u64; 3],
    /// Those that it refused, or could not read.
    pub rejected: [u64; 3],
    /// Orders filled.
    pub filled: u64,
    /// Orders cancelled, asked for or not.
    pub canceled: u64,
    /// Orders that ended otherwise.
    pub expired: u64,
    /// Requests that could not be sent for a reason of our own.
    pub failed: u64,
    /// Why the venue refused, and how often.
    pub reasons: BTreeMap<String, u64>,
    /// The first sessions that were logged out or disconnected before the end, and why.
    pub lost: Vec<String>,
    /// From the intended moment to the acknowledgement, by kind.
    pub ack: [Histogram<u64>; 3],
    /// From the intended moment to the fill, of MARKET orders.
    pub fill: Histogram<u64>,
    /// From the intended moment to the moment of sending: what this program adds.
    pub late: Histogram<u64>,
    /// The acknowledgements of the second that is under way.
    current: Histogram<u64>,
    current_sent: u64,
    second: u64,
    /// The seconds that are over.
    pub course: Vec<Second>,
}

/// What happened in one second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Second {
    /// Requests sent.
    pub sent: u64,
    /// Acknowledgements received, of all kinds.
    pub acked: u64,
    /// Half of their latencies were shorter.
    pub p50: u64,
    /// 99 of 100 were shorter.
    pub p99: u64,
    /// The longest.
    pub max: u64,
}

impl Tally {
    /// Nothing yet.
    ///
    /// # Panics
    /// Never: the bounds of the histograms are good.
    #[must_use]
    pub fn new() -> Self {
        let histogram = || {
            Histogram::new_with_bounds(1, LONGEST, DIGITS).expect("an hour in nanoseconds to three digits")
        };
        Tally {
            sent: [0; 3],
            acked: [0; 3],
            rejected: [0; 3],
            filled: 0,
            canceled: 0,
            expired: 0,
            failed: 0,
            reasons: BTreeMap::new(),
            lost: Vec::new(),
            ack: [histogram(), histogram(), histogram()],
            fill: histogram(),
            late: histogram(),
            current: histogram(),
            current_sent: 0,
            second: 0,
            course: Vec::new(),
        }
    }

    /// A request was sent.
    pub fn sent(&mut self, kind: Kind, intended: u64, now: u64) {
        self.roll(now);
        self.sent[kind as usize] += 1;
        self.current_sent += 1;
        self.late.saturating_record(now.saturating_sub(intended));
    }

    /// The venue took a request.
    pub fn acked(&mut self, kind: Kind, intended: u64, now: u64) {
        self.roll(now);
        self.acked[kind as usize] += 1;
        let latency = now.saturating_sub(intended);
        self.ack[kind as usize].saturating_record(latency);
        self.current.saturating_record(latency);
    }

    /// An order was filled; `intended` is `None` for one that rested, which says nothing of the venue's speed.
    pub fn filled(&mut self, intended: Option<u64>, now: u64) {
        self.filled += 1;
        if let Some(intended) = intended {
            self.fill.saturating_record(now.saturating_sub(intended));
        }
    }

    /// The venue refused a request, with what it said of it. The text is the counterparty's: what could steer a
    /// terminal is taken out.
    pub fn rejected(&mut self, kind: Kind, text: &[u8]) {
        self.rejected[kind as usize] += 1;
        let text = String::from_utf8_lossy(text);
        let shown = text.chars().take(REASON).map(|char| if char.is_control() { '\u{fffd}' } else { char });
        let mut shown: String = shown.collect();
        if shown.is_empty() {
            "no reason given".clone_into(&mut shown);
        }
        if !self.reasons.contains_key(&shown) && self.reasons.len() >= MOST_REASONS {
            "other reasons".clone_into(&mut shown);
        }
        *self.reasons.entry(shown).or_default() += 1;
    }

    /// A session, by its number from 0, ended before the run did; `text` is what the venue's Logout said.
    pub fn lost(&mut self, session: u64, reason: &CloseReason, text: Option<String>) {
        if self.lost.len() < MOST_REASONS {
            let text = text.map(|text| format!(": \"{text}\"")).unwrap_or_default();
            self.lost.push(format!("session {}: {reason}{text}", session + 1));
        }
    }

    /// All requests sent.
    #[must_use]
    pub fn all_sent(&self) -> u64 {
        self.sent.iter().sum()
    }

    /// All acknowledgements.
    #[must_use]
    pub fn all_acked(&self) -> u64 {
        self.acked.iter().sum()
    }

    /// Brings the course up to this moment; what was counted in the second under way is its last entry if `is_end`.
    pub fn roll_to(&mut self, now: u64, is_end: bool) {
        self.roll(now);
        if is_end && (self.current_sent > 0 || !self.current.is_empty()) {
            self.close_second();
        }
    }

    fn roll(&mut self, now: u64) {
        while self.second < (now / NANOS).min(MOST_SECONDS) {
            self.close_second();
        }
    }

    fn close_second(&mut self) {
        let current = &self.current;
        self.course.push(Second {
            sent: self.current_sent,
            acked: current.len(),
            p50: current.value_at_quantile(0.5),
            p99: current.value_at_quantile(0.99),
            max: current.max(),
        });
        self.current.reset();
        self.current_sent = 0;
        self.second += 1;
    }
}

impl Default for Tally {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latencies_stand_in_the_second_of_their_answer() {
        let mut tally = Tally::new();
        tally.sent(Kind::New, 0, 100);
        tally.acked(Kind::New, 0, 1_000);
        tally.sent(Kind::New, 500_000_000, 500_000_000);
        tally.acked(Kind::New, 500_000_000, 3 * NANOS + 7);
        tally.roll_to(3 * NANOS + 8, true);
        let [first, second, third, fourth] = tally.course[..] else { panic!("{:?}", tally.course) };
        assert_eq!((first.sent, first.acked, first.max), (2, 1, 1_000));
        assert_eq!((second.sent, second.acked, second.max, third), (0, 0, 0, second));
        assert!(fourth.acked == 1 && fourth.max >= 2_500_000_000, "{fourth:?}");
        assert_eq!((tally.late.max(), tally.late.len()), (100, 2));
    }

    #[test]
    fn reasons_are_bounded_and_cannot_steer_a_terminal() {
        let mut tally = Tally::new();
        tally.rejected(Kind::New, b"\x1b[2Jgone");
        tally.rejected(Kind::Cancel, b"");
        for number in 0..100 {
            tally.rejected(Kind::Replace, format!("order {number}").as_bytes());
        }
        assert_eq!(tally.reasons.get("\u{fffd}[2Jgone"), Some(&1));
        assert_eq!(tally.reasons.get("no reason given"), Some(&1));
        assert_eq!(tally.reasons.get("other reasons"), Some(&82));
        assert_eq!(tally.rejected, [1, 1, 100]);
    }
}
