//! The order book of one instrument: who trades with whom, at what price, and in which order.
//!
//! It is a pure library: it knows nothing of FIX, of sessions, of text or of time, and what it says is a function of what it
//! was told, so a book is built again by telling it the same. Prices are whole [`Ticks`], quantities whole lots. Requests go
//! in by methods; what comes of them is appended to a list of [`Event`]s that the caller uses again and again: once the book
//! has been as large as it gets, nothing is allocated.
//!
//! | file | what stands there |
//! |---|---|
//! | `order` `event` | what goes in, what comes out |
//! | `entry` `change` | the rules for new orders, and for changes and cancellations |
//! | `matching` `stops` | continuous trading |
//! | `auction` `phase` | the uncross, and the day |
//! | `depth` `check` | what can be seen of it, and what must always hold |
//! | `store` `ids` `ladder` `price_index` | how it is kept: an order is found, put in its queue, traded and taken out in the same small time, however many there are |
//!
//! What looks at more: an uncross at every price, a change of phase that ends orders and a cancellation of all of an owner's
//! at every order, and an order that must trade at once (fill or kill, a minimum) at the prices it may take, where
//! [`SelfMatch`] forbids some trades at their orders too.

mod auction;
mod change;
mod check;
mod depth;
mod entry;
mod event;
mod ids;
mod ladder;
mod matching;
mod order;
mod phase;
mod price_index;
mod standing;
mod stops;
mod store;
#[cfg(test)]
mod tests;

pub use depth::{DepthLevel, OrderView};
pub use event::{CancelReason, Event, RejectReason};
pub use order::{
    Change, Kind, MOST_PARTS, NewOrder, OrderId, Owner, PRICE_LIMIT, Quantity, Side, Ticks, TimeInForce,
};
pub use phase::Phase;
pub use standing::Standing;

use ids::Ids;
use ladder::Ladder;
use store::{LevelAt, Place, Slot, Store};

/// What is done where two orders of one owner would trade with each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SelfMatch {
    /// They trade.
    #[default]
    Allow,
    /// The order that is in the book is cancelled (in an uncross the elder one), and the other goes on.
    CancelResting,
    /// The order that comes is cancelled (in an uncross the younger one) as far as it has not traded.
    CancelIncoming,
}

/// How large a book begins, and its one rule that differs between venues.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Orders that there is room for from the start. With more the book grows.
    pub orders: usize,
    /// Prices with orders, likewise.
    pub levels: usize,
    /// What is done about orders of one owner.
    pub self_match: SelfMatch,
}

impl Default for Settings {
    fn default() -> Self {
        Settings { orders: 1_024, levels: 256, self_match: SelfMatch::Allow }
    }
}

/// The order book of one instrument. It begins [closed](Phase::Closed).
#[derive(Debug)]
pub struct Book {
    store: Store,
    ids: Ids,
    /// The orders that trade or will, of each side.
    ladders: [Ladder; 2],
    /// The orders that wait for their trigger.
    stops: [Ladder; 2],
    /// The open quantity of all orders of each side, wherever they stand. It fits its type, and so does every sum of it.
    open: [Quantity; 2],
    /// Stamps given out so far.
    stamps: u64,
    last_price: Option<Ticks>,
    phase: Phase,
    self_match: SelfMatch,
}

/// The queues of [`Place::Market`] and [`Place::AtClose`] are levels without a price, made first.
const QUEUES: [Place; 4] = [
    Place::Market(Side::Buy),
    Place::Market(Side::Sell),
    Place::AtClose(Side::Buy),
    Place::AtClose(Side::Sell),
];

impl Book {
    /// A book without orders.
    pub fn new(settings: &Settings) -> Self {
        let Settings { orders, levels, self_match } = *settings;
        let mut store = Store::with_capacity(orders, levels + QUEUES.len());
        for place in QUEUES {
            store.add_level(0, place);
        }
        let ladders = |place: fn(Side) -> Place| {
            [Side::Buy, Side::Sell].map(|side| Ladder::with_capacity(place(side), levels))
        };
        Book {
            store,
            ids: Ids::with_capacity(orders),
            ladders: ladders(Place::Book),
            stops: ladders(Place::Stops),
            open: [0; 2],
            stamps: 0,
            last_price: None,
            phase: Phase::Closed,
            self_match,
        }
    }

    /// The slot of an order.
    #[inline]
    fn find(&self, id: OrderId) -> Option<Slot> {
        self.ids.find(id, |slot| self.store.orders[slot as usize].id == id)
    }

    /// Puts an order at the end of the queue where it belongs, which is the one of its price in a ladder.
    #[inline]
    fn put(&mut self, slot: Slot, place: Place, price: Ticks) {
        let level = match place {
            Place::Book(side) => self.ladders[side as usize].level(price, &mut self.store),
            Place::Stops(side) => self.stops[side as usize].level(price, &mut self.store),
            Place::Market(side) => market_queue(side),
            Place::AtClose(side) => close_queue(side),
        };
        self.stamps += 1;
        self.store.orders[slot as usize].stamp = self.stamps;
        self.store.push(level, slot);
    }

    /// Takes an order out of its queue, and an emptied level out of its ladder.
    #[inline]
    fn unlink(&mut self, slot: Slot) {
        let at = self.store.orders[slot as usize].level;
        if self.store.unlink(slot) {
            match self.store.levels[at as usize].place {
                Place::Book(side) => self.ladders[side as usize].remove(at, &mut self.store),
                Place::Stops(side) => self.stops[side as usize].remove(at, &mut self.store),
                Place::Market(_) | Place::AtClose(_) => {}
            }
        }
    }

    /// Forgets an order that stands in no queue any more; what was open of it is counted off already.
    #[inline]
    fn forget(&mut self, slot: Slot) {
        self.ids.remove(self.store.orders[slot as usize].id, slot);
        self.store.drop_order(slot);
    }

    /// Cancels an order that stands in no queue.
    fn cancel_unlinked(&mut self, slot: Slot, reason: CancelReason, out: &mut Vec<Event>) {
        let order = &self.store.orders[slot as usize];
        let (id, qty) = (order.id, order.open());
        self.open[order.side as usize] -= qty;
        self.forget(slot);
        out.push(Event::Cancelled { id, qty, reason });
    }

    /// Cancels an order that stands in a queue.
    fn cancel_queued(&mut self, slot: Slot, reason: CancelReason, out: &mut Vec<Event>) {
        self.unlink(slot);
        self.cancel_unlinked(slot, reason, out);
    }

    /// The level of a side that trades first, or [`NIL`](store::NIL).
    #[inline]
    fn best_level(&self, side: Side) -> LevelAt {
        match side {
            Side::Buy => self.ladders[side as usize].highest,
            Side::Sell => self.ladders[side as usize].lowest,
        }
    }

    /// The level of a side behind this one, or [`NIL`](store::NIL).
    fn next_level(&self, side: Side, at: LevelAt) -> LevelAt {
        let level = &self.store.levels[at as usize];
        match side {
            Side::Buy => level.below,
            Side::Sell => level.above,
        }
    }
}

const fn market_queue(side: Side) -> LevelAt {
    side as LevelAt
}

const fn close_queue(side: Side) -> LevelAt {
    2 + side as LevelAt
}
