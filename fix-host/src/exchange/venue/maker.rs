//! The venue's own quotes: orders in the book as any others, of an owner who is no session.

use fix_core::decimal::Decimal;

use super::{MAKER, Output, Venue};
use crate::exchange::book::{NewOrder, OrderId, Quantity, Side, Ticks, TimeInForce};

/// Prices that a quote stands at, of each side.
const LEVELS: i64 = 5;

/// How much it shows at each.
const LEVEL_QTY: i64 = 100_000_000;

/// The numbers of the maker's orders, which no session's order has.
pub(super) const FIRST_ID: u64 = 1 << 63;

impl Venue {
    /// Quotes the instrument at this place, in place of what was quoted before: at `bid` and `ask`, and at the next ticks behind
    /// them. What crosses them trades.
    pub fn quote(&mut self, place: usize, bid: Decimal, ask: Decimal, out: &mut Vec<Output>) {
        let Some(listing) = self.listings().get(place) else { return };
        let (Ok(bid), Ok(ask)) = (listing.ticks(bid), listing.ticks(ask)) else { return };
        let qty = listing.lots(Decimal::new(LEVEL_QTY, 0)).unwrap_or(1);
        self.unquote(place, out);
        for level in 0..LEVELS {
            for (side, price) in [(Side::Buy, bid - level), (Side::Sell, ask + level)] {
                // A cheap instrument has fewer prices below its best one.
                if price > 0 {
                    self.own_order(place, side, price, qty, TimeInForce::GoodTill);
                }
            }
        }
        self.settle(place, out);
    }

    /// Takes the quotes of an instrument out of its book.
    pub fn unquote(&mut self, place: usize, out: &mut Vec<Output>) {
        let Some(market) = self.markets.get_mut(place) else { return };
        for id in market.quotes.drain(..) {
            market.book.cancel(id, &mut self.events);
        }
        self.settle(place, out);
    }

    fn own_order(
        &mut self,
        place: usize,
        side: Side,
        price: Ticks,
        qty: Quantity,
        time_in_force: TimeInForce,
    ) -> OrderId {
        let id = self.own_id();
        if let Some(market) = self.markets.get_mut(place) {
            let order = NewOrder::limit(id, MAKER, side, qty, price).lasting(time_in_force);
            market.book.enter(&order, &mut self.events);
            market.quotes.push(id);
        }
        id
    }
}
