//! Where orders stand: each in a slot of its own, and in the queue of one level, first come first.

use super::order::{Kind, OrderId, Owner, Quantity, Side, Ticks, TimeInForce};

/// The place of an order.
pub(super) type Slot = u32;

/// The place of a level.
pub(super) type LevelAt = u32;

/// No slot, and no level.
pub(super) const NIL: u32 = u32::MAX;

/// A live order, on a cache line of its own.
#[derive(Clone, Debug)]
#[repr(align(64))]
pub(super) struct Order {
    pub(super) id: OrderId,
    /// The limit; the trigger's price stands in the level.
    pub(super) price: Ticks,
    /// What others see of it.
    pub(super) shown: Quantity,
    /// What is open beside that.
    pub(super) hidden: Quantity,
    /// How much of it is shown at a time; zero: all.
    pub(super) display_qty: Quantity,
    /// When it took its place in the queue, among all orders.
    pub(super) stamp: u64,
    pub(super) level: LevelAt,
    pub(super) owner: Owner,
    pub(super) side: Side,
    pub(super) style: Style,
    pub(super) time_in_force: TimeInForce,
}

impl Order {
    pub(super) fn open(&self) -> Quantity {
        self.shown + self.hidden
    }

    /// Shows as much of `open` as may be seen.
    pub(super) fn show(&mut self, open: Quantity) {
        self.shown = if self.display_qty == 0 { open } else { open.min(self.display_qty) };
        self.hidden = open - self.shown;
    }

    /// The worst price that it takes.
    pub(super) fn limit(&self) -> Ticks {
        match (self.style, self.side) {
            (Style::Limit | Style::StopLimit, _) => self.price,
            (_, Side::Buy) => Ticks::MAX,
            (_, Side::Sell) => Ticks::MIN,
        }
    }
}

/// A [`Kind`] without its prices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    Market,
    MarketToLimit,
    Limit,
    Stop,
    StopLimit,
}

impl Style {
    /// What an order of this kind is, its limit (zero if it has none) and the price that triggers it.
    pub(super) fn of(kind: Kind) -> (Self, Ticks, Option<Ticks>) {
        match kind {
            Kind::Market => (Style::Market, 0, None),
            Kind::MarketToLimit => (Style::MarketToLimit, 0, None),
            Kind::Limit(limit) => (Style::Limit, limit, None),
            Kind::Stop(stop) => (Style::Stop, 0, Some(stop)),
            Kind::StopLimit { stop, limit } => (Style::StopLimit, limit, Some(stop)),
        }
    }
}

/// What a level belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// The orders of a side that trade, or will.
    Book(Side),
    /// The orders of a side that wait for their trigger.
    Stops(Side),
    /// The market orders of a side that wait for an uncross.
    Market(Side),
    /// The orders of a side that wait for the closing.
    AtClose(Side),
}

/// The orders at one price, a queue.
#[derive(Clone, Debug)]
#[repr(align(64))]
pub(super) struct Level {
    pub(super) price: Ticks,
    /// The sums of its orders.
    pub(super) shown: Quantity,
    pub(super) hidden: Quantity,
    pub(super) orders: u32,
    pub(super) first: Slot,
    pub(super) last: Slot,
    /// The neighbours by price in its ladder.
    pub(super) below: LevelAt,
    pub(super) above: LevelAt,
    pub(super) place: Place,
}

/// The neighbours of an order in its queue. They stand by themselves, because of most neighbours nothing else is read.
#[derive(Clone, Copy, Debug)]
struct Links {
    before: Slot,
    behind: Slot,
}

const UNLINKED: Links = Links { before: NIL, behind: NIL };

/// All orders and levels of a book. Slots and levels that fall free are used again.
#[derive(Debug)]
pub(super) struct Store {
    pub(super) orders: Vec<Order>,
    links: Vec<Links>,
    free_orders: Vec<Slot>,
    pub(super) levels: Vec<Level>,
    free_levels: Vec<LevelAt>,
}

impl Store {
    pub(super) fn with_capacity(orders: usize, levels: usize) -> Self {
        Store {
            orders: Vec::with_capacity(orders),
            links: Vec::with_capacity(orders),
            free_orders: Vec::with_capacity(orders),
            levels: Vec::with_capacity(levels),
            free_levels: Vec::with_capacity(levels),
        }
    }

    /// A slot for an order, which stands in no queue yet.
    #[inline]
    pub(super) fn add(&mut self, order: Order) -> Slot {
        match self.free_orders.pop() {
            Some(slot) => {
                self.orders[slot as usize] = order;
                slot
            }
            None => {
                let slot = self.orders.len() as Slot;
                self.orders.push(order);
                self.links.push(UNLINKED);
                self.free_orders.reserve(self.orders.len());
                slot
            }
        }
    }

    /// Gives the slot of an order free that stands in no queue any more.
    #[inline]
    pub(super) fn drop_order(&mut self, slot: Slot) {
        self.orders[slot as usize].level = NIL;
        self.free_orders.push(slot);
    }

    pub(super) fn add_level(&mut self, price: Ticks, place: Place) -> LevelAt {
        let level = Level {
            price,
            shown: 0,
            hidden: 0,
            orders: 0,
            first: NIL,
            last: NIL,
            below: NIL,
            above: NIL,
            place,
        };
        match self.free_levels.pop() {
            Some(at) => {
                self.levels[at as usize] = level;
                at
            }
            None => {
                let at = self.levels.len() as LevelAt;
                self.levels.push(level);
                self.free_levels.reserve(self.levels.len());
                at
            }
        }
    }

    pub(super) fn drop_level(&mut self, at: LevelAt) {
        self.free_levels.push(at);
    }

    /// Puts an order behind all others of a level.
    #[inline]
    pub(super) fn push(&mut self, at: LevelAt, slot: Slot) {
        let level = &mut self.levels[at as usize];
        let order = &mut self.orders[slot as usize];
        order.level = at;
        level.shown += order.shown;
        level.hidden += order.hidden;
        level.orders += 1;
        let before = std::mem::replace(&mut level.last, slot);
        self.links[slot as usize] = Links { before, behind: NIL };
        if before == NIL {
            level.first = slot;
        } else {
            self.links[before as usize].behind = slot;
        }
    }

    /// Takes an order out of its level, and returns true if it was the only one there.
    #[inline]
    pub(super) fn unlink(&mut self, slot: Slot) -> bool {
        let order = &self.orders[slot as usize];
        let level = &mut self.levels[order.level as usize];
        level.shown -= order.shown;
        level.hidden -= order.hidden;
        level.orders -= 1;
        let Links { before, behind } = self.links[slot as usize];
        if before == NIL {
            level.first = behind;
        } else {
            self.links[before as usize].behind = behind;
        }
        if behind == NIL {
            level.last = before;
        } else {
            self.links[behind as usize].before = before;
        }
        level.orders == 0
    }

    /// The order behind this one in its queue.
    pub(super) fn behind(&self, slot: Slot) -> Slot {
        self.links[slot as usize].behind
    }

    /// The queue of a level, from its front.
    pub(super) fn queue(&self, at: LevelAt) -> impl Iterator<Item = (Slot, &Order)> {
        let mut next = self.levels[at as usize].first;
        std::iter::from_fn(move || {
            let order = self.orders.get(next as usize)?;
            let slot = next;
            next = self.behind(slot);
            Some((slot, order))
        })
    }
}
