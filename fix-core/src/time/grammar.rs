//! The grammar of dates and times, in nom. UTCTimestamp, which every message carries, is parsed by hand
//! in `timestamp.rs`: there the combinators would cost.

use nom::{
    IResult, Parser,
    branch::alt,
    bytes::complete::tag,
    character::complete::char,
    combinator::{all_consuming, map_opt, opt, rest, verify},
    sequence::{preceded, terminated},
};

use super::{
    Precision,
    calendar::{self, is_date, number},
};

/// Hour, minute, second (60 is a leap second), nanoseconds and the digits they were given with.
pub(super) type TimeParts = (u32, u32, u32, u32, Precision);

/// `HH:MM:SS`, and a point with one to twelve decimals.
pub(super) fn time_of_day(text: &[u8]) -> Option<TimeParts> {
    whole(clock, text)
}

/// What follows the year and month of a MonthYear value.
#[derive(Clone, Copy)]
pub(super) enum Within {
    Month,
    Day(u32),
    Week(u32),
}

/// `YYYYMM`, `YYYYMMDD` or `YYYYMMWw`.
pub(super) fn month_year(text: &[u8]) -> Option<(u32, u32, Within)> {
    let number_of_week = verify(digits(1), |week| (1..=5).contains(week));
    let week = preceded(alt((char('w'), char('W'))), number_of_week).map(Within::Week);
    let within =
        alt((week, digits(2).map(Within::Day), verify(rest, <[u8]>::is_empty).map(|_| Within::Month)));
    let (year, month, within) = whole((digits(4), digits(2), within), text)?;
    let day = match within {
        Within::Day(day) => day,
        _ => 1,
    };
    is_date(year, month, day).then_some((year, month, within))
}

/// TZTimeOnly: `HH:MM[:SS[.s*]]` and `Z` or an offset (FIX 5.0, for dictionaries that use it).
pub(crate) fn is_tz_time(text: &[u8]) -> bool {
    whole(tz_time, text).is_some()
}

/// TZTimestamp: `YYYYMMDD-` and a TZTimeOnly.
pub(crate) fn is_tz_timestamp(text: &[u8]) -> bool {
    whole(preceded(terminated(year_month_day, char('-')), tz_time), text).is_some()
}

fn whole<'a, T>(
    grammar: impl Parser<&'a [u8], Output = T, Error = nom::error::Error<&'a [u8]>>,
    text: &'a [u8],
) -> Option<T> {
    all_consuming(grammar).parse(text).ok().map(|(_, value)| value)
}

/// A number of exactly `count` digits. Not nom's `take`, whose split the compiler cannot prove free of panics.
fn digits<'a>(count: usize) -> impl Parser<&'a [u8], Output = u32, Error = nom::error::Error<&'a [u8]>> {
    move |text: &'a [u8]| {
        let split = text.split_at_checked(count);
        split
            .and_then(|(digits, rest)| Some((rest, number(digits)?)))
            .ok_or(nom::Err::Error(nom::error::Error::new(text, nom::error::ErrorKind::Digit)))
    }
}

fn below<'a>(
    count: usize,
    limit: u32,
) -> impl Parser<&'a [u8], Output = u32, Error = nom::error::Error<&'a [u8]>> {
    verify(digits(count), move |number| *number < limit)
}

fn year_month_day(text: &[u8]) -> IResult<&[u8], (u32, u32, u32)> {
    verify((digits(4), digits(2), digits(2)), |(year, month, day)| is_date(*year, *month, *day)).parse(text)
}

fn clock(text: &[u8]) -> IResult<&[u8], TimeParts> {
    let fraction = map_opt(preceded(char('.'), rest), calendar::fraction);
    (terminated(below(2, 24), char(':')), terminated(below(2, 60), char(':')), below(2, 61), opt(fraction))
        .map(|(hour, minute, second, fraction)| {
            let (nanos, precision) = fraction.unwrap_or((0, Precision::Seconds));
            (hour, minute, second, nanos, precision)
        })
        .parse(text)
}

fn tz_time(text: &[u8]) -> IResult<&[u8], ()> {
    let is_fraction = |digits: &[u8]| !digits.is_empty() && digits.len() <= 12;
    let fraction = preceded(char('.'), verify(nom::character::complete::digit1, is_fraction));
    let seconds = preceded(char(':'), (below(2, 61), opt(fraction)));
    let offset = (alt((char('+'), char('-'))), below(2, 13), opt(preceded(char(':'), below(2, 60))));
    (below(2, 24), char(':'), below(2, 60), opt(seconds), alt((tag("Z").map(|_| ()), offset.map(|_| ()))))
        .map(|_| ())
        .parse(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_with_an_offset() {
        for good in ["07:39Z", "02:39-05", "15:39+08", "13:09:30+05:30", "07:39:59.123456Z"] {
            assert!(is_tz_time(good.as_bytes()), "{good}");
            assert!(is_tz_timestamp(std::format!("20060901-{good}").as_bytes()), "{good}");
        }
        for bad in ["", "07:39", "7:39Z", "07:39:61Z", "07:39+13", "07:39Zx", "07:39:59.Z", "24:00Z"] {
            assert!(!is_tz_time(bad.as_bytes()), "{bad}");
        }
        assert!(!is_tz_timestamp(b"20060931-07:39Z"));
    }
}
