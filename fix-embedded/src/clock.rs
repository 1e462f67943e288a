//! The board's clocks: embassy's monotonic time, and UTC once somebody has told it.

use core::cell::Cell;

use embassy_time::Instant;
use fix_core::time::{Mono, Now, UtcTimestamp};

/// A clock that knows UTC as an offset to the monotonic time.
///
/// SendingTime(52) is checked by every counterparty, so a board needs UTC before it logs on: from SNTP, a GPS
/// receiver, or an RTC. Until [`set_utc`](Self::set_utc) is called, [`now`](Self::now) gives `None`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Clock {
    /// Nanoseconds since 1970 at the origin of the monotonic clock.
    origin: Option<i128>,
}

impl Clock {
    /// Tells what UTC is at `at`.
    pub fn set_utc(&mut self, at: Instant, utc: UtcTimestamp) {
        let nanos = i128::from(utc.unix_seconds()) * 1_000_000_000 + i128::from(utc.subsec_nanos());
        self.origin = Some(nanos - i128::from(at.as_micros()) * 1000);
    }

    /// Both clocks at `at`; `None` while UTC is unknown.
    pub fn now(&self, at: Instant) -> Option<Now> {
        let nanos = self.origin? + i128::from(at.as_micros()) * 1000;
        let seconds = i64::try_from(nanos.div_euclid(1_000_000_000)).ok()?;
        let subsec = u32::try_from(nanos.rem_euclid(1_000_000_000)).ok()?;
        Some(Now { mono: Mono::from_micros(at.as_micros()), utc: UtcTimestamp::from_unix(seconds, subsec) })
    }
}

/// Tells both clocks.
pub trait UtcClock {
    /// Both clocks at `at`; `None` while UTC is unknown.
    fn now(&self, at: Instant) -> Option<Now>;
}

impl UtcClock for Clock {
    fn now(&self, at: Instant) -> Option<Now> {
        Clock::now(self, at)
    }
}

impl UtcClock for SharedClock {
    fn now(&self, at: Instant) -> Option<Now> {
        SharedClock::now(self, at)
    }
}

/// A [`Clock`] that whoever learns the time sets, and the session reads. For one executor: it is not `Sync`.
#[derive(Debug, Default)]
pub struct SharedClock(Cell<Clock>);

impl SharedClock {
    /// A clock that does not know UTC yet.
    pub const fn new() -> Self {
        SharedClock(Cell::new(Clock { origin: None }))
    }

    /// Tells what UTC is at `at`.
    pub fn set_utc(&self, at: Instant, utc: UtcTimestamp) {
        let mut clock = self.0.get();
        clock.set_utc(at, utc);
        self.0.set(clock);
    }

    /// Both clocks at `at`; `None` while UTC is unknown.
    pub fn now(&self, at: Instant) -> Option<Now> {
        self.0.get().now(at)
    }
}

/// The embassy instant of a point on the core's monotonic clock.
pub fn instant(mono: Mono) -> Instant {
    Instant::from_micros(mono.as_micros())
}

/// Both clocks at `at`; UTC is 1970 while it is not known.
pub(crate) fn now_or_epoch(clock: &SharedClock, at: Instant) -> Now {
    let unknown = Now { mono: Mono::from_micros(at.as_micros()), utc: UtcTimestamp::UNIX_EPOCH };
    clock.now(at).unwrap_or(unknown)
}
