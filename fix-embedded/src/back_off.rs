//! How long to wait between two attempts to connect.

use embassy_time::Duration;

use crate::config::BackOff;

/// Waits that double, and a random part of each cut off.
#[derive(Debug)]
pub struct Waits {
    rules: BackOff,
    next_millis: u32,
    random: u64,
}

impl Waits {
    /// `seed`: any number that differs from board to board and from start to start.
    pub fn new(rules: BackOff, seed: u64) -> Self {
        // Of zero the generator would make zeros only.
        Waits { rules, next_millis: rules.first_millis, random: seed | 1 }
    }

    /// The wait after a failure.
    pub fn next_wait(&mut self) -> Duration {
        let wait = self.next_millis.min(self.rules.most_millis);
        self.next_millis = wait.saturating_mul(2).min(self.rules.most_millis);
        let most_cut = u64::from(wait) * u64::from(self.rules.jitter_percent.min(100)) / 100;
        let cut = self.random().checked_rem(most_cut + 1).unwrap_or_default();
        Duration::from_millis(u64::from(wait) - cut)
    }

    /// The session was logged on: the next wait is the first again.
    pub fn reset(&mut self) {
        self.next_millis = self.rules.first_millis;
    }

    /// Marsaglia's xorshift64: good enough to part boards, and no secret depends on it.
    fn random(&mut self) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.random
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest_and_begin_again() {
        let rules = BackOff { jitter_percent: 0, ..BackOff::DEFAULT };
        let mut waits = Waits::new(rules, 0);
        let seconds = [0; 8].map(|_| waits.next_wait().as_secs());
        assert_eq!(seconds, [1, 2, 4, 8, 16, 32, 60, 60]);
        waits.reset();
        assert_eq!(waits.next_wait().as_secs(), 1);
    }

    #[test]
    fn boards_that_start_together_come_back_apart() {
        let first = |seed| Waits::new(BackOff::DEFAULT, seed).next_wait().as_millis();
        let waits: std::collections::BTreeSet<u64> = (0..40).map(|seed| first(seed * 7919)).collect();
        assert!(waits.len() > 10, "{waits:?}");
        assert!(waits.iter().all(|wait| (750..=1000).contains(wait)), "{waits:?}");
    }
}
