//! JSON numbers and [`Decimal`], exact in both directions and never through a float.

use fix_core::{
    decimal::{Decimal, MAX_SCALE},
    time::UtcTimestamp,
};
use serde_json::Number;

/// Why a JSON number is no [`Decimal`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    /// Beyond 18 decimals, or digits that do not fit 64 bits.
    #[error(
        "is too large or too fine: at most 18 decimals, and at most 9223372036854775807 without the point"
    )]
    TooManyDigits,
}

/// The exact value of a JSON number; exponents are resolved (`1e-05`, as Python writes it).
///
/// # Errors
/// [`NumberError::TooManyDigits`] when the value is beyond a [`Decimal`].
pub fn decimal(number: &Number) -> Result<Decimal, NumberError> {
    let text = number.as_str();
    let (digits, exponent) = match text.split_once(['e', 'E']) {
        None => (text, 0),
        Some((digits, exponent)) => {
            (digits, exponent.parse::<i32>().map_err(|_| NumberError::TooManyDigits)?)
        }
    };
    let value = Decimal::parse(digits.as_bytes()).map_err(|_| NumberError::TooManyDigits)?;
    shifted(value, exponent).ok_or(NumberError::TooManyDigits)
}

/// `value * 10^exponent`, exact.
fn shifted(value: Decimal, exponent: i32) -> Option<Decimal> {
    if value.is_zero() || exponent == 0 {
        return Some(value);
    }
    let value = value.normalized();
    let scale = i32::from(value.scale()).checked_sub(exponent)?;
    match u8::try_from(scale) {
        Ok(scale) => (scale <= MAX_SCALE).then(|| Decimal::new(value.mantissa(), scale)),
        Err(_) if scale < 0 => {
            let factor = 10i64.checked_pow(scale.unsigned_abs())?;
            Some(Decimal::from(value.mantissa().checked_mul(factor)?))
        }
        Err(_) => None,
    }
}

/// The value with exactly its digits: `100.50` stays `100.50`.
pub fn json(value: Decimal) -> Number {
    Number::from_string_unchecked(value.to_string())
}

/// Seconds since 1970-01-01 as a JSON number with milliseconds, the form of every `timestamp` and `ts`.
pub fn unix_seconds(moment: UtcTimestamp) -> Number {
    let nanos = i128::from(moment.unix_seconds()) * 1_000_000_000 + i128::from(moment.subsec_nanos());
    let millis = i64::try_from(nanos.div_euclid(1_000_000)).unwrap_or(i64::MAX);
    json(Decimal::new(millis, 3))
}

/// The moment that lies `seconds` after 1970-01-01, digits beyond a nanosecond cut off; `None` before 1970,
/// after 9999, and for what no clock writes.
pub fn moment(seconds: &Number) -> Option<UtcTimestamp> {
    const YEAR_10000: i64 = 253_402_300_800;
    let text = seconds.as_str();
    let seconds = match text.split_once('.') {
        Some((whole, fraction)) if fraction.bytes().all(|byte| byte.is_ascii_digit()) => {
            let fraction = fraction.get(..9).unwrap_or(fraction);
            Decimal::parse(format!("{whole}.{fraction}").as_bytes()).ok()?
        }
        _ => decimal(seconds).ok()?,
    };
    if seconds.is_negative() || seconds >= Decimal::from(YEAR_10000) {
        return None;
    }
    let one = 10i64.checked_pow(seconds.scale().into())?;
    let fraction = i128::from(seconds.mantissa() % one) * 1_000_000_000 / i128::from(one);
    Some(UtcTimestamp::from_unix(seconds.mantissa() / one, u32::try_from(fraction).ok()?))
}

/// True if prices that move by this step are said in 32nds: a 32nd, its half, quarter or eighth.
pub fn is_in_32nds(tick: Decimal) -> bool {
    (0..4).any(|halves| i128::from(tick.mantissa()) * (32 << halves) == 10_i128.pow(tick.scale().into()))
}

#[cfg(test)]
mod tests {
    use fix_core::time::Precision;

    use super::*;

    fn parse(text: &str) -> Result<String, NumberError> {
        decimal(&serde_json::from_str::<Number>(text).unwrap()).map(|value| value.to_string())
    }

    #[test]
    fn the_digits_of_a_number_survive() {
        for text in ["0", "100", "99.875", "-0.10", "100.50", "9223372036854775807", "0.000000000000000001"] {
            assert_eq!(parse(text).as_deref(), Ok(text));
            let value: Decimal = text.parse().unwrap();
            assert_eq!(serde_json::to_string(&json(value)).unwrap(), text);
        }
    }

    #[test]
    fn exponents_are_resolved_exactly() {
        assert_eq!(parse("1e-05").as_deref(), Ok("0.00001"));
        assert_eq!(parse("1.5E3").as_deref(), Ok("1500"));
        assert_eq!(parse("1.25e+1").as_deref(), Ok("12.5"));
        assert_eq!(parse("0e999").as_deref(), Ok("0"));
    }

    #[test]
    fn what_cannot_be_held_exactly_is_refused() {
        for text in
            ["9223372036854775808", "1e19", "1e-19", "1e999999999", "1e99999999999", "0.1234567890123456789"]
        {
            assert_eq!(parse(text), Err(NumberError::TooManyDigits), "{text}");
        }
    }

    #[test]
    fn float_seconds_become_a_moment_without_a_float() {
        let shown = |text: &str| {
            let moment = moment(&serde_json::from_str(text).unwrap())?;
            let mut out = [0; fix_core::time::UTC_TIMESTAMP_LEN];
            let len = moment.with_precision(Precision::Nanos).format(&mut out);
            String::from_utf8(out[..len].to_vec()).ok()
        };
        assert_eq!(shown("1795499580.123456").as_deref(), Some("20261124-05:53:00.123456000"));
        assert_eq!(shown("0").as_deref(), Some("19700101-00:00:00.000000000"));
        assert_eq!(shown("1.99999999999999999999").as_deref(), Some("19700101-00:00:01.999999999"));
        assert_eq!(shown("1.7954995801e9").as_deref(), Some("20261124-05:53:00.100000000"));
        assert_eq!(shown("-1"), None);
        assert_eq!(shown("253402300800"), None);
        assert_eq!(unix_seconds(UtcTimestamp::from_unix(1795499580, 123_956_000)).as_str(), "1795499580.123");
    }
}
