//! Times of day.

use core::fmt;

use super::{Precision, UTC_TIMESTAMP_LEN, UtcTimestamp, grammar};
use crate::ascii::ValueError;

/// UTCTimeOnly: `HH:MM:SS` and up to twelve decimals, of which nine are kept, such as MDEntryTime(273) (FIX 4.4 Vol. 1).
///
/// A leap second (`23:59:60`) is kept as the last second of its minute with nanoseconds from 1,000,000,000 up.
/// Comparison is by the time, not by the precision shown.
#[derive(Clone, Copy)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct UtcTimeOnly {
    seconds: u32,
    nanos: u32,
    precision: Precision,
}

/// Bytes that the longest UTCTimeOnly takes.
pub const UTC_TIME_ONLY_LEN: usize = 18;

impl UtcTimeOnly {
    /// `seconds` after midnight and `nanos`, shown with milliseconds; `None` for more than a day or
    /// 2,000,000,000 nanoseconds or more.
    pub fn new(seconds: u32, nanos: u32) -> Option<Self> {
        let fits = seconds < 86_400 && nanos < 2_000_000_000;
        fits.then_some(UtcTimeOnly { seconds, nanos, precision: Precision::Millis })
    }

    /// Whole seconds after midnight.
    pub const fn seconds(self) -> u32 {
        self.seconds
    }

    /// Nanoseconds of the second; from 1,000,000,000 up inside a leap second.
    pub const fn subsec_nanos(self) -> u32 {
        self.nanos
    }

    /// The digits it is shown with.
    pub const fn precision(self) -> Precision {
        self.precision
    }

    /// The same time shown with other digits.
    pub const fn with_precision(self, precision: Precision) -> Self {
        UtcTimeOnly { precision, ..self }
    }

    /// Parses a field value.
    ///
    /// # Errors
    /// [`ValueError::Empty`] or [`ValueError::Format`].
    pub fn parse(text: &[u8]) -> Result<Self, ValueError> {
        if text.is_empty() {
            return Err(ValueError::Empty);
        }
        let (hour, minute, second, nanos, precision) =
            grammar::time_of_day(text).ok_or(ValueError::Format)?;
        let leap = second == 60;
        let second = if leap { 59 } else { second };
        let nanos = if leap { nanos.wrapping_add(1_000_000_000) } else { nanos };
        let seconds = hour.wrapping_mul(3600).wrapping_add(minute.wrapping_mul(60)).wrapping_add(second);
        Ok(UtcTimeOnly { seconds, nanos, precision })
    }

    /// Writes the canonical text and returns its length.
    pub fn format(self, out: &mut [u8; UTC_TIME_ONLY_LEN]) -> usize {
        // The text of a timestamp of that time, without its `YYYYMMDD-`.
        let moment = UtcTimestamp::from_unix(self.seconds.into(), self.nanos).with_precision(self.precision);
        let mut whole = [0; UTC_TIMESTAMP_LEN];
        let len = moment.format(&mut whole);
        let [_, _, _, _, _, _, _, _, _, time @ ..] = whole;
        *out = time;
        len.saturating_sub(9)
    }
}

impl From<UtcTimestamp> for UtcTimeOnly {
    /// The UTC time of day of a moment.
    fn from(moment: UtcTimestamp) -> Self {
        UtcTimeOnly {
            seconds: moment.unix_seconds().rem_euclid(86_400) as u32,
            nanos: moment.subsec_nanos(),
            precision: moment.precision(),
        }
    }
}

impl PartialEq for UtcTimeOnly {
    fn eq(&self, other: &Self) -> bool {
        (self.seconds, self.nanos) == (other.seconds, other.nanos)
    }
}

impl Eq for UtcTimeOnly {}

impl PartialOrd for UtcTimeOnly {
    fn partial_cmp(&self, other: &Self) -> Option<core::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for UtcTimeOnly {
    fn cmp(&self, other: &Self) -> core::cmp::Ordering {
        (self.seconds, self.nanos).cmp(&(other.seconds, other.nanos))
    }
}

impl fmt::Display for UtcTimeOnly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut buffer = [0; UTC_TIME_ONLY_LEN];
        let len = self.format(&mut buffer);
        f.pad(core::str::from_utf8(buffer.get(..len).unwrap_or_default()).unwrap_or_default())
    }
}

impl fmt::Debug for UtcTimeOnly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use std::string::ToString;

    use super::*;

    #[test]
    fn text_round_trips_at_every_precision() {
        for text in ["00:00:00", "09:30:01.250", "23:59:59.123456", "23:59:60.000", "12:00:00.000000001"] {
            assert_eq!(UtcTimeOnly::parse(text.as_bytes()).unwrap().to_string(), text);
        }
        assert_eq!(UtcTimeOnly::from(UtcTimestamp::from_unix(-1, 0)).to_string(), "23:59:59.000");
    }

    #[test]
    fn any_number_of_decimals_up_to_picoseconds_is_read() {
        for (text, shown) in [("09:30:00.1", "09:30:00.100"), ("09:30:00.123456789012", "09:30:00.123456789")]
        {
            assert_eq!(UtcTimeOnly::parse(text.as_bytes()).unwrap().to_string(), shown);
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "24:00:00",
            "9:30:00",
            "09:60:00",
            "09:30:61",
            "09:30",
            "09:30:00.",
            "09:30:00.1234567890123",
            "09-30-00",
        ] {
            assert_eq!(UtcTimeOnly::parse(text.as_bytes()), Err(ValueError::Format), "{text}");
        }
        assert_eq!(UtcTimeOnly::parse(b""), Err(ValueError::Empty));
        assert_eq!(UtcTimeOnly::new(86_400, 0), None);
    }
}
