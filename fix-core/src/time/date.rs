//! Days.

use core::fmt;

use super::{
    UtcTimestamp,
    calendar::{self, civil_from_days, days_from_civil, is_date, two_digits},
};
use crate::ascii::ValueError;

/// A day of the Gregorian calendar, `YYYYMMDD`, years 0000 to 9999: the FIX types UTCDateOnly and
/// LocalMktDate (FIX 4.4 Vol. 1). Which time zone it is meant in is the field's business.
///
/// ```
/// use fix_core::time::Date;
///
/// let date = Date::parse(b"20240229")?;
/// assert_eq!((date.year(), date.month(), date.day()), (2024, 2, 29));
/// assert!(Date::parse(b"20230229").is_err(), "no such day");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

/// A day in UTC, such as MDEntryDate(272).
pub type UtcDateOnly = Date;
/// A day in the time zone of the market, such as ExpireDate(432).
pub type LocalMktDate = Date;

/// Bytes that a date takes.
pub const DATE_LEN: usize = 8;

impl Date {
    /// The day `year`-`month`-`day`; `None` if the calendar has no such day or the year is beyond 9999.
    pub fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        (year <= 9999 && is_date(year.into(), month.into(), day.into())).then_some(Date { year, month, day })
    }

    /// The day that lies `days` after 1970-01-01; years beyond 9999 wrap around.
    pub fn from_unix_days(days: i64) -> Self {
        let (year, month, day) = civil_from_days(days);
        Date { year: year as u16, month: month as u8, day: day as u8 }
    }

    /// 0 to 9999.
    pub const fn year(self) -> u16 {
        self.year
    }

    /// 1 to 12.
    pub const fn month(self) -> u8 {
        self.month
    }

    /// 1 to 31.
    pub const fn day(self) -> u8 {
        self.day
    }

    /// Days since 1970-01-01, negative before.
    pub fn unix_days(self) -> i64 {
        days_from_civil(self.year.into(), self.month.into(), self.day.into())
    }

    /// Parses a field value.
    ///
    /// # Errors
    /// [`ValueError::Empty`] or [`ValueError::Format`].
    pub fn parse(text: &[u8]) -> Result<Self, ValueError> {
        if text.is_empty() {
            return Err(ValueError::Empty);
        }
        let (year, month, day) = text.try_into().ok().and_then(calendar::date).ok_or(ValueError::Format)?;
        Ok(Date { year: year as u16, month: month as u8, day: day as u8 })
    }

    /// Whether [`parse`](Self::parse) reads `text`, without reading it.
    #[inline]
    pub(crate) fn is_text(text: &[u8]) -> bool {
        text.try_into().ok().and_then(calendar::date).is_some()
    }

    /// The canonical text.
    pub fn format(self) -> [u8; DATE_LEN] {
        let year = u32::from(self.year);
        let [y0, y1] = two_digits(year / 100);
        let [y2, y3] = two_digits(year % 100);
        let [m0, m1] = two_digits(self.month.into());
        let [d0, d1] = two_digits(self.day.into());
        [y0, y1, y2, y3, m0, m1, d0, d1]
    }
}

impl Default for Date {
    /// 1970-01-01.
    fn default() -> Self {
        Date { year: 1970, month: 1, day: 1 }
    }
}

impl From<UtcTimestamp> for Date {
    /// The UTC day of a moment.
    fn from(moment: UtcTimestamp) -> Self {
        Date::from_unix_days(moment.unix_seconds().div_euclid(86_400))
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(core::str::from_utf8(&self.format()).unwrap_or_default())
    }
}

impl fmt::Debug for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use std::string::ToString;

    use super::*;

    #[test]
    fn text_round_trips_and_days_count() {
        for text in ["00000101", "19700101", "20240229", "99991231"] {
            let date = Date::parse(text.as_bytes()).unwrap();
            assert_eq!(date.to_string(), text);
            assert_eq!(Date::from_unix_days(date.unix_days()), date);
        }
        assert_eq!(Date::new(2026, 11, 24).map(|date| date.to_string()), Some("20261124".into()));
        assert_eq!(Date::from(UtcTimestamp::from_unix(-1, 0)).to_string(), "19691231");
    }

    #[test]
    fn what_is_no_day_is_refused() {
        for text in ["20261399", "20230229", "2026112", "202611245", "2026-1-1", " 0261124", "20261100"] {
            assert_eq!(Date::parse(text.as_bytes()), Err(ValueError::Format), "{text}");
        }
        assert_eq!(Date::parse(b""), Err(ValueError::Empty));
        assert_eq!(Date::new(10_000, 1, 1), None);
    }
}
