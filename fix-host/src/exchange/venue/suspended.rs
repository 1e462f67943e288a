//! Orders that a person takes out of trading for a while, and the end of a day in figures.

use super::{Output, Venue, day::Unknown};
use crate::exchange::{
    book::{CancelReason, Event, Kind, OrderId, Phase},
    orders::ord_rej_reason,
};

impl Venue {
    /// Takes an order out of its book until it is [resumed](Self::resume): it keeps its quantity and loses its place. It may be
    /// cancelled meanwhile, and it ends with its time as any other.
    ///
    /// # Errors
    /// [`Unknown::Order`], [`Unknown::NotAccepted`], [`Unknown::Suspended`], [`Unknown::NotInBook`]
    pub fn suspend(&mut self, id: OrderId, out: &mut Vec<Output>) -> Result<(), Unknown> {
        self.is_live(id)?;
        let terms = self.orders.picture(id).ok_or(Unknown::Order)?.terms;
        let (place, kind) = (terms.listing.place, terms.kind);
        let market = self.markets.get_mut(place).ok_or(Unknown::Order)?;
        let order = market.book.order(id).ok_or(Unknown::Order)?;
        let kind = match (order.stop, order.price, kind) {
            // It waits for its trigger as before.
            (Some(_), _, kind) => kind,
            (None, Some(limit), _) => Kind::Limit(limit),
            (None, None, Kind::Stop(_)) => Kind::Market,
            (None, None, kind) => kind,
        };
        market.book.cancel(id, &mut self.events);
        // It is not cancelled to its session.
        self.events.clear();
        self.orders.suspend(id, kind, &mut self.told);
        self.touch(place);
        self.settle(place, out);
        Ok(())
    }

    /// An order that was suspended is in its book again, behind the others at its price, and trades at once if it can.
    ///
    /// # Errors
    /// [`Unknown::Order`], [`Unknown::NotSuspended`], [`Unknown::Closed`]
    pub fn resume(&mut self, id: OrderId, out: &mut Vec<Output>) -> Result<(), Unknown> {
        let place = self.orders.listing(id).ok_or(Unknown::Order)?.place;
        if !self.orders.is_suspended(id) {
            return Err(Unknown::NotSuspended);
        }
        let market = self.markets.get_mut(place).filter(|market| market.book.phase() != Phase::Closed);
        let market = market.ok_or(Unknown::Closed)?;
        if let Some(order) = self.orders.resume(id, &mut self.told) {
            market.book.enter(&order, &mut self.events);
        }
        if let [Event::Rejected { reason, .. }] = self.events[..] {
            self.events.clear();
            self.orders.not_taken(id, ord_rej_reason(reason).1, &mut self.told);
        }
        self.settle(place, out);
        Ok(())
    }

    /// With the close, orders for the day end that are suspended or wait to be accepted, as those in the books did.
    pub(super) fn end_beside_book(&mut self, place: Option<usize>, phase: Phase, out: &mut Vec<Output>) {
        if phase == Phase::Closed {
            for id in self.orders.beside_book_for_day(place) {
                self.orders.end_open(id, CancelReason::DayOver, &mut self.told);
            }
            out.extend(self.told.drain(..).map(Output::Order));
        }
    }

    /// The day is over, and what it traded is told: 150=B of each order that traded and is filled or done for the day. How many
    /// there are.
    ///
    /// # Errors
    /// [`Unknown::NotClosed`]
    pub fn calculate(&mut self, out: &mut Vec<Output>) -> Result<usize, Unknown> {
        if self.phase != Phase::Closed {
            return Err(Unknown::NotClosed);
        }
        let count = self.orders.calculate(&mut self.told);
        out.extend(self.told.drain(..).map(Output::Order));
        Ok(count)
    }
}
