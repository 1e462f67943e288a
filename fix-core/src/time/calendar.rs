//! Calendar arithmetic and the digits that all date and time values are made of.

/// True for a day of the proleptic Gregorian calendar.
#[inline]
pub(crate) fn is_date(year: u32, month: u32, day: u32) -> bool {
    // Most days need no look at the calendar.
    (1..=12).contains(&month) && ((1..=28).contains(&day) || is_late_day(year, month, day))
}

/// True for the days 29 to 31 of the months that have them.
fn is_late_day(year: u32, month: u32, day: u32) -> bool {
    let leap = (year.is_multiple_of(4) && !year.is_multiple_of(100)) || year.is_multiple_of(400);
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
    let leap_days = (year / 4).wrapping_sub(year / 100).wrapping_add(year / 400);
    let days = year.wrapping_mul(365).wrapping_add(leap_days).wrapping_add(day_of_year);
    i64::from(days).wrapping_sub(EPOCH.into())
}

/// The date that lies `days` after 1970-01-01, as (year modulo 10000, month, day).
///
/// Quotient and remainder come out of one multiplication each (Neri and Schneider, "Euclidean affine functions
/// and their application to calendar algorithms", 2022), in years that begin in March.
#[inline]
pub(crate) fn civil_from_days(days: i64) -> (u32, u32, u32) {
    const CYCLE: i64 = ERA_DAYS as i64 * 25;
    let days = days.wrapping_add(719_468);
    // The wide division only outside of the years 0 to 9999.
    let days = if (0..CYCLE).contains(&days) { days as u32 } else { days.rem_euclid(CYCLE) as u32 };
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
#[inline]
pub(super) fn number(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0u32, |sum, byte| {
        let digit = byte.wrapping_sub(b'0');
        (digit <= 9).then(|| sum.wrapping_mul(10).wrapping_add(digit.into()))
    })
}

/// The nanoseconds that up to nine digits behind the point stand for.
#[inline]
pub(super) fn fraction_nanos(digits: &[u8]) -> Option<u32> {
    const SCALE: [u32; 10] =
        [1_000_000_000, 100_000_000, 10_000_000, 1_000_000, 100_000, 10_000, 1000, 100, 10, 1];
    if let [a, b, c] = digits {
        let digit = |byte: &u8| Some(u32::from(byte.wrapping_sub(b'0'))).filter(|digit| *digit <= 9);
        let (a, b, c) = (digit(a)?, digit(b)?, digit(c)?);
        return Some(
            a.wrapping_mul(100).wrapping_add(b.wrapping_mul(10)).wrapping_add(c).wrapping_mul(1_000_000),
        );
    }
    Some(number(digits)?.wrapping_mul(*SCALE.get(digits.len())?))
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
        }
    }
}
