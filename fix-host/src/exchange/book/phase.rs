//! The day of an instrument: when orders are taken, when they trade, and when they end.

use super::{
    Book,
    event::{CancelReason, Event},
    order::{Side, Ticks, TimeInForce},
    store::{NIL, Slot, Style},
};

/// What the book does with orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// No order is taken or changed; orders that outlive the day may be cancelled.
    Closed,
    /// Orders are collected, those for the opening too.
    PreOpen,
    /// Orders trade as they come.
    Open,
    /// Orders are collected as before the opening; nothing trades.
    Halted,
    /// Orders are collected for the closing, and those that were entered for it take part.
    Closing,
}

impl Book {
    /// The phase it is in.
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// The next phase. To open, and to close from open or closing, what was collected trades at one price first. At the
    /// close, orders for the day end, and so do orders for an auction when it is over.
    pub fn set_phase(&mut self, phase: Phase, out: &mut Vec<Event>) {
        let before = std::mem::replace(&mut self.phase, phase);
        if before == phase {
            return;
        }
        match phase {
            Phase::Open => {
                let price = self.uncross(out);
                self.end(|order| order == TimeInForce::AtOpening, CancelReason::OpeningOver, out);
                if before == Phase::Closing {
                    self.end(|order| order == TimeInForce::AtClose, CancelReason::ClosingOver, out);
                }
                self.end_market_orders(price, out);
                self.trigger_stops(out);
            }
            Phase::Closing => self.release_at_close(),
            Phase::Closed => {
                if matches!(before, Phase::Open | Phase::Closing) {
                    self.release_at_close();
                    self.uncross(out);
                }
                self.end(|order| order == TimeInForce::AtOpening, CancelReason::OpeningOver, out);
                self.end(|order| order == TimeInForce::AtClose, CancelReason::ClosingOver, out);
                self.end(|order| order != TimeInForce::GoodTill, CancelReason::DayOver, out);
                self.end_market_orders(None, out);
            }
            Phase::PreOpen | Phase::Halted => {}
        }
    }

    /// The price of the last trade. It triggers stop orders, and an uncross comes as near to it as it can.
    pub fn last_price(&self) -> Option<Ticks> {
        self.last_price
    }

    /// Sets the price of the last trade, such as yesterday's. It takes effect with the next request or phase.
    pub fn set_last_price(&mut self, price: Ticks) {
        self.last_price = Some(price);
    }

    /// Cancels the orders that a time is over for.
    fn end(&mut self, is_over: impl Fn(TimeInForce) -> bool, reason: CancelReason, out: &mut Vec<Event>) {
        for slot in 0..self.store.orders.len() as Slot {
            let order = &self.store.orders[slot as usize];
            if order.level != NIL && is_over(order.time_in_force) {
                self.cancel_queued(slot, reason, out);
            }
        }
    }

    /// Market orders that are left by an uncross do not wait for another.
    fn end_market_orders(&mut self, price: Option<Ticks>, out: &mut Vec<Event>) {
        for side in [Side::Buy, Side::Sell] {
            while let Some(slot) = self.first(super::market_queue(side)) {
                self.unlink(slot);
                let style = self.store.orders[slot as usize].style;
                match price.filter(|_| style == Style::MarketToLimit) {
                    Some(price) => self.rest_at(slot, price),
                    None => self.cancel_unlinked(slot, CancelReason::NoCounterparty, out),
                }
            }
        }
    }

    /// Orders for the closing take part from now on.
    fn release_at_close(&mut self) {
        for side in [Side::Buy, Side::Sell] {
            while let Some(slot) = self.first(super::close_queue(side)) {
                self.unlink(slot);
                let price = self.store.orders[slot as usize].price;
                self.collect(slot, side, price);
            }
        }
    }

    /// The first order of a queue.
    pub(super) fn first(&self, queue: u32) -> Option<Slot> {
        let first = self.store.levels[queue as usize].first;
        (first != NIL).then_some(first)
    }
}
