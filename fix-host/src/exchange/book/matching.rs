//! Continuous trading: an order that comes against those that stand, the best price first and at a price the first come.

use super::{
    Book, SelfMatch,
    event::{CancelReason, Event},
    order::{Quantity, Side, Ticks},
    store::{NIL, Order, Slot},
};

/// What came of it.
pub(super) struct Outcome {
    /// How much of the order is still open.
    pub(super) open: Quantity,
    /// The price of its last trade.
    pub(super) last_price: Option<Ticks>,
    /// It ended at an order of its own owner, and goes no further.
    pub(super) met_own_order: bool,
}

impl Book {
    /// Trades an order that stands in no queue as far as its limit allows. Its own quantities are left as they were; the open
    /// quantity of its side is counted down.
    #[inline]
    pub(super) fn trade(&mut self, taker: Slot, out: &mut Vec<Event>) -> Outcome {
        let order = &self.store.orders[taker as usize];
        let (id, owner, side, limit) = (order.id, order.owner, order.side, order.limit());
        let whole = order.open();
        let mut outcome = Outcome { open: whole, last_price: None, met_own_order: false };
        while outcome.open > 0 {
            let Some(level) = self.store.levels.get(self.best_level(side.opposite()) as usize) else { break };
            let (price, slot) = (level.price, level.first);
            if !side.accepts(limit, price) {
                break;
            }
            let maker = &self.store.orders[slot as usize];
            if maker.owner == owner && self.self_match != SelfMatch::Allow {
                if self.self_match == SelfMatch::CancelIncoming {
                    outcome.met_own_order = true;
                    break;
                }
                self.cancel_queued(slot, CancelReason::SelfMatch, out);
                continue;
            }
            let qty = outcome.open.min(maker.shown);
            out.push(Event::Traded { maker: maker.id, taker: id, price, qty });
            outcome.open -= qty;
            outcome.last_price = Some(price);
            self.open[side.opposite() as usize] -= qty;
            self.fill_maker(slot, qty);
        }
        if let Some(price) = outcome.last_price {
            self.last_price = Some(price);
            self.open[side as usize] -= whole - outcome.open;
        }
        outcome
    }

    /// True if an order with this limit would trade.
    #[inline]
    pub(super) fn crosses(&self, side: Side, limit: Ticks) -> bool {
        self.best(side.opposite()).is_some_and(|price| side.accepts(limit, price))
    }

    /// Takes what has traded off an order's shown quantity. One that has more than it shows shows its next part at the end of
    /// the queue.
    fn fill_maker(&mut self, slot: Slot, qty: Quantity) {
        let order = &mut self.store.orders[slot as usize];
        order.shown -= qty;
        let (level, is_used_up) = (order.level, order.shown == 0);
        self.store.levels[level as usize].shown -= qty;
        if !is_used_up {
            return;
        }
        if self.store.orders[slot as usize].hidden == 0 {
            self.unlink(slot);
            return self.forget(slot);
        }
        // The level stays in its ladder, even if there is no other order in it.
        self.store.unlink(slot);
        let order = &mut self.store.orders[slot as usize];
        order.show(order.hidden);
        self.stamps += 1;
        order.stamp = self.stamps;
        self.store.push(level, slot);
    }

    /// True if at least `needed` of an order that stands in no queue could trade at once.
    pub(super) fn can_trade(&self, taker: Slot, needed: Quantity) -> bool {
        let order = &self.store.orders[taker as usize];
        let (side, limit) = (order.side, order.limit());
        let makers = side.opposite();
        let (mut at, mut found) = (self.best_level(makers), 0);
        while at != NIL && found < needed {
            let level = &self.store.levels[at as usize];
            if !side.accepts(limit, level.price) {
                break;
            }
            // Where they may trade, the sums of the level say it, and its orders are not looked at.
            let is_own = |(_, maker): (Slot, &Order)| maker.owner == order.owner;
            let own = match self.self_match {
                SelfMatch::Allow => None,
                SelfMatch::CancelResting | SelfMatch::CancelIncoming => self.store.queue(at).position(is_own),
            };
            match own {
                None => found += level.shown + level.hidden,
                // It ends at its own order; what others hide comes to be shown behind that one.
                Some(own) if self.self_match == SelfMatch::CancelIncoming => {
                    found += self.store.queue(at).take(own).map(|(_, maker)| maker.shown).sum::<Quantity>();
                    break;
                }
                Some(_) => {
                    let others = self.store.queue(at).filter(|(_, maker)| maker.owner != order.owner);
                    found += others.map(|(_, maker)| maker.open()).sum::<Quantity>();
                }
            }
            at = self.next_level(makers, at);
        }
        found >= needed
    }
}
