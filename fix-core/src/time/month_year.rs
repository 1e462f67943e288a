//! Contract months.

use core::fmt;

use super::{
    calendar::{is_date, two_digits},
    grammar::{self, Within},
};
use crate::ascii::ValueError;

/// MonthYear: `YYYYMM`, `YYYYMMDD` or `YYYYMMwW` with week 1 to 5, such as MaturityMonthYear(200)
/// (FIX 4.4 Vol. 1).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct MonthYear {
    year: u16,
    month: u8,
    day: u8,
    week: u8,
}

/// Bytes that the longest MonthYear takes.
pub const MONTH_YEAR_LEN: usize = 8;

impl MonthYear {
    /// A whole month; `None` if it does not exist or the year is beyond 9999.
    pub fn of_month(year: u16, month: u8) -> Option<Self> {
        (year <= 9999 && is_date(year.into(), month.into(), 1)).then_some(MonthYear {
            year,
            month,
            day: 0,
            week: 0,
        })
    }

    /// A day of a month; `None` if it does not exist.
    pub fn of_day(year: u16, month: u8, day: u8) -> Option<Self> {
        let of_month = Self::of_month(year, month)?;
        is_date(year.into(), month.into(), day.into()).then_some(MonthYear { day, ..of_month })
    }

    /// A week, 1 to 5, of a month; `None` if it does not exist.
    pub fn of_week(year: u16, month: u8, week: u8) -> Option<Self> {
        let of_month = Self::of_month(year, month)?;
        (1..=5).contains(&week).then_some(MonthYear { week, ..of_month })
    }

    /// 0 to 9999.
    pub const fn year(self) -> u16 {
        self.year
    }

    /// 1 to 12.
    pub const fn month(self) -> u8 {
        self.month
    }

    /// 1 to 31, if a day is given.
    pub const fn day(self) -> Option<u8> {
        if self.day == 0 { None } else { Some(self.day) }
    }

    /// 1 to 5, if a week is given.
    pub const fn week(self) -> Option<u8> {
        if self.week == 0 { None } else { Some(self.week) }
    }

    /// Parses a field value.
    ///
    /// # Errors
    /// [`ValueError::Empty`] or [`ValueError::Format`].
    pub fn parse(text: &[u8]) -> Result<Self, ValueError> {
        if text.is_empty() {
            return Err(ValueError::Empty);
        }
        let (year, month, within) = grammar::month_year(text).ok_or(ValueError::Format)?;
        let (day, week) = match within {
            Within::Month => (0, 0),
            Within::Day(day) => (day, 0),
            Within::Week(week) => (0, week),
        };
        Ok(MonthYear { year: year as u16, month: month as u8, day: day as u8, week: week as u8 })
    }

    /// Writes the canonical text, the week with a small `w`, and returns its length.
    pub fn format(self, out: &mut [u8; MONTH_YEAR_LEN]) -> usize {
        let year = u32::from(self.year);
        let [y0, y1] = two_digits(year / 100);
        let [y2, y3] = two_digits(year % 100);
        let [m0, m1] = two_digits(self.month.into());
        let [d0, d1] = match self.week {
            0 => two_digits(self.day.into()),
            week => [b'w', b'0'.wrapping_add(week)],
        };
        *out = [y0, y1, y2, y3, m0, m1, d0, d1];
        if self.day == 0 && self.week == 0 { 6 } else { 8 }
    }
}

impl fmt::Display for MonthYear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut buffer = [0; MONTH_YEAR_LEN];
        let len = self.format(&mut buffer);
        f.pad(core::str::from_utf8(buffer.get(..len).unwrap_or_default()).unwrap_or_default())
    }
}

impl fmt::Debug for MonthYear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use std::string::ToString;

    use super::*;

    #[test]
    fn text_round_trips_in_its_three_forms() {
        for text in ["202612", "20261224", "202612w1", "202612w5"] {
            assert_eq!(MonthYear::parse(text.as_bytes()).unwrap().to_string(), text);
        }
        assert_eq!(MonthYear::parse(b"202612W2").unwrap().to_string(), "202612w2");
        assert_eq!(MonthYear::of_week(2026, 12, 2), MonthYear::parse(b"202612w2").ok());
        assert_eq!(MonthYear::of_day(2026, 2, 29), None);
    }

    #[test]
    fn what_is_no_month_is_refused() {
        for text in [
            "2026",
            "202613",
            "20260230",
            "202612w0",
            "202612w6",
            "202612w",
            "202612w11",
            "2026121",
            "2026-1",
        ] {
            assert_eq!(MonthYear::parse(text.as_bytes()), Err(ValueError::Format), "{text}");
        }
        assert_eq!(MonthYear::parse(b""), Err(ValueError::Empty));
    }
}
