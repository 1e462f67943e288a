//! What the venue does of itself (App. D, groups G to L): days, busts, corrections, stopped orders, cancellations.

use super::*;

/// The ExecID of the last execution that was told.
fn last_exec_id(told: &[Output]) -> u64 {
    let mut executions = told.iter().rev().filter_map(|output| match output {
        Output::Report(report) if report.last.is_some() => Some(report.exec_id),
        _ => None,
    });
    executions.next().expect("an execution")
}

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
    venue.enter(X, NewRequest { time_in_force: TimeInForce::GoodTill, ..request("1", 10) });
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
fn an_execution_that_is_taken_back_is_open_again() {
    let mut venue = Venue::open();
    let id = venue.new_order("1", 10);
    venue.fill(10);
    let exec_id = last_exec_id(&venue.told());
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
    let mut venue = Venue::open();
    let id = venue.new_order("1", 10);
    venue.fill(4);
    let exec_id = last_exec_id(&venue.told());
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
    let mut venue = Venue::open();
    let id = venue.new_order("1", 10);
    venue.fill(10);
    let exec_id = last_exec_id(&venue.told());
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
        for id in (0..venue.states.orders.len() as u64).map(OrderId) {
            let record = venue.states.record(id).unwrap();
            assert_eq!(venue.book.order(id).map_or(0, |order| order.open), record.leaves_qty(), "{record:?}");
        }
    }
}
