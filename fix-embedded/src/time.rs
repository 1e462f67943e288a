//! UTC from time servers: asked again and again, believed within limits, missed after a while.

use core::cell::Cell;

use embassy_time::{Duration, Instant, Timer, with_timeout};

use crate::{board::Datagram, clock::SharedClock, config::TimeRules};

mod sntp;

pub use sntp::{PACKET, Sample, request, sample};

/// How often a server is asked while the time is not known.
const FIRST: Duration = Duration::from_secs(2);
/// How many answers in a row must say the same before a large step is believed.
const IN_A_ROW: u8 = 3;

/// Since when the time is known, and how long it may be trusted.
#[derive(Debug, Default)]
pub struct Trust {
    synced: Cell<Option<Instant>>,
}

impl Trust {
    /// No server has answered yet.
    pub const fn new() -> Self {
        Trust { synced: Cell::new(None) }
    }

    /// True while a session may be up: a server answered not too long ago, or none is to be asked.
    pub fn holds(&self, rules: &TimeRules, now: Instant) -> bool {
        let holdover = Duration::from_secs(rules.holdover_seconds.into());
        rules.servers.is_empty()
            || self.synced.get().is_some_and(|synced| now.saturating_duration_since(synced) < holdover)
    }
}

/// What is done with one answer after the other.
#[derive(Debug, Default)]
pub struct Discipline {
    /// The offset of the last answer that was a step too far, and how many said the same.
    suspect: Option<(i64, u8)>,
}

impl Discipline {
    /// Takes up an answer; true if the clock was set by it.
    pub fn take(&mut self, sample: &Sample, rules: &TimeRules, clock: &SharedClock) -> bool {
        if sample.delay > Duration::from_millis(rules.max_delay_millis.into()) {
            return false;
        }
        let most = i64::from(rules.max_step_millis);
        if let Some(now) = clock.now(sample.at) {
            let step = sample.millis().saturating_sub(sntp::millis(now.utc));
            let count = match self.suspect {
                Some((other, count)) if (step - other).abs() <= most => count.saturating_add(1),
                _ => 1,
            };
            if step.abs() > most && count < IN_A_ROW {
                self.suspect = Some((step, count));
                return false;
            }
        }
        self.suspect = None;
        clock.set_utc(sample.at, sample.utc);
        true
    }
}

/// Asks the servers in turn, for ever.
pub(crate) async fn keep(
    rules: &TimeRules,
    clock: &SharedClock,
    trust: &Trust,
    servers: &mut impl Datagram,
    mut nonce: u64,
) -> ! {
    let mut discipline = Discipline::default();
    for server in rules.servers.iter().cycle() {
        // Whoever cannot see the question cannot make an answer to it.
        nonce = nonce.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(0x1405_7B7E_F767_814F);
        servers.find(server).await;
        let (question, mut answer) = (request(nonce), [0; PACKET]);
        let sent = Instant::now();
        let patience = Duration::from_millis(u64::from(rules.max_delay_millis) + 1_000);
        let count = with_timeout(patience, servers.exchange(&question, &mut answer)).await;
        let at = Instant::now();
        let bytes = count.ok().flatten().and_then(|count| answer.get(..count));
        let sample = bytes.and_then(|bytes| sample(bytes, nonce, sent, at));
        let is_set = sample.is_some_and(|sample| discipline.take(&sample, rules, clock));
        if is_set {
            trust.synced.set(Some(at));
        }
        let every = Duration::from_secs(rules.every_seconds.into());
        Timer::after(if is_set { every } else { FIRST.min(every) }).await;
    }
    core::future::pending().await
}

#[cfg(test)]
mod tests {
    use fix_core::UtcTimestamp;

    use super::*;

    const RULES: TimeRules = TimeRules::DEFAULT;

    fn sample_at(seconds: u64, utc_millis: i64, delay_millis: u64) -> Sample {
        let utc = UtcTimestamp::from_unix_millis(utc_millis);
        Sample { at: Instant::from_secs(seconds), utc, delay: Duration::from_millis(delay_millis) }
    }

    #[test]
    fn small_steps_are_taken_and_a_large_one_only_when_three_answers_agree() {
        let (clock, mut discipline) = (SharedClock::new(), Discipline::default());
        let mut take = |sample: Sample| discipline.take(&sample, &RULES, &clock);
        let base = 1_795_000_000_000;
        assert!(take(sample_at(10, base, 20)), "the first");
        assert!(take(sample_at(20, base + 10_300, 20)), "300 ms");
        assert!(!take(sample_at(30, base + 20_300, 600)), "an answer that took too long");
        assert!(!take(sample_at(40, base + 930_300, 20)), "15 minutes, once");
        assert!(!take(sample_at(50, base + 40_300 + 5_000, 20)), "another step");
        assert!(take(sample_at(60, base + 50_400, 20)), "a good one between");
        let lie =
            |seconds: u64| sample_at(seconds, base + 50_400 + (seconds as i64 - 60) * 1000 + 900_000, 20);
        assert_eq!([70, 80, 90].map(|at| take(lie(at))), [false, false, true]);
        let now = clock.now(Instant::from_secs(90)).unwrap();
        assert_eq!(sntp::millis(now.utc), base + 50_400 + 30_000 + 900_000);
    }
}
