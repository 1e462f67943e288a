//! The books, each behind the same few calls. What a book cannot do it does as its users would: a move is a cancellation and
//! a new order, and the rest of an immediate order is cancelled.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering::Relaxed},
};

use lobster::{OrderEvent, OrderType};
use orderbook_rs::{Id, OrderBook, prelude::TradeResult};
use pricelevel::{OrderUpdate, Price};

use crate::{
    book::{Book, Change, Event, NewOrder, OrderId, Owner, Phase, Settings, Side, TimeInForce},
    workload::Request,
};

/// What was traded so far; the same for every book, or they did not do the same work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traded {
    /// Trades.
    pub trades: u64,
    /// The sum of their quantities.
    pub qty: u64,
}

/// A book that takes requests.
pub trait Engine {
    /// Does what is asked and reads all that comes of it.
    fn request(&mut self, request: Request, traded: &mut Traded);

    /// What must hold afterwards.
    ///
    /// # Errors
    /// What does not.
    fn check(&self) -> Result<(), String> {
        Ok(())
    }
}

/// The book of this project.
pub struct Ours {
    book: Book,
    out: Vec<Event>,
}

impl Ours {
    /// With room for so many orders.
    pub fn new(orders: usize) -> Self {
        let (mut book, mut out) = (Book::new(&Settings { orders, ..Settings::default() }), Vec::new());
        book.set_phase(Phase::Open, &mut out);
        Ours { book, out }
    }
}

impl Engine for Ours {
    #[inline]
    fn request(&mut self, request: Request, traded: &mut Traded) {
        self.out.clear();
        let new = |id, side, price, qty| NewOrder::limit(OrderId(id), Owner(0), side, qty, price);
        match request {
            Request::Rest { id, side, price, qty } => {
                self.book.enter(&new(id, side, price, qty).lasting(TimeInForce::GoodTill), &mut self.out);
            }
            Request::Immediate { id, side, price, qty } => {
                let order = new(id, side, price, qty).lasting(TimeInForce::ImmediateOrCancel);
                self.book.enter(&order, &mut self.out);
            }
            Request::Cancel { id } => self.book.cancel(OrderId(id), &mut self.out),
            Request::Move { id, price, .. } => {
                self.book.replace(OrderId(id), Change::price(price), &mut self.out);
            }
        }
        for event in &self.out {
            if let Event::Traded { qty, .. } = event {
                traded.trades += 1;
                traded.qty += qty;
            }
        }
    }

    fn check(&self) -> Result<(), String> {
        self.book.check()
    }
}

/// The crate `lobster`.
pub struct Lobster(lobster::OrderBook);

impl Lobster {
    /// With room for so many orders.
    pub fn new(orders: usize) -> Self {
        Lobster(lobster::OrderBook::new(orders, 10, false))
    }

    fn enter(&mut self, id: u64, side: Side, price: i64, qty: u64, traded: &mut Traded) {
        let side = if side == Side::Buy { lobster::Side::Bid } else { lobster::Side::Ask };
        let order = OrderType::Limit { id: id.into(), side, qty, price: price as u64 };
        if let OrderEvent::PartiallyFilled { fills, .. } | OrderEvent::Filled { fills, .. } =
            self.0.execute(order)
        {
            traded.trades += fills.len() as u64;
            traded.qty += fills.iter().map(|fill| fill.qty).sum::<u64>();
        }
    }

    fn cancel(&mut self, id: u64) {
        self.0.execute(OrderType::Cancel { id: id.into() });
    }
}

impl Engine for Lobster {
    fn request(&mut self, request: Request, traded: &mut Traded) {
        match request {
            Request::Rest { id, side, price, qty } => self.enter(id, side, price, qty, traded),
            Request::Immediate { id, side, price, qty } => {
                self.enter(id, side, price, qty, traded);
                self.cancel(id);
            }
            Request::Cancel { id } => self.cancel(id),
            Request::Move { id, side, price, open } => {
                self.cancel(id);
                self.enter(id, side, price, open, traded);
            }
        }
    }
}

/// The crate `orderbook-rs`, which tells of the trades of a move by a listener only.
pub struct OrderBookRs {
    book: OrderBook,
    counts: Arc<[AtomicU64; 2]>,
}

impl OrderBookRs {
    /// As its users make it.
    pub fn new() -> Self {
        let counts: Arc<[AtomicU64; 2]> = Arc::default();
        let shared = Arc::clone(&counts);
        let listener = move |result: &TradeResult| {
            for trade in result.match_result.trades().as_vec() {
                shared[0].fetch_add(1, Relaxed);
                shared[1].fetch_add(trade.quantity().as_u64(), Relaxed);
            }
        };
        OrderBookRs { book: OrderBook::with_trade_listener("BOOK", Arc::new(listener)), counts }
    }

    fn enter(&self, id: u64, side: Side, price: i64, qty: u64, time_in_force: pricelevel::TimeInForce) {
        let side = if side == Side::Buy { pricelevel::Side::Buy } else { pricelevel::Side::Sell };
        // An immediate order that finds too few is an error here.
        _ = self.book.add_limit_order(Id::from_u64(id), price as u128, qty, side, time_in_force, None);
    }
}

impl Default for OrderBookRs {
    fn default() -> Self {
        OrderBookRs::new()
    }
}

impl Engine for OrderBookRs {
    fn request(&mut self, request: Request, traded: &mut Traded) {
        use pricelevel::TimeInForce::{Gtc, Ioc};
        match request {
            Request::Rest { id, side, price, qty } => self.enter(id, side, price, qty, Gtc),
            Request::Immediate { id, side, price, qty } => self.enter(id, side, price, qty, Ioc),
            Request::Cancel { id } => _ = self.book.cancel_order(Id::from_u64(id)),
            Request::Move { id, price, .. } => {
                let (order_id, new_price) = (Id::from_u64(id), Price::new(price as u128));
                _ = self.book.update_order(OrderUpdate::UpdatePrice { order_id, new_price });
            }
        }
        let [trades, qty] = &*self.counts;
        *traded = Traded { trades: trades.load(Relaxed), qty: qty.load(Relaxed) };
    }
}
