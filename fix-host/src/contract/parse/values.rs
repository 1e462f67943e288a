//! Values as clients write them.

use std::borrow::Cow;

use fix_core::{decimal::Decimal, time::UtcTimestamp};
use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use serde_json::{Number, Value};

use crate::contract::{json_object::type_name, number, order_error::OrderProblem};

/// A moment that was read.
pub(super) struct Moment {
    pub moment: UtcTimestamp,
    /// It says no time zone, and is taken as UTC.
    pub lacks_zone: bool,
}

/// Seconds since 1970, a time of ISO 8601 such as `2026-11-24T16:00:00+01:00`, or of FIX such as `20261124-16:00:00.250`.
pub(super) fn moment(field: &'static str, value: &Value) -> Result<Moment, OrderProblem> {
    let with_zone = |moment| Moment { moment, lacks_zone: false };
    // Eight digits in quotes are the date of something, not a day in 1970.
    let is_date =
        value.as_str().is_some_and(|text| text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit()));
    if let Some(seconds) = number_of(value).filter(|_| !is_date) {
        return number::moment(&seconds).map(with_zone).ok_or(OrderProblem::Timestamp { field });
    }
    let text = value.as_str().ok_or_else(|| wrong_type(field, "a number or a time", value))?.trim();
    if let Ok(moment) = UtcTimestamp::parse(text.as_bytes()) {
        return Ok(with_zone(moment));
    }
    // A date alone is no moment.
    let has_time = text.contains(['T', 't', ' ']);
    let civil = || TimeZone::UTC.to_timestamp(text.parse::<DateTime>().ok()?).ok();
    let read = text.parse::<Timestamp>().ok().map(|moment| (moment, false));
    let read = read.or_else(|| civil().filter(|_| has_time).map(|moment| (moment, true)));
    let moment = read.and_then(|(moment, lacks_zone)| Some(Moment { moment: utc(moment)?, lacks_zone }));
    moment.ok_or(OrderProblem::Timestamp { field })
}

/// `None` before 1970.
fn utc(moment: Timestamp) -> Option<UtcTimestamp> {
    let nanos = u32::try_from(moment.subsec_nanosecond()).ok()?;
    (moment.as_second() >= 0).then(|| UtcTimestamp::from_unix(moment.as_second(), nanos))
}

/// A number, also in quotes.
pub(super) fn number_of(value: &Value) -> Option<Cow<'_, Number>> {
    match value {
        Value::Number(number) => Some(Cow::Borrowed(number)),
        Value::String(text) => {
            let text = text.trim();
            serde_json::from_str(text.strip_prefix('+').unwrap_or(text)).ok().map(Cow::Owned)
        }
        _ => None,
    }
}

/// The digits of an integer that stands where a text is expected.
pub(super) fn integer(value: &Value) -> Option<String> {
    let digits = value.as_number()?.as_str();
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.to_owned())
}

pub(super) fn wrong_type(field: &'static str, expected: &'static str, found: &Value) -> OrderProblem {
    OrderProblem::WrongType { field, expected, found: type_name(found) }
}

pub(super) fn positive(field: &'static str, value: Decimal) -> Result<Decimal, OrderProblem> {
    if value.is_positive() { Ok(value) } else { Err(OrderProblem::NotPositive { field }) }
}

pub(super) fn check_text(field: &'static str, text: &str, max: usize) -> Result<(), OrderProblem> {
    if text.is_empty() {
        return Err(OrderProblem::Empty { field });
    }
    let chars = text.chars().count();
    if chars > max {
        return Err(OrderProblem::TooManyChars { field, chars, max });
    }
    match text.chars().enumerate().find(|(_, c)| !matches!(c, ' '..='~')) {
        Some((index, character)) => Err(OrderProblem::BadCharacter { field, character, at: index + 1 }),
        None => Ok(()),
    }
}
