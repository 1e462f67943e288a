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
    /// UTC at the origin of the monotonic clock.
    origin: Option<Origin>,
}

/// Whole seconds since 1970, and nanoseconds of the next one: in 64 bits, of which a board divides only once.
#[derive(Clone, Copy, Debug)]
struct Origin {
    seconds: i64,
    nanos: u32,
}

const NANOS: u32 = 1_000_000_000;

/// The monotonic time at `at`, as whole seconds and nanoseconds.
fn parts(at: Instant) -> (i64, u32) {
    let micros = at.as_micros();
    // Both fit: a 64-bit number of microseconds has less than 2^45 seconds.
    ((micros / 1_000_000) as i64, (micros % 1_000_000) as u32 * 1_000)
}

impl Clock {
    /// Tells what UTC is at `at`.
    pub fn set_utc(&mut self, at: Instant, utc: UtcTimestamp) {
        let (seconds, nanos) = parts(at);
        let begun = utc.unix_seconds().saturating_sub(seconds);
        self.origin = Some(match utc.subsec_nanos().checked_sub(nanos) {
            Some(nanos) => Origin { seconds: begun, nanos },
            // A second is borrowed.
            None => Origin { seconds: begun.saturating_sub(1), nanos: utc.subsec_nanos() + NANOS - nanos },
        });
    }

    /// Both clocks at `at`; `None` while UTC is unknown.
    pub fn now(&self, at: Instant) -> Option<Now> {
        let origin = self.origin?;
        let (seconds, nanos) = parts(at);
        // Less than three seconds: those of an origin within a leap second are less than two.
        let nanos = origin.nanos + nanos;
        let seconds = origin.seconds.checked_add(seconds)?.checked_add(i64::from(nanos / NANOS))?;
        let utc = UtcTimestamp::from_unix(seconds, nanos % NANOS);
        Some(Now { mono: Mono::from_micros(at.as_micros()), utc })
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
    // Asked in many places: compiled once.
    #[inline(never)]
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utc_goes_on_from_what_was_said_over_any_second_and_from_within_a_leap_second() {
        for (seconds, nanos) in
            [(1_795_946_400, 0), (1_795_946_400, 999_999_999), (1_483_228_799, 1_500_000_000), (-7, 3)]
        {
            for at in [0, 1, 999_999, 1_000_000, 86_400_000_001, u64::MAX / 4] {
                let mut clock = Clock::default();
                clock.set_utc(Instant::from_micros(at), UtcTimestamp::from_unix(seconds, nanos));
                for later in [0, 1, 499_999, 999_999, 1_000_000, 5_000_000_123] {
                    let now = clock.now(Instant::from_micros(at + later)).unwrap();
                    let whole = |utc: UtcTimestamp| {
                        i128::from(utc.unix_seconds()) * 1_000_000_000 + i128::from(utc.subsec_nanos())
                    };
                    let expected = whole(UtcTimestamp::from_unix(seconds, nanos)) + i128::from(later) * 1_000;
                    assert_eq!((whole(now.utc), now.mono.as_micros()), (expected, at + later));
                    assert!(now.utc.subsec_nanos() < NANOS);
                }
            }
        }
        assert!(Clock::default().now(Instant::from_micros(5)).is_none());
    }
}
