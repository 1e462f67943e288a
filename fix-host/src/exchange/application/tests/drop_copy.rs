//! Drop copies: each report of the others, and whose it is.

use super::*;

const DROP_COPY: SessionRules = SessionRules { cancels_on_disconnect: false, is_drop_copy: true };

#[test]
fn a_drop_copy_gets_each_report_of_the_others_in_their_order_and_whose_it_is() {
    let floor = floor();
    let (mut one, mut other) = (Session::join(&floor, "FIX.4.4:X->A"), Session::join(&floor, "FIX.4.4:X->B"));
    let mut copy = Session::with_rules(&floor, "FIX.4.4:X->C", DROP_COPY);
    one.order("1", '1', 10, "187.20");
    other.order("1", '2', 4, "187.2");
    other.send("D", "11=2|55=AAPL|54=1|38=1|40=P|60=20260101-00:00:00|").unwrap();
    one.send("H", "11=1|55=AAPL|54=1|").unwrap();
    one.send("F", "11=3|41=1|55=AAPL|54=1|60=20260101-00:00:00|").unwrap();
    one.send("F", "11=4|41=1|55=AAPL|54=1|60=20260101-00:00:00|").unwrap();
    assert_eq!(copy.woken.load(Ordering::Relaxed), 1);
    assert_eq!(
        copy.told(&[11, 17, 150, 39, 797, 453, 448, 447, 452]),
        [
            "1 ET-1 0 0 Y 1 A D 13",
            "1 ET-2 0 0 Y 1 B D 13",
            "1 ET-3 F 1 Y 1 A D 13",
            "1 ET-4 F 2 Y 1 B D 13",
            "2 ET-5 8 8 Y 1 B D 13",
            "3 ET-7 4 4 Y 1 A D 13"
        ],
        "neither the answer to H, which is ET-6, nor the OrderCancelReject(9) is copied"
    );
    let own = one.told(&[11, 17, 150, 797, 453]);
    assert_eq!(own[..2], ["1 ET-1 0 - -", "1 ET-3 F - -"]);
}

#[test]
fn a_drop_copy_does_not_trade_and_has_market_data() {
    let floor = floor();
    let mut copy = Session::with_rules(&floor, "C", DROP_COPY);
    let order = "11=1|55=AAPL|54=1|38=10|40=1|60=20260101-00:00:00|";
    assert_eq!(copy.send("D", order), Err(DOES_NOT_TRADE.with_ref(tag::CL_ORD_ID)));
    assert_eq!(
        copy.send("q", "11=b|530=7|60=20260101-00:00:00|"),
        Err(DOES_NOT_TRADE.with_ref(tag::CL_ORD_ID))
    );
    assert_eq!(copy.send("AF", "584=1|585=7|"), Err(DOES_NOT_TRADE.with_ref(tag::MASS_STATUS_REQ_ID)));
    let ask = "262=md|263=0|264=1|267=1|269=0|146=1|55=10Y|";
    assert_eq!(copy.send("V", ask), Ok(()));
    assert_eq!(copy.told(&[35, 262]), ["W md"]);
}

#[test]
fn copies_wait_for_their_session_the_oldest_are_lost_and_counted_and_nobody_else_suffers() {
    let floor = floor();
    let mut session = Session::join(&floor, "A");
    let mut copy = Session::with_rules(&floor, "C", DROP_COPY);
    let most = crate::exchange::floor::MOST_WAITING;
    for id in 0..most + 5 {
        session.order(&id.to_string(), '1', 1, "187");
    }
    assert_eq!(session.said().len(), most + 5);
    let told = copy.told(&[35, 148, 11]);
    assert_eq!(
        told[..2],
        ["B 6 execution reports are not copied: more than 10000 waited for this session -", "8 - 6"]
    );
    assert_eq!(told.len(), most, "the count and what follows it");
    session.send("H", "11=0|55=AAPL|54=1|").unwrap();
    assert_eq!(session.said(), ["0 I 0 0 1"], "its orders are as they were");
    session.order("next", '1', 1, "187");
    assert_eq!(copy.told(&[35, 11]), ["8 next"]);
}

#[test]
fn a_drop_copy_without_room_on_its_line_gets_all_once_there_is_some() {
    let floor = floor();
    let mut session = Session::join(&floor, "A");
    let mut copy = Session::with_rules(&floor, "C", DROP_COPY);
    copy.line.is_full = true;
    for id in 0..MOST_UNSENT + 3 {
        session.order(&id.to_string(), '1', 1, "187");
        // It is called whenever it is woken.
        copy.exchange.look(&mut copy.line);
    }
    copy.line.is_full = false;
    assert_eq!(copy.said().len(), MOST_UNSENT + 3, "one look sends what was taken and what still waits");
}

#[test]
fn what_waits_for_others_when_a_drop_copy_joins_is_copied() {
    let floor = floor();
    let (mut one, mut other) = (Session::join(&floor, "A"), Session::join(&floor, "B"));
    one.order("1", '1', 10, "187");
    other.order("2", '2', 10, "187");
    let mut copy = Session::with_rules(&floor, "C", DROP_COPY);
    assert_eq!(copy.told(&[11, 150, 448]), ["1 F A"], "nobody has been told of it yet");
    assert_eq!(one.said(), ["1 0 0 0 10", "1 F 2 10 0"]);
}
