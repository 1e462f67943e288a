//! What can be seen of the book.

use super::{
    Book,
    order::{OrderId, Owner, Quantity, Side, Ticks, TimeInForce},
    store::{Order, Place},
};

/// The orders at one price, as others see them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DepthLevel {
    /// The price.
    pub price: Ticks,
    /// How much is shown.
    pub qty: Quantity,
    /// How many orders there are.
    pub orders: u32,
}

/// An order, as its owner sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderView {
    /// Its name.
    pub id: OrderId,
    /// For whom.
    pub owner: Owner,
    /// To buy or to sell.
    pub side: Side,
    /// Its limit; `None` if it has none.
    pub price: Option<Ticks>,
    /// The price that triggers it; `None` if it waits for no price.
    pub stop: Option<Ticks>,
    /// For how long.
    pub time_in_force: TimeInForce,
    /// How much is open, what others do not see included.
    pub open: Quantity,
    /// How much of that others see.
    pub shown: Quantity,
}

impl Book {
    /// How many orders there are.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// True without orders.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The best price of a side.
    #[inline]
    pub fn best(&self, side: Side) -> Option<Ticks> {
        self.store.levels.get(self.best_level(side) as usize).map(|level| level.price)
    }

    /// The prices of a side with what is shown there, the best first.
    pub fn depth(&self, side: Side) -> impl Iterator<Item = DepthLevel> {
        self.levels(side).map(|at| {
            let level = &self.store.levels[at as usize];
            DepthLevel { price: level.price, qty: level.shown, orders: level.orders }
        })
    }

    /// The orders of a side that trade or will, in the order in which they do.
    pub fn orders(&self, side: Side) -> impl Iterator<Item = OrderView> {
        let queues = std::iter::once(super::market_queue(side)).chain(self.levels(side));
        queues.flat_map(|at| self.store.queue(at)).map(|(_, order)| self.view(order))
    }

    /// An order by its name, wherever it stands.
    pub fn order(&self, id: OrderId) -> Option<OrderView> {
        self.find(id).map(|slot| self.view(&self.store.orders[slot as usize]))
    }

    fn view(&self, order: &Order) -> OrderView {
        use super::store::Style::{Limit, StopLimit};
        let level = &self.store.levels[order.level as usize];
        OrderView {
            id: order.id,
            owner: order.owner,
            side: order.side,
            price: matches!(order.style, Limit | StopLimit).then_some(order.price),
            stop: matches!(level.place, Place::Stops(_)).then_some(level.price),
            time_in_force: order.time_in_force,
            open: order.open(),
            shown: order.shown,
        }
    }
}
