//! Cancellations (App. D, group B).

use super::*;
use Acknowledge::AsPending;

#[test]
fn an_order_without_executions_and_one_in_part_filled() {
    let mut venue = Venue::open();
    venue.new_order("1", 10);
    venue.cancel_now("1", "1c");
    venue.new_order("2", 10);
    venue.fill(3);
    venue.cancel_now("2", "2c");
    assert_eq!(
        venue.said(),
        ["1 0/0 10 0 10", "1c<1 4/4 10 0 0", "2 0/0 10 0 10", "2 F/1 10 3 7", "2c<2 4/4 10 3 0"]
    );
}

#[test]
fn fills_while_it_is_pending_keep_the_cl_ord_id_and_the_pending_state() {
    let mut venue = Venue::open();
    venue.new_order("1", 10);
    let id = venue.cancel("1", "2", AsPending).unwrap();
    venue.fill(4);
    venue.decide(id);
    assert_eq!(venue.said(), ["1 0/0 10 0 10", "2<1 6/6 10 0 10", "1 F/6 10 4 6", "2<1 4/4 10 4 0"]);
}

#[test]
fn a_cancellation_that_loses_to_a_fill_is_refused() {
    let mut venue = Venue::open();
    venue.new_order("1", 10);
    let id = venue.cancel("1", "2", AsPending).unwrap();
    venue.fill(10);
    venue.decide(id);
    assert_eq!(venue.said(), ["1 0/0 10 0 10", "2<1 6/6 10 0 10", "1 F/6 10 10 0", "2<1 9/2 0"]);
    // Not acknowledged, the fill says how the order stands.
    venue.new_order("3", 10);
    let id = venue.cancel("3", "4", Acknowledge::Not).unwrap();
    venue.fill(10);
    venue.decide(id);
    assert_eq!(venue.said(), ["3 0/0 10 0 10", "3 F/2 10 10 0", "4<3 9/2 0"]);
}

#[test]
fn what_cannot_be_cancelled() {
    let mut venue = Venue::open();
    venue.cancel_now("9", "9c");
    venue.new_order("1", 10);
    venue.new_order("2", 10);
    venue.cancel_now("1", "2");
    venue.cancel("1", "1c", AsPending);
    venue.cancel_now("1c", "1d");
    assert_eq!(
        venue.said(),
        [
            "9c<9 9/8 1",
            "1 0/0 10 0 10",
            "2 0/0 10 0 10",
            "2<1 9/0 6",
            "1c<1 6/6 10 0 10",
            // The state in a refusal is the one without the request refused: the first one is pending.
            "1d<1 9/6 3",
        ]
    );
    venue.out.clear();
    venue.cancel_now("9", "9c");
    let [Output::CancelReject(reject)] = &venue.told()[..] else { panic!() };
    assert_eq!(reject.order_id, None, "of an order that was never here");
}

#[test]
fn a_cancelled_order_is_not_cancelled_again() {
    let mut venue = Venue::open();
    venue.new_order("1", 10);
    venue.cancel_now("1", "2");
    venue.said();
    venue.cancel_now("2", "3");
    venue.cancel_now("1", "4");
    assert_eq!(venue.said(), ["3<2 9/4 0", "4<2 9/4 0"], "too late, by whichever of its ids");
}

#[test]
fn all_orders_of_a_session() {
    let mut venue = Venue::open();
    let first = venue.new_order("1", 10);
    venue.enter(OTHER, request("o", 10));
    let second = venue.new_order("2", 10);
    let sold = request("3", 10).with(|terms| (terms.side, terms.kind) = (Side::Sell, Kind::Limit(105)));
    let third = venue.enter(X, sold).unwrap();
    assert_eq!(venue.states.of_session(X, None, Some(Side::Sell)), [third]);
    assert_eq!(venue.states.of_session(X, Some(1), None), []);
    let meant = venue.states.of_session(X, Some(0), Some(Side::Buy));
    assert_eq!(meant, [first, second]);
    venue.said();
    for id in meant {
        let mut events = Vec::new();
        venue.book.cancel(id, &mut events);
        venue.apply(events);
    }
    assert_eq!(venue.said(), ["1 4/4 10 0 0", "2 4/4 10 0 0"]);
}
