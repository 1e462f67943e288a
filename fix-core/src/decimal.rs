//! Exact decimal numbers: FIX `float`, `Price`, `Qty`, `Amt`, `Percentage` and `PriceOffset`.

use core::{cmp::Ordering, fmt, str::FromStr};

use crate::ascii::{ValueError, magnitude::magnitude};

/// Digits behind the decimal point that a [`Decimal`] can hold.
pub const MAX_SCALE: u8 = 18;

/// `mantissa * 10^-scale`, exact. Trailing zeros are kept (`100.50` stays `100.50`), so a value goes back
/// on the wire as it came; comparison is by value (`1.5 == 1.50`).
///
/// Capacity: mantissa within `i64`, at most [`MAX_SCALE`] decimals. Only where trailing zeros behind the point do not
/// fit into that, they are dropped: the value stays exact.
///
/// ```
/// use fix_core::Decimal;
///
/// let price = Decimal::parse(b"101.250")?;
/// assert_eq!(price, Decimal::new(10125, 2), "equal in value");
/// assert_eq!(price.to_string(), "101.250", "and written as it came");
/// let notional = price.checked_mul(Decimal::from(300)).ok_or("too large")?;
/// assert_eq!(notional.normalized().to_string(), "30375");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Decimal {
    mantissa: i64,
    scale: u8,
}

impl Decimal {
    /// Zero, without decimals.
    pub const ZERO: Decimal = Decimal { mantissa: 0, scale: 0 };

    /// `mantissa * 10^-scale`; a scale above [`MAX_SCALE`] is clamped to it by dropping digits.
    pub const fn new(mut mantissa: i64, mut scale: u8) -> Self {
        while scale > MAX_SCALE {
            mantissa /= 10;
            scale -= 1;
        }
        Decimal { mantissa, scale }
    }

    /// The digits without the decimal point.
    pub const fn mantissa(self) -> i64 {
        self.mantissa
    }

    /// The number of decimals.
    pub const fn scale(self) -> u8 {
        self.scale
    }

    /// True for any zero, whatever its scale.
    pub const fn is_zero(self) -> bool {
        self.mantissa == 0
    }

    /// True above zero.
    pub const fn is_positive(self) -> bool {
        self.mantissa > 0
    }

    /// True below zero.
    pub const fn is_negative(self) -> bool {
        self.mantissa < 0
    }

    /// Parses FIX `float`: an optional minus, digits, an optional point (FIX 4.4 Vol. 1, "float").
    ///
    /// # Errors
    /// [`ValueError::Empty`], [`ValueError::Format`] (also for `+` and exponents, which FIX does not have),
    /// [`ValueError::Overflow`] beyond the capacity.
    #[cfg_attr(target_pointer_width = "64", inline)]
    pub fn parse(text: &[u8]) -> Result<Self, ValueError> {
        #[cfg(target_pointer_width = "64")]
        if let Some((digits, scale)) = crate::ascii::digits::short_decimal(text) {
            return Ok(Decimal { mantissa: digits as i64, scale });
        }
        Self::parse_any(text)
    }

    // Out of line, so that the short way stays small enough to be inlined.
    #[cfg_attr(target_pointer_width = "64", inline(never))]
    fn parse_any(text: &[u8]) -> Result<Self, ValueError> {
        let (negative, mut digits) = match text {
            [] => return Err(ValueError::Empty),
            [b'-', rest @ ..] => (true, rest),
            rest => (false, rest),
        };
        let (magnitude, scale) = loop {
            match held(digits) {
                Err(ValueError::Overflow) => {
                    let len = digits.len();
                    digits = without_trailing_zeros(digits);
                    if digits.len() == len {
                        return Err(ValueError::Overflow);
                    }
                }
                other => break other?,
            }
        };
        let mantissa = if negative { magnitude.wrapping_neg() } else { magnitude };
        Ok(Decimal { mantissa, scale })
    }

    /// `self + other`, or `None` on overflow. The result has the larger scale.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        let scale = self.scale.max(other.scale);
        let mantissa = self.mantissa_at(scale)?.checked_add(other.mantissa_at(scale)?)?;
        Some(Decimal { mantissa, scale })
    }

    /// `self - other`, or `None` on overflow. The result has the larger scale.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.checked_add(Decimal { mantissa: other.mantissa.checked_neg()?, scale: other.scale })
    }

    /// `self * other`, or `None` when the exact product does not fit.
    pub fn checked_mul(self, other: Self) -> Option<Self> {
        let product = i128::from(self.mantissa).checked_mul(i128::from(other.mantissa))?;
        reduce(product, self.scale.checked_add(other.scale)?)
    }

    /// `self / divisor` to `scale` decimals, half to even; `None` for a zero divisor or on overflow.
    pub fn checked_div(self, divisor: Self, scale: u8) -> Option<Self> {
        if scale > MAX_SCALE {
            return None;
        }
        let shift = i32::from(scale) + i32::from(divisor.scale) - i32::from(self.scale);
        let (numerator, denominator) = if shift >= 0 {
            (
                i128::from(self.mantissa).checked_mul(pow10(u32::try_from(shift).ok()?)?)?,
                divisor.mantissa.into(),
            )
        } else {
            let factor = pow10(shift.unsigned_abs())?;
            (i128::from(self.mantissa), i128::from(divisor.mantissa).checked_mul(factor)?)
        };
        Some(Decimal { mantissa: i64::try_from(div_half_even(numerator, denominator)?).ok()?, scale })
    }

    /// The same value with `scale` decimals, half to even where digits are lost; `None` on overflow.
    pub fn rescale(self, scale: u8) -> Option<Self> {
        self.checked_div(Decimal { mantissa: 1, scale: 0 }, scale)
    }

    /// True when the value is a whole multiple of `step` (a tick or lot size); false for a zero step.
    ///
    /// ```
    /// use fix_core::Decimal;
    ///
    /// let tick = Decimal::new(5, 2);
    /// assert!(Decimal::new(10125, 2).is_multiple_of(tick));
    /// assert!(!Decimal::new(10126, 2).is_multiple_of(tick));
    /// ```
    pub fn is_multiple_of(self, step: Self) -> bool {
        let scale = self.scale.max(step.scale);
        match (self.wide_at(scale), step.wide_at(scale)) {
            (Some(value), Some(step)) => value.checked_rem(step) == Some(0),
            _ => false,
        }
    }

    /// The same value without trailing zeros behind the point: `2.50` becomes `2.5`, `100` stays.
    pub fn normalized(self) -> Self {
        let Decimal { mut mantissa, mut scale } = self;
        while scale > 0 && mantissa % 10 == 0 {
            mantissa /= 10;
            scale -= 1;
        }
        Decimal { mantissa, scale }
    }

    fn mantissa_at(self, scale: u8) -> Option<i64> {
        i64::try_from(self.wide_at(scale)?).ok()
    }

    // Out of line, so that numbers of one scale are compared in place.
    #[cold]
    fn cmp_of_other_scale(self, other: Self) -> Ordering {
        if self.scale < other.scale {
            return other.cmp_of_other_scale(self).reverse();
        }
        // In units of the coarser one: whole ones, and what is left of the same sign. At most 10^18: it fits.
        let unit = 10_i64.wrapping_pow(u32::from(self.scale.wrapping_sub(other.scale)));
        let whole = self.mantissa.checked_div(unit).unwrap_or_default();
        let left = self.mantissa.checked_rem(unit).unwrap_or_default();
        whole.cmp(&other.mantissa).then(left.cmp(&0))
    }

    fn wide_at(self, scale: u8) -> Option<i128> {
        i128::from(self.mantissa).checked_mul(pow10(u32::from(scale.saturating_sub(self.scale)))?)
    }

    /// Writes the canonical text into the end of `buffer` and returns it.
    pub(crate) fn format(self, buffer: &mut [u8; 24]) -> &[u8] {
        let mut rest = self.mantissa.unsigned_abs();
        let mut digits = 0u8;
        let mut at = buffer.len();
        let mut put = |byte: u8, at: &mut usize| {
            *at = at.saturating_sub(1);
            if let Some(slot) = buffer.get_mut(*at) {
                *slot = byte;
            }
        };
        while rest != 0 || digits <= self.scale {
            if digits == self.scale && self.scale != 0 {
                put(b'.', &mut at);
            }
            put(b'0'.wrapping_add((rest % 10) as u8), &mut at);
            rest /= 10;
            digits = digits.wrapping_add(1);
        }
        if self.mantissa < 0 {
            put(b'-', &mut at);
        }
        buffer.get(at..).unwrap_or_default()
    }
}

/// Mantissa and scale of digits with or without a point, as they stand.
fn held(digits: &[u8]) -> Result<(i64, u8), ValueError> {
    let (magnitude, scale) = magnitude(digits)?;
    let magnitude = i64::try_from(magnitude).map_err(|_| ValueError::Overflow)?;
    let scale = scale.unwrap_or_default();
    if scale > usize::from(MAX_SCALE) { Err(ValueError::Overflow) } else { Ok((magnitude, scale as u8)) }
}

/// The same number without the zeros that end its decimals. A whole number keeps its zeros, and a lone point one.
#[allow(clippy::manual_contains, reason = "`contains` searches word by word: 150 bytes of a board's flash")]
fn without_trailing_zeros(digits: &[u8]) -> &[u8] {
    let mut shorter = digits;
    while let [front @ .., b'0'] = shorter
        && front.len() > 1
    {
        shorter = front;
    }
    if shorter.iter().any(|byte| *byte == b'.') { shorter } else { digits }
}

fn pow10(exponent: u32) -> Option<i128> {
    10i128.checked_pow(exponent)
}

/// Shrinks an exact product to an `i64` mantissa by dropping trailing zeros; `None` if digits would be lost.
fn reduce(mut mantissa: i128, mut scale: u8) -> Option<Decimal> {
    loop {
        match i64::try_from(mantissa) {
            Ok(mantissa) if scale <= MAX_SCALE => return Some(Decimal { mantissa, scale }),
            _ if scale > 0 && mantissa % 10 == 0 => {
                mantissa /= 10;
                scale = scale.wrapping_sub(1);
            }
            _ => return None,
        }
    }
}

fn div_half_even(numerator: i128, denominator: i128) -> Option<i128> {
    let quotient = numerator.checked_div(denominator)?;
    let remainder = numerator.checked_rem(denominator)?;
    let twice = remainder.unsigned_abs().checked_mul(2)?;
    let away = match twice.cmp(&denominator.unsigned_abs()) {
        Ordering::Less => false,
        Ordering::Equal => quotient % 2 != 0,
        Ordering::Greater => true,
    };
    let step = if (numerator < 0) == (denominator < 0) { 1 } else { -1 };
    if away { quotient.checked_add(step) } else { Some(quotient) }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        if self.scale == other.scale {
            return self.mantissa.cmp(&other.mantissa);
        }
        self.cmp_of_other_scale(*other)
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Decimal {}

impl core::hash::Hash for Decimal {
    fn hash<H: core::hash::Hasher>(&self, state: &mut H) {
        let mut value = *self;
        while value.scale > 0 && value.mantissa % 10 == 0 {
            value = Decimal { mantissa: value.mantissa / 10, scale: value.scale.wrapping_sub(1) };
        }
        value.mantissa.hash(state);
        value.scale.hash(state);
    }
}

impl From<i64> for Decimal {
    fn from(value: i64) -> Self {
        Decimal { mantissa: value, scale: 0 }
    }
}

impl From<i32> for Decimal {
    fn from(value: i32) -> Self {
        Decimal::from(i64::from(value))
    }
}

impl From<u32> for Decimal {
    fn from(value: u32) -> Self {
        Decimal::from(i64::from(value))
    }
}

/// Fails with [`ValueError::Overflow`] above [`i64::MAX`].
impl TryFrom<u64> for Decimal {
    type Error = ValueError;
    fn try_from(value: u64) -> Result<Self, ValueError> {
        i64::try_from(value).map(Decimal::from).map_err(|_| ValueError::Overflow)
    }
}

impl FromStr for Decimal {
    type Err = ValueError;
    fn from_str(text: &str) -> Result<Self, ValueError> {
        Decimal::parse(text.as_bytes())
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut buffer = [0u8; 24];
        f.pad(core::str::from_utf8(self.format(&mut buffer)).unwrap_or_default())
    }
}

impl fmt::Debug for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use std::string::ToString;

    use super::*;

    fn dec(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn whole_numbers_are_decimals() {
        assert_eq!(
            (Decimal::from(-7), Decimal::from(u32::MAX)),
            (Decimal::new(-7, 0), Decimal::new(4_294_967_295, 0))
        );
        assert_eq!(Decimal::try_from(5u64), Ok(Decimal::new(5, 0)));
        assert_eq!(Decimal::try_from(u64::MAX), Err(ValueError::Overflow));
    }

    #[test]
    fn text_round_trips_with_its_trailing_zeros() {
        for text in ["0", "0.00", "99.875", "-0.5", "100.50", "9223372036854775807", "-0.000000000000000001"]
        {
            assert_eq!(dec(text).to_string(), text);
        }
        assert_eq!(dec("002000.00").to_string(), "2000.00");
        assert_eq!(dec(".5").to_string(), "0.5");
        assert_eq!(dec("23.").to_string(), "23");
        assert_eq!(dec("-000000000000000000000023.50").to_string(), "-23.50");
        assert_eq!(dec("999999999999999999").to_string(), "999999999999999999");
        assert_eq!(dec(".00000000000000001").to_string(), "0.00000000000000001");
    }

    #[test]
    fn trailing_zeros_beyond_the_capacity_are_exact() {
        assert_eq!(dec("1.5000000000000000000").to_string(), "1.5");
        assert_eq!(dec("-9223372036854775807.000").to_string(), "-9223372036854775807");
        assert_eq!(dec("100.0000000000000000000000000000").to_string(), "100");
        assert_eq!(dec("0.00000000000000000000").to_string(), "0");
        assert_eq!(dec(".00000000000000000000"), Decimal::ZERO);
        assert_eq!(dec("1.000000000000000000").to_string(), "1.000000000000000000", "kept where they fit");
        for text in ["100000000000000000000", "9223372036854775808.0", "0.00000000000000000010"] {
            assert_eq!(Decimal::parse(text.as_bytes()), Err(ValueError::Overflow), "{text}");
        }
        assert_eq!(Decimal::parse(b"1.5000000000000000000x"), Err(ValueError::Format));
    }

    #[test]
    fn what_fix_does_not_have_is_refused() {
        for text in ["", "-", ".", "+1", "1e5", "1.2.3", "NaN", " 1", "1-"] {
            assert!(Decimal::parse(text.as_bytes()).is_err(), "{text}");
        }
        for text in ["000000000000000000000.1.", "00000000000000000000x", "--00000000000000000001"] {
            assert_eq!(Decimal::parse(text.as_bytes()), Err(ValueError::Format), "{text}");
        }
        assert_eq!(Decimal::parse(b"9223372036854775808"), Err(ValueError::Overflow));
        assert_eq!(Decimal::parse(b"0.0000000000000000001"), Err(ValueError::Overflow));
    }

    #[test]
    fn numbers_of_any_two_scales_compare_as_their_values_do() {
        let mut mantissas = std::vec![0, i64::MAX, i64::MAX - 1, i64::MIN, i64::MIN + 1];
        for digits in 0..19 {
            let unit = 10_i64.pow(digits);
            mantissas.extend([unit, unit - 1, unit + 1].iter().flat_map(|value| [*value, -*value]));
        }
        for (a, b) in mantissas.iter().flat_map(|a| mantissas.iter().map(move |b| (*a, *b))) {
            for (a_scale, b_scale) in [(0, 18), (18, 0), (3, 4), (4, 3), (0, 1), (1, 10), (17, 18)] {
                let (left, right) = (Decimal::new(a, a_scale), Decimal::new(b, b_scale));
                let scale = a_scale.max(b_scale);
                let wide = left.wide_at(scale).unwrap().cmp(&right.wide_at(scale).unwrap());
                assert_eq!(left.cmp(&right), wide, "{left} {right}");
            }
        }
    }

    #[test]
    fn comparison_and_hash_are_by_value() {
        assert_eq!(dec("1.50"), dec("1.5"));
        assert!(dec("-2") < dec("-1.999"));
        assert!(dec("9223372036854775807") > dec("0.000000000000000001"));
    }

    #[test]
    fn arithmetic_is_exact_or_none() {
        assert_eq!(dec("99.875").checked_add(dec("0.005")), Some(dec("99.880")));
        assert_eq!(dec("1").checked_sub(dec("0.001")), Some(dec("0.999")));
        assert_eq!(dec("1.5").checked_mul(dec("200")), Some(dec("300")));
        assert_eq!(dec("9223372036854775807").checked_add(dec("1")), None);
        assert_eq!(dec("1").checked_div(dec("3"), 4).map(|d| d.to_string()), Some("0.3333".into()));
        assert_eq!(dec("0.125").rescale(2).map(|d| d.to_string()), Some("0.12".into()));
        assert_eq!(dec("0.375").rescale(2).map(|d| d.to_string()), Some("0.38".into()));
        assert_eq!(dec("-0.126").rescale(2).map(|d| d.to_string()), Some("-0.13".into()));
        assert_eq!(dec("1").checked_div(Decimal::ZERO, 2), None);
    }

    #[test]
    fn tick_multiples() {
        assert!(dec("99.875").is_multiple_of(dec("0.005")));
        assert!(!dec("99.877").is_multiple_of(dec("0.005")));
        assert!(!dec("1").is_multiple_of(Decimal::ZERO));
    }
}
