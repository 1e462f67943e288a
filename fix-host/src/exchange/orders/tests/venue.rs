//! What the venue does of itself (App. D, groups G to L): days, stopped orders, cancellations.

use super::*;

#[test]
fn a_day_order_ends_with_the_day() {
    let mut venue = Venue::open();
    venue.new_order("1", 10);
    venue.fill(2);
    venue.said();
    venue.set_phase(Phase::Closed);
    assert_eq!(venue.said(), ["1 3/3 10 2 0"]);
}

#[test]
fn an_order_that_is_good_longer_is_done_for_the_day_and_told_again_in_the_morning() {
    let mut venue = Venue::open();
    venue.enter(X, request("1", 10).lasting(TimeInForce::GoodTill));
    venue.fill(2);
    venue.said();
    venue.set_phase(Phase::Closed);
    venue.states.end_day(&mut venue.out);
    venue.states.end_day(&mut venue.out);
    assert_eq!(venue.said(), ["1 3/3 10 2 8"], "once");
    venue.states.begin_day(&mut venue.out);
    let told = venue.told();
    let [Output::Report(report)] = &told[..] else { panic!("{told:?}") };
    assert_eq!(short(&told[0]), "1 D/1 10 2 8");
    assert_eq!(report.restatement, Some(code::ExecRestatementReason::GT_RENEWAL));
    venue.set_phase(Phase::Open);
    venue.fill(8);
    assert_eq!(venue.said(), ["1 F/2 10 10 0"]);
}

#[test]
fn an_order_whose_time_is_over_expires() {
    let mut venue = Venue::open();
    let id = venue.new_order("1", 10);
    let mut events = Vec::new();
    venue.book.expire(id, &mut events);
    venue.apply(events);
    assert_eq!(venue.said(), ["1 0/0 10 0 10", "1 C/C 10 0 0"]);
}

#[test]
fn a_cancellation_that_nobody_asked_for_has_the_orders_own_id() {
    let mut venue = Venue::open();
    let id = venue.new_order("1", 10);
    let mut events = Vec::new();
    venue.book.cancel(id, &mut events);
    venue.apply(events);
    assert_eq!(venue.said(), ["1 0/0 10 0 10", "1 4/4 10 0 0"]);
}

#[test]
fn a_stopped_order_is_stopped_until_it_is_filled() {
    let mut venue = Venue::open();
    let id = venue.new_order("1", 10);
    venue.states.stop(id, &mut venue.out);
    venue.fill(3);
    venue.fill(7);
    assert_eq!(venue.said(), ["1 0/0 10 0 10", "1 7/7 10 0 10", "1 F/7 10 3 7", "1 F/2 10 10 0"]);
}

#[test]
fn no_exec_id_is_used_twice_and_what_is_open_is_what_the_book_has() {
    let mut venue = Venue::open();
    let mut seen = std::collections::HashSet::new();
    for number in 0..200_u64 {
        let cl_ord_id = number.to_string();
        venue.new_order(&cl_ord_id, 5 + number % 7);
        venue.fill(1 + number % 9);
        if number % 3 == 0 {
            venue.replace_now(&cl_ord_id, &format!("{number}r"), 4 + number % 11);
        }
        if number % 5 == 0 {
            venue.cancel_now(&cl_ord_id, &format!("{number}c"));
        }
        for output in std::mem::take(&mut venue.out) {
            let Output::Report(report) = output else { continue };
            assert!(seen.insert(report.exec_id));
            assert!(report.leaves_qty == 0 || report.leaves_qty == report.order_qty - report.cum_qty);
        }
        for id in venue.states.orders.ids(|_| true) {
            let record = venue.states.record(id).unwrap();
            let open = venue.book.order(id).map_or(0, |order| order.open);
            assert_eq!((open, open), (record.leaves_qty(), record.in_book), "{record:?}");
        }
    }
}

/// An order that has traded 2 of 10 and is done for the day.
fn done_for_the_day() -> (Venue, OrderId) {
    let mut venue = Venue::open();
    let good_till = request("1", 10).lasting(TimeInForce::GoodTill);
    let id = venue.enter(X, good_till).unwrap();
    venue.fill(2);
    venue.set_phase(Phase::Closed);
    venue.states.end_day(&mut venue.out);
    venue.said();
    (venue, id)
}

#[test]
fn what_becomes_of_an_order_after_the_end_of_its_day_is_no_longer_done_for_the_day() {
    let (mut venue, _) = done_for_the_day();
    venue.cancel_now("1", "2");
    venue.states.begin_day(&mut venue.out);
    let status = venue.states.status(X, "1");
    venue.out.push(Output::report(status));
    assert_eq!(venue.said(), ["2<1 4/4 10 2 0", "2 I/4 10 2 0"]);

    let (mut venue, id) = done_for_the_day();
    let mut events = Vec::new();
    venue.book.expire(id, &mut events);
    venue.apply(events);
    assert_eq!(venue.said(), ["1 C/C 10 2 0"]);

    let (mut venue, _) = done_for_the_day();
    venue.replace_now("1", "2", 2);
    assert_eq!(venue.said(), ["2<1 5/2 2 2 0"], "down to what has traded");

    let (mut venue, _) = done_for_the_day();
    venue.set_phase(Phase::Open);
    venue.fill(3);
    venue.fill(5);
    assert_eq!(venue.said(), ["1 F/1 10 5 5", "1 F/2 10 10 0"], "before the morning is told");
}

#[test]
fn what_the_book_refuses_the_venue_answers_no_request_that_waits() {
    let mut venue = Venue::open();
    let id = venue.new_order("1", 10);
    venue.fill(10);
    venue.cancel("1", "2", Acknowledge::AsPending);
    venue.said();
    let mut events = Vec::new();
    venue.book.expire(id, &mut events);
    venue.apply(events);
    assert_eq!(venue.said(), [""; 0]);
    venue.decide(id);
    assert_eq!(venue.said(), ["2<1 9/2 0"]);
}

#[test]
fn an_average_price_that_no_decimal_holds_is_told_as_zero() {
    let mut venue = Venue::open();
    let dear = |cl_ord_id: &str, side| {
        let listing = listing(Decimal::new(i64::MAX, 2));
        request(cl_ord_id, u64::MAX).with(|terms| (terms.side, terms.listing) = (side, listing))
    };
    venue.enter(X, dear("1", Side::Buy));
    venue.enter(OTHER, dear("2", Side::Sell));
    let told = venue.told();
    let Some(Output::Report(report)) = told.last() else { panic!("{told:?}") };
    assert_eq!((report.cum_qty, report.avg_px), (u64::MAX, Decimal::ZERO));
}
