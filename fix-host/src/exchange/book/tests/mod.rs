//! Tests of the book alone: each rule as a short story, and any requests at all beside a book written in the most obvious
//! way.

mod auctions;
mod naive;
mod random;
mod rules;

use super::*;

/// An open book.
fn open_book(self_match: SelfMatch) -> (Book, Vec<Event>) {
    let mut book = Book::new(&Settings { self_match, ..Settings::default() });
    let mut out = Vec::new();
    book.set_phase(Phase::Open, &mut out);
    (book, out)
}

fn limit(id: u64, owner: u32, side: Side, qty: Quantity, price: Ticks) -> NewOrder {
    NewOrder::limit(OrderId(id), Owner(owner), side, qty, price)
}

/// An order of an owner of its own.
fn buy(id: u64, qty: Quantity, price: Ticks) -> NewOrder {
    limit(id, id as u32, Side::Buy, qty, price)
}

fn sell(id: u64, qty: Quantity, price: Ticks) -> NewOrder {
    limit(id, id as u32, Side::Sell, qty, price)
}

/// What comes of one request, which leaves a sound book.
fn events(book: &mut Book, request: impl FnOnce(&mut Book, &mut Vec<Event>)) -> Vec<Event> {
    let mut out = Vec::new();
    request(book, &mut out);
    book.check().unwrap();
    out
}

fn enter(book: &mut Book, order: NewOrder) -> Vec<Event> {
    events(book, |book, out| book.enter(&order, out))
}

fn accepted(id: u64) -> Event {
    Event::Accepted { id: OrderId(id) }
}

fn traded(maker: u64, taker: u64, qty: Quantity, price: Ticks) -> Event {
    Event::Traded { maker: OrderId(maker), taker: OrderId(taker), price, qty }
}

fn crossed(buy: u64, sell: u64, qty: Quantity, price: Ticks) -> Event {
    Event::Crossed { buy: OrderId(buy), sell: OrderId(sell), price, qty }
}

fn cancelled(id: u64, qty: Quantity, reason: CancelReason) -> Event {
    Event::Cancelled { id: OrderId(id), qty, reason }
}

fn rejected(id: u64, reason: RejectReason) -> Event {
    Event::Rejected { id: OrderId(id), reason }
}

/// The orders of a side in the order in which they trade.
fn queue(book: &Book, side: Side) -> Vec<u64> {
    book.orders(side).map(|order| order.id.0).collect()
}
