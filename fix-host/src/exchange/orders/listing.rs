//! What orders are for: an instrument, with what a tick of its price and a lot of its quantity are worth.

use std::sync::Arc;

use fix_core::{
    decimal::{Decimal, MAX_SCALE},
    dict::fix44::code,
};

use super::super::book::{PRICE_LIMIT, Quantity, Ticks};

/// An instrument of the venue. Orders and reports share it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Listing {
    /// Which book of the venue is its own.
    pub place: usize,
    /// Symbol(55).
    pub symbol: Arc<str>,
    /// By which requests may name it instead.
    pub security_id: Option<SecurityId>,
    /// PriceType(423) of its prices, if the list says it.
    pub price_type: Option<code::PriceType>,
    /// The smallest step of a price, above zero.
    pub tick: Decimal,
    /// The smallest step of a quantity, above zero.
    pub lot: Decimal,
    /// It stands in the venue's list. Of others the steps are as fine as they come, and prices are told without trailing zeros.
    pub is_listed: bool,
}

/// SecurityID(48), and SecurityIDSource(22) if that is known.
pub type SecurityId = (String, Option<String>);

/// Why a number cannot be a price or a quantity here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OffGrid {
    /// It lies between two steps.
    Between,
    /// It is beyond what the book can count.
    Beyond,
}

impl Listing {
    /// A price in ticks.
    ///
    /// # Errors
    /// [`OffGrid`].
    pub fn ticks(&self, price: Decimal) -> Result<Ticks, OffGrid> {
        let ticks = steps(price, self.tick)?;
        if (-PRICE_LIMIT..=PRICE_LIMIT).contains(&ticks) { Ok(ticks) } else { Err(OffGrid::Beyond) }
    }

    /// A quantity in lots.
    ///
    /// # Errors
    /// [`OffGrid`]; [`OffGrid::Beyond`] below zero too.
    pub fn lots(&self, qty: Decimal) -> Result<Quantity, OffGrid> {
        steps(qty, self.lot).and_then(|lots| Quantity::try_from(lots).map_err(|_| OffGrid::Beyond))
    }

    /// The price of so many ticks; zero if no [`Decimal`] holds it, which no price that was taken is.
    pub fn price(&self, ticks: Ticks) -> Decimal {
        let price = ticks
            .checked_mul(self.tick.mantissa())
            .map_or(Decimal::ZERO, |mantissa| Decimal::new(mantissa, self.tick.scale()));
        if self.is_listed { price } else { price.normalized() }
    }

    /// So many lots as a quantity, without trailing zeros; zero if no [`Decimal`] holds it, likewise.
    pub fn qty(&self, lots: Quantity) -> Decimal {
        let Ok(lots) = i64::try_from(lots) else { return Decimal::ZERO };
        let unit = POWERS[usize::from(self.lot.scale())];
        if self.lot.mantissa() == 1 && lots % unit == 0 {
            return Decimal::new(lots / unit, 0);
        }
        let mantissa = lots.checked_mul(self.lot.mantissa());
        mantissa.map_or(Decimal::ZERO, |mantissa| Decimal::new(mantissa, self.lot.scale()).normalized())
    }
}

/// How many steps a value is.
fn steps(value: Decimal, step: Decimal) -> Result<i64, OffGrid> {
    if step.scale() >= value.scale() {
        // What nearly all are: no more decimals than the step.
        let factor = POWERS[usize::from(step.scale() - value.scale())];
        let mantissa = value.mantissa().checked_mul(factor).ok_or(OffGrid::Beyond)?;
        return match step.mantissa() {
            1 => Ok(mantissa),
            step if step > 0 && mantissa % step == 0 => Ok(mantissa / step),
            _ => Err(OffGrid::Between),
        };
    }
    // A multiple of the step has no more decimals than it but for zeros.
    match value.normalized() {
        value if value.scale() <= step.scale() => steps(value, step),
        _ => Err(OffGrid::Between),
    }
}

/// The powers of ten that are between two scales.
const POWERS: [i64; MAX_SCALE as usize + 1] = {
    let mut powers = [1_i64; MAX_SCALE as usize + 1];
    let mut at = 1;
    while at < powers.len() {
        powers[at] = powers[at - 1].saturating_mul(10);
        at += 1;
    }
    powers
};

#[cfg(test)]
mod tests {
    use super::*;

    fn dec(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn listing(tick: &str, lot: &str, is_listed: bool) -> Listing {
        let (tick, lot) = (dec(tick), dec(lot));
        Listing { place: 0, symbol: "5Y".into(), security_id: None, price_type: None, tick, lot, is_listed }
    }

    #[test]
    fn prices_are_whole_ticks_or_none() {
        let listing = listing("0.005", "0.25", true);
        for (price, ticks) in
            [("98.500", 19_700), ("98.5", 19_700), ("98.50500000", 19_701), ("-0.005", -1), ("0", 0)]
        {
            assert_eq!(listing.ticks(dec(price)), Ok(ticks), "{price}");
        }
        for price in ["98.501", "98.5050000001", "0.0049"] {
            assert_eq!(listing.ticks(dec(price)), Err(OffGrid::Between), "{price}");
        }
        assert_eq!(listing.ticks(Decimal::new(i64::MAX, 0)), Err(OffGrid::Beyond));
        assert_eq!(listing.price(19_700).to_string(), "98.500");
        assert_eq!(listing.lots(dec("2.5")), Ok(10));
        assert_eq!(listing.lots(dec("-1")), Err(OffGrid::Beyond));
        assert_eq!(listing.lots(dec("0.1")), Err(OffGrid::Between));
        assert_eq!(listing.qty(10).to_string(), "2.5");
    }

    #[test]
    fn what_is_in_no_list_is_told_without_zeros() {
        let listing = listing("0.000001", "0.000001", false);
        assert_eq!(listing.price(listing.ticks(dec("187.20")).unwrap()).to_string(), "187.2");
        assert_eq!(listing.qty(listing.lots(dec("100")).unwrap()).to_string(), "100");
        assert_eq!(listing.qty(listing.lots(dec("0.25")).unwrap()).to_string(), "0.25");
        assert_eq!(listing.qty(u64::MAX), Decimal::ZERO);
    }
}
