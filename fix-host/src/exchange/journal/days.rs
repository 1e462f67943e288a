//! How days are counted.

use fix_core::time::UtcTimestamp;

use crate::exchange::profile::rules::Day;

/// By the close of the venue's day, where it has one by the clock; otherwise by the calendar in UTC.
#[derive(Clone, Debug, Default)]
pub(super) struct Days(pub(super) Option<Day>);

impl Days {
    /// The day of a time, about those since 1970.
    pub(super) fn of(&self, now: UtcTimestamp) -> i64 {
        match &self.0 {
            Some(day) => day.number(now),
            None => now.unix_seconds().div_euclid(86_400),
        }
    }
}
