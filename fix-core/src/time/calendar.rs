//! Calendar arithmetic and the digits that all date and time values are made of.

use super::Precision;

/// True for a day of the proleptic Gregorian calendar.
#[inline]
pub(crate) fn is_date(year: u32, month: u32, day: u32) -> bool {
    // Most days need no look at the calendar.
    (1..=12).contains(&month) && ((1..=28).contains(&day) || is_late_day(year, month, day))
}

/// True for the days 29 to 31 of the months that have them.
fn is_late_day(year: u32, month: u32, day: u32) -> bool {
    // Every hundredth year is none, every four hundredth is: what 100 and 16 divide, 400 divides.
    let leap = if year.is_multiple_of(100) { year.is_multiple_of(16) } else { year.is_multiple_of(4) };
    let last = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 31,
    };
    (29..=last).contains(&day)
}

/// Days in 400 years of the Gregorian calendar, after which it repeats.
const ERA_DAYS: u32 = 146_097;
/// Days from 1 March of the year -400 to 1970-01-01: all sums from there on are without sign.
const EPOCH: u32 = 719_468 + ERA_DAYS;

/// Days from 1970-01-01 to a date of the years 0 to 9999 (years that begin in March, so that the leap day is
/// the last). In 32 bits, because a Cortex-M has no wider division.
#[inline]
pub(crate) fn days_from_civil(year: u32, month: u32, day: u32) -> i64 {
    let before_march = u32::from(month <= 2);
    let year = year.wrapping_add(400).wrapping_sub(before_march);
    let month = month.wrapping_add(before_march.wrapping_mul(12)).wrapping_sub(3);
    let day_of_year = (month.wrapping_mul(153).wrapping_add(2) / 5).wrapping_add(day).wrapping_sub(1);
    let century = year / 100;
    let leap_days = (year / 4).wrapping_sub(century).wrapping_add(century / 4);
    let days = year.wrapping_mul(365).wrapping_add(leap_days).wrapping_add(day_of_year);
    i64::from(days).wrapping_sub(EPOCH.into())
}

/// Days in 10,000 years, after which the four digits of a year repeat.
const CYCLE: u32 = ERA_DAYS * 25;
/// Days from 0000-03-01 to 1970-01-01.
const BEFORE: u32 = 719_468;

/// The date that lies `days` after 1970-01-01, as (year modulo 10000, month, day).
#[inline]
pub(super) fn civil_from_days(days: i64) -> (u32, u32, u32) {
    civil(days.wrapping_add(BEFORE.into()).rem_euclid(CYCLE.into()) as u32)
}

/// The date and the second of the day that lie `seconds` after 1970-01-01; the nearest one of the years 0 to 9999.
///
/// Without a division of more than 32 bits, because a Cortex-M has none.
#[inline]
pub(super) fn civil_from_seconds(seconds: i64) -> ((u32, u32, u32), u32) {
    /// 0000-01-01 00:00:00 and 9999-12-31 23:59:59.
    const FIRST: i64 = -62_167_219_200;
    const LAST: i64 = 253_402_300_799;
    const SECONDS: i64 = CYCLE as i64 * 86_400;
    let mut since = seconds.clamp(FIRST, LAST).wrapping_add(BEFORE as i64 * 86_400);
    if since < 0 {
        // January and February of the year 0.
        since = since.wrapping_add(SECONDS);
    }
    // A day is 675 times 128 seconds, and 10,000 years are less than 2^32 times that.
    let units = (since >> 7) as u32;
    (civil(units / 675), (units % 675) << 7 | (since as u32 & 127))
}

/// The date that lies `days`, less than 10,000 years, after 0000-03-01.
///
/// Quotient and remainder come out of one multiplication each (Neri and Schneider, "Euclidean affine functions
/// and their application to calendar algorithms", 2022), in years that begin in March.
#[inline]
fn civil(days: u32) -> (u32, u32, u32) {
    let quarters = days.wrapping_mul(4).wrapping_add(3);
    let (century, of_century) = (quarters / ERA_DAYS, quarters % ERA_DAYS / 4);
    let product = u64::from(of_century.wrapping_mul(4).wrapping_add(3)).wrapping_mul(2_939_745);
    let (year_of_century, day_of_year) = ((product >> 32) as u32, product as u32 / 2_939_745 / 4);
    let months = day_of_year.wrapping_mul(2141).wrapping_add(197_913);
    let (month, day) = (months >> 16, (months & 0xFFFF) / 2141);
    let next_year = u32::from(day_of_year >= 306);
    let year = century.wrapping_mul(100).wrapping_add(year_of_century).wrapping_add(next_year);
    let year = if year == 10_000 { 0 } else { year };
    (year, month.wrapping_sub(12 * next_year), day.wrapping_add(1))
}

/// The two decimal digits of a number below 100.
pub(super) fn two_digits(value: u32) -> [u8; 2] {
    [b'0'.wrapping_add((value / 10 % 10) as u8), b'0'.wrapping_add((value % 10) as u8)]
}

/// The number that up to nine digits stand for; `None` if one is no digit.
#[cfg_attr(target_pointer_width = "64", inline)]
#[cfg_attr(not(target_pointer_width = "64"), inline(never))]
pub(super) fn number(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0u32, |sum, byte| {
        let digit = byte.wrapping_sub(b'0');
        (digit <= 9).then(|| sum.wrapping_mul(10).wrapping_add(digit.into()))
    })
}

/// The nanoseconds that one to twelve digits behind the point stand for, picoseconds cut off, and how they are shown.
#[inline(always)]
pub(super) fn fraction(digits: &[u8]) -> Option<(u32, Precision)> {
    #[cfg(target_pointer_width = "64")]
    {
        let (unit, precision) = match digits.len() {
            3 => (1_000_000, Precision::Millis),
            6 => (1000, Precision::Micros),
            9 => (1, Precision::Nanos),
            _ => return any_fraction(digits),
        };
        Some((number(digits)?.wrapping_mul(unit), precision))
    }
    #[cfg(not(target_pointer_width = "64"))]
    any_fraction(digits)
}

// One way for all lengths where flash is dear; on 64 bits only for the unusual ones.
#[cfg_attr(target_pointer_width = "64", cold)]
#[inline(never)]
fn any_fraction(digits: &[u8]) -> Option<(u32, Precision)> {
    if digits.len().wrapping_sub(1) >= 12 {
        return None;
    }
    let (mut nanos, mut unit) = (0u32, 1_000_000_000u32);
    for byte in digits {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        // Behind nine digits the unit is zero: picoseconds.
        unit /= 10;
        nanos = nanos.wrapping_add(unit.wrapping_mul(digit.into()));
    }
    let precision = match digits.len() {
        0..=3 => Precision::Millis,
        4..=6 => Precision::Micros,
        _ => Precision::Nanos,
    };
    Some((nanos, precision))
}

/// What eight bytes must be: a digit where the text has a `0`, and elsewhere that very byte. To be made by the
/// compiler: at run time it would take longer than the test.
pub(super) struct Pattern {
    text: u64,
    /// Adding this sets the high bit of a digit above 9, and of anything but zero where no digit belongs.
    limit: u64,
}

impl Pattern {
    pub(super) const fn new(text: &[u8; 8]) -> Self {
        let (mut limit, mut at) = ([0x7F; 8], 0);
        while at < text.len() {
            if text[at] == b'0' {
                limit[at] = 0x76;
            }
            at += 1;
        }
        Pattern { text: u64::from_le_bytes(*text), limit: u64::from_le_bytes(limit) }
    }
}

const DATE: Pattern = Pattern::new(b"00000000");
pub(super) const CLOCK: Pattern = Pattern::new(b"00:00:00");

/// The two-digit numbers that begin at each of eight bytes (the last one is not meant to be used) of a text that
/// has this pattern; `None` if it has not. All eight bytes at once.
#[inline(always)]
pub(super) fn pairs(text: &[u8; 8], pattern: &Pattern) -> Option<[u8; 8]> {
    const HIGH_BITS: u64 = (u64::MAX / 255) << 7;
    let digits = u64::from_le_bytes(*text) ^ pattern.text;
    if (digits | digits.wrapping_add(pattern.limit)) & HIGH_BITS != 0 {
        return None;
    }
    Some(digits.wrapping_mul(10).wrapping_add(digits >> 8).to_le_bytes())
}

/// The pairs of `YYYYMMDD`, whether there is such a day or not.
#[inline(always)]
pub(super) fn date_digits(text: &[u8; 8]) -> Option<[u8; 8]> {
    pairs(text, &DATE)
}

/// `YYYYMMDD`, a day that exists, as (year, month, day).
#[inline(always)]
pub(super) fn date(text: &[u8; 8]) -> Option<(u32, u32, u32)> {
    let [century, _, years, _, month, _, day, _] = date_digits(text)?;
    let year = u32::from(century).wrapping_mul(100).wrapping_add(years.into());
    let (month, day) = (month.into(), day.into());
    is_date(year, month, day).then_some((year, month, day))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_of_eight_centuries_survives_the_calendar() {
        for days in -100_000..200_000 {
            let (y, m, d) = civil_from_days(days);
            assert!(is_date(y, m, d));
            assert_eq!(days_from_civil(y, m, d), days);
            assert_eq!(civil_from_seconds(days * 86_400), ((y, m, d), 0));
            assert_eq!(civil_from_seconds(days * 86_400 + 86_399), ((y, m, d), 86_399));
        }
    }

    #[test]
    fn moments_of_other_years_are_the_nearest_ones() {
        for (seconds, expected) in [
            (i64::MIN, ((0, 1, 1), 0)),
            (-62_167_219_201, ((0, 1, 1), 0)),
            (-62_167_219_199, ((0, 1, 1), 1)),
            (-62_162_035_201, ((0, 2, 29), 86_399)),
            (-62_162_035_200, ((0, 3, 1), 0)),
            (253_402_300_799, ((9999, 12, 31), 86_399)),
            (253_402_300_800, ((9999, 12, 31), 86_399)),
            (i64::MAX, ((9999, 12, 31), 86_399)),
        ] {
            assert_eq!(civil_from_seconds(seconds), expected, "{seconds}");
        }
    }
}
