//! Changes and cancellations of orders that are in the book.

use super::{
    Book,
    event::{CancelReason, Event, RejectReason},
    order::{Change, OrderId, Owner, PRICE_LIMIT, Quantity, Side, Ticks, TimeInForce, can_show},
    phase::Phase,
    store::{NIL, Place, Slot, Style},
};

/// What an order is to be.
struct Target {
    price: Ticks,
    /// The price in its level: of its trigger, if it waits for that.
    level_price: Ticks,
    open: Quantity,
    display_qty: Quantity,
    /// The order stays where it stands in its queue.
    keeps_place: bool,
}

impl Book {
    /// Changes an order, or says why not. With less open, or for another time, it keeps its place in the queue; with more, at
    /// another price, or with more or less to be seen it goes to the end. At a price that crosses, it trades.
    pub fn replace(&mut self, id: OrderId, change: Change, out: &mut Vec<Event>) {
        let found = self.find(id).ok_or(RejectReason::UnknownId);
        let (slot, target) = match found.and_then(|slot| Ok((slot, self.target(slot, change)?))) {
            Ok(found) => found,
            Err(reason) => return out.push(Event::Rejected { id, reason }),
        };
        let Target { price, level_price, open, display_qty, keeps_place } = target;
        let order = &mut self.store.orders[slot as usize];
        order.time_in_force = change.time_in_force.unwrap_or(order.time_in_force);
        let order = &self.store.orders[slot as usize];
        let (side, place) = (order.side, self.store.levels[order.level as usize].place);
        let side_open = &mut self.open[side as usize];
        *side_open = *side_open - order.open() + open;
        out.push(Event::Replaced { id, open });
        if keeps_place {
            return self.reduce(slot, open);
        }
        self.unlink(slot);
        let order = &mut self.store.orders[slot as usize];
        (order.price, order.display_qty) = (price, display_qty);
        order.show(open);
        match place {
            Place::Book(_) if self.phase == Phase::Open && self.crosses(side, price) => {
                self.execute(slot, 0, out);
            }
            Place::Stops(_) => self.wait_for_trigger(slot, level_price, out),
            _ => self.put(slot, place, price),
        }
        self.trigger_stops(out);
    }

    /// What the order is to be, or why it cannot be changed so.
    #[inline]
    fn target(&self, slot: Slot, change: Change) -> Result<Target, RejectReason> {
        if self.phase == Phase::Closed {
            return Err(RejectReason::Phase);
        }
        let order = &self.store.orders[slot as usize];
        let level = &self.store.levels[order.level as usize];
        let waits = matches!(level.place, Place::Stops(_));
        let has_limit = matches!(order.style, Style::Limit | Style::StopLimit);
        let price = change.price.unwrap_or(order.price);
        let stop = change.stop.unwrap_or(level.price);
        if change.price.is_some() && !has_limit
            || change.stop.is_some() && !waits
            || !(-PRICE_LIMIT..=PRICE_LIMIT).contains(&price)
            || !(-PRICE_LIMIT..=PRICE_LIMIT).contains(&stop)
        {
            return Err(RejectReason::Price);
        }
        let was_open = order.open();
        let open = change.open.unwrap_or(was_open);
        let display_qty = change.display_qty.unwrap_or(order.display_qty);
        let others = self.open[order.side as usize] - was_open;
        if open == 0
            || !can_show(display_qty, open)
            || change.display_qty.is_some_and(|qty| qty > open)
            || others.checked_add(open).is_none()
        {
            return Err(RejectReason::Quantity);
        }
        let is_lasting = |time| matches!(time, TimeInForce::Day | TimeInForce::GoodTill);
        if change.time_in_force.is_some_and(|time| !is_lasting(time) || !is_lasting(order.time_in_force)) {
            return Err(RejectReason::Combination);
        }
        if change.display_qty.is_some() && matches!(order.style, Style::Market | Style::Stop) {
            return Err(RejectReason::Combination);
        }
        let keeps_place = price == order.price
            && stop == level.price
            && open <= was_open
            && display_qty == order.display_qty;
        Ok(Target { price, level_price: stop, open, display_qty, keeps_place })
    }

    /// Leaves an order less, of what it hides first.
    fn reduce(&mut self, slot: Slot, open: Quantity) {
        let order = &mut self.store.orders[slot as usize];
        let level = &mut self.store.levels[order.level as usize];
        let (shown, hidden) = (order.shown, order.hidden);
        order.shown = shown.min(open);
        order.hidden = open - order.shown;
        level.shown -= shown - order.shown;
        level.hidden -= hidden - order.hidden;
    }

    /// Cancels an order because somebody asks for it.
    pub fn cancel(&mut self, id: OrderId, out: &mut Vec<Event>) {
        self.remove(id, CancelReason::Requested, out);
    }

    /// Cancels an order because its time is over, which the caller knows.
    pub fn expire(&mut self, id: OrderId, out: &mut Vec<Event>) {
        self.remove(id, CancelReason::Expired, out);
    }

    fn remove(&mut self, id: OrderId, reason: CancelReason, out: &mut Vec<Event>) {
        match self.find(id) {
            Some(slot) => self.cancel_queued(slot, reason, out),
            None => out.push(Event::Rejected { id, reason: RejectReason::UnknownId }),
        }
    }

    /// Cancels the orders of an owner, of one side or of both. It looks at every order of the book.
    pub fn cancel_owner(&mut self, owner: Owner, side: Option<Side>, out: &mut Vec<Event>) {
        for slot in 0..self.store.orders.len() as Slot {
            let order = &self.store.orders[slot as usize];
            if order.level != NIL && order.owner == owner && side.is_none_or(|side| side == order.side) {
                self.cancel_queued(slot, CancelReason::Requested, out);
            }
        }
    }
}
