//! What happens in each row.

use super::super::{super::super::book::CancelReason, *};
use Acknowledge::{AsPending, Not};

pub(super) fn filled(venue: &mut Venue) {
    venue.new_order("1", 10);
    venue.fill(2);
    venue.fill(8);
}

pub(super) fn done_for_day(venue: &mut Venue) {
    venue.new_order("1", 10);
    venue.fill(2);
    venue.set_phase(Phase::Closed);
}

pub(super) fn cancelled(venue: &mut Venue) {
    venue.new_order("1", 10);
    let id = venue.cancel("1", "2", AsPending).unwrap();
    venue.decide(id);
}

pub(super) fn cancelled_while_it_trades(venue: &mut Venue) {
    venue.new_order("1", 10);
    venue.fill(2);
    let id = venue.cancel("1", "2", AsPending).unwrap();
    venue.fill(3);
    venue.decide(id);
}

pub(super) fn filled_before_cancel(venue: &mut Venue) {
    venue.new_order("1", 10);
    venue.fill(2);
    let id = venue.cancel("1", "2", AsPending).unwrap();
    venue.fill(8);
    venue.decide(id);
}

pub(super) fn cancelled_before_new(venue: &mut Venue) {
    let id = venue.states.enter(X, request("1", 10), AsPending, &mut venue.out).unwrap();
    venue.cancel("1", "2", AsPending);
    venue.decide(id);
    venue.decide(id);
}

pub(super) fn crossing_acknowledgement(venue: &mut Venue) {
    let id = venue.states.enter(X, request("1", 10), Not, &mut venue.out).unwrap();
    venue.cancel("1", "2", Not);
    venue.decide(id);
    venue.decide(id);
}

pub(super) fn unknown(venue: &mut Venue) {
    venue.cancel_now("1", "2");
}

pub(super) fn more(venue: &mut Venue) {
    venue.new_order("1", 10);
    let id = venue.replace("1", "2", 11, AsPending).unwrap();
    venue.decide(id);
    venue.fill(1);
}

pub(super) fn more_while_it_trades(venue: &mut Venue) {
    venue.new_order("1", 10);
    venue.fill(1);
    let id = venue.replace("1", "2", 12, AsPending).unwrap();
    venue.fill(1);
    venue.decide(id);
}

pub(super) fn more_of_filled(venue: &mut Venue) {
    venue.new_order("1", 10);
    venue.fill(10);
    let id = venue.replace("1", "2", 12, AsPending).unwrap();
    venue.decide(id);
    venue.fill(2);
}

pub(super) fn no_change_of_filled(venue: &mut Venue) {
    venue.new_order("1", 10);
    let id = venue.replace("1", "2", 10, AsPending).unwrap();
    venue.fill(10);
    venue.decide(id);
}

/// A request for so much, while so much trades.
pub(super) fn less(venue: &mut Venue, qty: Quantity, trades: Quantity) {
    venue.new_order("1", 10);
    let id = venue.replace("1", "2", qty, AsPending).unwrap();
    venue.fill(trades);
    venue.decide(id);
}

pub(super) fn less_than_before(venue: &mut Venue) {
    less(venue, 8, 5);
    venue.fill(3);
}

pub(super) fn less_as_traded(venue: &mut Venue) {
    less(venue, 8, 8);
}

pub(super) fn less_than_traded(venue: &mut Venue) {
    less(venue, 7, 8);
}

pub(super) fn two_replacements(venue: &mut Venue) {
    venue.new_order("1", 10);
    venue.replace_now("1", "2", 11);
    venue.replace_now("2", "3", 12);
}

pub(super) fn refused_then_accepted(venue: &mut Venue) {
    venue.new_order("1", 10);
    venue.replace_now("1", "2", 0);
    venue.replace_now("1", "3", 12);
}

pub(super) fn pending_then_refused(venue: &mut Venue) {
    venue.new_order("1", 10);
    for (cl_ord_id, qty) in [("2", 0), ("3", 12)] {
        let id = venue.replace("1", cl_ord_id, qty, AsPending).unwrap();
        venue.decide(id);
    }
}

pub(super) fn chained(venue: &mut Venue) {
    venue.new_order("1", 10);
    for (orig_cl_ord_id, cl_ord_id, qty) in [("1", "2", 8), ("2", "3", 7)] {
        let id = venue.replace(orig_cl_ord_id, cl_ord_id, qty, AsPending).unwrap();
        venue.decide(id);
    }
}

pub(super) fn pipelined(venue: &mut Venue) {
    venue.new_order("1", 10);
    let id = venue.replace("1", "2", 8, AsPending).unwrap();
    venue.replace("2", "3", 7, AsPending);
    venue.decide(id);
    venue.decide(id);
}

pub(super) fn both_refused(venue: &mut Venue) {
    venue.new_order("1", 10);
    let id = venue.replace("1", "2", 8, AsPending).unwrap();
    venue.replace("2", "3", 7, AsPending);
    venue.fill(10);
    venue.decide(id);
    venue.decide(id);
}

pub(super) fn unsolicited_cancel(venue: &mut Venue) {
    let id = venue.new_order("1", 10);
    venue.fill(2);
    venue.cancel_by_hand(id);
}

pub(super) fn duplicate(venue: &mut Venue) {
    venue.new_order("1", 10);
    venue.fill(2);
    venue.enter(X, request("1", 7));
}

pub(super) fn poss_resend(venue: &mut Venue) {
    venue.new_order("1", 10);
    venue.fill(2);
    for cl_ord_id in ["1", "2"] {
        venue.enter(X, NewRequest { poss_resend: true, ..request(cl_ord_id, 10) });
    }
}

pub(super) fn ask(venue: &mut Venue) {
    let status = venue.states.status(X, "1");
    venue.out.push(Output::report(status));
}

pub(super) fn status_of_unknown(venue: &mut Venue) {
    ask(venue);
}

pub(super) fn nothing_done(venue: &mut Venue) {
    venue.new_order("1", 10);
    ask(venue);
}

pub(super) fn status_throughout(venue: &mut Venue) {
    let id = venue.states.enter(X, request("1", 10), AsPending, &mut venue.out).unwrap();
    ask(venue);
    venue.decide(id);
    ask(venue);
    for _ in 0..2 {
        venue.fill(5);
        ask(venue);
    }
}

/// An order that outlives its first day, on which 2 of 10 have traded; the next morning has been told. Its ExecID.
pub(super) fn next_morning(venue: &mut Venue) -> u64 {
    venue.enter(X, request("1", 10).lasting(TimeInForce::GoodTill));
    venue.fill(2);
    let exec_id = last_trade(venue);
    venue.set_phase(Phase::Closed);
    venue.states.end_day(&mut venue.out);
    venue.states.begin_day(&mut venue.out);
    venue.set_phase(Phase::Open);
    exec_id
}

pub(super) fn good_till(venue: &mut Venue) {
    next_morning(venue);
    venue.fill(3);
    venue.fill(5);
}

pub(super) fn good_till_cancelled(venue: &mut Venue) {
    next_morning(venue);
    venue.cancel_now("1", "2");
}

pub(super) fn good_till_increased(venue: &mut Venue) {
    next_morning(venue);
    venue.replace_now("1", "2", 15);
    venue.fill(1);
}

pub(super) fn fill_or_kill(venue: &mut Venue) {
    venue.fill(1);
    venue.enter(X, request("1", 10).lasting(TimeInForce::FillOrKill));
}

pub(super) fn immediate(venue: &mut Venue) {
    venue.fill(1);
    venue.enter(X, request("1", 10).lasting(TimeInForce::ImmediateOrCancel));
}

/// ExecID of the session's last trade.
pub(super) fn last_trade(venue: &Venue) -> u64 {
    let trades = venue.out.iter().rev().filter_map(|output| match output {
        Output::Report(report) if report.owner == X && report.last.is_some() => Some(report.exec_id),
        _ => None,
    });
    trades.into_iter().next().expect("a trade")
}

pub(super) fn correct(venue: &mut Venue, exec_id: u64, price: Ticks, qty: Quantity) -> u64 {
    let id = venue.states.correct(exec_id, price, qty, &mut venue.out);
    let corrected = last_trade(venue);
    id.into_iter().for_each(|id| venue.decide(id));
    corrected
}

pub(super) fn bust(venue: &mut Venue, exec_id: u64) {
    let id = venue.states.bust(exec_id, &mut venue.out);
    id.into_iter().for_each(|id| venue.decide(id));
}

pub(super) fn correct_and_bust(venue: &mut Venue) {
    venue.new_order("1", 10);
    venue.fill(2);
    let first = last_trade(venue);
    venue.fill(8);
    let corrected = correct(venue, first, 99, 2);
    bust(venue, corrected);
    venue.fill(2);
}

pub(super) fn bust_of_cancelled(venue: &mut Venue) {
    venue.new_order("1", 10);
    venue.fill(5);
    let exec_id = last_trade(venue);
    venue.cancel_now("1", "2");
    bust(venue, exec_id);
}

pub(super) fn good_till_corrected(venue: &mut Venue) {
    let exec_id = next_morning(venue);
    let corrected = correct(venue, exec_id, 99, 1);
    bust(venue, corrected);
    venue.fill(10);
}

pub(super) fn correct_after_the_day(venue: &mut Venue) {
    venue.new_order("1", 10);
    venue.fill(5);
    let exec_id = last_trade(venue);
    venue.set_phase(Phase::Closed);
    let corrected = correct(venue, exec_id, 99, 4);
    bust(venue, corrected);
}

pub(super) fn halted(venue: &mut Venue) {
    venue.new_order("1", 10);
    venue.fill(2);
    venue.set_phase(Phase::Halted);
    venue.set_phase(Phase::Open);
    venue.fill(3);
}

pub(super) fn halted_and_cancelled(venue: &mut Venue) {
    let id = venue.new_order("1", 10);
    venue.fill(2);
    venue.set_phase(Phase::Halted);
    venue.cancel_by_hand(id);
}

pub(super) fn stopped(venue: &mut Venue) {
    let id = venue.new_order("1", 10);
    venue.states.stop(id, &mut venue.out);
    venue.fill(4);
    venue.fill(6);
}

pub(super) fn suspended(venue: &mut Venue) {
    let id = venue.new_order("1", 10);
    venue.fill(2);
    venue.suspend(id);
    venue.fill(3);
    ask(venue);
    venue.resume(id);
}

pub(super) fn suspended_and_cancelled(venue: &mut Venue) {
    let id = venue.new_order("1", 10);
    venue.suspend(id);
    venue.cancel("1", "2", AsPending);
    venue.decide(id);
}

pub(super) fn suspended_and_replaced(venue: &mut Venue) {
    let id = venue.new_order("1", 10);
    venue.suspend(id);
    venue.replace("1", "2", 12, AsPending);
    venue.decide(id);
    venue.resume(id);
    venue.replace_now("1", "3", 12);
}

pub(super) fn suspended_to_the_close(venue: &mut Venue) {
    let id = venue.new_order("1", 10);
    venue.fill(2);
    venue.suspend(id);
    venue.set_phase(Phase::Closed);
    for id in venue.states.beside_book_for_day(Some(0)) {
        venue.states.end_open(id, CancelReason::DayOver, &mut venue.out);
    }
}

pub(super) fn suspended_over_night(venue: &mut Venue) {
    let id = venue.enter(X, request("1", 10).lasting(TimeInForce::GoodTill)).unwrap();
    venue.suspend(id);
    venue.set_phase(Phase::Closed);
    assert_eq!(venue.states.beside_book_for_day(None), []);
    venue.states.end_day(&mut venue.out);
    venue.states.begin_day(&mut venue.out);
    venue.set_phase(Phase::Open);
    venue.resume(id);
    venue.fill(1);
}

pub(super) fn stopped_and_suspended(venue: &mut Venue) {
    let id = venue.new_order("1", 10);
    venue.states.stop(id, &mut venue.out);
    venue.suspend(id);
    venue.resume(id);
    venue.fill(10);
}

pub(super) fn bust_of_suspended(venue: &mut Venue) {
    let id = venue.new_order("1", 10);
    venue.fill(2);
    let exec_id = last_trade(venue);
    venue.suspend(id);
    bust(venue, exec_id);
    venue.resume(id);
    venue.fill(10);
}

fn calculate(venue: &mut Venue) {
    venue.states.calculate(&mut venue.out);
}

pub(super) fn calculated(venue: &mut Venue) {
    venue.new_order("1", 10);
    venue.fill(10);
    calculate(venue);
    calculate(venue);
    ask(venue);
}

pub(super) fn done_and_calculated(venue: &mut Venue) {
    done_for_day(venue);
    calculate(venue);
}

pub(super) fn corrected_after_calculation(venue: &mut Venue) {
    venue.new_order("1", 10);
    venue.fill(10);
    let exec_id = last_trade(venue);
    calculate(venue);
    correct(venue, exec_id, 99, 10);
    calculate(venue);
}
