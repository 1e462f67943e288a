//! Orders that an earlier start had: known again, and in their books.

use fix_core::{decimal::Decimal, time::UtcTimestamp};

use super::{Output, Venue, request::Named};
use crate::exchange::{
    book::{Event, Kind, NewOrder, OrderId, Phase, Ticks},
    orders::{Restored, ord_rej_reason},
};

/// Why an order is not restored whose price and quantity cannot be told in the steps of its instrument.
const OTHER_STEPS: &str =
    "the exchange was restarted with other steps of price or quantity for this instrument";

impl Venue {
    /// Numbers of orders, of the venue's own too, of executions and of trades go on behind this one.
    pub fn begin_numbers(&mut self, number: u64) {
        self.orders.begin_numbers(number);
        self.trades.begin_numbers(number);
        self.maker_ids = number;
    }

    /// An instrument traded at this price last.
    pub fn restore_last(&mut self, symbol: &str, tick: Decimal, price: Ticks) {
        let Ok((listing, is_new)) = self.listings.find_or_add(Named::Symbol(symbol), false) else { return };
        if is_new {
            self.add_market();
        }
        if listing.tick != tick {
            return;
        }
        if let Some(market) = self.markets.get_mut(listing.place) {
            market.book.set_last_price(price);
            market.last_price = Some(price);
        }
    }

    /// Takes orders of an earlier start, in the order of their places in the queues. Nothing trades by it but what would
    /// cross `now`, when those end first whose time has come meanwhile. One for an instrument that has other steps now is cancelled, and told so.
    pub fn restore(&mut self, orders: Vec<Restored>, now: UtcTimestamp, out: &mut Vec<Output>) {
        for place in 0..self.markets.len() {
            self.collect(place, true, out);
        }
        for order in orders {
            self.restore_one(order, out);
        }
        self.advance(now, out);
        // Where they stand is kept already; where the uncross moves them is not.
        self.marks(|_, _| ());
        for place in 0..self.markets.len() {
            self.collect(place, false, out);
        }
    }

    /// While a book collects, nothing trades in it.
    fn collect(&mut self, place: usize, collects: bool, out: &mut Vec<Output>) {
        let phase = if collects { Phase::PreOpen } else { self.phase };
        if let Some(market) = self.markets.get_mut(place) {
            market.book.set_phase(phase, &mut self.events);
        }
        self.settle(place, out);
    }

    fn restore_one(&mut self, restored: Restored, out: &mut Vec<Output>) {
        let named = Named::Symbol(&restored.symbol);
        let Ok((listing, is_new)) = self.listings.find_or_add(named, false) else { return };
        if is_new {
            self.add_market();
            self.collect(listing.place, true, out);
        }
        let (id, place) = (OrderId(restored.id), listing.place);
        let (owner, side, display_qty) = (restored.owner, restored.side, restored.display_qty);
        let (time_in_force, expires, is_over) = (restored.time_in_force, restored.expires, restored.is_over);
        let has_other_steps = (listing.tick, listing.lot) != (restored.tick, restored.lot);
        let (stands, kind) = (restored.stands, restored.kind);
        // What is left of a market order, or a stop order that was triggered.
        let kind = stands.map_or(kind, |(limit, _)| Kind::Limit(limit));
        let qty = self.orders.restore(restored, listing, &mut self.told);
        if qty == 0 {
            return self.settle(place, out);
        }
        if is_over {
            self.orders.end_of_day(id, &mut self.told);
        } else if has_other_steps {
            self.orders.not_taken(id, OTHER_STEPS, &mut self.told);
        } else {
            let display_qty = display_qty.min(qty);
            let order = NewOrder { id, owner, side, kind, time_in_force, qty, min_qty: 0, display_qty };
            if let Some(market) = self.markets.get_mut(place) {
                market.book.enter(&order, &mut self.events);
                if let Some((_, shown)) = stands.filter(|_| display_qty > 0) {
                    market.book.show(id, shown);
                }
            }
            if let [Event::Rejected { reason, .. }] = self.events[..] {
                self.events.clear();
                self.orders.not_taken(id, ord_rej_reason(reason).1, &mut self.told);
            }
            if let Some(expires) = expires {
                self.endings.add(expires, id);
            }
        }
        self.settle(place, out);
    }
}
