//! Any requests to an order book, each a few bytes of the input: it never panics, after each of them everything holds that
//! must, and the quantities of its events add up.
#![no_main]

use std::collections::HashMap;

use fuzz::Input;
use libfuzzer_sys::fuzz_target;

// The book is a library without anything else of the host.
#[allow(dead_code, unused_imports)]
#[path = "../../fix-host/src/exchange/book/mod.rs"]
mod book;

use book::{
    Book, Change, Event, Kind, NewOrder, OrderId, Owner, Phase, Quantity, SelfMatch, Settings, Side, Ticks,
    TimeInForce,
};

struct Requests<'a>(Input<'a>);

impl Requests<'_> {
    fn below(&mut self, bound: u8) -> u8 {
        self.0.byte() % bound
    }

    fn side(&mut self) -> Side {
        if self.below(2) == 0 { Side::Buy } else { Side::Sell }
    }

    /// Mostly near others, now and then as far away as prices go, or further.
    fn price(&mut self) -> Ticks {
        match self.0.byte() {
            near @ 0..200 => Ticks::from(near) % 20 - 10,
            far @ 200..240 => Ticks::from(far) << (self.below(60)),
            _ => i64::from_le_bytes(std::array::from_fn(|_| self.0.byte())),
        }
    }

    fn qty(&mut self) -> Quantity {
        match self.0.byte() {
            255 => Quantity::MAX - Quantity::from(self.0.byte()),
            few => Quantity::from(few % 32),
        }
    }

    fn order(&mut self, id: OrderId) -> NewOrder {
        use TimeInForce::{AtClose, AtOpening, Day, FillOrKill, GoodTill, ImmediateOrCancel};
        let kinds = self.below(8);
        let kind = match kinds {
            0 => Kind::Market,
            1 => Kind::MarketToLimit,
            2 => Kind::Stop(self.price()),
            3 => Kind::StopLimit { stop: self.price(), limit: self.price() },
            _ => Kind::Limit(self.price()),
        };
        let times = [Day, Day, Day, GoodTill, ImmediateOrCancel, FillOrKill, AtOpening, AtClose];
        let options = self.0.byte();
        NewOrder {
            id,
            owner: Owner(u32::from(options % 4)),
            side: self.side(),
            kind,
            time_in_force: times[usize::from(self.below(8))],
            qty: self.qty(),
            min_qty: if options & 64 != 0 { self.qty() } else { 0 },
            display_qty: if options & 128 != 0 { self.qty() } else { 0 },
        }
    }

    fn change(&mut self) -> Change {
        let options = self.0.byte();
        Change {
            price: (options & 1 != 0).then(|| self.price()),
            stop: (options & 2 != 0).then(|| self.price()),
            open: (options & 4 != 0).then(|| self.qty()),
            display_qty: (options & 8 != 0).then(|| self.qty()),
            time_in_force: None,
        }
    }

    fn request(&mut self, book: &mut Book, out: &mut Vec<Event>) -> Option<NewOrder> {
        use Phase::{Closed, Closing, Halted, Open, PreOpen};
        let kind = self.below(16);
        let id = OrderId(u64::from(self.below(32)));
        match kind {
            0..8 => {
                let order = self.order(id);
                book.enter(&order, out);
                return Some(order);
            }
            8..11 => book.replace(id, self.change(), out),
            11 | 12 => book.cancel(id, out),
            13 => book.cancel_owner(Owner(u32::from(self.below(4))), Some(self.side()), out),
            14 => book.expire(id, out),
            _ => match [Open, Open, Open, PreOpen, Halted, Closing, Closed].get(usize::from(self.below(8))) {
                Some(phase) => book.set_phase(*phase, out),
                None => book.set_last_price(self.price()),
            },
        }
        None
    }
}

/// Takes what traded or was cancelled off the open quantity of an order.
fn less(open: &mut HashMap<OrderId, Quantity>, id: OrderId, qty: Quantity) {
    let left = open[&id].checked_sub(qty).expect("no more than is open");
    if left == 0 {
        open.remove(&id);
    } else {
        open.insert(id, left);
    }
}

fuzz_target!(|input: &[u8]| {
    let mut requests = Requests(Input::new(input));
    let policies = [SelfMatch::Allow, SelfMatch::CancelResting, SelfMatch::CancelIncoming];
    let self_match = policies[usize::from(requests.below(3))];
    let mut book = Book::new(&Settings { orders: 0, levels: 0, self_match });
    let (mut out, mut open) = (Vec::new(), HashMap::new());
    book.set_phase(Phase::Open, &mut out);
    while !requests.0.is_empty() {
        let entered = requests.request(&mut book, &mut out);
        for event in out.drain(..) {
            match event {
                Event::Accepted { id } => _ = open.insert(id, entered.expect("it was entered").qty),
                Event::Replaced { id, open: now } => _ = open.insert(id, now),
                Event::Traded { maker: one, taker: other, qty, .. }
                | Event::Crossed { buy: one, sell: other, qty, .. } => {
                    less(&mut open, one, qty);
                    less(&mut open, other, qty);
                }
                Event::Cancelled { id, qty, .. } => less(&mut open, id, qty),
                Event::Triggered { .. } | Event::Rejected { .. } => {}
            }
        }
        book.check().unwrap();
        assert_eq!(book.len(), open.len());
        open.iter().for_each(|(id, open)| assert_eq!(book.order(*id).map(|order| order.open), Some(*open)));
    }
});
