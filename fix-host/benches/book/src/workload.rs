//! The requests: 9 % orders that rest, 3 % that do not, 6 % cancellations and 82 % moves to another price, as exchange-core
//! publishes for its own measurements, with a number of live orders that stays about the same.
//!
//! They are written down before anything is measured, with our book beside them, so every cancellation and every move is of
//! an order that is live then: for any book that keeps to price and time.

use crate::book::{Book, Change, Event, NewOrder, OrderId, Owner, Phase, Settings, Side, Ticks, TimeInForce};

/// One request.
#[derive(Clone, Copy, Debug)]
pub enum Request {
    /// A limit order that rests.
    Rest { id: u64, side: Side, price: Ticks, qty: u64 },
    /// A limit order whose rest is cancelled.
    Immediate { id: u64, side: Side, price: Ticks, qty: u64 },
    /// An order is cancelled.
    Cancel { id: u64 },
    /// An order gets another price; the side and open quantity are for books that cannot do that, and enter it anew.
    Move { id: u64, side: Side, price: Ticks, open: u64 },
}

/// Requests that build a book, and those that are measured on it.
pub struct Workload {
    pub build: Vec<Request>,
    pub measured: Vec<Request>,
}

/// How the requests differ.
#[derive(Clone, Copy)]
pub struct Shape {
    /// Live orders.
    pub live: usize,
    /// How many prices away from the middle orders stand.
    pub width: u64,
    /// Requests to measure.
    pub requests: usize,
}

const MIDDLE: Ticks = 1_000_000;

/// The requests of a shape; the same each time.
pub fn workload(shape: Shape) -> Workload {
    let settings = Settings { orders: 2 * shape.live, levels: 1 << 16, ..Settings::default() };
    let mut writer = Writer {
        random: Random(1),
        book: Book::new(&settings),
        live: Vec::new(),
        place: Vec::new(),
        out: Vec::new(),
        next: 0,
        shape,
    };
    writer.book.set_phase(Phase::Open, &mut writer.out);
    let build = (0..shape.live).map(|_| writer.rest()).collect();
    let measured = (0..shape.requests).map(|_| writer.request()).collect();
    Workload { build, measured }
}

struct Writer {
    random: Random,
    book: Book,
    /// The live orders in no order, and where each stands in that list, by id.
    live: Vec<u64>,
    place: Vec<usize>,
    out: Vec<Event>,
    next: u64,
    shape: Shape,
}

impl Writer {
    fn request(&mut self) -> Request {
        match self.random.below(100) {
            0..9 => self.rest(),
            9..12 => self.immediate(),
            12..18 => self.cancel(),
            _ => self.move_one(),
        }
    }

    /// A price on its own side of the middle, near it more often than far; one in fifty beyond it, to trade.
    fn price(&mut self, side: Side) -> Ticks {
        let width = self.shape.width;
        let away = self.random.below(width).min(self.random.below(width)) as Ticks + 1;
        let away = if self.random.below(50) == 0 { -2 } else { away };
        if side == Side::Buy { MIDDLE - away } else { MIDDLE + away }
    }

    fn rest(&mut self) -> Request {
        let (side, qty) = (self.random.side(), self.random.below(100) + 1);
        let (id, price) = (self.id(), self.price(side));
        self.enter(id, side, price, qty, TimeInForce::GoodTill);
        Request::Rest { id, side, price, qty }
    }

    /// As large as it takes to come back to the wanted number of live orders.
    fn immediate(&mut self) -> Request {
        let more = self.live.len().saturating_sub(self.shape.live) as u64;
        let (side, id, qty) = (self.random.side(), self.id(), more.min(10) * 50 + 1);
        let price = if side == Side::Buy { MIDDLE + 50 } else { MIDDLE - 50 };
        self.enter(id, side, price, qty, TimeInForce::ImmediateOrCancel);
        Request::Immediate { id, side, price, qty }
    }

    fn cancel(&mut self) -> Request {
        let id = self.any();
        self.book.cancel(OrderId(id), &mut self.out);
        self.follow();
        Request::Cancel { id }
    }

    fn move_one(&mut self) -> Request {
        let id = self.any();
        let order = self.book.order(OrderId(id)).expect("a live order");
        let (side, open) = (order.side, order.open);
        let price = loop {
            let price = self.price(side);
            if Some(price) != order.price {
                break price;
            }
        };
        self.book.replace(OrderId(id), Change::price(price), &mut self.out);
        self.follow();
        Request::Move { id, side, price, open }
    }

    fn enter(&mut self, id: u64, side: Side, price: Ticks, qty: u64, time_in_force: TimeInForce) {
        let order = NewOrder::limit(OrderId(id), Owner(0), side, qty, price).lasting(time_in_force);
        self.book.enter(&order, &mut self.out);
        self.place[id as usize] = self.live.len();
        self.live.push(id);
        self.follow();
    }

    fn id(&mut self) -> u64 {
        let id = self.next;
        self.next += 1;
        self.place.push(usize::MAX);
        id
    }

    fn any(&mut self) -> u64 {
        self.live[self.random.below(self.live.len() as u64) as usize]
    }

    /// Takes what is no longer live off the list.
    fn follow(&mut self) {
        let events = std::mem::take(&mut self.out);
        let named = events.iter().flat_map(|event| match event {
            Event::Traded { maker, taker, .. } => [Some(*maker), Some(*taker)],
            Event::Cancelled { id, .. } => [Some(*id), None],
            _ => [None, None],
        });
        for OrderId(id) in named.flatten() {
            let place = self.place[id as usize];
            if place != usize::MAX && self.book.order(OrderId(id)).is_none() {
                self.live.swap_remove(place);
                if let Some(moved) = self.live.get(place) {
                    self.place[*moved as usize] = place;
                }
                self.place[id as usize] = usize::MAX;
            }
        }
        self.out = events;
        self.out.clear();
    }
}

/// Numbers that look random, the same each time (SplitMix64).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % bound
    }

    fn side(&mut self) -> Side {
        if self.below(2) == 0 { Side::Buy } else { Side::Sell }
    }
}
