//! The order state change matrices of FIX 4.4 (Vol. 4, App. D), row by row. `docs/order-states.md` is what this test writes:
//! `WRITE_PAGES=1 cargo test -p fix-host --lib matrices` writes it anew.

use std::fmt::Write as _;

mod stories;

use super::*;
use stories::*;

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
        "executions of a filled order are corrected, though never to more, and taken back",
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
        "an execution of a cancelled order is taken back; no new one follows it",
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
        "trading is halted, and goes on: orders stay as they are, none is told as suspended",
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
    row(
        "S.1.a",
        "an order is suspended and resumed: it misses what comes meanwhile, and trades on behind it",
        Told(
            suspended,
            &[
                "1 0/0 10 0 10",
                "1 F/1 10 2 8",
                "1 9/9 10 2 8",
                "1 I/9 10 2 8",
                "1 D/1 10 2 8",
                "1 F/1 10 5 5",
            ],
        ),
    ),
    row(
        "S.1.b",
        "a suspended order is cancelled",
        Told(
            suspended_and_cancelled,
            &["1 0/0 10 0 10", "1 9/9 10 0 10", "2<1 6/6 10 0 10", "2<1 4/4 10 0 0"],
        ),
    ),
    row(
        "S.1.c",
        "a suspended order is not replaced before it is resumed",
        Told(
            suspended_and_replaced,
            &[
                "1 0/0 10 0 10",
                "1 9/9 10 0 10",
                "2<1 E/E 10 0 10",
                "2<1 9/9 99",
                "1 D/0 10 0 10",
                "3<1 5/0 12 0 12",
            ],
        ),
    ),
    row(
        "S.1.d",
        "a suspended day order is done for the day with the others",
        Told(suspended_to_the_close, &["1 0/0 10 0 10", "1 F/1 10 2 8", "1 9/9 10 2 8", "1 3/3 10 2 0"]),
    ),
    row(
        "S.1.e",
        "a suspended GTC order is done for the day, suspended the next morning, and resumed",
        Told(
            suspended_over_night,
            &[
                "1 0/0 10 0 10",
                "1 9/9 10 0 10",
                "1 3/3 10 0 10",
                "1 D/9 10 0 10",
                "1 D/0 10 0 10",
                "1 F/1 10 1 9",
            ],
        ),
    ),
    row(
        "S.1.f",
        "a stopped order is suspended, and stays stopped: Stopped precedes Suspended",
        Told(
            stopped_and_suspended,
            &["1 0/0 10 0 10", "1 7/7 10 0 10", "1 9/7 10 0 10", "1 D/7 10 0 10", "1 F/2 10 10 0"],
        ),
    ),
    row(
        "S.1.g",
        "an execution of a suspended order is taken back",
        Told(
            bust_of_suspended,
            &[
                "1 0/0 10 0 10",
                "1 F/1 10 2 8",
                "1 9/9 10 2 8",
                "1 H/9 10 0 10",
                "1 D/0 10 0 10",
                "1 F/2 10 10 0",
            ],
        ),
    ),
    row(
        "S.2.a",
        "a filled order is calculated at the end of its day, once",
        Told(calculated, &["1 0/0 10 0 10", "1 F/2 10 10 0", "1 B/B 10 10 0", "1 I/B 10 10 0"]),
    ),
    row(
        "S.2.b",
        "a day order that is filled in part is done for the day, then calculated: DoneForDay precedes Calculated",
        Told(done_and_calculated, &["1 0/0 10 0 10", "1 F/1 10 2 8", "1 3/3 10 2 0", "1 B/3 10 2 0"]),
    ),
    row(
        "S.2.c",
        "an execution of a calculated order is corrected, and it is calculated again",
        Told(
            corrected_after_calculation,
            &["1 0/0 10 0 10", "1 F/2 10 10 0", "1 B/B 10 10 0", "1 G/2 10 10 0", "1 B/B 10 10 0"],
        ),
    ),
];

const HEAD: &str = "# The order states of the exchange

What the simulated exchange reports in each case of FIX 4.4's order state change matrices (Vol. 4, App. D), written by the test that
plays them (`fix-host/src/exchange/orders/tests/matrices.rs`). A report is `ClOrdID<OrigClOrdID ExecType/OrdStatus OrderQty CumQty
LeavesQty`; `9/OrdStatus CxlRejReason` is an OrderCancelReject. The session's own requests are not shown. Rows S are states of FIX 4.4
that the matrices' own rows do not come to here: the venue suspends and resumes an order by hand, and tells what the day has traded.

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
