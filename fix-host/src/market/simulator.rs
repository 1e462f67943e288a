//! The random walk: all prices follow one factor, as a yield curve does, and each has noise of its own beside it.

use fix_core::{decimal::Decimal, time::UtcTimestamp};
use rand::{RngExt, SeedableRng, rngs::ChaCha12Rng};

use super::{Instrument, default_instruments};
use crate::contract::price::{Price, Snapshot, Source};

/// Parts in a thousand of its step that the most extreme value of the factor moves a price by; noise of its own has the rest.
const FACTOR: i64 = 750;

/// Decimals of [`Quote::vwap`].
pub const VWAP_DECIMALS: u8 = 4;

/// The market of one instrument at one moment. All prices but `vwap` are on the instrument's grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quote {
    /// Symbol(55).
    pub symbol: &'static str,
    /// The best bid.
    pub bid: Decimal,
    /// The best ask; always above the bid.
    pub ask: Decimal,
    /// The middle of bid and ask.
    pub mid: Decimal,
    /// The mid minus the initial price.
    pub change: Decimal,
    /// The running mean of all mids so far, the initial price included, with [`VWAP_DECIMALS`] decimals.
    /// The simulator has no volumes, so each mid weighs the same.
    pub vwap: Decimal,
}

impl Quote {
    /// What the simulator says at the moment `at`.
    fn price(self, at: UtcTimestamp) -> Price {
        Price {
            symbol: self.symbol,
            source: Source::Simulated,
            bid: Some(self.bid),
            ask: Some(self.ask),
            mid: Some(self.mid),
            change: Some(self.change),
            vwap: Some(self.vwap),
            last: None,
            at,
            is_stale: false,
        }
    }
}

/// The simulated market. The same seed gives the same prices on every machine and with every build:
/// the generator is ChaCha12 by name and not the library's changeable default.
#[derive(Debug)]
pub struct Market {
    random: ChaCha12Rng,
    walks: Vec<Walk>,
}

impl Market {
    /// The market of [`default_instruments`].
    pub fn new(seed: u64) -> Self {
        Self::with_instruments(seed, &default_instruments())
    }

    /// A market of other instruments.
    pub fn with_instruments(seed: u64, instruments: &[Instrument]) -> Self {
        Market {
            random: ChaCha12Rng::seed_from_u64(seed),
            walks: instruments.iter().copied().map(Walk::new).collect(),
        }
    }

    /// Moves every price by one random step: most of it is common to all.
    pub fn tick(&mut self) {
        let factor = self.random.random_range(-FACTOR..=FACTOR);
        for walk in &mut self.walks {
            let noise = self.random.random_range(FACTOR - 1_000..=1_000 - FACTOR);
            walk.step(factor + noise);
        }
    }

    /// The quotes of this moment, in the order of the instruments.
    pub fn quotes(&self) -> Vec<Quote> {
        self.walks.iter().map(Walk::quote).collect()
    }

    /// The middle of bid and ask of the instrument at this place.
    pub fn middle(&self, place: usize) -> Option<Decimal> {
        self.walks.get(place).map(|walk| walk.price(walk.mid))
    }

    /// The quotes as prices, stamped by the caller's clock.
    pub fn snapshot(&self, taken_at: UtcTimestamp) -> Snapshot {
        let prices = self.walks.iter().map(|walk| walk.quote().price(taken_at));
        Snapshot { prices: prices.collect() }
    }

    /// What is quoted, in its order.
    pub fn instruments(&self) -> Vec<Instrument> {
        self.walks.iter().map(|walk| walk.instrument).collect()
    }

    /// The symbols, in the order of the instruments.
    pub fn symbols(&self) -> impl Iterator<Item = &'static str> {
        self.walks.iter().map(|walk| walk.instrument.symbol)
    }
}

/// One price on its way. Prices are counted in ticks, which keeps them on the grid by construction.
#[derive(Debug)]
struct Walk {
    instrument: Instrument,
    initial: i64,
    mid: i64,
    step: i64,
    half_spread: i64,
    /// Sum and number of all mids, for the mean.
    sum: i128,
    count: i64,
}

impl Walk {
    fn new(instrument: Instrument) -> Self {
        let ticks = |value: Decimal| whole_ticks(value, instrument.tick);
        let half_spread = ticks(instrument.half_spread).max(1);
        let initial = ticks(instrument.initial).max(half_spread + 1);
        Walk {
            instrument,
            initial,
            mid: initial,
            step: ticks(instrument.step).max(0),
            half_spread,
            sum: initial.into(),
            count: 1,
        }
    }

    /// Moves by so many thousandths of the largest step, rounded to whole ticks.
    fn step(&mut self, thousandths: i64) {
        let by = i128::from(self.step) * i128::from(thousandths);
        let ticks = (by + if by < 0 { -500 } else { 500 }) / 1_000;
        let moved = self.mid.saturating_add(i64::try_from(ticks).unwrap_or(0));
        // Below one tick of bid there is no market: the walk stops at the floor and turns.
        self.mid = moved.max(self.half_spread + 1);
        self.sum += i128::from(self.mid);
        self.count = self.count.saturating_add(1);
    }

    fn quote(&self) -> Quote {
        Quote {
            symbol: self.instrument.symbol,
            bid: self.price(self.mid - self.half_spread),
            ask: self.price(self.mid.saturating_add(self.half_spread)),
            mid: self.price(self.mid),
            change: self.price(self.mid - self.initial),
            vwap: self.mean(),
        }
    }

    fn price(&self, ticks: i64) -> Decimal {
        let tick = self.instrument.tick;
        Decimal::new(ticks.saturating_mul(tick.mantissa()), tick.scale())
    }

    /// The mean with [`VWAP_DECIMALS`] decimals; the sum is kept in 128 bits, so no tick is ever left out.
    fn mean(&self) -> Decimal {
        let whole = self.sum.div_euclid(i128::from(self.count));
        let rest = self.sum.rem_euclid(i128::from(self.count));
        let fraction = Decimal::from(i64::try_from(rest).unwrap_or(0))
            .checked_mul(self.instrument.tick)
            .and_then(|rest| rest.checked_div(Decimal::from(self.count), VWAP_DECIMALS));
        let whole = self.price(i64::try_from(whole).unwrap_or(self.mid));
        fraction
            .and_then(|fraction| whole.checked_add(fraction))
            .and_then(|mean| mean.rescale(VWAP_DECIMALS))
            .unwrap_or(whole)
    }
}

/// `value / tick`, rounded towards zero; 0 for a tick of zero.
fn whole_ticks(value: Decimal, tick: Decimal) -> i64 {
    let scale = value.scale().max(tick.scale());
    match (value.rescale(scale), tick.rescale(scale)) {
        (Some(value), Some(tick)) => value.mantissa().checked_div(tick.mantissa()).unwrap_or(0),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dec(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn the_same_seed_gives_the_same_prices_and_another_seed_others() {
        let run = |seed| {
            let mut market = Market::new(seed);
            (0..200).for_each(|_| market.tick());
            market.quotes()
        };
        assert_eq!(run(7), run(7));
        assert_ne!(run(7), run(8));
    }

    #[test]
    fn a_seed_keeps_its_prices_from_build_to_build() {
        let mut market = Market::new(42);
        (0..3).for_each(|_| market.tick());
        let mids: Vec<String> = market.quotes().iter().map(|quote| quote.mid.to_string()).collect();
        assert_eq!(
            mids,
            [
                "99.875", "99.100", "98.500", "96.245", "95.790", "102.124", "110.150", "119.045", "96.500",
                "96.355"
            ]
        );
    }

    #[test]
    fn the_first_quotes_are_the_initial_prices() {
        let quotes = Market::new(1).quotes();
        assert_eq!(quotes.len(), 10);
        let two_year = quotes[0];
        assert_eq!(two_year.symbol, "2Y");
        assert_eq!(two_year.bid.to_string(), "99.870");
        assert_eq!(two_year.ask.to_string(), "99.880");
        assert_eq!(two_year.mid.to_string(), "99.875");
        assert!(two_year.change.is_zero());
        assert_eq!(two_year.vwap.to_string(), "99.8750");
    }

    #[test]
    fn prices_stay_on_the_grid_inside_the_step_and_never_cross() {
        let mut market = Market::new(3);
        let mut before = market.quotes();
        for _ in 0..2000 {
            market.tick();
            let quotes = market.quotes();
            for ((quote, old), instrument) in quotes.iter().zip(&before).zip(default_instruments()) {
                assert!(quote.bid < quote.mid && quote.mid < quote.ask, "{quote:?}");
                for price in [quote.bid, quote.ask, quote.mid, quote.change] {
                    assert!(price.is_multiple_of(instrument.tick), "{quote:?}");
                }
                assert_eq!(quote.mid.checked_sub(instrument.half_spread), Some(quote.bid));
                assert_eq!(quote.mid.checked_sub(instrument.initial), Some(quote.change));
                let moved = quote.mid.checked_sub(old.mid).unwrap();
                assert!(moved <= instrument.step && moved >= dec("0").checked_sub(instrument.step).unwrap());
            }
            before = quotes;
        }
    }

    #[test]
    fn prices_move_together_and_not_as_one() {
        let mut market = Market::new(11);
        let (mut together, mut apart) = (0, 0);
        let mut before = market.quotes();
        for _ in 0..2000 {
            market.tick();
            let quotes = market.quotes();
            let moved = |at: usize| quotes[at].mid.checked_sub(before[at].mid).unwrap();
            let (ten_year, thirty_year) = (moved(3), moved(4));
            if ten_year.is_positive() && thirty_year.is_positive()
                || ten_year.is_negative() && thirty_year.is_negative()
            {
                together += 1;
            } else if !ten_year.is_zero() && !thirty_year.is_zero() {
                apart += 1;
            }
            before = quotes;
        }
        assert!(together > 10 * apart, "{together} {apart}");
        assert!(apart > 0 && market.quotes()[3].change != market.quotes()[4].change);
    }

    #[test]
    fn vwap_is_the_mean_of_all_mids() {
        let mut market = Market::new(9);
        let mut sum = market.quotes()[2].mid;
        for count in 2..500i64 {
            market.tick();
            let quote = market.quotes()[2];
            sum = sum.checked_add(quote.mid).unwrap();
            assert_eq!(sum.checked_div(Decimal::from(count), VWAP_DECIMALS), Some(quote.vwap));
        }
    }

    #[test]
    fn a_price_near_zero_stays_positive() {
        let penny = Instrument {
            symbol: "PENNY",
            initial: dec("0.05"),
            tick: dec("0.01"),
            step: dec("0.50"),
            half_spread: dec("0.01"),
            fields: &[],
            listed: &[],
            place: "",
        };
        let mut market = Market::with_instruments(5, &[penny]);
        for _ in 0..1000 {
            market.tick();
            assert!(market.quotes()[0].bid.is_positive());
        }
    }
}
