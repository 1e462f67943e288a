//! Orders and what is asked about them.

use super::*;

#[test]
fn two_sessions_trade_with_each_other_and_the_report_repeats_the_order() {
    let floor = floor();
    let (mut one, mut other) = (Session::join(&floor, "A"), Session::join(&floor, "B"));
    one.order("1", '1', 10, "187.20");
    other.order("1", '2', 4, "187.1");
    one.exchange.look(&mut one.line);
    assert_eq!(
        one.line.sent,
        [
            "35=8|37=OT-1|17=ET-1|11=1|150=0|39=0|55=AAPL|54=1|40=2|44=187.2|59=0|38=10|151=10|14=0|6=0",
            "35=8|37=OT-1|17=ET-3|11=1|150=F|39=1|55=AAPL|54=1|40=2|44=187.2|59=0|38=10|31=187.2|32=4|151=6|14=4|6=187.2",
        ]
    );
    assert_eq!(other.said(), ["1 0 0 0 4", "1 F 2 4 0"]);
}

#[test]
fn a_market_order_trades_with_the_venues_own_quote_and_a_limit_order_rests_until_it_comes() {
    let floor = floor();
    let mut session = Session::join(&floor, "A");
    session.send("D", "11=1|55=10Y|54=1|38=10|40=1|60=20260101-00:00:00|").unwrap();
    assert_eq!(session.told(&[150, 39, 31, 32]), ["0 0 - -", "F 2 96.260 10"]);
    session.send("D", "11=2|55=10Y|54=2|38=10|40=2|44=96.265|60=20260101-00:00:00|").unwrap();
    assert_eq!(session.told(&[150, 39]), ["0 0"]);
    let now = session.line.now().utc;
    let filled = (0..10_000).find_map(|_| {
        floor.tick(now);
        session.told(&[150, 39, 31, 32]).pop()
    });
    assert_eq!(filled.as_deref(), Some("F 2 96.265 10"));
}

#[test]
fn nobody_to_trade_with_ends_a_market_order() {
    let floor = floor();
    let mut session = Session::join(&floor, "A");
    session.send("D", "11=1|55=AAPL|54=1|38=10|40=1|60=20260101-00:00:00|").unwrap();
    assert_eq!(session.told(&[150, 39, 58]), ["0 0 -", "4 4 nobody in the book to trade with at any price"]);
}

#[test]
fn orders_are_cancelled_and_replaced_under_new_ids() {
    let floor = floor();
    let mut session = Session::join(&floor, "A");
    session.order("1", '1', 10, "187");
    session.send("G", "11=2|41=1|55=AAPL|54=1|38=12|40=2|44=187.5|60=20260101-00:00:00|").unwrap();
    session.send("F", "11=3|41=2|55=AAPL|54=1|60=20260101-00:00:00|").unwrap();
    assert_eq!(
        session.told(&[11, 41, 150, 39, 38, 44, 151]),
        ["1 - 0 0 10 187 10", "2 1 5 0 12 187.5 12", "3 2 4 4 12 187.5 0"]
    );
    session.send("F", "11=4|41=3|55=AAPL|54=1|60=20260101-00:00:00|").unwrap();
    session.send("F", "11=5|41=9|55=AAPL|54=1|60=20260101-00:00:00|").unwrap();
    session.send("G", "11=6|41=3|55=AAPL|54=1|38=12|40=2|44=187|60=20260101-00:00:00|").unwrap();
    assert_eq!(
        session.told(&[35, 11, 41, 37, 39, 102, 434]),
        ["9 4 3 OT-1 4 0 1", "9 5 9 NONE 8 1 1", "9 6 3 OT-1 4 0 2"]
    );
}

#[test]
fn a_replacement_that_the_instrument_forbids_changes_nothing() {
    let floor = floor();
    let mut session = Session::join(&floor, "A");
    session.send("D", "11=1|55=10Y|54=1|38=10|40=2|44=90|60=20260101-00:00:00|").unwrap();
    session.said();
    for body in [
        "11=2|41=1|55=10Y|54=1|38=10|40=2|44=90.001|60=20260101-00:00:00|",
        "11=2|41=1|55=10Y|54=2|38=10|40=2|44=90|60=20260101-00:00:00|",
        "11=2|41=1|55=5Y|54=1|38=10|40=2|44=90|60=20260101-00:00:00|",
        "11=2|41=1|55=10Y|54=1|38=10|40=1|60=20260101-00:00:00|",
        "11=2|41=1|55=10Y|54=1|38=0|40=2|44=90|60=20260101-00:00:00|",
    ] {
        session.send("G", body).unwrap();
    }
    assert_eq!(
        session.told(&[35, 39, 102, 58]),
        [
            "9 0 99 Price(44) 90.001 is not a multiple of the tick 0.005 of 10Y",
            "9 0 99 Side(54) cannot be replaced: cancel the order and enter another",
            "9 0 99 the instrument (Symbol(55), or SecurityID(48)) cannot be replaced: cancel the order and enter another",
            "9 0 99 OrdType(40) cannot be replaced: cancel the order and enter another",
            "9 0 99 OrderQty(38) must be greater than 0",
        ]
    );
    session.send("H", "11=1|55=10Y|54=1|").unwrap();
    assert_eq!(session.told(&[150, 39, 38, 44]), ["I 0 10 90"]);
}

#[test]
fn what_an_order_asks_for_that_is_not_done_here_is_refused_by_name() {
    let floor = floor();
    let mut session = Session::join(&floor, "A");
    let of_order = "55=AAPL|54=1|38=10|40=2|44=187|60=20260101-00:00:00|";
    let refused = [
        ("18=1 G|", "ExecInst(18)=G is not taken here; 1, 2, 5, B, E, F, H, J and N are"),
        ("99=186|", "StopPx(99) needs OrdType(40)=3 or 4"),
        ("40=1|", "Price(44) needs OrdType(40)=2 or 4"),
        ("152=1000|", "CashOrderQty(152) is not taken here: OrderQty(38) says how much"),
        ("168=20300101-00:00:00|", "EffectiveTime(168) is to come: orders are effective at once here"),
        ("386=1|336=NIGHT|", "TradingSessionID(336)=NIGHT is not taken here; DAY is"),
        ("121=Y|", "ForexReq(121)=Y is not taken here; N is"),
        ("854=1|", "QtyType(854)=1 is not taken here; 0 is"),
        ("192=5|", "OrderQty2(192) is not taken here"),
        ("211=0.01|", "PegOffsetValue(211) is not taken here"),
        ("388=0|", "DiscretionInst(388) is not taken here"),
        ("847=1|", "TargetStrategy(847) is not taken here"),
        ("54=7|", "Side(54) must be 1 (buy), 2 (sell), 5 (sell short) or 6 (sell short exempt) here"),
    ];
    let with = |more: &str| {
        let tag = &more[..3];
        let rest = of_order.split_inclusive('|').filter(|field| !field.starts_with(tag));
        rest.chain([more]).collect::<String>()
    };
    session.send("D", &format!("11=1|{of_order}")).unwrap();
    session.said();
    for (number, (more, text)) in (10..).zip(refused) {
        session.send("D", &format!("11={number}|{}", with(more))).unwrap();
        assert_eq!(session.told(&[35, 37, 150, 39, 103, 58]), [format!("8 NONE 8 8 11 {text}")], "{more}");
        session.send("G", &format!("11={number}|41=1|{}", with(more))).unwrap();
        assert_eq!(session.told(&[35, 39, 102, 58]), [format!("9 0 99 {text}")], "{more}");
    }
    let text = "ExpireTime(126) needs TimeInForce(59)=6";
    session.send("D", &format!("11=x|126=20300101-00:00:00|{of_order}")).unwrap();
    assert_eq!(session.told(&[150, 58]), [format!("8 {text}")]);
    // What says for whom, or is as the venue does it anyway, is no reason to refuse.
    let taken =
        "18=1 5|168=19700101-00:00:00|386=1|336=DAY|121=N|854=0|15=USD|21=3|47=A|63=0|77=O|528=P|582=4|";
    session.send("D", &format!("11=y|{taken}{of_order}")).unwrap();
    assert_eq!(session.told(&[150, 39, 58]), ["0 0 -"]);
    let refused =
        session.send("D", "11=z|55=AAPL|54=1|40=2|44=187|152=1000|60=20260101-00:00:00|").unwrap_err();
    assert_eq!(refused.text, "OrderQty(38) is required here");
}

#[test]
fn the_account_of_an_order_is_told_in_its_reports_and_cannot_be_replaced() {
    let floor = floor();
    let mut session = Session::join(&floor, "A");
    let order = "55=AAPL|54=1|38=10|40=2|44=187|60=20260101-00:00:00|";
    session.send("D", &format!("11=1|1=FUND|{order}")).unwrap();
    session.send("D", &format!("11=a|1=FUND|{}", order.replace("40=2", "40=9"))).unwrap();
    session.send("G", &format!("11=2|41=1|1=FUND|{}", order.replace("38=10", "38=8"))).unwrap();
    session.send("G", &format!("11=3|41=2|{order}")).unwrap();
    session.send("H", "11=3|55=AAPL|54=1|").unwrap();
    assert_eq!(session.told(&[11, 150, 1]), ["1 0 FUND", "a 8 FUND", "2 5 FUND", "3 5 FUND", "3 I FUND"]);
    session.send("G", &format!("11=4|41=3|1=OTHER|{order}")).unwrap();
    session.order("5", '1', 10, "187");
    session.send("G", &format!("11=6|41=5|1=FUND|{order}")).unwrap();
    let text = "Account(1) cannot be replaced: cancel the order and enter another";
    assert_eq!(
        session.told(&[35, 11, 1, 102, 58]),
        [format!("9 4 FUND 99 {text}"), "8 5 - - -".to_owned(), format!("9 6 - 99 {text}")]
    );
    // An OrderCancelReject(9) has the account of its order, by whomever it is refused and when.
    session.send("F", "11=7|41=3|55=AAPL|54=1|38=10|60=20260101-00:00:00|").unwrap();
    session.send("F", "11=8|41=3|55=AAPL|54=1|38=10|60=20260101-00:00:00|").unwrap();
    session.send("F", "11=9|41=8|55=AAPL|54=1|38=10|60=20260101-00:00:00|").unwrap();
    assert_eq!(session.told(&[35, 11, 1, 102]), ["8 7 FUND -", "9 8 FUND 0", "9 9 - 1"]);
}

#[test]
fn how_long_an_order_lasts_may_be_replaced_and_what_may_not_is_named() {
    let floor = floor();
    let mut session = Session::join(&floor, "A");
    session.order("1", '1', 10, "187");
    session.said();
    let of_order = "55=AAPL|54=1|38=10|40=2|44=187|60=20260101-00:00:00|";
    let requests = [
        (
            "11=2|41=1|110=5|",
            "9 2 0 - - 99 MinQty(110) cannot be replaced: cancel the order and enter another",
        ),
        ("11=2|41=1|59=1|", "8 2 0 1 - - -"),
        ("11=3|41=2|110=0|", "8 3 0 1 - - -"),
        ("11=4|41=3|59=6|126=19700112-13:46:50|", "8 4 0 6 19700112-13:46:50 - -"),
        ("11=5|41=4|", "8 5 0 6 19700112-13:46:50 - -"),
        ("11=6|41=5|126=19700112-13:46:55|", "8 6 0 6 19700112-13:46:55 - -"),
        (
            "11=7|41=6|59=6|126=19700112-13:46:30|",
            "9 7 0 - - 99 its ExpireTime(126) or ExpireDate(432) is over already",
        ),
        (
            "11=7|41=6|59=0|432=19700113|",
            "9 7 0 - - 99 ExpireTime(126) and ExpireDate(432) need TimeInForce(59)=6",
        ),
        (
            "11=7|41=6|59=3|",
            "9 7 0 - - 99 TimeInForce(59) can only be replaced where both it and its successor are 0, 1 or 6",
        ),
    ];
    for (body, answer) in requests {
        session.send("G", &format!("{body}{of_order}")).unwrap();
        assert_eq!(session.told(&[35, 11, 39, 59, 126, 102, 58]), [answer], "{body}");
    }
    for (later, said) in [(12, &[][..]), (15, &["6 C C 0 0"])] {
        session.line.later = later;
        floor.tick(session.line.now().utc);
        assert_eq!(session.said(), said, "the end that it had before is none");
    }
}

#[test]
fn an_order_that_is_replaced_to_last_outlives_its_day_and_the_other_way_round() {
    let floor = floor();
    let mut session = Session::join(&floor, "A");
    for (id, time_in_force, then) in [("1", '0', '1'), ("2", '1', '0')] {
        let terms = "55=AAPL|54=1|38=10|40=2|44=187|60=20260101-00:00:00|";
        session.send("D", &format!("11={id}|{terms}59={time_in_force}|")).unwrap();
        session.send("G", &format!("11={id}r|41={id}|{terms}59={then}|")).unwrap();
    }
    session.said();
    floor.by_hand(|venue, out| venue.set_phase(Phase::Closed, out));
    assert_eq!(session.said(), ["2r 3 3 0 0", "1r 3 3 0 10"]);
}

#[test]
fn what_cannot_be_an_order_is_rejected_with_what_would_be_right() {
    let floor = floor_with(Rules { only_listed: true, ..Rules::default() });
    let mut session = Session::join(&floor, "A");
    let cases = [
        ("55=10Y|40=2|44=96.2512|38=1|", "99 Price(44) 96.2512 is not a multiple of the tick 0.005 of 10Y"),
        ("55=10Y|40=2|44=-1|38=1|", "99 Price(44) must be greater than 0"),
        ("55=10Y|40=2|38=1|", "99 Price(44) is missing"),
        ("55=10Y|40=3|38=1|", "99 StopPx(99) is missing"),
        (
            "55=10Y|40=1|38=0.0000001|",
            "13 OrderQty(38) 0.0000001 is not a multiple of the lot 0.000001 of 10Y",
        ),
        ("55=10Y|40=1|38=0|", "13 OrderQty(38) must be above 0"),
        ("55=10Y|40=1|38=-1|", "13 OrderQty(38) -1 is below 0"),
        ("55=10Y|40=1|38=99999999999999|", "13 OrderQty(38) 99999999999999 is more than the book of 10Y"),
        ("55=AAPL|40=1|38=1|", "1 Symbol(55) AAPL is not traded here"),
        ("48=X|22=4|40=1|38=1|", "1 SecurityID(48) X of SecurityIDSource(22) 4 is not traded here"),
        ("48=X|40=1|38=1|", "1 SecurityID(48) X is not traded here"),
        ("55=10Y|40=P|38=1|", "11 OrdType(40)=P is not taken here; 1, 2, 3, 4 and K are"),
        ("55=10Y|40=1|38=1|59=5|", "11 TimeInForce(59)=5 is not taken here"),
        ("55=10Y|40=1|38=1|59=6|", "99 TimeInForce(59)=6 needs an ExpireDate(432)"),
        ("55=10Y|40=1|38=1|59=2|", "2 the market takes no such order in its present phase"),
        (
            "55=10Y|40=2|44=96|38=5|110=6|",
            "13 OrderQty(38) must be above 0, MinQty(110) and MaxFloor(111) at most as",
        ),
        ("55=10Y|40=1|38=5|111=1|", "11 OrdType(40), TimeInForce(59), MinQty(110) and MaxFloor(111)"),
    ];
    for (number, (body, says)) in cases.into_iter().enumerate() {
        session.send("D", &format!("11={number}|54=1|60=20260101-00:00:00|{body}")).unwrap();
        let told = session.told(&[11, 150, 39, 14, 151, 103, 58]);
        let [one] = &told[..] else { panic!("{told:?}") };
        assert!(one.starts_with(&format!("{number} 8 8 0 0 {says}")), "{body}: {one}");
    }
}

#[test]
fn an_order_whose_id_was_used_is_rejected_with_the_state_of_the_first_or_told_again() {
    let floor = floor();
    let (mut session, mut other) = (Session::join(&floor, "A"), Session::join(&floor, "B"));
    session.order("1", '1', 10, "187");
    other.order("1", '2', 4, "187");
    session.said();
    let again = "11=1|55=AAPL|54=1|38=10|40=2|44=187|60=20260101-00:00:00|";
    session.send("D", again).unwrap();
    session.send("D", &again.replace("44=187|", "")).unwrap();
    assert_eq!(
        session.told(&[37, 150, 39, 103, 14, 151]),
        ["OT-1 8 1 6 4 6", "OT-1 8 1 6 4 6"],
        "also where it is no good for another reason"
    );
    session.send("D", &format!("97=Y|{again}")).unwrap();
    assert_eq!(session.told(&[37, 150, 39, 103, 14, 151]), ["OT-1 I 1 - 4 6"]);
    assert!(other.said().len() == 2, "it has traded once");
}

#[test]
fn the_status_of_one_order_and_of_all() {
    let floor = floor();
    let mut session = Session::join(&floor, "A");
    session.send("H", "11=9|55=AAPL|54=1|790=q|").unwrap();
    assert_eq!(session.told(&[37, 11, 55, 54, 150, 39, 103, 790]), ["NONE 9 AAPL 1 I 8 5 q"]);
    session.order("1", '1', 10, "187");
    session.order("2", '2', 10, "188");
    session.send("D", "11=3|55=10Y|54=1|38=10|40=2|44=90|60=20260101-00:00:00|").unwrap();
    session.said();
    session.send("AF", "584=m|585=7|").unwrap();
    session.send("AF", "584=n|585=1|55=AAPL|54=2|").unwrap();
    session.send("AF", "584=o|585=1|55=MSFT|").unwrap();
    assert_eq!(
        session.told(&[584, 11, 150, 39, 911, 912]),
        ["m 1 I 0 3 N", "m 2 I 0 3 N", "m 3 I 0 3 Y", "n 2 I 0 1 Y", "o - I 8 0 Y"]
    );
    assert!(session.send("AF", "584=o|585=3|").is_err());
}

#[test]
fn a_mass_cancel_ends_what_it_means_and_says_what_that_was() {
    let floor = floor();
    let (mut session, mut other) = (Session::join(&floor, "A"), Session::join(&floor, "B"));
    session.order("1", '1', 10, "187");
    session.order("2", '2', 10, "188");
    other.order("1", '1', 10, "186");
    session.said();
    session.send("q", "11=a|530=1|55=AAPL|54=2|60=20260101-00:00:00|").unwrap();
    assert_eq!(
        session.told(&[35, 11, 150, 39, 530, 531, 533, 41, 535]),
        ["8 2 4 4 - - - - -", "r a - - 1 1 1 2 OT-2"]
    );
    session.send("q", "11=b|530=7|60=20260101-00:00:00|").unwrap();
    session.send("q", "11=c|530=1|55=MSFT|60=20260101-00:00:00|").unwrap();
    session.send("q", "11=d|530=3|60=20260101-00:00:00|").unwrap();
    assert_eq!(
        session.told(&[35, 11, 39, 531, 533, 532]),
        ["8 1 4 - - -", "r b - 7 1 -", "r c - 0 - 1", "r d - 0 - 0"]
    );
    assert_eq!(other.said(), ["1 0 0 0 10"]);
}

#[test]
fn the_orders_of_a_session_end_with_its_connection_if_it_asks_for_that() {
    let floor = floor();
    let rules = SessionRules { cancels_on_disconnect: true, ..SessionRules::default() };
    let (mut one, mut other) = (Session::with_rules(&floor, "A", rules), Session::join(&floor, "B"));
    one.order("1", '1', 10, "187");
    other.order("1", '1', 10, "187");
    for session in [&mut one, &mut other] {
        session.exchange.on_logout(CloseReason::ConnectionLost);
        session.said();
        session.send("H", "11=1|55=AAPL|54=1|").unwrap();
    }
    assert_eq!((one.said(), other.said()), (vec!["1 I 4 0 0".to_owned()], vec!["1 I 0 0 10".to_owned()]));
}

#[test]
fn an_order_that_is_good_till_a_time_ends_then() {
    let floor = floor();
    let mut session = Session::join(&floor, "A");
    let head = "55=AAPL|54=1|38=1|40=2|44=187|59=6|60=20260101-00:00:00|";
    // The exchange's time is 19700112-13:46:40.
    session.send("D", &format!("11=1|126=19700112-13:47:00|{head}")).unwrap();
    session.send("D", &format!("11=2|432=19700112|{head}")).unwrap();
    assert_eq!(session.told(&[11, 39, 59, 126, 432]), ["1 0 6 19700112-13:47:00 -", "2 0 6 - 19700112"]);
    let now = session.line.now().utc;
    floor.tick(now.plus_seconds(19));
    assert_eq!(session.said(), [""; 0]);
    floor.tick(now.plus_seconds(20));
    assert_eq!(session.said(), ["1 C C 0 0"]);
    floor.tick(now.plus_seconds(10 * 3600 + 13 * 60 + 20));
    assert_eq!(session.told(&[11, 150, 39, 58]), ["2 C C its time is over"]);
}

#[test]
fn stop_iceberg_and_immediate_orders_do_what_their_fields_say() {
    let floor = floor();
    let (mut one, mut other) = (Session::join(&floor, "A"), Session::join(&floor, "B"));
    let head = "55=AAPL|60=20260101-00:00:00|";
    one.send("D", &format!("{head}11=stop|54=1|38=2|40=4|99=190|44=191|")).unwrap();
    one.send("D", &format!("{head}11=berg|54=2|38=10|40=2|44=190|111=3|")).unwrap();
    assert_eq!(one.told(&[11, 150, 99, 44, 111]), ["stop 0 190 191 -", "berg 0 - 190 3"]);
    other.send("D", &format!("{head}11=fok|54=1|38=11|40=2|44=190|59=4|")).unwrap();
    other.send("D", &format!("{head}11=ioc|54=1|38=5|40=2|44=190|59=3|")).unwrap();
    assert_eq!(other.said(), ["fok 0 0 0 11", "fok 4 4 0 0", "ioc 0 0 0 5", "ioc F 1 3 2", "ioc F 2 5 0"]);
    assert_eq!(
        one.said(),
        ["berg F 1 3 7", "berg F 1 5 5", "berg F 1 6 4", "stop F 1 1 1", "berg F 1 7 3", "stop F 2 2 0"],
        "the trade at 190 has triggered the stop, and a session may trade with itself"
    );
}

#[test]
fn what_is_not_quoted_is_filled_at_its_limit_where_the_rules_say_so() {
    let floor = floor_with(Rules { fills_at_limit: AtLimit::Unlisted, ..Rules::default() });
    let mut session = Session::join(&floor, "A");
    session.order("1", '1', 10, "187");
    session.send("D", "11=2|55=AAPL|54=2|38=3|40=2|44=186|59=4|60=20260101-00:00:00|").unwrap();
    session.send("D", "11=3|55=10Y|54=1|38=3|40=2|44=90|60=20260101-00:00:00|").unwrap();
    session.send("D", "11=4|55=AAPL|54=1|38=3|40=1|60=20260101-00:00:00|").unwrap();
    assert_eq!(
        session.told(&[11, 150, 39, 31]),
        ["1 0 0 -", "1 F 2 187", "2 0 0 -", "2 F 2 186", "3 0 0 -", "4 0 0 -", "4 4 4 -"]
    );
}

#[test]
fn a_venue_that_fills_every_limit_order_fills_it_at_its_limit_beside_the_book_and_knows_it_then() {
    let floor = floor_with(Rules { fills_at_limit: AtLimit::All, ..Rules::default() });
    let mut session = Session::join(&floor, "A");
    session.send("D", "11=1|55=10Y|54=1|38=3|40=2|44=90|60=20260101-00:00:00|").unwrap();
    session.send("D", "11=1|97=Y|55=10Y|54=1|38=3|40=2|44=90|60=20260101-00:00:00|").unwrap();
    session.send("D", "11=2|55=10Y|54=1|38=0|40=2|44=90|60=20260101-00:00:00|").unwrap();
    session.send("D", "11=3|55=10Y|54=1|38=3|40=4|44=90|99=89|60=20260101-00:00:00|").unwrap();
    session.send("D", "11=4|55=10Y|54=1|38=3|40=1|60=20260101-00:00:00|").unwrap();
    session.send("H", "11=1|55=10Y|54=1|").unwrap();
    assert_eq!(
        session.told(&[11, 150, 39, 31, 103]),
        ["1 0 0 - -", "1 F 2 90.000 -", "1 I 2 - -", "2 8 8 - 13", "3 8 8 - 11", "4 8 8 - 11", "1 I 2 - -"]
    );
}

#[test]
fn a_fraction_is_filled_whole_as_any_other_quantity() {
    let floor = floor_with(Rules { fills_at_limit: AtLimit::All, ..Rules::default() });
    let mut session = Session::join(&floor, "A");
    for (number, symbol) in ["10Y", "AAPL"].iter().enumerate() {
        session
            .send("D", &format!("11={number}|55={symbol}|54=1|38=0.125|40=2|44=90|60=20260101-00:00:00|"))
            .unwrap();
    }
    assert_eq!(
        session.told(&[11, 150, 39, 38, 32, 14, 151]),
        [
            "0 0 0 0.125 - 0 0.125",
            "0 F 2 0.125 0.125 0.125 0",
            "1 0 0 0.125 - 0 0.125",
            "1 F 2 0.125 0.125 0.125 0"
        ]
    );
}

#[test]
fn an_order_that_the_session_asked_for_again_is_told_as_it_stands() {
    let floor = floor();
    let mut session = Session::join(&floor, "A");
    session.order("1", '1', 10, "187");
    session.said();
    let again = "43=Y|122=20260101-00:00:00|11=1|55=AAPL|54=1|38=10|40=2|44=187|60=20260101-00:00:00|";
    session.send("D", again).unwrap();
    assert_eq!(session.told(&[11, 150, 39, 103]), ["1 I 0 -"]);
    // So is one that a request was about, which is neither done again nor refused as one that was used before.
    let replace = "11=2|41=1|55=AAPL|54=1|38=12|40=2|44=187|60=20260101-00:00:00|";
    let cancel = "11=3|41=2|55=AAPL|54=1|60=20260101-00:00:00|";
    for (msg_type, request, told) in [("G", replace, "2 5 0"), ("F", cancel, "3 4 4")] {
        session.send(msg_type, request).unwrap();
        assert_eq!(session.told(&[11, 150, 39]), [told]);
        session.send(msg_type, &format!("43=Y|122=20260101-00:00:00|{request}")).unwrap();
        let status = told.replace(" 5 ", " I ").replace(" 4 4", " I 4");
        assert_eq!(session.told(&[11, 150, 39]), [status]);
    }
}

#[test]
fn an_order_whose_time_is_over_is_not_taken() {
    let floor = floor();
    let mut session = Session::join(&floor, "A");
    // It is 1970-01-12 here.
    session
        .send("D", "11=1|55=AAPL|54=1|38=10|40=2|44=187|59=6|126=19700112-13:46:40|60=20260101-00:00:00|")
        .unwrap();
    session.send("D", "11=2|55=AAPL|54=1|38=10|40=2|44=187|59=6|432=19700111|60=20260101-00:00:00|").unwrap();
    let text = "its ExpireTime(126) or ExpireDate(432) is over already";
    assert_eq!(session.told(&[150, 103, 58]), [format!("8 4 {text}"), format!("8 4 {text}")]);
}

#[test]
fn an_instrument_is_named_by_symbol_or_id_and_by_nothing_is_told_so() {
    let floor = floor();
    let mut session = Session::join(&floor, "A");
    let rest = "54=1|38=10|40=2|44=90|60=20260101-00:00:00|";
    for (number, named) in ["55=10Y|", "48=912999AD1|22=1|", "55=[N/A]|48=912999AD1|"].iter().enumerate() {
        session.send("D", &format!("11={number}|{named}{rest}")).unwrap();
        assert_eq!(session.told(&[150, 55]), ["0 10Y"], "{named}");
    }
    for (msg_type, body) in [
        ("D", format!("11=a|{rest}")),
        ("D", format!("11=a|55=[N/A]|{rest}")),
        ("V", "262=a|263=0|264=0|267=1|269=0|146=1|55=[N/A]|".to_owned()),
        ("R", "131=a|146=1|55=[N/A]|".to_owned()),
        ("q", "11=a|530=1|60=20260101-00:00:00|".to_owned()),
        ("AF", "584=a|585=1|".to_owned()),
        ("e", "324=a|263=0|55=[N/A]|".to_owned()),
    ] {
        let told = session.send(msg_type, &body).unwrap_err().to_string();
        assert!(told.contains("named by Symbol(55), or by SecurityID(48)"), "{msg_type}: {told}");
    }
}

#[test]
fn a_report_names_the_instrument_as_the_order_did_or_says_that_it_has_no_symbol() {
    let floor = floor();
    let mut session = Session::join(&floor, "A");
    session.send("D", "11=1|48=X|22=1|54=1|38=10|40=1|60=20260101-00:00:00|").unwrap();
    session.send("AF", "584=m|585=7|").unwrap();
    assert_eq!(session.told(&[150, 103, 55, 48, 22, 54]), ["8 1 [N/A] X 1 1", "I 5 [N/A] - - 7"]);
}

#[test]
fn a_cancel_of_another_instrument_or_side_than_the_orders_is_refused() {
    let mut session = Session::join(&floor(), "A");
    session.order("1", '1', 10, "187");
    session.said();
    let cancel = |id: u32, what: &str| format!("11={id}|41=1|{what}|60=20260101-00:00:00|");
    for (id, what, text) in [
        (2, "55=MSFT|54=1", "Symbol(55) MSFT is not that of the order, which is for AAPL"),
        (
            3,
            "48=912999AD1|22=1|54=1",
            "SecurityID(48) 912999AD1 of SecurityIDSource(22) 1 is not that of the order, which is for AAPL",
        ),
        (4, "55=AAPL|54=2", "Side(54) SELL is not that of the order, which has BUY"),
        (5, "55=AAPL|54=5", "Side(54) SELL_SHORT is not that of the order, which has BUY"),
    ] {
        session.send("F", &cancel(id, what)).unwrap();
        let told = session.told(&[35, 11, 41, 39, 434, 102, 58]);
        assert_eq!(told, [format!("9 {id} 1 0 1 99 {text}")]);
    }
    let unnamed = session.send("F", &cancel(6, "54=1")).unwrap_err();
    assert_eq!((unnamed.ref_tag, unnamed.field), (Some(tag::CL_ORD_ID), Some(tag::SYMBOL)));
    session.send("F", &cancel(7, "55=AAPL|54=1")).unwrap();
    assert_eq!(session.said(), ["7 4 4 0 0"]);
}

#[test]
fn who_names_an_order_by_an_id_that_was_replaced_is_told_the_one_it_has() {
    let mut session = Session::join(&floor(), "A");
    session.order("1", '1', 10, "187");
    session.send("G", "11=2|41=1|55=AAPL|54=1|38=12|40=2|44=187|60=20260101-00:00:00|").unwrap();
    session.said();
    session.send("F", "11=3|41=1|55=AAPL|54=1|60=20260101-00:00:00|").unwrap();
    assert_eq!(
        session.told(&[35, 41, 102, 58]),
        ["9 2 99 OrigClOrdID(41) is not the last ClOrdID(11) of this order, which is 2"]
    );
}

/// BusinessRejectRefID(379) is required where the message has an id (FIX 4.4 Vol. 2, BusinessMessageReject).
#[test]
fn whatever_is_refused_by_a_business_message_reject_is_named_by_its_id() {
    let mut session = Session::join(&floor(), "A");
    for (msg_type, body, id) in [
        ("D", "11=1|55=AAPL|54=1|38=99999999999999999999|40=2|44=1|60=20260101-00:00:00|", tag::CL_ORD_ID),
        ("D", "11=1|54=1|38=1|40=2|44=1|60=20260101-00:00:00|", tag::CL_ORD_ID),
        ("H", "54=1|55=AAPL|", tag::CL_ORD_ID),
        ("q", "11=1|530=1|60=20260101-00:00:00|", tag::CL_ORD_ID),
        ("AF", "584=1|585=3|", tag::MASS_STATUS_REQ_ID),
        ("E", "66=1|394=1|68=1|73=1|11=1|67=1|55=AAPL|54=1|38=1|40=1|", tag::LIST_ID),
        ("M", "66=1|", tag::LIST_ID),
        ("AJ", "693=1|694=1|117=1|54=1|55=AAPL|", tag::QUOTE_RESP_ID),
        ("V", "262=1|263=0|264=1|267=1|269=0|146=1|107=X|", tag::MD_REQ_ID),
        ("x", "320=1|559=0|", tag::SECURITY_REQ_ID),
        ("c", "320=1|321=0|", tag::SECURITY_REQ_ID),
        ("e", "324=1|263=0|", tag::SECURITY_STATUS_REQ_ID),
        ("g", "335=1|263=7|", tag::TRAD_SES_REQ_ID),
    ] {
        assert_eq!(session.send(msg_type, body).unwrap_err().ref_tag, Some(id), "35={msg_type}|{body}");
    }
}
