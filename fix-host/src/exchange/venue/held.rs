//! What a person decides who plays the venue: requests that are held for him, and fills at a price that he chooses.

use fix_core::decimal::Decimal;

use super::{
    Output, Venue,
    day::{Unknown, hand_price, hand_qty},
};
use crate::exchange::{
    book::{Change, Event, NewOrder, OrderId, Phase, Quantity, Side, Ticks},
    orders::{Command, ord_rej_reason},
};

/// A trade of an order with the venue itself, beside the book.
#[derive(Clone, Copy)]
pub(super) struct Fill {
    pub(super) place: usize,
    pub(super) price: Ticks,
    pub(super) qty: Quantity,
}

/// What a person asks for who fills an order.
#[derive(Clone, Copy, Debug)]
pub struct Filling {
    /// LastPx(31).
    pub price: Option<Decimal>,
    /// LastQty(32).
    pub qty: Option<Decimal>,
    /// The price may be worse than the order's limit.
    pub beyond_limit: bool,
}

impl Venue {
    /// Requests are held for a person from now on, or no longer; those that wait go on waiting.
    pub fn hold(&mut self, holds: bool) {
        self.holds = holds;
        self.touch_venue();
    }

    /// True if requests are held for a person.
    pub fn is_holding(&self) -> bool {
        self.holds
    }

    /// If requests are held: tells that this one was taken.
    pub(super) fn holds(&mut self, out: &mut Vec<Output>) -> bool {
        if self.holds {
            out.extend(self.told.drain(..).map(Output::Order));
        }
        self.holds
    }

    /// Accepts the oldest request that waits about an order: the book does what it asks.
    ///
    /// # Errors
    /// [`Unknown::Order`], [`Unknown::Request`]
    pub fn accept(&mut self, id: OrderId, out: &mut Vec<Output>) -> Result<(), Unknown> {
        self.is_waiting(id)?;
        self.decide(id, out);
        Ok(())
    }

    /// Refuses the oldest request that waits about an order, in these words.
    ///
    /// # Errors
    /// [`Unknown::Order`], [`Unknown::Request`]
    pub fn refuse_by_hand(&mut self, id: OrderId, text: &str, out: &mut Vec<Output>) -> Result<(), Unknown> {
        self.is_waiting(id)?;
        self.orders.refuse_by_hand(id, text, &mut self.told);
        out.extend(self.told.drain(..).map(Output::Order));
        Ok(())
    }

    /// Fills an order at a price beside its book, with the venue itself. Without a price: at its limit, or where its book would
    /// fill it; without a quantity: all that is open. A new order that waits is accepted by it, and its rest goes to the book.
    ///
    /// # Errors
    /// [`Unknown::Order`], [`Unknown::Value`], [`Unknown::Price`], [`Unknown::BeyondLimit`], [`Unknown::Suspended`],
    /// [`Unknown::Closed`], [`Unknown::NotInBook`]
    pub fn fill_by_hand(
        &mut self,
        id: OrderId,
        asked: Filling,
        out: &mut Vec<Output>,
    ) -> Result<(), Unknown> {
        let Filling { price, qty, beyond_limit } = asked;
        let listing = self.orders.listing(id).cloned().ok_or(Unknown::Order)?;
        let place = listing.place;
        if self.phase_of(place) == Some(Phase::Closed) {
            return Err(Unknown::Closed);
        }
        let side = self.orders.side(id).ok_or(Unknown::Order)?;
        let price = match price {
            Some(price) => hand_price(&listing, price)?,
            None => self.usual_price(id, place, side).ok_or(Unknown::Price)?,
        };
        self.is_within_limit(id, price, beyond_limit)?;
        let open = self.orders.open(id);
        let is_new = self.orders.waits_as_new(id);
        self.is_in_book(id)?;
        if open == 0 || !is_new && !self.orders.is_live(id) {
            return Err(Unknown::Order);
        }
        let lots = qty.map_or(Ok(open), |qty| hand_qty(&listing, qty))?;
        if !(1..=open).contains(&lots) {
            let (qty, open) = (listing.qty(lots), listing.qty(open));
            return Err(Unknown::Value(format!("{qty} is not above 0 and at most the {open} that are open")));
        }
        let fill = Fill { place, price, qty: lots };
        if is_new {
            self.accept_filled(id, fill, out);
        } else {
            self.fill_live(id, fill, out);
        }
        Ok(())
    }

    /// Fills a part of an order that its book has, or all of it.
    fn fill_live(&mut self, id: OrderId, fill: Fill, out: &mut Vec<Output>) {
        let Fill { place, price, qty } = fill;
        let left = self.orders.fill(id, price, qty, &mut self.told);
        if let (Some(left), Some(market)) = (left, self.markets.get_mut(place)) {
            match left {
                0 => market.book.cancel(id, &mut self.events),
                left => market.book.replace(id, Change::open(left), &mut self.events),
            }
            // The order itself knows it by now.
            self.events.clear();
        }
        self.print_beside(id, fill);
        self.settle(place, out);
    }

    /// Accepts a new order and fills it, or a part of it, before its book has the rest.
    pub(super) fn accept_filled(&mut self, id: OrderId, fill: Fill, out: &mut Vec<Output>) {
        let Fill { place, price, qty } = fill;
        let Some(Command::Enter(order)) = self.orders.decide(id, &mut self.told) else { return };
        self.events.push(Event::Accepted { id });
        self.settle(place, out);
        self.orders.fill(id, price, qty, &mut self.told);
        self.print_beside(id, fill);
        let left = order.qty - qty;
        if let Some(market) = self.markets.get_mut(place).filter(|_| left > 0) {
            let display_qty = order.display_qty.min(left);
            let rest = NewOrder { qty: left, min_qty: 0, display_qty, ..order };
            market.book.enter(&rest, &mut self.events);
            // It was told that it is accepted.
            match self.events.first() {
                Some(Event::Accepted { .. }) => _ = self.events.remove(0),
                Some(&Event::Rejected { reason, .. }) => {
                    self.events.clear();
                    self.orders.not_taken(id, ord_rej_reason(reason).1, &mut self.told);
                }
                _ => {}
            }
        }
        self.settle(place, out);
    }

    /// A trade of the venue itself, for those who follow the market.
    fn print_beside(&mut self, id: OrderId, fill: Fill) {
        let Fill { place, price, qty } = fill;
        let maker = self.own_id();
        self.trades.record(place, Event::Traded { maker, taker: id, price, qty });
        self.keep_market(place);
        self.touch(place);
    }

    /// The limit of an order; of one without, the best price of the other side, or that of the last trade.
    fn usual_price(&self, id: OrderId, place: usize, side: Side) -> Option<Ticks> {
        let other = if side == Side::Buy { Side::Sell } else { Side::Buy };
        let last = || Some(self.day(place)?.last?.0);
        self.orders.limit(id).or_else(|| self.best(place, other)).or_else(last)
    }

    /// A price by hand is not worse than the order's limit, unless that is meant.
    pub(super) fn is_within_limit(
        &self,
        id: OrderId,
        price: Ticks,
        beyond_limit: bool,
    ) -> Result<(), Unknown> {
        let (Some(limit), Some(side)) = (self.orders.limit(id), self.orders.side(id)) else { return Ok(()) };
        let Some(listing) = self.orders.listing(id).filter(|_| !beyond_limit) else { return Ok(()) };
        if side.accepts(limit, price) {
            return Ok(());
        }
        Err(Unknown::BeyondLimit { price: listing.price(price), limit: listing.price(limit) })
    }

    fn is_waiting(&self, id: OrderId) -> Result<(), Unknown> {
        self.orders.listing(id).ok_or(Unknown::Order)?;
        if self.orders.waits(id) { Ok(()) } else { Err(Unknown::Request) }
    }
}
