//! The time that a scenario runs in.

use std::time::{Duration, Instant};

use fix_core::time::{Mono, Now, UtcTimestamp};

use crate::clock::Clock;

/// When every run in virtual time begins: a Monday morning.
const VIRTUAL_START: i64 = 1_767_603_600;

/// The time of the machine, or one that passes only when everybody waits for it.
#[derive(Debug)]
pub(super) enum Time {
    Real {
        clock: Clock,
        /// Waits are so much shorter; time-outs are never shorter than they say.
        speed: f64,
    },
    Virtual(Mono),
}

impl Time {
    /// Nobody outside of this process takes part.
    pub(super) fn virtual_time() -> Self {
        Time::Virtual(Mono::from_micros(0))
    }

    pub(super) fn is_virtual(&self) -> bool {
        matches!(self, Time::Virtual(_))
    }

    pub(super) fn now(&self) -> Now {
        match self {
            Time::Real { clock, .. } => clock.now(),
            Time::Virtual(mono) => {
                let micros = mono.as_micros();
                let seconds = i64::try_from(micros / 1_000_000).unwrap_or(i64::MAX);
                let nanos = u32::try_from(micros % 1_000_000).unwrap_or_default() * 1000;
                let utc = UtcTimestamp::from_unix(VIRTUAL_START.saturating_add(seconds), nanos);
                Now { mono: *mono, utc }
            }
        }
    }

    /// Virtual time goes on to `mono`.
    pub(super) fn pass_to(&mut self, mono: Mono) {
        if let Time::Virtual(now) = self {
            *now = mono.max(*now);
        }
    }

    /// When real time reaches `mono`.
    pub(super) fn instant(&self, mono: Mono) -> Option<Instant> {
        match self {
            Time::Real { clock, .. } => Some(clock.instant(mono)),
            Time::Virtual(_) => None,
        }
    }

    /// A wait of the script.
    pub(super) fn scaled(&self, wait: Duration) -> Duration {
        match self {
            Time::Real { speed, .. } => wait.div_f64(*speed),
            Time::Virtual(_) => wait,
        }
    }

    /// A time-out of the script: whoever plays slowly waits longer, but no counterparty is faster than it is.
    pub(super) fn patience(&self, timeout: Duration) -> Duration {
        match self {
            Time::Real { speed, .. } => timeout.div_f64(speed.min(1.0)),
            Time::Virtual(_) => timeout,
        }
    }
}
