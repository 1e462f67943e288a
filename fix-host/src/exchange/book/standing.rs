//! Where an order stands, for a later book that is to have it there again.

use super::{
    Book,
    event::Event,
    order::{Kind, NewOrder, OrderId, Quantity, Ticks, TimeInForce},
    phase::Phase,
    store::Place,
};

/// The place of an order, which is not always the one that its terms say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Of two orders at one price, that of the one which trades first is less.
    pub stamp: u64,
    /// Its limit, if it stands at one: also that of a stop order which was triggered, or of what is left of a market order.
    pub price: Option<Ticks>,
    /// How much of it is shown.
    pub shown: Quantity,
    /// How much of it is shown at a time; zero: all.
    pub display_qty: Quantity,
    /// It waits for the closing.
    pub waits_for_close: bool,
}

impl Book {
    /// Where an order stands.
    pub fn standing(&self, id: OrderId) -> Option<Standing> {
        let order = &self.store.orders[self.find(id)? as usize];
        let level = &self.store.levels[order.level as usize];
        Some(Standing {
            stamp: order.stamp,
            price: matches!(level.place, Place::Book(_)).then_some(level.price),
            shown: order.shown,
            display_qty: order.display_qty,
            waits_for_close: matches!(level.place, Place::AtClose(_)),
        })
    }

    /// Goes on as an earlier book, in its phase and behind its stamps. Nothing trades or ends by it.
    pub fn resume(&mut self, phase: Phase, stamps: u64) {
        (self.phase, self.stamps) = (phase, self.stamps.max(stamps));
    }

    /// Puts an order where it stood, behind those that were put before; nothing trades by it, whatever it would cross.
    pub fn stand(&mut self, order: &NewOrder, standing: &Standing, out: &mut Vec<Event>) {
        let is_released = order.time_in_force == TimeInForce::AtClose && !standing.waits_for_close;
        let collects = if is_released { Phase::Closing } else { Phase::PreOpen };
        let phase = std::mem::replace(&mut self.phase, collects);
        let kind = standing.price.map_or(order.kind, Kind::Limit);
        let display_qty = standing.display_qty.min(order.qty);
        self.enter(&NewOrder { kind, min_qty: 0, display_qty, ..*order }, out);
        self.phase = phase;
        let Some(slot) = self.find(order.id) else { return };
        let order = &mut self.store.orders[slot as usize];
        let level = &mut self.store.levels[order.level as usize];
        let (open, was) = (order.open(), order.shown);
        let shown = standing.shown.clamp(1, open);
        (order.shown, order.hidden) = (shown, open - shown);
        order.display_qty = standing.display_qty;
        level.hidden = level.hidden + was - shown;
        level.shown = level.shown + shown - was;
    }
}
