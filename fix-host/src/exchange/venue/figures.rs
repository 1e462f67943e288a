//! What has traded in an instrument since its day began.

use fix_core::decimal::Decimal;

use crate::exchange::{
    book::{Quantity, Ticks},
    orders::average,
    packed::{Unpack, put, put_bytes, put_optional, put_signed},
};

/// The figures of a day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DayFigures {
    /// `None` without a trade.
    pub prices: Option<DayPrices>,
    /// Price and quantity of the last trade, of an earlier day too.
    pub last: Option<(Ticks, Quantity)>,
    /// How many trades there were, on earlier days too.
    pub trades: u64,
    /// The last price of the day that has closed last.
    pub close: Option<Ticks>,
    /// How much has traded; it stays at the most that can be counted.
    pub volume: Quantity,
    /// The sum of price times quantity over all trades, in ticks and lots; it stays at the most that can be counted.
    turnover: i128,
}

/// The prices of a day with trades.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayPrices {
    /// Of the first trade.
    pub open: Ticks,
    /// The highest.
    pub high: Ticks,
    /// The lowest.
    pub low: Ticks,
}

impl DayFigures {
    /// Appends them.
    pub fn pack(&self, out: &mut Vec<u8>) {
        put_optional(out, self.close);
        put_optional(out, self.last.map(|(price, _)| price));
        put(out, self.last.map_or(0, |(_, qty)| qty));
        put(out, self.trades);
        out.push(self.prices.is_some().into());
        if let Some(DayPrices { open, high, low }) = self.prices {
            [open, high, low].into_iter().for_each(|price| put_signed(out, price));
            put(out, self.volume);
            put_bytes(out, &self.turnover.to_le_bytes());
        }
    }

    /// Takes them apart; `None` if they are none.
    pub fn unpack(from: &mut Unpack<'_>) -> Option<Self> {
        let close = from.optional()?;
        let (price, qty) = (from.optional()?, from.number()?);
        let (last, trades) = (price.map(|price| (price, qty)), from.number()?);
        let figures = DayFigures { close, last, trades, ..DayFigures::default() };
        if !from.flag()? {
            return Some(figures);
        }
        let prices = DayPrices { open: from.signed()?, high: from.signed()?, low: from.signed()? };
        let (volume, turnover) = (from.number()?, i128::from_le_bytes(from.bytes()?.try_into().ok()?));
        Some(DayFigures { prices: Some(prices), volume, turnover, ..figures })
    }

    pub(super) fn trade(&mut self, price: Ticks, qty: Quantity) {
        let DayPrices { open, high, low } =
            self.prices.unwrap_or(DayPrices { open: price, high: price, low: price });
        self.prices = Some(DayPrices { open, high: high.max(price), low: low.min(price) });
        self.last = Some((price, qty));
        self.trades += 1;
        self.volume = self.volume.saturating_add(qty);
        self.turnover = self.turnover.saturating_add(i128::from(price) * i128::from(qty));
    }

    /// The day closes: its last price is the closing price, which stands until the next close.
    pub(super) fn close(&mut self) {
        self.close = self.prices.and(self.last).map(|(price, _)| price).or(self.close);
    }

    /// Another day begins.
    pub(super) fn begin(&mut self) {
        let DayFigures { last, trades, close, .. } = *self;
        *self = DayFigures { last, trades, close, ..DayFigures::default() };
    }

    /// The volume-weighted average price, with up to six decimals more than a tick has; `None` without a trade, or beyond what
    /// can be counted.
    pub fn vwap(&self, tick: Decimal) -> Option<Decimal> {
        self.prices?;
        average(self.turnover.checked_mul(tick.mantissa().into())?, self.volume.into(), tick.scale())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_has_its_prices_and_its_average() {
        let mut day = DayFigures::default();
        let tick = Decimal::new(5, 3);
        assert_eq!((day.prices, day.vwap(tick)), (None, None));
        for (price, qty) in [(20_000, 10), (20_010, 20), (19_990, 10)] {
            day.trade(price, qty);
        }
        assert_eq!(day.prices, Some(DayPrices { open: 20_000, high: 20_010, low: 19_990 }));
        assert_eq!((day.last, day.volume), (Some((19_990, 10)), 40));
        assert_eq!(day.vwap(tick).unwrap().to_string(), "100.0125");
        for day in [day, DayFigures::default(), DayFigures { close: Some(-7), ..DayFigures::default() }] {
            let mut packed = Vec::new();
            day.pack(&mut packed);
            assert_eq!(DayFigures::unpack(&mut Unpack(&packed)), Some(day));
        }
    }

    #[test]
    fn the_close_stands_until_the_next_one() {
        let mut day = DayFigures::default();
        day.trade(7, 1);
        day.close();
        day.begin();
        assert_eq!((day.prices, day.volume, day.close, day.last), (None, 0, Some(7), Some((7, 1))));
        day.close();
        assert_eq!(day.close, Some(7), "nothing has traded since");
        day.trade(9, 1);
        day.close();
        assert_eq!(day.close, Some(9));
    }
}
