//! Stop orders: the last trade price brings them into the book.

use super::{
    Book,
    event::Event,
    order::{Side, Ticks},
    phase::Phase,
    store::{LevelAt, NIL, Slot, Style},
};

/// True if a trade at `last` triggers a stop order: to buy from its price upwards, to sell from its price downwards.
pub(super) const fn is_triggered(side: Side, stop: Ticks, last: Ticks) -> bool {
    side.opposite().accepts(stop, last)
}

impl Book {
    /// Brings in every stop order whose price the last trade has reached, those of their own trades too. Of both sides the
    /// one that has waited longer is first.
    #[inline]
    pub(super) fn trigger_stops(&mut self, out: &mut Vec<Event>) {
        if self.stops[0].lowest != NIL || self.stops[1].lowest != NIL {
            self.trigger_reached(out);
        }
    }

    fn trigger_reached(&mut self, out: &mut Vec<Event>) {
        while let Some(slot) = self.next_triggered() {
            self.unlink(slot);
            self.trigger(slot, out);
        }
    }

    fn next_triggered(&self) -> Option<Slot> {
        let last = self.last_price.filter(|_| self.phase == Phase::Open)?;
        let reached = [Side::Buy, Side::Sell].into_iter().filter_map(|side| {
            let level = self.store.levels.get(self.nearest_stop(side) as usize)?;
            is_triggered(side, level.price, last).then_some(level.first)
        });
        reached.min_by_key(|slot| self.store.orders[*slot as usize].stamp)
    }

    /// The level of stop orders that the price comes to first.
    fn nearest_stop(&self, side: Side) -> LevelAt {
        match side {
            Side::Buy => self.stops[side as usize].lowest,
            Side::Sell => self.stops[side as usize].highest,
        }
    }

    /// A stop order that stands in no queue becomes what it was to be.
    pub(super) fn trigger(&mut self, slot: Slot, out: &mut Vec<Event>) {
        let order = &mut self.store.orders[slot as usize];
        order.style = if order.style == Style::Stop { Style::Market } else { Style::Limit };
        out.push(Event::Triggered { id: order.id });
        self.execute(slot, 0, out);
    }
}
