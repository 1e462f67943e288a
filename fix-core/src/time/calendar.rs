//! Calendar arithmetic and the digits that all date and time values are made of.

/// True for a day of the proleptic Gregorian calendar.
pub(crate) fn is_date(year: u32, month: u32, day: u32) -> bool {
    let leap = (year.is_multiple_of(4) && !year.is_multiple_of(100)) || year.is_multiple_of(400);
    let last = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => return false,
    };
    (1..=last).contains(&day)
}

/// Days from 1970-01-01 to a date (the era algorithm for the proleptic Gregorian calendar).
pub(crate) fn days_from_civil(year: u32, month: u32, day: u32) -> i64 {
    let (year, month, day) = (i64::from(year), i64::from(month), i64::from(day));
    let year = if month <= 2 { year.wrapping_sub(1) } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let shifted = if month > 2 { month.wrapping_sub(3) } else { month.wrapping_add(9) };
    let day_of_year = shifted.wrapping_mul(153).wrapping_add(2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era.wrapping_mul(146_097).wrapping_add(day_of_era).wrapping_sub(719_468)
}

/// The date that lies `days` after 1970-01-01, as (year modulo 10000, month, day).
pub(crate) fn civil_from_days(days: i64) -> (u32, u32, u32) {
    let days = days.wrapping_add(719_468);
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = era.wrapping_mul(400).wrapping_add(year_of_era).wrapping_add(i64::from(month <= 2));
    (year.rem_euclid(10_000) as u32, month as u32, day as u32)
}

/// The two decimal digits of a number below 100.
pub(super) fn two_digits(value: u32) -> [u8; 2] {
    [b'0'.wrapping_add((value / 10 % 10) as u8), b'0'.wrapping_add((value % 10) as u8)]
}

/// The number that up to nine digits stand for; `None` if one is no digit.
pub(super) fn number(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0u32, |sum, byte| {
        let digit = byte.wrapping_sub(b'0');
        (digit <= 9).then(|| sum.wrapping_mul(10).wrapping_add(digit.into()))
    })
}

/// The nanoseconds that up to nine digits behind the point stand for.
pub(super) fn fraction_nanos(digits: &[u8]) -> Option<u32> {
    let missing = 9u32.checked_sub(u32::try_from(digits.len()).ok()?)?;
    number(digits)?.checked_mul(10u32.checked_pow(missing)?)
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
