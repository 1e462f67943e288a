//! UTC as the host knows it, to whole seconds: for programs that have no SNTP yet.

use fix_core::time::UtcTimestamp;

/// The host's time of day.
pub fn utc() -> UtcTimestamp {
    UtcTimestamp::from_unix(i64::from(crate::semihosting::time()), 0)
}
