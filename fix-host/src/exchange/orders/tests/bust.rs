//! Executions that the venue takes back or corrects (App. D, groups G to L), and what is open again.

use super::*;

/// The ExecID of the last execution that was told.
fn last_exec_id(told: &[Output]) -> u64 {
    let mut executions = told.iter().rev().filter_map(|output| match output {
        Output::Report(report) if report.last.is_some() => Some(report.exec_id),
        _ => None,
    });
    executions.next().expect("an execution")
}

/// The order `1` of 10, of which so much has traded, and the ExecID of that execution.
fn traded(time_in_force: TimeInForce, qty: u64) -> (Venue, OrderId, u64) {
    let mut venue = Venue::open();
    let id = venue.enter(X, request("1", 10).lasting(time_in_force)).unwrap();
    venue.fill(qty);
    let exec_id = last_exec_id(&venue.told());
    (venue, id, exec_id)
}

#[test]
fn an_execution_that_is_taken_back_is_open_again() {
    let (mut venue, id, exec_id) = traded(TimeInForce::Day, 10);
    assert_eq!(venue.states.bust(exec_id, &mut venue.out), Some(id));
    venue.decide(id);
    let told = venue.told();
    let [Output::Report(report)] = &told[..] else { panic!("{told:?}") };
    assert_eq!((short(&told[0]), report.exec_ref_id), ("1 H/0 10 0 10".into(), Some(exec_id)));
    assert_eq!(report.last, Some((100, 10)));
    venue.fill(4);
    venue.fill(6);
    assert_eq!(venue.said(), ["1 F/1 10 4 6", "1 F/2 10 10 0"]);
    assert_eq!(venue.states.bust(exec_id, &mut venue.out), None, "it is taken back once");
    assert_eq!(venue.said(), [""; 0]);
}

#[test]
fn of_an_order_in_part_filled_the_book_has_all_that_is_open_after_a_bust() {
    let (mut venue, id, exec_id) = traded(TimeInForce::Day, 4);
    venue.states.bust(exec_id, &mut venue.out);
    venue.decide(id);
    assert_eq!(venue.said(), ["1 H/0 10 0 10"]);
    assert_eq!(venue.book.order(id).unwrap().open, 10);
    // Of one that has ended, nothing is.
    venue.fill(4);
    let exec_id = last_exec_id(&venue.told());
    venue.cancel_now("1", "2");
    venue.said();
    assert_eq!(venue.states.bust(exec_id, &mut venue.out), None);
    assert_eq!(venue.said(), ["2 H/4 10 0 0"]);
}

#[test]
fn a_corrected_execution_changes_the_average_price_and_can_be_corrected_again() {
    let (mut venue, id, exec_id) = traded(TimeInForce::Day, 10);
    assert_eq!(venue.states.correct(exec_id, 99, 10, &mut venue.out), None, "nothing is open");
    let told = venue.told();
    let [Output::Report(report)] = &told[..] else { panic!("{told:?}") };
    assert_eq!((short(&told[0]), report.avg_px), ("1 G/2 10 10 0".into(), Decimal::new(99, 2)));
    assert_eq!(report.exec_ref_id, Some(exec_id));
    let corrected = report.exec_id;
    assert_eq!(venue.states.correct(corrected, 99, 8, &mut venue.out), Some(id));
    venue.decide(id);
    assert_eq!(venue.said(), ["1 G/1 10 8 2"]);
    assert_eq!(venue.book.order(id).unwrap().open, 2);
}

#[test]
fn what_a_bust_opens_while_the_book_is_closed_is_entered_when_it_takes_orders() {
    let (mut venue, id, exec_id) = traded(TimeInForce::GoodTill, 4);
    venue.set_phase(Phase::Closed);
    assert_eq!(venue.states.bust(exec_id, &mut venue.out), Some(id));
    venue.decide(id);
    venue.decide(id);
    assert_eq!(venue.said(), ["1 H/0 10 0 10"], "it lives: its book has 6");
    assert_eq!(venue.book.order(id).unwrap().open, 6);
    venue.set_phase(Phase::Open);
    venue.decide(id);
    assert_eq!(venue.book.order(id).unwrap().open, 10);
    venue.fill(10);
    assert_eq!(venue.said(), ["1 F/2 10 10 0"]);
}

#[test]
fn an_order_whose_bust_the_closed_book_refused_is_cancelled_when_asked() {
    let (mut venue, id, exec_id) = traded(TimeInForce::GoodTill, 4);
    venue.set_phase(Phase::Closed);
    venue.states.bust(exec_id, &mut venue.out);
    venue.decide(id);
    venue.said();
    venue.cancel_now("1", "2");
    assert_eq!(venue.said(), ["2<1 4/4 10 0 0"]);
    venue.set_phase(Phase::Open);
    venue.decide(id);
    assert_eq!((venue.said(), venue.book.len()), (vec![], 0), "it has ended, and is not entered again");
}

#[test]
fn a_stopped_order_is_stopped_as_soon_as_a_bust_opens_it_again() {
    let mut venue = Venue::open();
    let id = venue.new_order("1", 10);
    venue.states.stop(id, &mut venue.out);
    venue.fill(10);
    let exec_id = last_exec_id(&venue.told());
    venue.states.bust(exec_id, &mut venue.out);
    venue.decide(id);
    let status = venue.states.status(X, "1");
    venue.out.push(Output::report(status));
    assert_eq!(venue.said(), ["1 H/7 10 0 10", "1 I/7 10 0 10"]);
}

#[test]
fn what_a_bust_opens_is_entered_again_if_the_rest_has_traded_meanwhile() {
    let (mut venue, id, exec_id) = traded(TimeInForce::Day, 4);
    venue.states.bust(exec_id, &mut venue.out);
    venue.fill(6);
    assert_eq!(venue.said(), ["1 H/0 10 0 10", "1 F/1 10 6 4"]);
    venue.decide(id);
    assert_eq!(venue.book.order(id).unwrap().open, 4);
    venue.fill(4);
    assert_eq!(venue.said(), ["1 F/2 10 10 0"]);
}

#[test]
fn two_busts_before_a_decision_open_an_order_once() {
    let (mut venue, id, first) = traded(TimeInForce::Day, 4);
    venue.fill(6);
    let second = last_exec_id(&venue.told());
    for exec_id in [first, second] {
        assert_eq!(venue.states.bust(exec_id, &mut venue.out), Some(id));
    }
    venue.decide(id);
    venue.fill(10);
    venue.decide(id);
    assert_eq!(venue.said(), ["1 H/1 10 6 4", "1 H/0 10 0 10", "1 F/2 10 10 0"]);
}

#[test]
fn an_order_that_ends_before_its_bust_is_decided_is_not_entered_again() {
    let (mut venue, id, exec_id) = traded(TimeInForce::Day, 4);
    venue.states.bust(exec_id, &mut venue.out);
    venue.set_phase(Phase::Closed);
    venue.set_phase(Phase::Open);
    venue.decide(id);
    assert_eq!(venue.said(), ["1 H/0 10 0 10", "1 3/3 10 0 0"]);
    assert!(venue.book.is_empty());
}

/// An order of 10 of which 4 were taken back while the book was closed, and the other 6 have traded since.
fn nothing_in_the_book() -> (Venue, OrderId) {
    let (mut venue, id, exec_id) = traded(TimeInForce::GoodTill, 4);
    venue.set_phase(Phase::Closed);
    venue.states.bust(exec_id, &mut venue.out);
    venue.decide(id);
    venue.set_phase(Phase::Open);
    venue.fill(6);
    assert_eq!(venue.said(), ["1 H/0 10 0 10", "1 F/1 10 6 4"]);
    assert!(venue.book.is_empty());
    (venue, id)
}

#[test]
fn an_order_of_which_the_book_has_nothing_yet_is_cancelled_and_replaced_as_any_other() {
    let (mut venue, id) = nothing_in_the_book();
    venue.decide(id);
    venue.fill(4);
    assert_eq!(venue.said(), ["1 F/2 10 10 0"]);

    let (mut venue, _) = nothing_in_the_book();
    venue.cancel_now("1", "2");
    assert_eq!(venue.said(), ["2<1 4/4 10 6 0"]);

    let (mut venue, _) = nothing_in_the_book();
    venue.replace_now("1", "2", 5);
    assert_eq!(venue.said(), ["2<1 5/2 6 6 0"]);

    let (mut venue, id) = nothing_in_the_book();
    venue.replace_now("1", "2", 12);
    assert_eq!((venue.said(), venue.book.order(id).unwrap().open), (vec!["2<1 5/1 12 6 6".into()], 6));
}

#[test]
fn what_is_taken_back_of_a_filled_order_that_does_not_rest_is_cancelled() {
    let market = |terms: &mut Terms| terms.kind = Kind::Market;
    let immediate = |terms: &mut Terms| terms.time_in_force = TimeInForce::ImmediateOrCancel;
    for change in [market as fn(&mut Terms), immediate] {
        let mut venue = Venue::open();
        let seller = request("sold", 10).with(|terms| terms.side = Side::Sell);
        venue.enter(OTHER, seller);
        venue.enter(X, request("1", 10).with(change));
        let exec_id = last_exec_id(&venue.told());
        assert_eq!(venue.states.correct(exec_id, 100, 8, &mut venue.out), None);
        let told = venue.told();
        let exec_id = last_exec_id(&told);
        assert_eq!(told.iter().map(short).collect::<Vec<_>>(), ["1 G/1 10 8 2", "1 4/4 10 8 0"]);
        assert_eq!(venue.states.bust(exec_id, &mut venue.out), None);
        assert_eq!(venue.said(), ["1 H/4 10 0 0"]);
        assert!(venue.book.is_empty(), "it is not entered again");
    }
}
