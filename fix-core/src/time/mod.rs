//! Time as the core sees it: always a parameter, never read from a clock.

use core::time::Duration;

mod calendar;
mod date;
mod grammar;
#[cfg(target_pointer_width = "64")]
mod millis;
mod month_year;
mod time_only;
mod timestamp;

pub use date::{DATE_LEN, Date, LocalMktDate, UtcDateOnly};
pub(crate) use grammar::{is_tz_time, is_tz_timestamp};
pub use month_year::{MONTH_YEAR_LEN, MonthYear};
pub use time_only::{UTC_TIME_ONLY_LEN, UtcTimeOnly};
pub use timestamp::{UTC_TIMESTAMP_LEN, UtcTimestamp};

/// A point on the caller's monotonic clock, in microseconds from an origin of the caller's choice.
/// All timers (heartbeat, test request, logon and logout time-outs) run on it.
///
/// ```
/// use core::time::Duration;
/// use fix_core::Mono;
///
/// let start = Mono::from_millis(1000);
/// assert_eq!(start.after(Duration::from_secs(30)).since(start), Duration::from_secs(30));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Mono(u64);

impl Mono {
    /// A point `micros` microseconds after the origin.
    pub const fn from_micros(micros: u64) -> Self {
        Mono(micros)
    }

    /// A point `millis` milliseconds after the origin; saturates.
    pub const fn from_millis(millis: u64) -> Self {
        Mono(millis.saturating_mul(1000))
    }

    /// Microseconds since the origin.
    pub const fn as_micros(self) -> u64 {
        self.0
    }

    /// This point moved on by `duration`; saturates.
    #[cfg_attr(not(target_pointer_width = "64"), inline(never))]
    pub fn after(self, duration: Duration) -> Self {
        // In 64 bits: `Duration::as_micros` has 128, which a microcontroller pays for in every timer.
        let micros =
            duration.as_secs().saturating_mul(1_000_000).saturating_add(duration.subsec_micros().into());
        Mono(self.0.saturating_add(micros))
    }

    /// The time from `earlier` to this point; zero if `earlier` is later.
    pub const fn since(self, earlier: Mono) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0))
    }
}

/// The two clocks at one moment: `mono` drives timers, `utc` stamps SendingTime(52).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Now {
    /// The monotonic clock.
    pub mono: Mono,
    /// The UTC clock.
    pub utc: UtcTimestamp,
}

/// How many sub-second digits a timestamp shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Precision {
    /// `YYYYMMDD-HH:MM:SS`
    Seconds,
    /// `.sss`, the default of FIX 4.4
    #[default]
    Millis,
    /// `.ssssss`
    Micros,
    /// `.sssssssss`
    Nanos,
}

impl Precision {
    /// 0, 3, 6 or 9.
    pub const fn digits(self) -> usize {
        match self {
            Precision::Seconds => 0,
            Precision::Millis => 3,
            Precision::Micros => 6,
            Precision::Nanos => 9,
        }
    }
}
