//! The uncross: everything that was collected trades at one price.

use std::ops::RangeInclusive;

use super::{
    Book, SelfMatch,
    event::{CancelReason, Event},
    order::{PRICE_LIMIT, Quantity, Side, Ticks},
    store::{LevelAt, NIL, Order, Slot},
};

/// The prices that are best so far: most is traded there, and of those, least is left over.
struct Best {
    volume: Quantity,
    left_over: Quantity,
    prices: RangeInclusive<Ticks>,
}

impl Best {
    /// Looks at prices, higher than those before, at which `buys` and `sells` could trade.
    fn consider(&mut self, prices: RangeInclusive<Ticks>, buys: Quantity, sells: Quantity) {
        let (volume, left_over) = (buys.min(sells), buys.abs_diff(sells));
        let is_better = volume > self.volume || volume == self.volume && left_over < self.left_over;
        if is_better {
            *self = Best { volume, left_over, prices };
        } else if volume == self.volume && left_over == self.left_over {
            self.prices = *self.prices.start()..=*prices.end();
        }
    }
}

impl Book {
    /// Trades what crosses at one price, which is returned: the one where most is traded, of those where least is left over,
    /// and of those the nearest to the last price. Where nothing has traded yet, it is the middle of them.
    pub(super) fn uncross(&mut self, out: &mut Vec<Event>) -> Option<Ticks> {
        let price = loop {
            let price = self.uncross_price()?;
            // Without that order, most may be traded at another price.
            match self.own_counterparty(price) {
                Some(slot) => self.cancel_queued(slot, CancelReason::SelfMatch, out),
                None => break price,
            }
        };
        while let (Some(buy), Some(sell)) = (self.front(Side::Buy, price), self.front(Side::Sell, price)) {
            let (buyer, seller) = (&self.store.orders[buy as usize], &self.store.orders[sell as usize]);
            let qty = buyer.open().min(seller.open());
            out.push(Event::Crossed { buy: buyer.id, sell: seller.id, price, qty });
            self.fill_in_uncross(buy, qty);
            self.fill_in_uncross(sell, qty);
        }
        self.last_price = Some(price);
        Some(price)
    }

    /// The price of an uncross; `None` if nothing trades at any.
    pub fn uncross_price(&self) -> Option<Ticks> {
        let total = |at: LevelAt| {
            let level = &self.store.levels[at as usize];
            level.shown + level.hidden
        };
        let market = [Side::Buy, Side::Sell].map(|side| total(super::market_queue(side)));
        let price_at = |at: LevelAt| self.store.levels.get(at as usize).map(|level| level.price);
        let [mut bid, mut ask] = [&self.ladders[0], &self.ladders[1]].map(|ladder| ladder.lowest);
        let mut buys = market[0] + self.levels(Side::Buy).map(total).sum::<Quantity>();
        let mut sells = market[1];
        let ends = |side: Side| {
            let ladder = &self.ladders[side as usize];
            [ladder.lowest, ladder.highest].into_iter().filter_map(price_at)
        };
        let limits = || ends(Side::Buy).chain(ends(Side::Sell));
        let (Some(lowest), Some(highest)) = (limits().min(), limits().max()) else {
            // Market orders alone have no other price than the last.
            return self.last_price.filter(|_| market[0] > 0 && market[1] > 0);
        };
        let mut best = Best { volume: 0, left_over: Quantity::MAX, prices: 0..=0 };
        if lowest > -PRICE_LIMIT {
            best.consider(-PRICE_LIMIT..=lowest - 1, buys, sells);
        }
        while let Some(price) = price_at(bid).into_iter().chain(price_at(ask)).min() {
            if price_at(ask) == Some(price) {
                sells += total(ask);
                ask = self.store.levels[ask as usize].above;
            }
            best.consider(price..=price, buys, sells);
            if price_at(bid) == Some(price) {
                buys -= total(bid);
                bid = self.store.levels[bid as usize].above;
            }
            // Between two limits, and beyond them, the same orders trade at any price.
            let next = price_at(bid).into_iter().chain(price_at(ask)).min().unwrap_or(PRICE_LIMIT + 1);
            if next - price > 1 {
                best.consider(price + 1..=next - 1, buys, sells);
            }
        }
        let (low, high) = best.prices.into_inner();
        let middle = || {
            let (low, high) = (low.clamp(lowest, highest), high.clamp(lowest, highest));
            low + (high - low) / 2
        };
        (best.volume > 0).then(|| self.last_price.unwrap_or_else(middle).clamp(low, high))
    }

    /// One of two orders of the same owner that would trade with each other at this price, the one that the rule cancels.
    fn own_counterparty(&self, price: Ticks) -> Option<Slot> {
        if self.self_match == SelfMatch::Allow {
            return None;
        }
        let mut fronts = [Side::Buy, Side::Sell].map(|side| self.in_uncross(side, price));
        let mut next = |side: usize| fronts[side].next();
        let (mut buy, mut sell) = (next(0)?, next(1)?);
        let (mut buy_open, mut sell_open) = (buy.1.open(), sell.1.open());
        loop {
            if buy.1.owner == sell.1.owner {
                let (elder, younger) = if buy.1.stamp < sell.1.stamp { (buy, sell) } else { (sell, buy) };
                return Some(if self.self_match == SelfMatch::CancelResting { elder.0 } else { younger.0 });
            }
            let qty = buy_open.min(sell_open);
            buy_open -= qty;
            sell_open -= qty;
            if buy_open == 0 {
                buy = next(0)?;
                buy_open = buy.1.open();
            }
            if sell_open == 0 {
                sell = next(1)?;
                sell_open = sell.1.open();
            }
        }
    }

    /// The orders of a side that an uncross at this price may trade: market orders, then by price and time.
    fn in_uncross(&self, side: Side, price: Ticks) -> impl Iterator<Item = (Slot, &Order)> {
        let levels = self
            .levels(side)
            .take_while(move |at| side.accepts(self.store.levels[*at as usize].price, price));
        std::iter::once(super::market_queue(side)).chain(levels).flat_map(|at| self.store.queue(at))
    }

    /// The first of them.
    fn front(&self, side: Side, price: Ticks) -> Option<Slot> {
        self.first(super::market_queue(side)).or_else(|| {
            let level = self.store.levels.get(self.best_level(side) as usize)?;
            side.accepts(level.price, price).then_some(level.first)
        })
    }

    /// The levels of a side, the best price first.
    pub(super) fn levels(&self, side: Side) -> impl Iterator<Item = LevelAt> {
        let first = Some(self.best_level(side)).filter(|at| *at != NIL);
        std::iter::successors(first, move |at| Some(self.next_level(side, *at)).filter(|at| *at != NIL))
    }

    /// Takes what has traded off an order. What it hides takes part in an uncross as well, so it keeps its place.
    fn fill_in_uncross(&mut self, slot: Slot, qty: Quantity) {
        let order = &mut self.store.orders[slot as usize];
        self.open[order.side as usize] -= qty;
        let level = &mut self.store.levels[order.level as usize];
        let (shown, hidden) = (order.shown, order.hidden);
        order.show(shown + hidden - qty);
        level.shown = level.shown - shown + order.shown;
        level.hidden = level.hidden - hidden + order.hidden;
        if order.open() == 0 {
            self.unlink(slot);
            self.forget(slot);
        }
    }
}
