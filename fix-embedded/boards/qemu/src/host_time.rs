//! UTC as the host knows it, to whole seconds: for programs that have no SNTP yet.

use fix_core::time::UtcTimestamp;

/// The host's time of day.
pub fn utc() -> UtcTimestamp {
    UtcTimestamp::from_unix(i64::from(crate::semihosting::time()), 0)
}

/// A number that is another one in each run, as the random number of a chip is: where TCP's ports and numbers begin.
pub fn seed() -> u64 {
    u64::from(crate::semihosting::time())
}
