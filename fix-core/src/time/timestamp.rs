//! Moments in UTC.

use core::time::Duration;

#[cfg(target_pointer_width = "64")]
use super::millis;
use super::{
    Precision,
    calendar::{self, CLOCK, civil_from_seconds, days_from_civil, pairs},
};
use crate::ascii::{Sink, ValueError};

/// UTCTimestamp: `YYYYMMDD-HH:MM:SS[.sss[sss[sss]]]`, years 0000 to 9999 (FIX 4.4 Vol. 1).
///
/// Holds seconds since 1970-01-01 and nanoseconds; a leap second (`:60`) is the last second of its minute
/// with nanoseconds from 1,000,000,000 up. Comparison is by the moment, not by the precision shown.
/// A moment of another year is written as the nearest one of these.
///
/// ```
/// use fix_core::{UtcTimestamp, time::{Precision, UTC_TIMESTAMP_LEN}};
///
/// let sent = UtcTimestamp::parse(b"20261128-10:00:00.250")?;
/// assert_eq!((sent.unix_seconds(), sent.subsec_nanos()), (1_795_860_000, 250_000_000));
/// let mut text = [0; UTC_TIMESTAMP_LEN];
/// let len = sent.with_precision(Precision::Seconds).format(&mut text);
/// assert_eq!(&text[..len], b"20261128-10:00:00");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct UtcTimestamp {
    seconds: i64,
    nanos: u32,
    precision: Precision,
}

/// Bytes that the longest UTCTimestamp takes.
pub const UTC_TIMESTAMP_LEN: usize = 27;

impl UtcTimestamp {
    /// 1970-01-01 00:00:00.
    pub const UNIX_EPOCH: UtcTimestamp = UtcTimestamp { seconds: 0, nanos: 0, precision: Precision::Millis };

    /// `seconds` since 1970-01-01 and `nanos`; nanoseconds of 2,000,000,000 and more are clamped.
    /// Shown with milliseconds unless [`with_precision`](Self::with_precision) says otherwise.
    pub const fn from_unix(seconds: i64, nanos: u32) -> Self {
        let nanos = if nanos > 1_999_999_999 { 1_999_999_999 } else { nanos };
        UtcTimestamp { seconds, nanos, precision: Precision::Millis }
    }

    /// Milliseconds since 1970-01-01.
    pub const fn from_unix_millis(millis: i64) -> Self {
        Self::from_unix(millis.div_euclid(1000), millis.rem_euclid(1000) as u32 * 1_000_000)
    }

    /// Seconds since 1970-01-01.
    pub const fn unix_seconds(self) -> i64 {
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

    /// The same moment shown with other digits.
    pub const fn with_precision(self, precision: Precision) -> Self {
        UtcTimestamp { precision, ..self }
    }

    /// This moment moved by whole `seconds`; saturates.
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        UtcTimestamp { seconds: self.seconds.saturating_add(seconds), ..self }
    }

    /// The distance to `other`, either way round.
    pub fn abs_diff(self, other: Self) -> Duration {
        let (early, late) = if self <= other { (self, other) } else { (other, self) };
        let seconds = late.seconds.abs_diff(early.seconds);
        // A leap second reaches into the next one.
        let nanos = i64::from(late.nanos).wrapping_sub(early.nanos.into());
        let carry = nanos.div_euclid(1_000_000_000);
        Duration::new(seconds.saturating_add_signed(carry), nanos.rem_euclid(1_000_000_000) as u32)
    }

    /// Parses a field value.
    ///
    /// # Errors
    /// [`ValueError::Empty`] or [`ValueError::Format`].
    pub fn parse(text: &[u8]) -> Result<Self, ValueError> {
        if text.is_empty() {
            return Err(ValueError::Empty);
        }
        #[cfg(target_pointer_width = "64")]
        if let Some(timestamp) = usual::read(text) {
            return Ok(timestamp);
        }
        parse_timestamp(text).ok_or(ValueError::Format)
    }

    /// Whether [`parse`](Self::parse) reads `text`, without reading it.
    #[inline(never)]
    pub(crate) fn is_text(text: &[u8]) -> bool {
        #[cfg(target_pointer_width = "64")]
        if usual::is_text(text) {
            return true;
        }
        parts(text).is_some_and(|(_, _, fraction)| is_fraction(fraction))
    }

    /// Writes the canonical text and returns its length (at most [`UTC_TIMESTAMP_LEN`]).
    pub fn format(self, out: &mut [u8; UTC_TIMESTAMP_LEN]) -> usize {
        let mut sink = Sink::new(out);
        self.write(&mut sink);
        sink.written()
    }

    /// The text with milliseconds and SOH in the first 22 bytes of `room`; false if it is to be shown with others or
    /// is none of the usual moments.
    #[cfg(target_pointer_width = "64")]
    #[inline(always)]
    pub(crate) fn millis_text(self, room: &mut [u8; 24]) -> bool {
        let millis = self.precision == Precision::Millis;
        millis && u32::try_from(self.seconds).is_ok_and(|seconds| millis::write(seconds, self.nanos, room))
    }

    pub(crate) fn write(self, sink: &mut Sink<'_>) {
        let ((year, month, day), second) = civil_from_seconds(self.seconds);
        let leap = self.nanos >= 1_000_000_000;
        let nanos = if leap { self.nanos.wrapping_sub(1_000_000_000) } else { self.nanos };
        let date = year.wrapping_mul(10_000).wrapping_add(month.wrapping_mul(100)).wrapping_add(day);
        sink.padded_then(date, 8, Some(b'-'));
        let minute = second / 60;
        for part in [minute / 60, minute % 60] {
            sink.padded_then(part, 2, Some(b':'));
        }
        let (shown, digits) = match self.precision {
            Precision::Seconds => (0, 0),
            Precision::Millis => (nanos / 1_000_000, 3),
            Precision::Micros => (nanos / 1000, 6),
            Precision::Nanos => (nanos, 9),
        };
        let second = (second % 60).wrapping_add(leap.into());
        sink.padded_then(second, 2, (digits > 0).then_some(b'.'));
        if digits > 0 {
            sink.padded(shown, digits);
        }
    }
}

impl Default for UtcTimestamp {
    fn default() -> Self {
        UtcTimestamp::UNIX_EPOCH
    }
}

impl PartialEq for UtcTimestamp {
    fn eq(&self, other: &Self) -> bool {
        (self.seconds, self.nanos) == (other.seconds, other.nanos)
    }
}

impl Eq for UtcTimestamp {}

impl PartialOrd for UtcTimestamp {
    fn partial_cmp(&self, other: &Self) -> Option<core::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for UtcTimestamp {
    fn cmp(&self, other: &Self) -> core::cmp::Ordering {
        (self.seconds, self.nanos).cmp(&(other.seconds, other.nanos))
    }
}

/// Date and time of day as they stand, the time as (hour, minute, second), and the text behind the seconds.
type Parts<'a> = ((u32, u32, u32), (u32, u32, u32), &'a [u8]);

#[inline(always)]
fn parts(text: &[u8]) -> Option<Parts<'_>> {
    let (date, rest) = text.split_first_chunk::<8>()?;
    let ([b'-'], rest) = rest.split_first_chunk::<1>()? else { return None };
    let (clock, fraction) = rest.split_first_chunk::<8>()?;
    let [hour, _, _, minute, _, _, second, _] = pairs(clock, &CLOCK)?;
    let (hour, minute, second) = (hour.into(), minute.into(), second.into());
    let in_day = hour <= 23 && minute <= 59 && second <= 60;
    Some((calendar::date(date)?, (hour, minute, second), fraction)).filter(|_| in_day)
}

/// The usual timestamp, with seconds or milliseconds and a day that every month has, told or read at once.
#[cfg(any(test, target_pointer_width = "64"))]
mod usual {
    use super::{
        CLOCK, Precision, UtcTimestamp,
        calendar::{self, pairs},
    };

    /// The days of a year before each month, without leap day; the months are numbered from 1.
    const BEFORE_MONTH: [u16; 16] = [0, 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 0, 0, 0];
    /// 1970-01-01, counted in the same way.
    const EPOCH: i64 = 365 * 1970 + 19 * 24 + 19 / 4 + 70 / 4 + 1;

    /// One with milliseconds; `None` says nothing.
    #[inline(always)]
    pub(super) fn read(text: &[u8]) -> Option<UtcTimestamp> {
        let text: &[u8; 21] = text.try_into().ok()?;
        let (date, rest) = text.split_first_chunk::<8>()?;
        let ([b'-'], rest) = rest.split_first_chunk::<1>()? else { return None };
        let (clock, fraction) = rest.split_first_chunk::<8>()?;
        let (date, clock) = (calendar::date_digits(date)?, pairs(clock, &CLOCK)?);
        if !(is_day_of_every_month(date) && is_time(clock) && is_usual_fraction(fraction)) {
            return None;
        }
        let [century, _, years, _, month, _, day, _] = date.map(i64::from);
        let [hour, _, _, minute, _, _, second, _] = clock.map(i64::from);
        let &[_, a, b, c] = fraction.first_chunk::<4>()?;
        let [a, b, c] = [a, b, c].map(|digit| u32::from(digit.wrapping_sub(b'0')));
        // Leap days up to the end of the year; in January and February that of the year is still to come.
        let is_leap = years & 3 == 0 && (years != 0 || century & 3 == 0);
        let leap_days = century * 24 + century / 4 + years / 4 - i64::from(is_leap && month <= 2);
        let before = i64::from(*BEFORE_MONTH.get((month & 15) as usize)?);
        let days = (century * 100 + years) * 365 + leap_days + before + day - EPOCH;
        let seconds = days * 86_400 + hour * 3600 + minute * 60 + second;
        Some(UtcTimestamp {
            seconds,
            nanos: (a * 100 + b * 10 + c) * 1_000_000,
            precision: Precision::Millis,
        })
    }

    const HIGH_BITS: u64 = (u64::MAX / 255) << 7;

    /// False says nothing.
    #[inline(always)]
    pub(super) fn is_text(text: &[u8]) -> bool {
        let Some((date, rest)) = text.split_first_chunk::<8>() else { return false };
        let Some(([b'-'], rest)) = rest.split_first_chunk::<1>() else { return false };
        let Some((clock, fraction)) = rest.split_first_chunk::<8>() else { return false };
        // Pairs of digits begin at the bytes 4 and 6 (month, day), and at 0, 3 and 6 (hour, minute, second).
        let (Some(date), Some(clock)) = (calendar::date_digits(date), pairs(clock, &CLOCK)) else {
            return false;
        };
        is_day_of_every_month(date) && is_time(clock) && is_usual_fraction(fraction)
    }

    #[inline(always)]
    fn is_day_of_every_month(date: [u8; 8]) -> bool {
        in_range(date, [0, 0, 0, 0, 1, 0, 1, 0], [0, 0, 0, 0, 12, 0, 28, 0])
    }

    #[inline(always)]
    fn is_time(clock: [u8; 8]) -> bool {
        in_range(clock, [0; 8], [23, 0, 0, 59, 0, 0, 59, 0])
    }

    /// Whether the numbers in the bytes that have a `last` are from `first` to `last`, all at once.
    #[inline(always)]
    fn in_range(numbers: [u8; 8], first: [u8; 8], last: [u8; 8]) -> bool {
        let of_interest = u64::from_le_bytes(last.map(|last| if last == 0 { 0 } else { 0xFF }));
        // Below `first` the high bit is set by the borrow, above `last` by the sum.
        let limit = last.map(|last| if last == 0 { 0 } else { 127u8.wrapping_sub(last) });
        let numbers = u64::from_le_bytes(numbers) & of_interest;
        let below = numbers.wrapping_sub(u64::from_le_bytes(first));
        let above = numbers.wrapping_add(u64::from_le_bytes(limit));
        (below | above) & HIGH_BITS == 0
    }

    #[inline(always)]
    fn is_usual_fraction(text: &[u8]) -> bool {
        if text.is_empty() {
            return true;
        }
        let Ok(text) = <[u8; 4]>::try_from(text) else { return false };
        let digits = u32::from_le_bytes(text) ^ u32::from_le_bytes(*b".000");
        // Adding this sets the high bit of a digit above 9, and of anything but a point in front.
        (digits | digits.wrapping_add(0x7676_767F)) & 0x8080_8080 == 0
    }
}

fn is_fraction(text: &[u8]) -> bool {
    match text {
        [] => true,
        [b'.', a, b, c] => [a, b, c].iter().all(|byte| byte.is_ascii_digit()),
        [b'.', digits @ ..] => calendar::fraction(digits).is_some(),
        _ => false,
    }
}

fn parse_timestamp(text: &[u8]) -> Option<UtcTimestamp> {
    let ((year, month, day), (hour, minute, second), fraction) = parts(text)?;
    let (mut nanos, precision) = match fraction {
        [] => (0, Precision::Seconds),
        [b'.', digits @ ..] => calendar::fraction(digits)?,
        _ => return None,
    };
    let mut second = second;
    if second == 60 {
        second = 59;
        nanos = nanos.wrapping_add(1_000_000_000);
    }
    let of_day = hour.wrapping_mul(3600).wrapping_add(minute.wrapping_mul(60)).wrapping_add(second);
    let seconds = days_from_civil(year, month, day).wrapping_mul(86_400).wrapping_add(of_day.into());
    Some(UtcTimestamp { seconds, nanos, precision })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(timestamp: UtcTimestamp) -> std::string::String {
        let mut out = [0; UTC_TIMESTAMP_LEN];
        let len = timestamp.format(&mut out);
        core::str::from_utf8(&out[..len]).unwrap().into()
    }

    #[test]
    fn text_round_trips_at_every_precision() {
        for text in [
            "20261124-05:38:00",
            "20261124-05:38:00.123",
            "20240229-23:59:59.123456",
            "19700101-00:00:00.000000001",
            "20161231-23:59:60.5".get(..17).unwrap(),
            "20161231-23:59:60.500",
            "00000101-00:00:00",
            "99991231-23:59:59.999999999",
        ] {
            assert_eq!(shown(UtcTimestamp::parse(text.as_bytes()).unwrap()), text);
        }
    }

    #[test]
    fn known_moments() {
        assert_eq!(UtcTimestamp::parse(b"19700101-00:00:00").unwrap().unix_seconds(), 0);
        assert_eq!(UtcTimestamp::parse(b"20000301-00:00:00").unwrap().unix_seconds(), 951_868_800);
        assert_eq!(shown(UtcTimestamp::from_unix_millis(-1)), "19691231-23:59:59.999");
    }

    #[test]
    fn what_is_no_timestamp_is_refused() {
        for text in [
            "20261324-05:38:00",
            "20260229-05:38:00",
            "20261124-24:00:00",
            "20261124-05:38",
            "20261124 05:38:00",
            "20261124-05:38:00.",
            "20261124-05:38:00.1234567890123",
            "20261124-05:38:00.12345678901x",
            "20261124-05:38:61",
            "20261124-05:38:00Z",
            "+0261124-05:38:00",
        ] {
            assert_eq!(UtcTimestamp::parse(text.as_bytes()), Err(ValueError::Format), "{text}");
        }
    }

    #[test]
    fn any_number_of_decimals_up_to_picoseconds_is_read() {
        let (digits, mut nanos) = ("123456789012", 0);
        for count in 1..=12 {
            if count <= 9 {
                nanos += (count as u32) * 10u32.pow(9 - count as u32);
            }
            let text = std::format!("20261124-05:38:00.{}", &digits[..count]);
            let read = UtcTimestamp::parse(text.as_bytes()).unwrap();
            assert_eq!(read.subsec_nanos(), nanos, "{text}: picoseconds are cut off");
            assert_eq!(read.precision().digits(), count.next_multiple_of(3).min(9), "{text}");
            assert!(UtcTimestamp::is_text(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn one_wrong_byte_is_refused_wherever_it_stands() {
        let good = *b"20261124-05:38:00.123";
        for at in 0..good.len() {
            for byte in (0..=255u8).filter(|byte| !byte.is_ascii_digit() && *byte != good[at]) {
                let mut bad = good;
                bad[at] = byte;
                assert_eq!(UtcTimestamp::parse(&bad), Err(ValueError::Format), "{}", bad.escape_ascii());
            }
        }
    }

    #[test]
    fn the_usual_timestamp_is_told_as_it_is_read() {
        let mut told = 0;
        for text in ["20261124-05:38:00.123", "20261124-05:38:00", "20261124-05:38:00.123456"] {
            for at in 0..text.len() {
                for byte in 0..=255 {
                    let mut text = text.as_bytes().to_vec();
                    text[at] = byte;
                    let reads = UtcTimestamp::parse(&text).is_ok();
                    assert_eq!(UtcTimestamp::is_text(&text), reads, "{}", text.escape_ascii());
                    assert!(reads || !usual::is_text(&text), "{}", text.escape_ascii());
                    told += u32::from(usual::is_text(&text));
                }
            }
        }
        for clock in (0..100).flat_map(|a| (0..100).map(move |b| (a, b))) {
            let (a, b) = clock;
            for text in [
                std::format!("202611{a:02}-{b:02}:38:00"),
                std::format!("2026{a:02}{b:02}-05:38:00"),
                std::format!("20261124-05:{a:02}:{b:02}"),
            ] {
                let text = text.as_bytes();
                assert_eq!(UtcTimestamp::is_text(text), UtcTimestamp::parse(text).is_ok());
                told += u32::from(usual::is_text(text));
            }
        }
        assert!(told > 4000, "{told}");
    }

    #[test]
    fn the_usual_timestamp_is_read_as_any_other() {
        let mut read = 0;
        for year in (0..=9999).filter(|year| year % 100 < 9 || year % 100 > 96 || (1890..2110).contains(year))
        {
            for (month, day) in (1..=12).flat_map(|month| [1, 15, 28, 29, 30, 31].map(|day| (month, day))) {
                let clock =
                    std::format!("{:02}:{:02}:{:02}", month * 7 % 24, day * 3 % 60, (month + day) % 61);
                let text = std::format!("{year:04}{month:02}{day:02}-{clock}.{:03}", (year + day) % 1000);
                let at_once = usual::read(text.as_bytes());
                if let Some(at_once) = at_once {
                    assert_eq!(Some(at_once), parse_timestamp(text.as_bytes()), "{text}");
                    assert_eq!(at_once.precision(), Precision::Millis);
                    read += 1;
                }
                assert_eq!(at_once.is_some(), usual::is_text(text.as_bytes()), "{text}");
            }
        }
        assert!(read > 49_000, "{read}");
        for text in
            ["20261124-05:38:00", "20261124-05:38:00.1234", "20261124-05:38:00.12x", "20261124-05:38:60.123"]
        {
            assert_eq!(usual::read(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn distance_is_symmetric() {
        let a = UtcTimestamp::from_unix(10, 900_000_000);
        let b = UtcTimestamp::from_unix(12, 100_000_000);
        assert_eq!(a.abs_diff(b), Duration::from_millis(1200));
        assert_eq!(b.abs_diff(a), Duration::from_millis(1200));
    }
}
