//! The day of an instrument: when orders are taken, when they trade, and when they end.

use super::{
    Book,
    event::{CancelReason, Event},
    order::{PRICE_LIMIT, Side, Ticks, TimeInForce},
    store::{NIL, Place, Slot, Style},
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
    /// Orders are collected for the closing, and those that wait for it take part in the next uncross: that of the close, or
    /// of the opening if trading goes on instead.
    Closing,
}

impl Book {
    /// The phase it is in.
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// The next phase. To open, and to close from open or closing, what was collected trades at one price first. Then orders
    /// end that were for that auction; at the close, all orders do that are not good longer.
    pub fn set_phase(&mut self, phase: Phase, out: &mut Vec<Event>) {
        let before = std::mem::replace(&mut self.phase, phase);
        if before == phase {
            return;
        }
        match phase {
            Phase::Open => {
                let price = self.uncross(out);
                self.end(|time, _| time == TimeInForce::AtOpening, CancelReason::OpeningOver, out);
                // A closing may have been broken off before, by a halt too: who was released for it has had his uncross.
                let took_part = |place| !matches!(place, Place::AtClose(_));
                let is_over = |time, place| time == TimeInForce::AtClose && took_part(place);
                self.end(is_over, CancelReason::ClosingOver, out);
                self.end_market_orders(price, out);
                self.trigger_stops(out);
            }
            Phase::Closing => self.release_at_close(),
            Phase::Closed => {
                let mut price = None;
                if matches!(before, Phase::Open | Phase::Closing) {
                    self.release_at_close();
                    price = self.uncross(out);
                }
                self.end(|time, _| time == TimeInForce::AtOpening, CancelReason::OpeningOver, out);
                self.end(|time, _| time == TimeInForce::AtClose, CancelReason::ClosingOver, out);
                self.end(|time, _| time != TimeInForce::GoodTill, CancelReason::DayOver, out);
                self.end_market_orders(price, out);
            }
            Phase::PreOpen | Phase::Halted => {}
        }
    }

    /// The price of the last trade. It triggers stop orders, and an uncross comes as near to it as it can.
    pub fn last_price(&self) -> Option<Ticks> {
        self.last_price
    }

    /// Sets the price of the last trade, such as yesterday's; one that no order may have becomes the nearest that one may. It
    /// triggers nothing by itself: stop orders that it reaches are triggered when the book opens, or in an open one with the
    /// next order that is taken or change by which an order loses its place.
    pub fn set_last_price(&mut self, price: Ticks) {
        self.last_price = Some(price.clamp(-PRICE_LIMIT, PRICE_LIMIT));
    }

    /// Cancels the orders that a time is over for, which depends on where they stand.
    fn end(
        &mut self,
        is_over: impl Fn(TimeInForce, Place) -> bool,
        reason: CancelReason,
        out: &mut Vec<Event>,
    ) {
        for slot in 0..self.store.orders.len() as Slot {
            let order = &self.store.orders[slot as usize];
            let level = self.store.levels.get(order.level as usize);
            if level.is_some_and(|level| is_over(order.time_in_force, level.place)) {
                self.cancel_queued(slot, reason, out);
            }
        }
    }

    /// Market orders that are left by an uncross, which had this price, do not wait for another.
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
