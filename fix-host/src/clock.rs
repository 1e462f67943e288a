//! The host's clocks, read in one place.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use fix_core::time::{Mono, Now, UtcTimestamp};

/// Reads the monotonic clock and UTC. Copies share one origin, so their times compare.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    origin: Instant,
}

impl Default for Clock {
    fn default() -> Self {
        Clock { origin: Instant::now() }
    }
}

impl Clock {
    /// The time now, on both clocks.
    pub fn now(&self) -> Now {
        Now { mono: self.mono(Instant::now()), utc: utc_now() }
    }

    /// The instant at which `mono` is reached.
    pub fn instant(&self, mono: Mono) -> Instant {
        self.origin + std::time::Duration::from_micros(mono.as_micros())
    }

    fn mono(&self, at: Instant) -> Mono {
        let micros = at.saturating_duration_since(self.origin).as_micros();
        Mono::from_micros(u64::try_from(micros).unwrap_or(u64::MAX))
    }
}

/// UTC from the system's clock; a clock before 1970 reads as 1970.
pub fn utc_now() -> UtcTimestamp {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UtcTimestamp::from_unix(
        i64::try_from(since_epoch.as_secs()).unwrap_or(i64::MAX),
        since_epoch.subsec_nanos(),
    )
}
