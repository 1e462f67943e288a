use fix_core::time::UtcTimestamp;
use serde_json::json;

use super::*;
use crate::{
    contract::{
        order::Side,
        parse::{OrderRules, parse_order},
        report::Report,
    },
    orders::Reopened,
};

fn claim(orders: &Orders, json: &str) {
    let now = UtcTimestamp::from_unix(0, 0);
    let command = parse_order(json.as_bytes(), &OrderRules::any_symbol(), now).unwrap();
    orders.claim(command, &"S".into()).unwrap().keep();
}

fn limit(orders: &Orders, id: &str) {
    let json = r#"{"clOrdID":"@","symbol":"2Y","side":"BUY","qty":10,"ordType":"LIMIT","price":99.50,"account":"D"}"#;
    claim(orders, &json.replace('@', id));
}

fn hear(orders: &Orders, report: Value) {
    let orig = report["origClOrdID"].as_str().map(str::to_owned);
    let report = Report::from_json(report.to_string().as_bytes()).unwrap();
    assert_eq!(report.orig_cl_ord_id().map(str::to_owned), orig);
    orders.heard(&report.news());
}

/// `A1 BUY 10 2Y cum leaves NEW` of each.
fn rows(orders: &Orders, which: Which) -> Vec<String> {
    let text = |row: &Value, key: &str| match &row[key] {
        Value::String(text) => text.clone(),
        Value::Null => "-".to_owned(),
        other => other.to_string(),
    };
    let keys = ["clOrdID", "qty", "price", "cumQty", "leavesQty", "state", "lastReport"];
    let shown = |row: &Value| keys.map(|key| text(row, key)).join(" ");
    orders.list(which, 100).iter().map(shown).collect()
}

#[test]
fn orders_are_listed_as_they_were_last_reported_newest_first() {
    let orders = Orders::default();
    limit(&orders, "A1");
    limit(&orders, "A2");
    assert_eq!(rows(&orders, Which::All), ["A2 10 99.50 - - SENT -", "A1 10 99.50 - - SENT -"]);
    hear(
        &orders,
        json!({"msgType":"8","clOrdID":"A1","execType":"0","ordStatus":"0","cumQty":0,"leavesQty":10}),
    );
    hear(
        &orders,
        json!({"msgType":"8","clOrdID":"A1","execType":"F","ordStatus":"1","cumQty":4,"leavesQty":6,"lastQty":4,"lastPx":99}),
    );
    hear(&orders, json!({"msgType":"8","clOrdID":"A2","execType":"8","ordStatus":"8","text":"no"}));
    assert_eq!(rows(&orders, Which::Working), ["A1 10 99.50 4 6 PARTIALLY_FILLED TRADE 4 at 99"]);
    assert_eq!(rows(&orders, Which::Done), ["A2 10 99.50 - - REJECTED REJECTED: no"]);
    assert_eq!(orders.list(Which::All, 1).len(), 1);
    let row = orders.get("A1").unwrap();
    assert_eq!(
        (&row["account"], &row["ordType"], &row["session"]),
        (&"D".into(), &"LIMIT".into(), &"S".into())
    );
}

#[test]
fn a_replaced_order_is_done_by_its_old_id_and_works_on_by_the_new_one() {
    let orders = Orders::default();
    limit(&orders, "A1");
    let replace = r#"{"type":"REPLACE","origClOrdID":"A1","clOrdID":"R1","symbol":"2Y","side":"BUY","qty":5,"ordType":"LIMIT","price":98}"#;
    claim(&orders, replace);
    hear(
        &orders,
        json!({"msgType":"8","clOrdID":"R1","origClOrdID":"A1","execType":"E","ordStatus":"E","leavesQty":10}),
    );
    assert_eq!(rows(&orders, Which::All), ["A1 10 99.50 - 10 PENDING_REPLACE PENDING REPLACE"]);
    hear(
        &orders,
        json!({"msgType":"8","clOrdID":"R1","origClOrdID":"A1","execType":"5","ordStatus":"0","cumQty":0,"leavesQty":5}),
    );
    assert_eq!(rows(&orders, Which::Working), ["R1 5 98 0 5 NEW REPLACED"]);
    assert_eq!(rows(&orders, Which::Done), ["A1 10 99.50 - 0 REPLACED REPLACED"]);
    assert_eq!(orders.get("A1").unwrap()["replacedBy"], "R1");

    // By the first id, which some counterparties take; and a report that comes again changes nothing.
    claim(&orders, &replace.replace("R1", "R2"));
    for _ in 0..2 {
        hear(
            &orders,
            json!({"msgType":"8","clOrdID":"R2","origClOrdID":"A1","execType":"5","ordStatus":"0","leavesQty":5}),
        );
        assert_eq!(rows(&orders, Which::Working), ["R2 5 98 - 5 NEW REPLACED"]);
    }
    let (orders, replace) = (Orders::default(), replace);
    limit(&orders, "A1");
    claim(&orders, replace);
    hear(
        &orders,
        json!({"msgType":"8","clOrdID":"R1","origClOrdID":"A1","execType":"5","ordStatus":"0","cumQty":0,"leavesQty":5}),
    );

    claim(&orders, r#"{"type":"CANCEL","origClOrdID":"R1","clOrdID":"C1","symbol":"2Y","side":"BUY"}"#);
    hear(&orders, json!({"msgType":"9","clOrdID":"C1","origClOrdID":"R1","ordStatus":"0","text":"wait"}));
    assert_eq!(rows(&orders, Which::Working), ["R1 5 98 0 5 NEW CANCEL REJECTED: wait"]);
    claim(&orders, r#"{"type":"CANCEL","origClOrdID":"R1","clOrdID":"C2","symbol":"2Y","side":"BUY"}"#);
    hear(
        &orders,
        json!({"msgType":"8","clOrdID":"C2","origClOrdID":"R1","execType":"4","ordStatus":"4","cumQty":0,"leavesQty":0}),
    );
    assert_eq!(rows(&orders, Which::Working), [""; 0]);
    assert_eq!(rows(&orders, Which::Done)[0], "R1 5 98 0 0 CANCELED CANCELED");
    let state = |id| orders.get(id).unwrap()["state"].clone();
    assert_eq!(
        (state("C1"), state("C2")),
        ("REJECTED".into(), "CANCELED".into()),
        "what became of the requests"
    );
}

#[test]
fn a_refused_replacement_is_no_order() {
    let orders = Orders::default();
    limit(&orders, "A1");
    let replace = r#"{"type":"REPLACE","origClOrdID":"A1","clOrdID":"R1","symbol":"2Y","side":"BUY","qty":5,"ordType":"MARKET"}"#;
    claim(&orders, replace);
    hear(
        &orders,
        json!({"msgType":"9","clOrdID":"R1","origClOrdID":"A1","ordStatus":"0","cxlRejResponseTo":"2","text":"no"}),
    );
    assert_eq!(rows(&orders, Which::All), ["A1 10 99.50 - - NEW REPLACE REJECTED: no"]);
}

#[test]
fn a_request_that_is_rejected_as_an_order_or_is_not_known_leaves_the_order_working() {
    let orders = Orders::default();
    limit(&orders, "A1");
    hear(
        &orders,
        json!({"msgType":"8","clOrdID":"A1","execType":"0","ordStatus":"0","cumQty":0,"leavesQty":10}),
    );
    claim(&orders, r#"{"type":"CANCEL","origClOrdID":"A1","clOrdID":"C1","symbol":"2Y","side":"BUY"}"#);
    claim(
        &orders,
        r#"{"type":"REPLACE","origClOrdID":"A1","clOrdID":"R1","symbol":"2Y","side":"BUY","qty":5,"ordType":"MARKET"}"#,
    );
    for id in ["C1", "R1"] {
        hear(
            &orders,
            json!({"msgType":"8","clOrdID":id,"execType":"I","ordStatus":"8","text":"unknown order"}),
        );
        hear(&orders, json!({"msgType":"8","clOrdID":id,"origClOrdID":"A1","execType":"8","ordStatus":"8"}));
    }
    assert_eq!(rows(&orders, Which::All), ["A1 10 99.50 0 10 NEW NEW"]);
    assert_eq!(orders.list(Which::Working, 9).len(), 1);
}

#[test]
fn an_unknown_state_is_listed_as_such() {
    let orders = Orders::default();
    limit(&orders, "A1");
    assert!(orders.given_up("A1", true, "old").is_some());
    assert_eq!(rows(&orders, Which::Working), ["A1 10 99.50 - - UNKNOWN -"]);
    assert_eq!(orders.list_unknown()[0]["clOrdID"], "A1");
    limit(&orders, "A2");
    assert!(orders.given_up("A2", false, "old").is_some());
    assert_eq!(rows(&orders, Which::Done), ["A2 10 99.50 0 0 REJECTED REJECTED: never sent: old"]);
}

#[test]
fn a_cancel_by_whatever_id_ends_the_order() {
    let replace = r#"{"type":"REPLACE","origClOrdID":"A1","clOrdID":"R1","symbol":"2Y","side":"BUY","qty":5,"ordType":"LIMIT","price":98}"#;
    let cancel = r#"{"type":"CANCEL","origClOrdID":"A1","clOrdID":"C1","symbol":"2Y","side":"BUY"}"#;
    for ends in [
        json!({"msgType":"8","clOrdID":"C1","origClOrdID":"A1","execType":"4","ordStatus":"4","leavesQty":0}),
        json!({"msgType":"8","clOrdID":"C1","execType":"4","ordStatus":"4","leavesQty":0}),
        json!({"msgType":"8","clOrdID":"A1","execType":"4","ordStatus":"4","leavesQty":0}),
        json!({"msgType":"8","orderID":"O1","execType":"4","ordStatus":"4","leavesQty":0}),
        json!({"msgType":"8","clOrdID":"venue's","orderID":"O1","execType":"C","ordStatus":"C","leavesQty":0}),
    ] {
        let orders = Orders::default();
        limit(&orders, "A1");
        claim(&orders, replace);
        claim(&orders, cancel);
        hear(&orders, json!({"msgType":"8","clOrdID":"A1","orderID":"O1","execType":"0","ordStatus":"0"}));
        hear(
            &orders,
            json!({"msgType":"8","clOrdID":"R1","origClOrdID":"A1","orderID":"O1","execType":"5","ordStatus":"0"}),
        );
        let report = Report::from_json(ends.to_string().as_bytes()).unwrap();
        assert_eq!(orders.heard(&report.news()).ended.as_deref(), Some("R1"), "{ends}");
        assert_eq!(rows(&orders, Which::Working), [""; 0], "{ends}");
        assert_eq!(orders.get("R1").unwrap()["working"], false, "{ends}");
        assert_eq!(orders.ended_by("R1").as_deref(), ends["clOrdID"].as_str());
    }
}

#[test]
fn a_replacement_that_names_a_superseded_id_replaces_the_order_as_it_goes_now() {
    let orders = Orders::default();
    limit(&orders, "A1");
    let mut replaced = Vec::new();
    for id in ["R1", "R2"] {
        let json = r#"{"type":"REPLACE","origClOrdID":"A1","clOrdID":"@","symbol":"2Y","side":"BUY","qty":5,"ordType":"MARKET"}"#;
        claim(&orders, &json.replace('@', id));
        let report = json!({"msgType":"8","clOrdID":id,"origClOrdID":"A1","execType":"5","ordStatus":"0","leavesQty":5});
        replaced
            .extend(orders.heard(&Report::from_json(report.to_string().as_bytes()).unwrap().news()).replaced);
    }
    assert_eq!(replaced, [("A1".into(), "R1".into()), ("R1".into(), "R2".into())]);
}

#[test]
fn what_contradicts_an_order_is_said_and_a_final_state_stays() {
    let orders = Orders::default();
    limit(&orders, "A1");
    let said = |report: Value| {
        orders.heard(&Report::from_json(report.to_string().as_bytes()).unwrap().news()).contradictions
    };
    let filled = json!({"msgType":"8","clOrdID":"A1","execType":"F","ordStatus":"2","symbol":"2Y","side":"BUY","qty":10,"cumQty":10,"leavesQty":0});
    assert_eq!(said(filled), [""; 0]);
    let late = json!({"msgType":"8","clOrdID":"A1","execType":"0","ordStatus":"0","cumQty":0,"leavesQty":10});
    assert_eq!(said(late), ["order A1 is FILLED, and a report says NEW after that: it stays FILLED"]);
    assert_eq!(rows(&orders, Which::All), ["A1 10 99.50 10 0 FILLED NEW"]);
    let bust = json!({"msgType":"8","clOrdID":"A1","execType":"H","ordStatus":"1","cumQty":4,"leavesQty":6});
    assert_eq!(said(bust), [""; 0]);
    let wrong = json!({"msgType":"8","clOrdID":"A1","execType":"F","ordStatus":"1","symbol":"5Y","side":"SELL","cumQty":50,"leavesQty":-40});
    assert_eq!(
        said(wrong),
        [
            "order A1 has Symbol(55) 2Y, and a report on it says 5Y",
            "order A1 has Side(54) BUY, and a report on it says SELL",
            "order A1 has OrderQty(38) 10, and a report says CumQty(14) 50: overfilled",
            "a report on order A1 says LeavesQty(151) -40, below 0",
        ]
    );
    let nobody = json!({"msgType":"8","clOrdID":"Z9","execType":"F","ordStatus":"2","lastQty":5});
    assert_eq!(said(nobody), ["a fill of 5 has ClOrdID(11) Z9, of which nothing is known here"]);
    limit(&orders, "A2");
    for (code, state) in [("%", "OrdStatus %"), ("5", "REPLACED")] {
        hear(&orders, json!({"msgType":"8","clOrdID":"A2","execType":"0","ordStatus":code}));
        assert_eq!(orders.get("A2").unwrap()["state"], state);
    }
}

#[test]
fn done_for_day_is_no_older_state_and_is_not_the_last_one() {
    let orders = Orders::default();
    limit(&orders, "A1");
    let said = |report: Value| {
        orders.heard(&Report::from_json(report.to_string().as_bytes()).unwrap().news()).contradictions
    };
    for (exec_type, ord_status, state) in [
        ("F", "1", "PARTIALLY_FILLED"),
        ("3", "3", "DONE_FOR_DAY"),
        ("F", "1", "PARTIALLY_FILLED"),
        ("F", "2", "FILLED"),
    ] {
        assert_eq!(said(on_a1("E", exec_type, ord_status, 10)), [""; 0]);
        assert_eq!(orders.get("A1").unwrap()["state"], state);
    }
    assert_eq!(said(on_a1("E", "3", "3", 10)), [""; 0], "at the end of the day all orders are done for it");
    assert_eq!(orders.get("A1").unwrap()["state"], "DONE_FOR_DAY");
}

/// A report on A1 that was filled: ExecID(17), ExecType(150), OrdStatus(39), CumQty(14) of 10.
fn on_a1(exec_id: &str, exec_type: &str, ord_status: &str, cum_qty: u32) -> Value {
    let leaves_qty = if ord_status == "4" { 0 } else { 10 - cum_qty };
    json!({"msgType":"8","clOrdID":"A1","orderID":"O","execID":exec_id,"execType":exec_type,"ordStatus":ord_status,
           "cumQty":cum_qty,"leavesQty":leaves_qty})
}

#[test]
fn a_canceled_or_corrected_trade_opens_an_order_again_and_a_repeat_of_it_does_not() {
    for exec_type in ["H", "G", "D"] {
        let orders = Orders::default();
        limit(&orders, "A1");
        let said = |report: &Value| {
            orders.heard(&Report::from_json(report.to_string().as_bytes()).unwrap().news()).reopened
        };
        assert_eq!(said(&on_a1("E1", "F", "2", 10)), None);
        assert_eq!(rows(&orders, Which::Working), [""; 0]);
        assert!(!orders.awaits_news("A1") && orders.ended_by("A1").is_some());
        let bust = on_a1("E2", exec_type, "1", 4);
        let reopened = Reopened { id: "A1".into(), symbol: "2Y".to_owned(), side: Side::Buy };
        assert_eq!(said(&bust), Some(reopened), "{exec_type}");
        assert_eq!(orders.get("A1").unwrap()["state"], "PARTIALLY_FILLED");
        assert_eq!(orders.get("A1").unwrap()["working"], true);
        assert!(orders.awaits_news("A1") && orders.ended_by("A1").is_none());
        assert_eq!(said(&bust), None, "it is open");
        assert_eq!(said(&on_a1("E3", "F", "2", 10)), None);
        // It comes once more, after the order ended for the second time.
        assert_eq!(said(&bust), None);
        assert_eq!(orders.get("A1").unwrap()["state"], "FILLED");
        assert_eq!(orders.get("A1").unwrap()["working"], false);
    }
}

#[test]
fn a_canceled_trade_of_an_order_that_has_ended_otherwise_opens_nothing() {
    let orders = Orders::default();
    limit(&orders, "A1");
    hear(&orders, on_a1("E1", "F", "1", 4));
    hear(&orders, on_a1("E2", "4", "4", 4));
    hear(&orders, on_a1("E3", "H", "4", 0));
    assert_eq!(orders.get("A1").unwrap()["state"], "CANCELED");
    assert_eq!(orders.get("A1").unwrap()["working"], false);
}

#[test]
fn orders_that_work_are_listed_however_old_and_the_newest_that_have_ended() {
    let orders = Orders::default();
    for id in ["A1", "A2", "A3", "A4", "A5"] {
        limit(&orders, id);
    }
    for id in ["A2", "A3", "A5"] {
        hear(&orders, json!({"msgType":"8","clOrdID":id,"execType":"8","ordStatus":"8","text":"no"}));
    }
    let ids = |ended| {
        let rows = orders.list_working_and(ended);
        rows.iter().map(|row| row["clOrdID"].as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(ids(1), ["A5", "A4", "A1"]);
    assert_eq!(ids(0), ["A4", "A1"]);
    assert_eq!(ids(9), ["A5", "A4", "A3", "A2", "A1"]);
}
