//! New orders: which are taken, and where they go.

use super::{
    Book,
    event::{CancelReason, Event, RejectReason},
    order::{NewOrder, PRICE_LIMIT, Quantity, Side, Ticks, TimeInForce, can_show},
    phase::Phase,
    stops::is_triggered,
    store::{NIL, Order, Place, Slot, Style},
};

impl Book {
    /// Takes a new order, or says why not.
    pub fn enter(&mut self, new: &NewOrder, out: &mut Vec<Event>) {
        let (style, price, stop) = Style::of(new.kind);
        let open = match self.objection(new, style, price, stop) {
            Ok(open) => open,
            Err(reason) => return out.push(Event::Rejected { id: new.id, reason }),
        };
        self.open[new.side as usize] = open;
        let mut order = Order {
            id: new.id,
            price,
            shown: 0,
            hidden: 0,
            display_qty: new.display_qty,
            stamp: 0,
            level: NIL,
            owner: new.owner,
            side: new.side,
            style,
            time_in_force: new.time_in_force,
        };
        order.show(new.qty);
        let slot = self.store.add(order);
        self.ids.insert(new.id, slot);
        out.push(Event::Accepted { id: new.id });
        match stop {
            Some(stop) => self.wait_for_trigger(slot, stop, out),
            None => self.place_new(slot, new.min_qty, out),
        }
        self.trigger_stops(out);
    }

    /// The open quantity of the side with this order, or why the order is not taken.
    fn objection(
        &self,
        new: &NewOrder,
        style: Style,
        price: Ticks,
        stop: Option<Ticks>,
    ) -> Result<Quantity, RejectReason> {
        let in_range = |price: Ticks| (-PRICE_LIMIT..=PRICE_LIMIT).contains(&price);
        if !in_range(price) || !stop.is_none_or(in_range) {
            return Err(RejectReason::Price);
        }
        if new.qty == 0
            || new.min_qty > new.qty
            || new.display_qty > new.qty
            || !can_show(new.display_qty, new.qty)
        {
            return Err(RejectReason::Quantity);
        }
        let open = self.open[new.side as usize].checked_add(new.qty).ok_or(RejectReason::Quantity)?;
        if self.find(new.id).is_some() {
            return Err(RejectReason::DuplicateId);
        }
        self.objection_to_time(new, style, stop)?;
        Ok(open)
    }

    /// Whether there is still a time for what the order asks.
    fn objection_to_time(
        &self,
        new: &NewOrder,
        style: Style,
        stop: Option<Ticks>,
    ) -> Result<(), RejectReason> {
        use TimeInForce::{AtClose, AtOpening};
        let is_of_auction = matches!(new.time_in_force, AtOpening | AtClose);
        // Nothing waits with a minimum, and what cannot wait or has no limit has nothing to hide.
        let hides = new.display_qty > 0;
        if (stop.is_some() || is_of_auction) && new.min_qty > 0
            || stop.is_some() && is_of_auction
            || hides && (new.time_in_force.is_immediate() || matches!(style, Style::Market | Style::Stop))
        {
            return Err(RejectReason::Combination);
        }
        let is_in_time = match self.phase {
            Phase::Closed => false,
            Phase::Open => new.time_in_force != AtOpening,
            Phase::PreOpen | Phase::Halted | Phase::Closing => {
                // A stop that waits for its trigger may be immediate afterwards.
                let needs_trading = new.time_in_force.is_immediate() && stop.is_none() || new.min_qty > 0;
                let is_late = new.time_in_force == AtOpening && self.phase != Phase::PreOpen;
                !needs_trading && !is_late
            }
        };
        if is_in_time { Ok(()) } else { Err(RejectReason::Phase) }
    }

    /// Trades a new order or puts it where it waits.
    fn place_new(&mut self, slot: Slot, min_qty: Quantity, out: &mut Vec<Event>) {
        let order = &self.store.orders[slot as usize];
        let (side, price) = (order.side, order.price);
        if order.time_in_force == TimeInForce::AtClose && self.phase != Phase::Closing {
            self.put(slot, Place::AtClose(side), 0);
        } else if self.phase == Phase::Open {
            self.execute(slot, min_qty, out);
        } else {
            self.collect(slot, side, price);
        }
    }

    /// Puts an order where the next uncross finds it.
    pub(super) fn collect(&mut self, slot: Slot, side: Side, price: Ticks) {
        match self.store.orders[slot as usize].style {
            Style::Market | Style::MarketToLimit => self.put(slot, Place::Market(side), 0),
            _ => self.put(slot, Place::Book(side), price),
        }
    }

    /// Trades an order that stands in no queue as far as it can, and rests or cancels what is left.
    pub(super) fn execute(&mut self, slot: Slot, min_qty: Quantity, out: &mut Vec<Event>) {
        let order = &self.store.orders[slot as usize];
        let (open, time_in_force, side) = (order.open(), order.time_in_force, order.side);
        let (needed, missed) = match time_in_force {
            TimeInForce::FillOrKill => (open, CancelReason::NotImmediate),
            _ => (min_qty, CancelReason::BelowMinimum),
        };
        if needed > 0 && !self.can_trade(slot, needed) {
            return self.cancel_unlinked(slot, missed, out);
        }
        let outcome = self.trade(slot, out);
        if outcome.open == 0 {
            return self.forget(slot);
        }
        let order = &mut self.store.orders[slot as usize];
        if outcome.open < open {
            order.show(outcome.open);
        }
        let reason = match (order.style, outcome.last_price) {
            _ if outcome.met_own_order => CancelReason::SelfMatch,
            _ if time_in_force.is_immediate() => CancelReason::NotImmediate,
            (Style::Limit, _) => {
                let price = order.price;
                return self.put(slot, Place::Book(side), price);
            }
            (Style::MarketToLimit, Some(price)) => return self.rest_at(slot, price),
            _ => CancelReason::NoCounterparty,
        };
        self.cancel_unlinked(slot, reason, out);
    }

    /// What is left of a market order becomes a limit order.
    pub(super) fn rest_at(&mut self, slot: Slot, price: Ticks) {
        let order = &mut self.store.orders[slot as usize];
        (order.style, order.price) = (Style::Limit, price);
        let side = order.side;
        self.put(slot, Place::Book(side), price);
    }

    /// A new or changed stop order waits, unless its price has been reached.
    pub(super) fn wait_for_trigger(&mut self, slot: Slot, stop: Ticks, out: &mut Vec<Event>) {
        let side = self.store.orders[slot as usize].side;
        let is_reached = self.last_price.is_some_and(|last| is_triggered(side, stop, last));
        if self.phase == Phase::Open && is_reached {
            self.trigger(slot, out);
        } else {
            self.put(slot, Place::Stops(side), stop);
        }
    }
}
