//! Any requests in any order: what must always hold holds, and the book does what the obvious one does.

use std::collections::HashMap;

use proptest::{collection::vec, option, prelude::*, sample::select, test_runner::TestRunner};

use super::{naive::Naive, *};

#[derive(Clone, Debug)]
enum Request {
    Enter(NewOrder),
    Replace(OrderId, Change),
    Cancel(OrderId),
    Expire(OrderId),
    CancelOwner(Owner, Option<Side>),
    SetPhase(Phase),
    SetLastPrice(Ticks),
}

fn price() -> impl Strategy<Value = Ticks> {
    -8..8_i64
}

fn kind() -> impl Strategy<Value = Kind> {
    prop_oneof![
        10 => price().prop_map(Kind::Limit),
        1 => Just(Kind::Market),
        1 => Just(Kind::MarketToLimit),
        1 => price().prop_map(Kind::Stop),
        1 => (price(), price()).prop_map(|(stop, limit)| Kind::StopLimit { stop, limit }),
    ]
}

fn time_in_force() -> impl Strategy<Value = TimeInForce> {
    use TimeInForce::{AtClose, AtOpening, Day, FillOrKill, GoodTill, ImmediateOrCancel};
    prop_oneof![
        6 => Just(Day),
        4 => select(vec![GoodTill, ImmediateOrCancel, FillOrKill, AtOpening, AtClose]),
    ]
}

fn id() -> impl Strategy<Value = OrderId> {
    (0..40_u64).prop_map(OrderId)
}

fn side() -> impl Strategy<Value = Side> {
    select(vec![Side::Buy, Side::Sell])
}

fn new_order() -> impl Strategy<Value = NewOrder> {
    let min_qty = prop_oneof![8 => Just(0), 1 => 1..12_u64];
    let display_qty = prop_oneof![3 => Just(0), 1 => 1..6_u64];
    (id(), 0..4_u32, side(), kind(), time_in_force(), 0..20_u64, min_qty, display_qty).prop_map(
        |(id, owner, side, kind, time_in_force, qty, min_qty, display_qty)| NewOrder {
            id,
            owner: Owner(owner),
            side,
            kind,
            time_in_force,
            qty,
            min_qty,
            display_qty,
        },
    )
}

fn change() -> impl Strategy<Value = Change> {
    let stop = prop_oneof![4 => Just(None), 1 => price().prop_map(Some)];
    let display_qty = prop_oneof![6 => Just(None), 1 => (0..6_u64).prop_map(Some)];
    (option::of(price()), stop, option::of(0..20_u64), display_qty).prop_map(
        |(price, stop, open, display_qty)| Change { price, stop, open, display_qty, time_in_force: None },
    )
}

fn request() -> impl Strategy<Value = Request> {
    use Phase::{Closed, Closing, Halted, Open, PreOpen};
    prop_oneof![
        40 => new_order().prop_map(Request::Enter),
        15 => (id(), change()).prop_map(|(id, change)| Request::Replace(id, change)),
        8 => id().prop_map(Request::Cancel),
        1 => id().prop_map(Request::Expire),
        1 => (0..4_u32, option::of(side())).prop_map(|(owner, side)| Request::CancelOwner(Owner(owner), side)),
        3 => select(vec![Open, Open, Open, Open, PreOpen, Halted, Closing, Closed]).prop_map(Request::SetPhase),
        1 => price().prop_map(Request::SetLastPrice),
    ]
}

/// Both books, and what was entered and traded of each order by the events alone.
struct Beside {
    book: Book,
    naive: Naive,
    self_match: SelfMatch,
    owners: HashMap<OrderId, Owner>,
    /// The open quantity of each live order.
    open: HashMap<OrderId, Quantity>,
}

impl Beside {
    fn new(self_match: SelfMatch) -> Self {
        let settings = Settings { orders: 0, levels: 0, self_match };
        let (owners, open) = (HashMap::new(), HashMap::new());
        Beside { book: Book::new(&settings), naive: Naive::new(self_match), self_match, owners, open }
    }

    fn request(&mut self, request: &Request) {
        let (mut out, mut expected) = (Vec::new(), Vec::new());
        match request {
            Request::Enter(order) => {
                self.book.enter(order, &mut out);
                self.naive.enter(order, &mut expected);
            }
            Request::Replace(id, change) => {
                self.book.replace(*id, *change, &mut out);
                self.naive.replace(*id, *change, &mut expected);
            }
            Request::Cancel(id) => {
                self.book.cancel(*id, &mut out);
                self.naive.remove(*id, CancelReason::Requested, &mut expected);
            }
            Request::Expire(id) => {
                self.book.expire(*id, &mut out);
                self.naive.remove(*id, CancelReason::Expired, &mut expected);
            }
            Request::CancelOwner(owner, side) => {
                self.book.cancel_owner(*owner, *side, &mut out);
                let is_meant =
                    |order: &NewOrder| order.owner == *owner && side.is_none_or(|side| side == order.side);
                self.naive.drop_all(is_meant, CancelReason::Requested, &mut expected);
            }
            Request::SetPhase(phase) => {
                self.book.set_phase(*phase, &mut out);
                self.naive.set_phase(*phase, &mut expected);
            }
            Request::SetLastPrice(price) => {
                self.book.set_last_price(*price);
                self.naive.last = Some(*price);
            }
        }
        assert_eq!(sorted(&out), sorted(&expected), "{request:?}");
        self.follow(request, &out);
        self.compare();
    }

    /// Counts what the events say, and that none says what cannot be.
    fn follow(&mut self, request: &Request, events: &[Event]) {
        for event in events {
            match (event, request) {
                (Event::Accepted { id }, Request::Enter(order)) => {
                    self.owners.insert(*id, order.owner);
                    assert_eq!(self.open.insert(*id, order.qty), None);
                }
                (Event::Replaced { id, open }, _) => {
                    assert!(self.open.insert(*id, *open).is_some());
                }
                (Event::Traded { maker: one, taker: other, qty, .. }, _)
                | (Event::Crossed { buy: one, sell: other, qty, .. }, _) => {
                    assert!(*qty > 0);
                    let allowed = self.self_match == SelfMatch::Allow;
                    assert!(allowed || self.owners[one] != self.owners[other], "{event:?}");
                    self.less(*one, *qty);
                    self.less(*other, *qty);
                }
                (Event::Cancelled { id, qty, .. }, _) => self.less(*id, *qty),
                _ => {}
            }
        }
    }

    fn less(&mut self, id: OrderId, qty: Quantity) {
        let open = self.open.get_mut(&id).expect("a live order");
        *open = open.checked_sub(qty).expect("no more than is open");
        if *open == 0 {
            self.open.remove(&id);
        }
    }

    fn compare(&self) {
        self.book.check().unwrap();
        for side in [Side::Buy, Side::Sell] {
            let queue: Vec<_> =
                self.book.orders(side).map(|order| (order.id, order.open, order.shown)).collect();
            assert_eq!(queue, self.naive.queue(side));
            let seen: Quantity = self.book.depth(side).map(|level| level.qty).sum();
            let shown = self.book.orders(side).filter(|order| order.price.is_some()).map(|order| order.shown);
            assert_eq!(seen, shown.sum::<Quantity>(), "nobody sees what is hidden");
        }
        assert_eq!(self.book.last_price(), self.naive.last);
        assert_eq!(self.book.phase(), self.naive.phase);
        assert_eq!(self.book.len(), self.open.len());
        for (id, open) in &self.open {
            assert_eq!(self.book.order(*id).map(|order| order.open), Some(*open));
        }
    }
}

/// Cancellations that one request brings for the same reason have no order among themselves.
fn sorted(events: &[Event]) -> Vec<Event> {
    let reason = |event: &Event| match event {
        Event::Cancelled { reason, .. } => Some(*reason),
        _ => None,
    };
    let mut events = events.to_vec();
    for run in events.chunk_by_mut(|one, next| reason(one).is_some() && reason(one) == reason(next)) {
        run.sort_by_key(|event| if let Event::Cancelled { id, .. } = event { id.0 } else { 0 });
    }
    events
}

/// A tenth of it where nothing is optimised; `cargo xtask book` runs all of it.
const REQUESTS: u32 = if cfg!(debug_assertions) { 100_000 } else { 1_000_000 };
const EACH: usize = 500;

#[test]
fn any_requests_do_what_they_do_in_the_obvious_book_and_all_that_must_hold_holds() {
    let policies = vec![SelfMatch::Allow, SelfMatch::CancelResting, SelfMatch::CancelIncoming];
    let strategy = (select(policies), vec(request(), EACH));
    let config =
        ProptestConfig { cases: REQUESTS / EACH as u32, failure_persistence: None, ..Default::default() };
    let outcome = TestRunner::new(config).run(&strategy, |(self_match, requests)| {
        let mut beside = Beside::new(self_match);
        beside.request(&Request::SetPhase(Phase::Open));
        requests.iter().for_each(|request| beside.request(request));
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
}
