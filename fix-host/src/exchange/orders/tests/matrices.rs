//! The order state change matrices of FIX 4.4 (Vol. 4, App. D), row by row. `docs/order-states.md` is what this test writes:
//! `WRITE_PAGES=1 cargo test -p fix-host --lib matrices` writes it anew.

use std::fmt::Write as _;

use super::*;
use Acknowledge::{AsPending, Not};

/// A row of the matrices.
struct Row {
    name: &'static str,
    what: &'static str,
    story: Story,
}

enum Story {
    /// It is told and found to be as the matrix has it: the reports of [`Venue::said`].
    Told(fn(&mut Venue), &'static [&'static str]),
    /// It does not apply to this venue, and why.
    LeftOut(&'static str),
}

use Story::{LeftOut, Told};

const fn row(name: &'static str, what: &'static str, story: Story) -> Row {
    Row { name, what, story }
}

const ROWS: &[Row] = &[
    row("A.1.a", "an order is filled", Told(filled, &["1 0/0 10 0 10", "1 F/1 10 2 8", "1 F/2 10 10 0"])),
    row(
        "A.1.b",
        "a day order is filled in part, and done for the day",
        Told(done_for_day, &["1 0/0 10 0 10", "1 F/1 10 2 8", "1 3/3 10 2 0"]),
    ),
    row(
        "B.1.a",
        "a cancel request for an order without executions",
        Told(cancelled, &["1 0/0 10 0 10", "2<1 6/6 10 0 10", "2<1 4/4 10 0 0"]),
    ),
    row(
        "B.1.b",
        "a cancel request for an order filled in part; executions while it is pending",
        Told(
            cancelled_while_it_trades,
            &["1 0/0 10 0 10", "1 F/1 10 2 8", "2<1 6/6 10 2 8", "1 F/6 10 5 5", "2<1 4/4 10 5 0"],
        ),
    ),
    row(
        "B.1.c",
        "the order is filled before the cancel request is accepted",
        Told(
            filled_before_cancel,
            &["1 0/0 10 0 10", "1 F/1 10 2 8", "2<1 6/6 10 2 8", "1 F/6 10 10 0", "2<1 9/2 0"],
        ),
    ),
    row(
        "B.1.d",
        "a cancel request for an order that is not acknowledged yet",
        Told(cancelled_before_new, &["1 A/A 10 0 10", "2<1 6/6 10 0 10", "1 0/6 10 0 10", "2<1 4/4 10 0 0"]),
    ),
    row(
        "B.1.e",
        "the acknowledgement of an order and the request to cancel it cross",
        Told(crossing_acknowledgement, &["1 0/0 10 0 10", "2<1 4/4 10 0 0"]),
    ),
    row("B.1.f", "a cancel request for an unknown order", Told(unknown, &["2<1 9/8 1"])),
    row(
        "C.1.a",
        "more of an order without executions",
        Told(more, &["1 0/0 10 0 10", "2<1 E/E 10 0 10", "2<1 5/0 11 0 11", "2 F/1 11 1 10"]),
    ),
    row(
        "C.1.b",
        "more of an order filled in part; an execution while it is pending",
        Told(
            more_while_it_trades,
            &["1 0/0 10 0 10", "1 F/1 10 1 9", "2<1 E/E 10 1 9", "1 F/E 10 2 8", "2<1 5/1 12 2 10"],
        ),
    ),
    row(
        "C.1.c",
        "more of an order that is filled",
        Told(
            more_of_filled,
            &["1 0/0 10 0 10", "1 F/2 10 10 0", "2<1 E/E 10 10 0", "2<1 5/1 12 10 2", "2 F/2 12 12 0"],
        ),
    ),
    row(
        "C.2.a",
        "a request that does not change the quantity is refused, because the order is filled",
        Told(no_change_of_filled, &["1 0/0 10 0 10", "2<1 E/E 10 0 10", "1 F/E 10 10 0", "2<1 9/2 0"]),
    ),
    row(
        "C.3.a",
        "less than before, more than has traded meanwhile",
        Told(
            less_than_before,
            &["1 0/0 10 0 10", "2<1 E/E 10 0 10", "1 F/E 10 5 5", "2<1 5/1 8 5 3", "2 F/2 8 8 0"],
        ),
    ),
    row(
        "C.3.b",
        "as much as has traded meanwhile",
        Told(less_as_traded, &["1 0/0 10 0 10", "2<1 E/E 10 0 10", "1 F/E 10 8 2", "2<1 5/2 8 8 0"]),
    ),
    row(
        "C.3.c",
        "less than has traded meanwhile: the quantity becomes what has",
        Told(less_than_traded, &["1 0/0 10 0 10", "2<1 E/E 10 0 10", "1 F/E 10 8 2", "2<1 5/2 8 8 0"]),
    ),
    row(
        "D.1.a",
        "two replacements after each other, both accepted",
        Told(two_replacements, &["1 0/0 10 0 10", "2<1 5/0 11 0 11", "3<2 5/0 12 0 12"]),
    ),
    row(
        "D.1.b",
        "one is refused before it is pending, the next is accepted",
        Told(refused_then_accepted, &["1 0/0 10 0 10", "2<1 9/0 99", "3<1 5/0 12 0 12"]),
    ),
    row(
        "D.1.c",
        "one is refused after it was pending, the next is accepted",
        Told(
            pending_then_refused,
            &["1 0/0 10 0 10", "2<1 E/E 10 0 10", "2<1 9/0 99", "3<1 E/E 10 0 10", "3<1 5/0 12 0 12"],
        ),
    ),
    row(
        "D.2.a",
        "two at once, carried out one after the other",
        Told(
            chained,
            &["1 0/0 10 0 10", "2<1 E/E 10 0 10", "2<1 5/0 8 0 8", "3<2 E/E 8 0 8", "3<2 5/0 7 0 7"],
        ),
    ),
    row(
        "D.2.b",
        "two at once, both pending before the first is carried out",
        Told(
            pipelined,
            &["1 0/0 10 0 10", "2<1 E/E 10 0 10", "3<2 E/E 10 0 10", "2<1 5/E 8 0 8", "3<2 5/0 7 0 7"],
        ),
    ),
    row(
        "D.2.c",
        "two at once, both refused",
        Told(
            both_refused,
            &[
                "1 0/0 10 0 10",
                "2<1 E/E 10 0 10",
                "3<2 E/E 10 0 10",
                "1 F/E 10 10 0",
                "2<1 9/E 0",
                "3<1 9/2 0",
            ],
        ),
    ),
    row(
        "D.2.d",
        "the second is refused because the first is pending",
        LeftOut("that is for venues that take one request at a time; this one keeps them in their order"),
    ),
    row("E.1.a", "an order by telephone", LeftOut("the venue has no telephone")),
    row(
        "E.1.b",
        "a cancellation that nobody asked for, of an order filled in part",
        Told(unsolicited_cancel, &["1 0/0 10 0 10", "1 F/1 10 2 8", "1 4/4 10 2 0"]),
    ),
    row(
        "E.1.c",
        "a replacement that nobody asked for",
        LeftOut("the venue changes no order of a session but to cancel, bust, correct or restate it"),
    ),
    row("E.1.d", "a reduction that nobody asked for", LeftOut("as E.1.c")),
    row(
        "F.1.a",
        "an order whose ClOrdID was used before",
        Told(duplicate, &["1 0/0 10 0 10", "1 F/1 10 2 8", "1 8/1 10 2 8"]),
    ),
    row(
        "F.1.b",
        "a possible resend of an order that is here, and of one that is not",
        Told(poss_resend, &["1 0/0 10 0 10", "1 F/1 10 2 8", "1 I/1 10 2 8", "2 0/0 10 0 10"]),
    ),
    row("F.1.c", "an order that was given by telephone before", LeftOut("as E.1.a")),
    row("G.1.a", "the status of an unknown order", Told(status_of_unknown, &["1 I/8 0 0 0"])),
    row(
        "G.1.b",
        "nothing has been done: the status of an order without executions",
        Told(nothing_done, &["1 0/0 10 0 10", "1 I/0 10 0 10"]),
    ),
    row(
        "G.1.c",
        "the status at once, and throughout the order's life",
        Told(
            status_throughout,
            &[
                "1 A/A 10 0 10",
                "1 I/A 10 0 10",
                "1 0/0 10 0 10",
                "1 I/0 10 0 10",
                "1 F/1 10 5 5",
                "1 I/1 10 5 5",
                "1 F/2 10 10 0",
                "1 I/2 10 10 0",
            ],
        ),
    ),
    row(
        "H.1.a",
        "a GTC order is filled in part, restated and filled the next day",
        Told(
            good_till,
            &[
                "1 0/0 10 0 10",
                "1 F/1 10 2 8",
                "1 3/3 10 2 8",
                "1 D/1 10 2 8",
                "1 F/1 10 5 5",
                "1 F/2 10 10 0",
            ],
        ),
    ),
    row("H.1.b", "a GTC order and a stock split", LeftOut("the venue lists no shares that split")),
    row(
        "H.1.c",
        "a GTC order is filled in part, restated and cancelled the next day",
        Told(
            good_till_cancelled,
            &["1 0/0 10 0 10", "1 F/1 10 2 8", "1 3/3 10 2 8", "1 D/1 10 2 8", "2<1 4/4 10 2 0"],
        ),
    ),
    row(
        "H.1.d",
        "a GTC order is filled in part, restated and increased the next day",
        Told(
            good_till_increased,
            &[
                "1 0/0 10 0 10",
                "1 F/1 10 2 8",
                "1 3/3 10 2 8",
                "1 D/1 10 2 8",
                "2<1 5/1 15 2 13",
                "2 F/1 15 3 12",
            ],
        ),
    ),
    row(
        "I.1.a",
        "a fill-or-kill order that cannot be filled",
        Told(fill_or_kill, &["1 0/0 10 0 10", "1 4/4 10 0 0"]),
    ),
    row(
        "I.1.b",
        "an immediate-or-cancel order that is filled in part at once",
        Told(immediate, &["1 0/0 10 0 10", "1 F/1 10 1 9", "1 4/4 10 1 0"]),
    ),
    row(
        "J.1.a",
        "executions of a filled order are corrected and taken back",
        Told(
            correct_and_bust,
            &[
                "1 0/0 10 0 10",
                "1 F/1 10 2 8",
                "1 F/2 10 10 0",
                "1 G/2 10 10 0",
                "1 H/1 10 8 2",
                "1 F/2 10 10 0",
            ],
        ),
    ),
    row(
        "J.1.b",
        "an execution of a cancelled order is taken back",
        Told(bust_of_cancelled, &["1 0/0 10 0 10", "1 F/1 10 5 5", "2<1 4/4 10 5 0", "2 H/4 10 0 0"]),
    ),
    row(
        "J.1.c",
        "a GTC order that is restated, with corrections and busts",
        Told(
            good_till_corrected,
            &[
                "1 0/0 10 0 10",
                "1 F/1 10 2 8",
                "1 3/3 10 2 8",
                "1 D/1 10 2 8",
                "1 G/1 10 1 9",
                "1 H/0 10 0 10",
                "1 F/2 10 10 0",
            ],
        ),
    ),
    row(
        "J.1.d",
        "a trade of an order that is done for the day is corrected, then taken back",
        Told(
            correct_after_the_day,
            &["1 0/0 10 0 10", "1 F/1 10 5 5", "1 3/3 10 5 0", "1 G/3 10 4 0", "1 H/3 10 0 0"],
        ),
    ),
    row(
        "K.1.a",
        "trading is halted, and goes on",
        Told(halted, &["1 0/0 10 0 10", "1 F/1 10 2 8", "1 F/1 10 5 5"]),
    ),
    row(
        "K.1.b",
        "trading is halted, and the order cancelled",
        Told(halted_and_cancelled, &["1 0/0 10 0 10", "1 F/1 10 2 8", "1 4/4 10 2 0"]),
    ),
    row(
        "L.1.a",
        "an execution is guaranteed before it is made",
        Told(stopped, &["1 0/0 10 0 10", "1 7/7 10 0 10", "1 F/7 10 4 6", "1 F/2 10 10 0"]),
    ),
    row(
        "L.1.b",
        "an order for an amount of cash",
        LeftOut("the venue takes quantities: without OrderQty(38) an order is refused"),
    ),
];

const HEAD: &str = "# The order states of the exchange

What the simulated exchange reports in each case of FIX 4.4's order state change matrices (Vol. 4, App. D), written by the test that
plays them (`fix-host/src/exchange/orders/tests/matrices.rs`). A report is `ClOrdID<OrigClOrdID ExecType/OrdStatus OrderQty CumQty
LeavesQty`; `9/OrdStatus CxlRejReason` is an OrderCancelReject. The session's own requests are not shown.

| | case | reports |
|---|---|---|
";

#[test]
fn every_row_is_told_as_its_matrix_has_it_and_the_page_says_so() {
    let mut page = HEAD.to_owned();
    for Row { name, what, story } in ROWS {
        match story {
            Told(play, expected) => {
                let mut venue = Venue::open();
                play(&mut venue);
                assert_eq!(venue.said(), *expected, "{name}: {what}");
                let told: Vec<String> = expected.iter().map(|report| format!("`{report}`")).collect();
                writeln!(page, "| ✓ {name} | {what} | {} |", told.join(" ")).unwrap();
            }
            LeftOut(why) => writeln!(page, "| – {name} | {what} | left out: {why} |").unwrap(),
        }
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/order-states.md");
    if std::env::var_os("WRITE_PAGES").is_some() {
        std::fs::write(path, &page).unwrap();
    }
    let written = std::fs::read_to_string(path).unwrap_or_default();
    assert_eq!(written, page, "docs/order-states.md is not what the matrices say: WRITE_PAGES=1 writes it");
}

fn filled(venue: &mut Venue) {
    venue.new_order("1", 10);
    venue.fill(2);
    venue.fill(8);
}

fn done_for_day(venue: &mut Venue) {
    venue.new_order("1", 10);
    venue.fill(2);
    venue.set_phase(Phase::Closed);
}

fn cancelled(venue: &mut Venue) {
    venue.new_order("1", 10);
    let id = venue.cancel("1", "2", AsPending).unwrap();
    venue.decide(id);
}

fn cancelled_while_it_trades(venue: &mut Venue) {
    venue.new_order("1", 10);
    venue.fill(2);
    let id = venue.cancel("1", "2", AsPending).unwrap();
    venue.fill(3);
    venue.decide(id);
}

fn filled_before_cancel(venue: &mut Venue) {
    venue.new_order("1", 10);
    venue.fill(2);
    let id = venue.cancel("1", "2", AsPending).unwrap();
    venue.fill(8);
    venue.decide(id);
}

fn cancelled_before_new(venue: &mut Venue) {
    let id = venue.states.enter(X, request("1", 10), AsPending, &mut venue.out).unwrap();
    venue.cancel("1", "2", AsPending);
    venue.decide(id);
    venue.decide(id);
}

fn crossing_acknowledgement(venue: &mut Venue) {
    let id = venue.states.enter(X, request("1", 10), Not, &mut venue.out).unwrap();
    venue.cancel("1", "2", Not);
    venue.decide(id);
    venue.decide(id);
}

fn unknown(venue: &mut Venue) {
    venue.cancel_now("1", "2");
}

fn more(venue: &mut Venue) {
    venue.new_order("1", 10);
    let id = venue.replace("1", "2", 11, AsPending).unwrap();
    venue.decide(id);
    venue.fill(1);
}

fn more_while_it_trades(venue: &mut Venue) {
    venue.new_order("1", 10);
    venue.fill(1);
    let id = venue.replace("1", "2", 12, AsPending).unwrap();
    venue.fill(1);
    venue.decide(id);
}

fn more_of_filled(venue: &mut Venue) {
    venue.new_order("1", 10);
    venue.fill(10);
    let id = venue.replace("1", "2", 12, AsPending).unwrap();
    venue.decide(id);
    venue.fill(2);
}

fn no_change_of_filled(venue: &mut Venue) {
    venue.new_order("1", 10);
    let id = venue.replace("1", "2", 10, AsPending).unwrap();
    venue.fill(10);
    venue.decide(id);
}

/// A request for so much, while so much trades.
fn less(venue: &mut Venue, qty: Quantity, trades: Quantity) {
    venue.new_order("1", 10);
    let id = venue.replace("1", "2", qty, AsPending).unwrap();
    venue.fill(trades);
    venue.decide(id);
}

fn less_than_before(venue: &mut Venue) {
    less(venue, 8, 5);
    venue.fill(3);
}

fn less_as_traded(venue: &mut Venue) {
    less(venue, 8, 8);
}

fn less_than_traded(venue: &mut Venue) {
    less(venue, 7, 8);
}

fn two_replacements(venue: &mut Venue) {
    venue.new_order("1", 10);
    venue.replace_now("1", "2", 11);
    venue.replace_now("2", "3", 12);
}

fn refused_then_accepted(venue: &mut Venue) {
    venue.new_order("1", 10);
    venue.replace_now("1", "2", 0);
    venue.replace_now("1", "3", 12);
}

fn pending_then_refused(venue: &mut Venue) {
    venue.new_order("1", 10);
    for (cl_ord_id, qty) in [("2", 0), ("3", 12)] {
        let id = venue.replace("1", cl_ord_id, qty, AsPending).unwrap();
        venue.decide(id);
    }
}

fn chained(venue: &mut Venue) {
    venue.new_order("1", 10);
    for (orig_cl_ord_id, cl_ord_id, qty) in [("1", "2", 8), ("2", "3", 7)] {
        let id = venue.replace(orig_cl_ord_id, cl_ord_id, qty, AsPending).unwrap();
        venue.decide(id);
    }
}

fn pipelined(venue: &mut Venue) {
    venue.new_order("1", 10);
    let id = venue.replace("1", "2", 8, AsPending).unwrap();
    venue.replace("2", "3", 7, AsPending);
    venue.decide(id);
    venue.decide(id);
}

fn both_refused(venue: &mut Venue) {
    venue.new_order("1", 10);
    let id = venue.replace("1", "2", 8, AsPending).unwrap();
    venue.replace("2", "3", 7, AsPending);
    venue.fill(10);
    venue.decide(id);
    venue.decide(id);
}

fn unsolicited_cancel(venue: &mut Venue) {
    let id = venue.new_order("1", 10);
    venue.fill(2);
    venue.cancel_by_hand(id);
}

fn duplicate(venue: &mut Venue) {
    venue.new_order("1", 10);
    venue.fill(2);
    venue.enter(X, request("1", 7));
}

fn poss_resend(venue: &mut Venue) {
    venue.new_order("1", 10);
    venue.fill(2);
    for cl_ord_id in ["1", "2"] {
        venue.enter(X, NewRequest { poss_resend: true, ..request(cl_ord_id, 10) });
    }
}

fn ask(venue: &mut Venue) {
    let status = venue.states.status(X, "1");
    venue.out.push(Output::Report(status));
}

fn status_of_unknown(venue: &mut Venue) {
    ask(venue);
}

fn nothing_done(venue: &mut Venue) {
    venue.new_order("1", 10);
    ask(venue);
}

fn status_throughout(venue: &mut Venue) {
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
fn next_morning(venue: &mut Venue) -> u64 {
    venue.enter(X, NewRequest { time_in_force: TimeInForce::GoodTill, ..request("1", 10) });
    venue.fill(2);
    let exec_id = last_trade(venue);
    venue.set_phase(Phase::Closed);
    venue.states.end_day(&mut venue.out);
    venue.states.begin_day(&mut venue.out);
    venue.set_phase(Phase::Open);
    exec_id
}

fn good_till(venue: &mut Venue) {
    next_morning(venue);
    venue.fill(3);
    venue.fill(5);
}

fn good_till_cancelled(venue: &mut Venue) {
    next_morning(venue);
    venue.cancel_now("1", "2");
}

fn good_till_increased(venue: &mut Venue) {
    next_morning(venue);
    venue.replace_now("1", "2", 15);
    venue.fill(1);
}

fn fill_or_kill(venue: &mut Venue) {
    venue.fill(1);
    venue.enter(X, NewRequest { time_in_force: TimeInForce::FillOrKill, ..request("1", 10) });
}

fn immediate(venue: &mut Venue) {
    venue.fill(1);
    venue.enter(X, NewRequest { time_in_force: TimeInForce::ImmediateOrCancel, ..request("1", 10) });
}

/// ExecID of the session's last trade.
fn last_trade(venue: &Venue) -> u64 {
    let trades = venue.out.iter().rev().filter_map(|output| match output {
        Output::Report(report) if report.owner == X && report.last.is_some() => Some(report.exec_id),
        _ => None,
    });
    trades.into_iter().next().expect("a trade")
}

fn correct(venue: &mut Venue, exec_id: u64, price: Ticks, qty: Quantity) -> u64 {
    let id = venue.states.correct(exec_id, price, qty, &mut venue.out);
    let corrected = last_trade(venue);
    id.into_iter().for_each(|id| venue.decide(id));
    corrected
}

fn bust(venue: &mut Venue, exec_id: u64) {
    let id = venue.states.bust(exec_id, &mut venue.out);
    id.into_iter().for_each(|id| venue.decide(id));
}

fn correct_and_bust(venue: &mut Venue) {
    venue.new_order("1", 10);
    venue.fill(2);
    let first = last_trade(venue);
    venue.fill(8);
    let corrected = correct(venue, first, 99, 2);
    bust(venue, corrected);
    venue.fill(2);
}

fn bust_of_cancelled(venue: &mut Venue) {
    venue.new_order("1", 10);
    venue.fill(5);
    let exec_id = last_trade(venue);
    venue.cancel_now("1", "2");
    bust(venue, exec_id);
}

fn good_till_corrected(venue: &mut Venue) {
    let exec_id = next_morning(venue);
    let corrected = correct(venue, exec_id, 99, 1);
    bust(venue, corrected);
    venue.fill(10);
}

fn correct_after_the_day(venue: &mut Venue) {
    venue.new_order("1", 10);
    venue.fill(5);
    let exec_id = last_trade(venue);
    venue.set_phase(Phase::Closed);
    let corrected = correct(venue, exec_id, 99, 4);
    bust(venue, corrected);
}

fn halted(venue: &mut Venue) {
    venue.new_order("1", 10);
    venue.fill(2);
    venue.set_phase(Phase::Halted);
    venue.set_phase(Phase::Open);
    venue.fill(3);
}

fn halted_and_cancelled(venue: &mut Venue) {
    let id = venue.new_order("1", 10);
    venue.fill(2);
    venue.set_phase(Phase::Halted);
    venue.cancel_by_hand(id);
}

fn stopped(venue: &mut Venue) {
    let id = venue.new_order("1", 10);
    venue.states.stop(id, &mut venue.out);
    venue.fill(4);
    venue.fill(6);
}
