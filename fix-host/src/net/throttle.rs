//! Keeps whoever connects in a loop from filling the log.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Lines that are let through in a second.
const LINES: u32 = 20;
const SECOND: Duration = Duration::from_secs(1);

/// Lets some lines a second through, and counts the others.
pub(super) struct Throttle(Mutex<State>);

struct State {
    /// When the present second began.
    since: Instant,
    lines: u32,
    held_back: u64,
}

impl Throttle {
    pub(super) fn new(now: Instant) -> Self {
        Throttle(Mutex::new(State { since: now, lines: 0, held_back: 0 }))
    }

    /// `None`: the line is not to be written. Else how many were not since the last one that was.
    pub(super) fn pass(&self, now: Instant) -> Option<u64> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if now.saturating_duration_since(state.since) >= SECOND {
            (state.since, state.lines) = (now, 0);
        }
        if state.lines == LINES {
            state.held_back += 1;
            return None;
        }
        state.lines += 1;
        Some(std::mem::take(&mut state.held_back))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_counted_and_told_with_the_next_line() {
        let start = Instant::now();
        let throttle = Throttle::new(start);
        assert!((0..LINES).all(|_| throttle.pass(start) == Some(0)));
        assert!((0..500).all(|_| throttle.pass(start + SECOND / 2).is_none()));
        assert_eq!(throttle.pass(start + SECOND), Some(500));
        assert_eq!(throttle.pass(start + SECOND), Some(0));
    }
}
