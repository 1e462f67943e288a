use std::sync::atomic::{AtomicUsize, Ordering};

use fix_core::decimal::Decimal;

use super::*;
use crate::{
    contract::order::Side,
    exchange::orders::{OrderTerms, SimulatedExchange},
};

fn floor() -> Floor {
    Floor::new(Market::new(1))
}

/// A session, and how often it was woken.
fn join(floor: &Floor, session: &str) -> (Seat, Arc<AtomicUsize>) {
    let count = Arc::<AtomicUsize>::default();
    let woken = Arc::clone(&count);
    let wake = move || {
        woken.fetch_add(1, Ordering::Relaxed);
    };
    (floor.join(session, wake), count)
}

fn execution(cl_ord_id: &str) -> Execution {
    let terms = OrderTerms {
        cl_ord_id: cl_ord_id.into(),
        symbol: "2Y".into(),
        side: Side::Buy,
        qty: Decimal::new(1, 0),
        limit: Some(Decimal::new(1, 0)),
    };
    SimulatedExchange::new("T", false).enter(terms).remove(0)
}

#[test]
fn all_sessions_see_the_same_prices_and_the_late_ones_the_latest() {
    let floor = floor();
    let ((mut one, woken), (mut other, _)) = (join(&floor, "A"), join(&floor, "B"));
    one.watch(true);
    assert_eq!(one.new_quotes().as_deref(), Some(&*Market::new(1).quotes()));
    assert_eq!(one.new_quotes(), None);
    floor.tick();
    floor.tick();
    let mut expected = Market::new(1);
    expected.tick();
    expected.tick();
    for seat in [&mut one, &mut other] {
        assert_eq!(seat.new_quotes().as_deref(), Some(&*expected.quotes()));
        assert_eq!(seat.new_quotes(), None);
    }
    assert_eq!(woken.load(Ordering::Relaxed), 2);
}

#[test]
fn only_who_watches_is_woken_for_prices() {
    let floor = floor();
    let ((mut one, woken), (_other, idle)) = (join(&floor, "A"), join(&floor, "B"));
    assert!(one.watch(true), "prices may have moved before");
    assert!(!one.watch(true));
    floor.tick();
    assert!(!one.watch(false));
    floor.tick();
    assert_eq!((woken.load(Ordering::Relaxed), idle.load(Ordering::Relaxed)), (1, 0));
    assert!(one.new_quotes().is_some() && one.new_quotes().is_none());
}

#[test]
fn one_session_reaches_another_in_order_and_only_it_is_woken() {
    let floor = floor();
    let ((one, idle), (other, woken)) = (join(&floor, "A"), join(&floor, "B"));
    assert_eq!(floor.sessions(), [(one.id(), "A".to_owned()), (other.id(), "B".to_owned())]);
    for id in ["1", "2"] {
        floor.deliver(other.id(), execution(id)).unwrap();
    }
    let ids: Vec<_> = other.take().into_iter().map(|execution| execution.order.entered.cl_ord_id).collect();
    assert_eq!(ids.iter().map(|id| &**id).collect::<Vec<_>>(), ["1", "2"]);
    assert!(other.take().is_empty() && one.take().is_empty());
    assert_eq!((idle.load(Ordering::Relaxed), woken.load(Ordering::Relaxed)), (0, 2));
}

#[test]
fn what_reaches_nobody_is_given_back() {
    let floor = floor();
    let (seat, _) = join(&floor, "A");
    let id = seat.id();
    for _ in 0..MOST_WAITING {
        floor.deliver(id, execution("1")).unwrap();
    }
    assert_eq!(floor.deliver(id, execution("2")), Err(NotDelivered::Full(Box::new(execution("2")))));
    drop(seat);
    assert_eq!(floor.deliver(id, execution("2")), Err(NotDelivered::Left(Box::new(execution("2")))));
    assert!(floor.sessions().is_empty());
    assert_ne!(join(&floor, "A").0.id(), id);
}
