//! New orders: filled, rejected, known already, immediate (App. D, groups A, F, K).

use super::*;

#[test]
fn a_filled_order() {
    let mut venue = Venue::open();
    venue.new_order("1", 10);
    venue.fill(2);
    venue.fill(8);
    assert_eq!(venue.said(), ["1 0/0 10 0 10", "1 F/1 10 2 8", "1 F/2 10 10 0"]);
}

#[test]
fn requests_of_resting_orders_wait_in_the_same_room() {
    let mut venue = Venue::open();
    let ids = ["1", "2", "3"].map(|cl_ord_id| venue.new_order(cl_ord_id, 10));
    venue.replace_now("1", "4", 20);
    let room = |id: &OrderId| venue.states.record(*id).unwrap().waiting.capacity();
    assert_eq!(ids.iter().map(room).sum::<usize>(), 0);
    assert!(venue.states.room.capacity() > 0);
}

#[test]
fn an_order_that_is_acknowledged_as_pending_first() {
    let mut venue = Venue::open();
    let id = venue.states.enter(X, request("1", 10), Acknowledge::AsPending, &mut venue.out).unwrap();
    venue.decide(id);
    assert_eq!(venue.said(), ["1 A/A 10 0 10", "1 0/0 10 0 10"]);
}

#[test]
fn an_order_that_the_book_refuses_is_rejected_with_the_reason() {
    let mut venue = Venue::open();
    venue.enter(X, request("1", 0));
    venue.set_phase(Phase::Closed);
    venue.enter(X, request("2", 10));
    let reasons: Vec<_> = venue
        .told()
        .iter()
        .map(|output| match output {
            Output::Report(report) => (short(output), report.ord_rej_reason),
            Output::CancelReject(_) => panic!("{output:?}"),
        })
        .collect();
    assert_eq!(
        reasons,
        [
            ("1 8/8 0 0 0".to_owned(), Some(code::OrdRejReason::INCORRECT_QUANTITY)),
            ("2 8/8 10 0 0".to_owned(), Some(code::OrdRejReason::EXCHANGE_CLOSED)),
        ]
    );
}

#[test]
fn a_cl_ord_id_that_was_used_before_is_rejected_with_the_state_of_the_first_order() {
    let mut venue = Venue::open();
    venue.new_order("1", 10);
    venue.fill(4);
    venue.said();
    assert_eq!(venue.enter(X, request("1", 7)), None);
    let [Output::Report(report)] = &venue.told()[..] else { panic!() };
    assert_eq!(short(&Output::Report(report.clone())), "1 8/1 10 4 6");
    assert_eq!(report.ord_rej_reason, Some(code::OrdRejReason::DUPLICATE_ORDER));
    // Another session may use it.
    assert!(venue.enter(OTHER, request("1", 7)).is_some());
}

#[test]
fn a_possible_resend_of_an_order_that_is_here_asks_how_it_stands_and_never_trades() {
    let mut venue = Venue::open();
    let resent = |cl_ord_id| NewRequest { poss_resend: true, ..request(cl_ord_id, 10) };
    venue.new_order("1", 10);
    venue.fill(4);
    venue.said();
    assert_eq!(venue.enter(X, resent("1")), None);
    assert_eq!(venue.said(), ["1 I/1 10 4 6"]);
    assert_eq!(venue.book.len(), 1);
    venue.enter(X, resent("2"));
    assert_eq!(venue.said(), ["2 0/0 10 0 10"], "one that is not here is an order like any other");
}

#[test]
fn what_an_immediate_order_leaves_is_cancelled() {
    let mut venue = Venue::open();
    venue.fill(4);
    let immediate = |cl_ord_id, time_in_force| request(cl_ord_id, 10).lasting(time_in_force);
    venue.enter(X, immediate("1", TimeInForce::FillOrKill));
    venue.enter(X, immediate("2", TimeInForce::ImmediateOrCancel));
    assert_eq!(
        venue.said(),
        ["1 0/0 10 0 10", "1 4/4 10 0 0", "2 0/0 10 0 10", "2 F/1 10 4 6", "2 4/4 10 4 0"]
    );
}

#[test]
fn the_status_of_an_order_is_told_under_each_of_its_ids_and_of_none_as_unknown() {
    let mut venue = Venue::open();
    venue.new_order("1", 10);
    venue.replace_now("1", "2", 12);
    venue.said();
    for cl_ord_id in ["1", "2", "9"] {
        let status = venue.states.status(X, cl_ord_id);
        venue.out.push(Output::report(status));
    }
    let told = venue.told();
    let [_, _, Output::Report(unknown)] = &told[..] else { panic!("{told:?}") };
    assert_eq!(told.iter().map(short).collect::<Vec<_>>(), ["2 I/0 12 0 12", "2 I/0 12 0 12", "9 I/8 0 0 0"]);
    assert_eq!((unknown.order_id, unknown.ord_rej_reason), (None, Some(code::OrdRejReason::UNKNOWN_ORDER)));
}

#[test]
fn the_average_price_is_exact_before_it_is_cut() {
    let mut venue = Venue::open();
    let sell = |cl_ord_id: &str, qty, price| {
        request(cl_ord_id, qty).with(|terms| (terms.side, terms.kind) = (Side::Sell, Kind::Limit(price)))
    };
    for (cl_ord_id, qty, price) in [("a", 1, 98), ("b", 1, 99), ("c", 1, 99)] {
        venue.enter(OTHER, sell(cl_ord_id, qty, price));
    }
    venue.new_order("1", 3);
    let averages: Vec<String> = venue
        .told()
        .iter()
        .filter_map(|output| match output {
            Output::Report(report) if report.last.is_some() => Some(report.avg_px.to_string()),
            _ => None,
        })
        .collect();
    assert_eq!(averages, ["0.98", "0.985", "0.98666667"]);
}
