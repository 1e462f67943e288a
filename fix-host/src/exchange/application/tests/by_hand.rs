//! A person plays the venue.

use super::*;
use crate::contract::by_hand::{Act, ByHand, Done, MarketPhase, NotDone, VenueOrder};

fn holding() -> Floor {
    holding_with(Rules::default())
}

fn holding_with(rules: Rules) -> Floor {
    let floor = floor_with(rules);
    floor.act(&Act::Hold(true)).unwrap();
    floor
}

fn accept(order: &str) -> Act {
    Act::Accept { order: order.into() }
}

fn reject(order: &str, text: &str) -> Act {
    Act::Reject { order: order.into(), text: text.into() }
}

fn fill(order: &str, qty: Option<&str>, price: Option<&str>) -> Act {
    let value = |text: Option<&str>| text.map(|text| text.parse().unwrap());
    Act::Fill { order: order.into(), qty: value(qty), price: value(price), beyond_limit: false }
}

fn only(floor: &Floor) -> VenueOrder {
    let mut orders = floor.orders(true);
    assert_eq!(orders.len(), 1);
    orders.remove(0)
}

#[test]
fn what_is_held_waits_for_a_person_who_accepts_or_refuses_it() {
    let floor = holding();
    let mut session = Session::join(&floor, "A");
    session.order("1", '1', 10, "187");
    assert_eq!(session.said(), ["1 A A 0 10"]);
    assert_eq!(only(&floor).waits, Some("NEW"));
    floor.act(&accept("1")).unwrap();
    assert_eq!(session.said(), ["1 0 0 0 10"]);
    session.send("G", "11=2|41=1|55=AAPL|54=1|38=12|40=2|44=187.5|60=20260101-00:00:00|").unwrap();
    session.send("F", "11=3|41=2|55=AAPL|54=1|60=20260101-00:00:00|").unwrap();
    assert_eq!(session.said(), ["2 E E 0 10", "3 6 6 0 10"]);
    assert_eq!(only(&floor).waits, Some("REPLACE"));
    floor.act(&reject("2", "not today")).unwrap();
    assert_eq!(session.told(&[35, 11, 41, 39, 102, 434, 58]), ["9 2 1 6 2 2 not today"]);
    floor.act(&accept("OT-1")).unwrap();
    assert_eq!(session.said(), ["3 4 4 0 0"]);
    let nothing = floor.act(&accept("OT-1")).unwrap_err();
    let text = "order \"OT-1\": nothing waits to be decided about this order";
    assert_eq!(nothing, NotDone::Refused(text.into()));
}

#[test]
fn a_held_order_is_refused_in_the_persons_words_and_its_id_is_used() {
    let floor = holding();
    let mut session = Session::join(&floor, "A");
    session.order("1", '1', 10, "187");
    floor.act(&reject("1", "no credit")).unwrap();
    assert_eq!(session.told(&[150, 39, 103, 151, 58]), ["A A - 10 -", "8 8 0 0 no credit"]);
    session.order("1", '1', 10, "187");
    assert_eq!(session.told(&[150, 39, 103]), ["8 8 6"]);
    assert!(floor.orders(false).is_empty());
}

#[test]
fn a_held_order_that_is_filled_in_part_is_accepted_and_its_rest_stands_in_the_book() {
    let floor = holding();
    let mut session = Session::join(&floor, "A");
    session.order("1", '1', 10, "187");
    floor.act(&fill("1", Some("4"), Some("186.5"))).unwrap();
    assert_eq!(
        session.told(&[150, 39, 31, 32, 14, 151]),
        ["A A - - 0 10", "0 0 - - 0 10", "F 1 186.5 4 4 6"]
    );
    let book = floor.book("AAPL").unwrap();
    assert_eq!((book.bids.len(), book.bids[0].qty.as_str(), book.bids[0].price.as_str()), (1, "6", "187"));
    floor.act(&Act::Hold(false)).unwrap();
    let mut other = Session::join(&floor, "B");
    other.order("1", '2', 6, "187");
    assert_eq!(session.told(&[150, 39, 31, 32, 14, 151, 6]), ["F 2 187 6 10 0 186.8"]);
}

#[test]
fn what_is_done_to_orders_in_a_book_is_not_done_to_one_that_waits_to_be_accepted() {
    let floor = holding();
    let mut session = Session::join(&floor, "A");
    session.order("1", '1', 10, "187");
    let refused = "order \"1\": it waits to be accepted: accept, fill or reject it first";
    let order = || "1".to_owned();
    for act in [Act::Suspend { order: order() }, Act::Stop { order: order() }] {
        assert_eq!(floor.act(&act).unwrap_err().to_string(), refused);
    }
}

#[test]
fn an_order_at_a_quote_is_not_held_and_not_told_to_wait() {
    let floor = holding();
    let mut session = Session::join(&floor, "A");
    session.send("R", "131=r|146=1|55=10Y|54=1|38=20|").unwrap();
    let quote = session.told(&[117]).remove(0);
    let taken = format!("693=a|694=1|117={quote}|11=1|54=1|38=20|55=10Y|60=20260101-00:00:00|");
    session.send("AJ", &taken).unwrap();
    assert_eq!(session.said(), ["1 0 0 0 20", "1 F 2 20 0"]);
}

#[test]
fn what_the_book_does_not_take_of_an_order_filled_in_part_is_cancelled_with_its_reason() {
    let floor = holding();
    let mut session = Session::join(&floor, "A");
    session.send("D", "11=1|55=AAPL|54=1|38=10|40=2|44=187|59=2|60=20260101-00:00:00|").unwrap();
    floor.act(&fill("1", Some("4"), None)).unwrap();
    assert_eq!(
        session.told(&[150, 39, 14, 151, 58]),
        [
            "A A 0 10 -",
            "0 0 0 10 -",
            "F 1 4 6 -",
            "4 4 4 0 the market takes no such order in its present phase"
        ]
    );
}

#[test]
fn an_order_is_filled_beside_its_book_as_often_as_there_is_something_open() {
    let floor = floor();
    let (mut session, mut other) = (Session::join(&floor, "A"), Session::join(&floor, "B"));
    session.order("1", '1', 10, "187");
    other.order("1", '1', 5, "188");
    let twice = floor.act(&fill("1", None, None)).unwrap_err();
    assert!(twice.to_string().contains("several sessions"), "{twice}");
    floor.act(&fill("OT-1", Some("3"), None)).unwrap();
    for (qty, price, says) in [
        ("8", None, "8 is not above 0 and at most the 7 that are open"),
        ("0", None, "0 is not above 0"),
        ("1", Some("0.00000001"), "0.00000001 is no price of AAPL"),
        ("1", Some("-1"), "-1 is no price of AAPL"),
    ] {
        let refused = floor.act(&fill("OT-1", Some(qty), price)).unwrap_err();
        assert!(matches!(&refused, NotDone::Refused(text) if text.contains(says)), "{refused}");
    }
    let worse = floor.act(&fill("OT-1", None, Some("190"))).unwrap_err();
    let text = "order \"OT-1\": 190 is worse than its limit 187; --beyond-limit (\"beyondLimit\": true) if that is meant";
    assert_eq!(worse, NotDone::Refused(text.into()));
    let (qty, price) = (None, "190".parse().ok());
    let meant = Act::Fill { order: "OT-1".into(), qty, price, beyond_limit: true };
    let Done::Order(order) = floor.act(&meant).unwrap() else { panic!() };
    let state = (&*order.session, order.ord_status, order.cum_qty.as_str(), order.avg_px.as_str());
    assert_eq!(state, ("A", "FILLED", "10", "189.1"));
    assert_eq!(session.told(&[150, 39, 31, 32, 151]), ["0 0 - - 10", "F 1 187 3 7", "F 2 190 7 0"]);
    assert_eq!(floor.book("AAPL").unwrap().bids.len(), 1, "that of the other session");
    assert!(matches!(floor.act(&fill("OT-1", None, None)), Err(NotDone::Refused(_))));
    let executions = &floor.orders(true)[0].executions;
    let said: Vec<String> =
        executions.iter().map(|one| format!("{} {}", one.last_qty, one.last_px)).collect();
    assert_eq!(said, ["3 187", "7 190"]);
}

#[test]
fn an_order_is_found_by_each_id_that_it_ever_had() {
    let floor = floor();
    let mut session = Session::join(&floor, "A");
    session.order("1", '1', 10, "187");
    session.send("G", "11=2|41=1|55=AAPL|54=1|38=12|40=2|44=187|60=20260101-00:00:00|").unwrap();
    for named in ["1", "2", "OT-1"] {
        let done = floor.act(&fill(named, Some("1"), None)).unwrap();
        assert!(matches!(done, Done::Order(order) if order.cl_ord_id == "2"), "{named}");
    }
    let unknown = floor.act(&accept("3")).unwrap_err();
    assert_eq!(unknown, NotDone::Unknown("no order has the OrderID or ClOrdID \"3\"".into()));
}

#[test]
fn executions_are_taken_back_and_corrected_by_their_ids() {
    let floor = floor();
    let mut session = Session::join(&floor, "A");
    session.order("1", '1', 10, "187");
    floor.act(&fill("1", Some("4"), None)).unwrap();
    let execution = only(&floor).executions[0].exec_id.clone();
    let (qty, price) = ("3".parse().unwrap(), "187.5".parse().unwrap());
    let worse = Act::Correct { execution: execution.clone(), qty, price, beyond_limit: false };
    assert!(
        matches!(floor.act(&worse), Err(NotDone::Refused(text)) if text.contains("worse than its limit"))
    );
    let price = "186".parse().unwrap();
    floor.act(&Act::Correct { execution: execution.clone(), qty, price, beyond_limit: false }).unwrap();
    let corrected = only(&floor).executions[0].exec_id.clone();
    assert!(matches!(floor.act(&Act::Bust { execution }), Err(NotDone::Unknown(_))));
    floor.act(&Act::Bust { execution: corrected }).unwrap();
    assert_eq!(session.told(&[150, 39, 14, 151]), ["0 0 0 10", "F 1 4 6", "G 1 3 7", "H 0 0 10"]);
    assert_eq!(floor.book("AAPL").unwrap().bids[0].qty.as_str(), "10");
}

#[test]
fn one_instrument_or_all_go_on_to_a_phase() {
    let floor = floor();
    let mut session = Session::join(&floor, "A");
    let symbol = Some("10Y".to_owned());
    floor.act(&Act::Phase { phase: MarketPhase::Halt, symbol }).unwrap();
    session.send("D", "11=1|55=10Y|54=1|38=10|40=2|44=200|60=20260101-00:00:00|").unwrap();
    assert_eq!(session.told(&[150, 39]), ["0 0"], "nothing trades in a halt");
    floor.act(&Act::Phase { phase: MarketPhase::Open, symbol: None }).unwrap();
    assert_eq!(session.told(&[150, 39]), ["F 2"]);
    let phases: Vec<MarketPhase> = floor.venue().instruments.iter().map(|one| one.phase).collect();
    assert!(phases.iter().all(|phase| *phase == MarketPhase::Open), "{phases:?}");
    let symbol = Some("NONE".to_owned());
    let unknown = floor.act(&Act::Phase { phase: MarketPhase::Halt, symbol }).unwrap_err();
    assert_eq!(unknown.to_string(), "no instrument has the Symbol \"NONE\"");
}

#[test]
fn held_orders_are_cancelled_with_all_others_and_end_with_their_time() {
    let floor = holding();
    let mut session = Session::join(&floor, "A");
    session.order("1", '1', 10, "187");
    session.send("F", "11=2|41=1|55=AAPL|54=1|60=20260101-00:00:00|").unwrap();
    session
        .send("D", "11=3|55=5Y|54=1|38=10|40=2|44=90|59=6|126=19700112-13:46:50|60=20260101-00:00:00|")
        .unwrap();
    session.told(&[11]);
    session.send("q", "11=q|530=1|55=AAPL|60=20260101-00:00:00|").unwrap();
    assert_eq!(
        session.told(&[35, 11, 150, 39, 102, 531]),
        ["8 1 4 4 - -", "9 2 - 4 0 -", "r q - - - 1"],
        "the request that waited comes too late"
    );
    session.line.later = 20;
    floor.tick(session.line.now().utc);
    assert_eq!(session.said(), ["3 C C 0 0"]);
    assert!(floor.orders(false).is_empty());
}

#[test]
fn a_session_has_so_many_requests_that_wait_and_no_more() {
    let limits = crate::exchange::orders::Limits { live: 20, cl_ord_ids: 50 };
    let floor = holding_with(Rules { limits, ..Rules::default() });
    let mut session = Session::join(&floor, "A");
    for id in 0..100 {
        session.order(&format!("o{id}"), '1', 1, "187");
    }
    let told = session.told(&[150, 103]);
    assert_eq!(told.iter().filter(|one| *one == "A -").count(), 20);
    assert_eq!(told.iter().filter(|one| *one == "8 3").count(), 80);
    for id in 0..100 {
        let request = format!("11=g{id}|41=o0|55=AAPL|54=1|38=2|40=2|44=187|60=20260101-00:00:00|");
        session.send("G", &request).unwrap();
    }
    let told = session.told(&[35, 150, 102]);
    assert_eq!(told.iter().filter(|one| *one == "8 E -").count(), 20);
    assert_eq!(told.iter().filter(|one| *one == "9 - 3").count(), 80);
}

#[test]
fn a_stopped_order_that_is_suspended_says_both() {
    let floor = floor();
    let mut session = Session::join(&floor, "A");
    session.order("1", '1', 10, "187");
    let order = || "1".to_owned();
    for (act, is_suspended) in [
        (Act::Stop { order: order() }, false),
        (Act::Suspend { order: order() }, true),
        (Act::Resume { order: order() }, false),
    ] {
        let Done::Order(done) = floor.act(&act).unwrap() else { panic!() };
        assert_eq!((done.ord_status, done.suspended), ("STOPPED", is_suspended), "{act:?}");
    }
}

#[test]
fn an_order_is_suspended_and_resumed_and_the_day_is_calculated_by_hand() {
    let floor = floor();
    let mut session = Session::join(&floor, "A");
    session.order("1", '1', 10, "187");
    let order = |named: &str| named.to_owned();
    let Done::Order(done) = floor.act(&Act::Suspend { order: order("1") }).unwrap() else { panic!() };
    assert_eq!((done.ord_status, done.leaves_qty.as_str()), ("SUSPENDED", "10"));
    assert_eq!(floor.book("AAPL").unwrap().bids.len(), 0);
    assert_eq!(floor.orders(false).len(), 1, "it lives");
    let refused = floor.act(&fill("1", None, None)).unwrap_err();
    assert_eq!(
        refused,
        NotDone::Refused("order \"1\": it is suspended: it can be resumed or cancelled".into())
    );
    for again in [Act::Suspend { order: order("1") }, Act::Stop { order: order("1") }] {
        assert_eq!(floor.act(&again).unwrap_err(), refused);
    }
    session.send("G", "11=2|41=1|55=AAPL|54=1|38=12|40=2|44=187|60=20260101-00:00:00|").unwrap();
    floor.act(&Act::Resume { order: order("1") }).unwrap();
    assert_eq!(floor.book("AAPL").unwrap().bids[0].qty.as_str(), "10");
    let twice = floor.act(&Act::Resume { order: order("1") }).unwrap_err();
    assert_eq!(twice, NotDone::Refused("order \"1\": it is not suspended".into()));
    floor.act(&fill("1", Some("4"), None)).unwrap();
    let early = floor.act(&Act::Calculate).unwrap_err();
    assert_eq!(early, NotDone::Refused("calculate: the day is not over: phase close first".into()));
    floor.act(&Act::Suspend { order: order("1") }).unwrap();
    floor.act(&Act::Phase { phase: MarketPhase::Close, symbol: None }).unwrap();
    assert!(matches!(floor.act(&Act::Calculate), Ok(Done::Calculated(1))));
    assert!(matches!(floor.act(&Act::Calculate), Ok(Done::Calculated(0))));
    assert_eq!(
        session.told(&[35, 150, 39, 378, 102, 14, 151, 58]),
        [
            "8 0 0 - - 0 10 -",
            "8 9 9 - - 0 10 -",
            "9 - 9 - 99 - - the order is suspended: it can be cancelled, and replaced once it is resumed",
            "8 D 0 8 - 0 10 -",
            "8 F 1 - - 4 6 -",
            "8 9 9 - - 4 6 -",
            "8 3 3 - - 4 0 the day is over",
            "8 B 3 - - 4 0 -"
        ]
    );
}

#[test]
fn a_held_order_for_the_day_ends_with_it_and_others_do_not() {
    for symbol in [None, Some("AAPL".to_owned())] {
        let floor = holding();
        let mut session = Session::join(&floor, "A");
        session.order("1", '1', 10, "187");
        session.send("F", "11=2|41=1|55=AAPL|54=1|60=20260101-00:00:00|").unwrap();
        session.send("D", "11=3|55=AAPL|54=1|38=10|40=2|44=187|59=1|60=20260101-00:00:00|").unwrap();
        session.told(&[11]);
        floor.act(&Act::Phase { phase: MarketPhase::Close, symbol }).unwrap();
        assert_eq!(
            session.told(&[35, 11, 150, 39, 151, 102, 58]),
            ["8 1 3 3 0 - the day is over", "9 2 - 3 - 0 the order is filled or cancelled"]
        );
        assert_eq!(floor.orders(false).iter().map(|order| &*order.cl_ord_id).collect::<Vec<_>>(), ["3"]);
    }
}

#[test]
fn a_held_order_is_cancelled_untraded_once_requests_are_held_no_longer() {
    let floor = holding();
    let mut session = Session::join(&floor, "A");
    session.send("D", "11=1|55=10Y|54=1|38=10|40=1|60=20260101-00:00:00|").unwrap();
    session.send("G", "11=2|41=1|55=10Y|54=1|38=12|40=1|60=20260101-00:00:00|").unwrap();
    session.told(&[11]);
    floor.act(&Act::Hold(false)).unwrap();
    session.send("F", "11=3|41=2|55=10Y|54=1|60=20260101-00:00:00|").unwrap();
    assert_eq!(session.told(&[35, 11, 41, 150, 39, 151, 102]), ["8 3 1 4 4 0 -", "9 2 3 - 4 - 0"]);
    assert!(floor.orders(false).is_empty());
}

#[test]
fn a_fill_beside_the_book_is_the_last_price() {
    let floor = floor();
    let mut session = Session::join(&floor, "A");
    session.order("1", '1', 10, "187");
    floor.act(&fill("1", Some("4"), Some("186.5"))).unwrap();
    let venue = floor.venue();
    let aapl = venue.instruments.iter().find(|one| one.symbol == "AAPL").unwrap();
    assert_eq!(aapl.last.as_ref().map(|last| last.as_str()), Some("186.5"));
}

#[test]
fn of_what_has_ended_or_was_corrected_it_is_said_so() {
    let floor = floor();
    let mut session = Session::join(&floor, "A");
    session.order("1", '1', 10, "187");
    floor.act(&fill("1", None, None)).unwrap();
    let ended = NotDone::Refused("order \"1\" has come to its end: it is FILLED".into());
    for act in [
        fill("1", None, None),
        Act::Cancel { order: "1".into() },
        Act::Stop { order: "1".into() },
        Act::Suspend { order: "1".into() },
    ] {
        assert_eq!(floor.act(&act).unwrap_err(), ended, "{act:?}");
    }
    let execution = only(&floor).executions[0].exec_id.clone();
    let (qty, price) = ("4".parse().unwrap(), "187".parse().unwrap());
    floor.act(&Act::Correct { execution: execution.clone(), qty, price, beyond_limit: false }).unwrap();
    let NotDone::Unknown(text) = floor.act(&Act::Bust { execution }).unwrap_err() else { panic!("known") };
    assert!(text.ends_with("or corrected: it has the ExecID of its correction then"), "{text}");
}
