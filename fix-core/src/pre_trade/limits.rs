//! What may be sent, and the exact arithmetic of it.

use crate::decimal::Decimal;

/// The limits of one scope; what is `None` is not checked. The default checks nothing. Limits may
/// come: end a literal with `..Limits::default()`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Limits {
    /// The largest OrderQty(38).
    pub max_order_qty: Option<Decimal>,
    /// The largest Price(44) times OrderQty(38), as plain numbers: neither the contract's multiplier nor a
    /// price in percent of par is looked at. An order without a price counts with the last price.
    pub max_notional: Option<Decimal>,
    /// How far Price(44) may be from the last price, either way.
    pub price_band: Option<BasisPoints>,
    /// What to do when a price is needed (notional, band) and none is known.
    pub without_price: WithoutPrice,
    /// Orders and replacements in any second.
    pub max_orders_per_second: Option<u32>,
    /// Orders that are working at one time.
    pub max_open_orders: Option<u32>,
}

/// Hundredths of a percent: 250 is 2.5 %.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct BasisPoints(pub u32);

/// What becomes of an order whose check needs a price that nobody has told yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum WithoutPrice {
    /// It is refused: what cannot be checked is not sent.
    #[default]
    Refuse,
    /// It passes.
    Pass,
}

/// True if `price * qty`, without its sign, is above `limit`. Exact, also where the product fits no [`Decimal`].
#[inline]
pub(super) fn is_notional_above(price: Decimal, qty: Decimal, limit: Decimal) -> bool {
    if limit.is_negative() {
        return true;
    }
    let most = limit.mantissa().cast_unsigned();
    // Two factors of at most 2^63 make a product of at most 2^126.
    let product = wide_product(price.mantissa().unsigned_abs(), qty.mantissa().unsigned_abs());
    let scale = price.scale().wrapping_add(qty.scale());
    match scale.checked_sub(limit.scale()) {
        Some(digits) => match power_of_10(digits) {
            Some(power) => product > wide_product(most, power),
            None => is_above(product, digits, most),
        },
        None => is_above_finer(product, limit.scale().wrapping_sub(scale), most),
    }
}

/// True if `value * 10^digits > limit`, where the limit has more decimals than price and quantity together.
#[cold]
fn is_above_finer(value: u128, digits: u8, limit: u64) -> bool {
    match power_of_10(digits) {
        Some(power) => value.checked_mul(power.into()).is_none_or(|value| value > limit.into()),
        None => value != 0,
    }
}

/// True if `price` is further from `last` than `band` of the size of `last`.
#[inline]
pub(super) fn is_outside_band(price: Decimal, last: Decimal, band: BasisPoints) -> bool {
    let scale = price.scale().max(last.scale());
    if let (Some(price), Some(last)) = (short(price, scale), short(last, scale)) {
        // In hundredths of a percent of the last price, at the scale of both.
        return wide_product(price.abs_diff(last), 10_000) > wide_product(last.unsigned_abs(), band.0.into());
    }
    is_far_outside(price, last, band)
}

/// The same for mantissas that only 128 bits hold.
#[cold]
fn is_far_outside(price: Decimal, last: Decimal, band: BasisPoints) -> bool {
    let scale = price.scale().max(last.scale());
    let (Some(price), Some(last)) = (wide(price, scale), wide(last, scale)) else { return true };
    price.abs_diff(last).saturating_mul(10_000) > last.unsigned_abs().saturating_mul(band.0.into())
}

/// The mantissa of `value` with `scale` decimals, if 64 bits hold it.
#[inline]
fn short(value: Decimal, scale: u8) -> Option<i64> {
    match scale.wrapping_sub(value.scale()) {
        0 => Some(value.mantissa()),
        digits => value.mantissa().checked_mul(power_of_10(digits)?.cast_signed()),
    }
}

/// The same for any scale that a [`Decimal`] has: at most 2^63 times 10^18.
fn wide(value: Decimal, scale: u8) -> Option<i128> {
    let power = power_of_10(scale.wrapping_sub(value.scale()))?;
    Some(i128::from(value.mantissa()).wrapping_mul(power.into()))
}

/// True if `value > limit * 10^digits`; what fits no 128 bits is larger than any value.
#[cold]
fn is_above(value: u128, digits: u8, limit: u64) -> bool {
    let limit = power_of_10(digits.wrapping_sub(18))
        .and_then(|power| wide_product(limit, power).checked_mul(1_000_000_000_000_000_000));
    limit.is_some_and(|limit| value > limit)
}

#[inline]
fn wide_product(a: u64, b: u64) -> u128 {
    u128::from(a).wrapping_mul(u128::from(b))
}

/// 10^0 to 10^18.
#[inline]
fn power_of_10(exponent: u8) -> Option<u64> {
    POWERS_OF_10.get(usize::from(exponent)).copied()
}

const POWERS_OF_10: [u64; 19] = {
    let mut powers = [1; 19];
    let mut at = 1;
    while at < powers.len() {
        powers[at] = powers[at - 1] * 10;
        at += 1;
    }
    powers
};
