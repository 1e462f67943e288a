use super::*;
use crate::contract::parse::{OrderRules, parse_order};

fn parse(json: &str) -> Result<OrderCommand, OrderError> {
    parse_order(json.as_bytes(), &OrderRules::any_symbol(), UtcTimestamp::from_unix(0, 0))
}

#[test]
fn an_order_that_was_not_sent_is_rejected() {
    let order =
        parse(r#"{"clOrdID":"A1","symbol":"10Y","side":"BUY","qty":100,"ordType":"LIMIT","price":96.250}"#);
    let report = Report::not_sent(&order.unwrap(), "SIM MODE: nobody there");
    assert_eq!(
        report.to_json(),
        r#"{"msgType":"8","clOrdID":"A1","execType":"8","ordStatus":"8","symbol":"10Y","side":"BUY","qty":100,"price":96.250,"cumQty":0,"leavesQty":0,"text":"SIM MODE: nobody there","_type":"ExecutionReport"}"#
    );
    assert!(report.is_final_for("A1") && !report.is_final_for("A2"));
}

#[test]
fn a_cancel_that_was_not_sent_leaves_its_order_alone() {
    let cancel = parse(r#"{"type":"CANCEL","origClOrdID":"A1","clOrdID":"C1","symbol":"10Y","side":"BUY"}"#);
    let report = Report::not_sent(&cancel.unwrap(), "no");
    assert_eq!(
        report.to_json(),
        r#"{"msgType":"9","clOrdID":"C1","origClOrdID":"A1","symbol":"10Y","side":"BUY","text":"no","_type":"OrderCancelReject"}"#
    );
    assert!(report.is_final_for("C1") && !report.is_final_for("A1"));
}

#[test]
fn a_replacement_that_was_not_sent_leaves_its_order_alone() {
    let json = r#"{"type":"REPLACE","origClOrdID":"A1","clOrdID":"R1","symbol":"10Y","side":"BUY","qty":5,"ordType":"LIMIT","price":96.5}"#;
    let replace = parse(json).unwrap();
    let report = Report::not_sent(&replace, "no");
    assert_eq!(
        report.to_json(),
        r#"{"msgType":"9","clOrdID":"R1","origClOrdID":"A1","symbol":"10Y","side":"BUY","qty":5,"price":96.5,"cxlRejResponseTo":"2","text":"no","_type":"OrderCancelReject"}"#
    );
    assert!(report.is_final_for("R1") && !report.is_final_for("A1"));
    assert!(!Report::duplicate(&replace, "used before").is_final_for("R1"));
    let unknown = Report::state_unknown_of(&replace, "?");
    assert!(
        matches!(unknown.to_command(), Some(OrderCommand::Replace(again)) if again.orig_cl_ord_id == "A1")
    );
}

#[test]
fn a_malformed_entry_is_answered_with_what_is_wrong() {
    let report = Report::malformed(
        &parse(r#"{"clOrdID":"A1","symbol":"10Y","qty":5,"price":"x"}"#).unwrap_err(),
        false,
    );
    assert_eq!(
        report.to_json(),
        r#"{"msgType":"8","clOrdID":"A1","execType":"8","ordStatus":"8","symbol":"10Y","qty":5,"text":"side: missing","_type":"ExecutionReport"}"#
    );
}

#[test]
fn a_malformed_request_or_one_with_the_id_of_a_live_order_ends_no_order() {
    let error = parse(r#"{"clOrdID":"A1","symbol":"10Y","qty":-5}"#).unwrap_err();
    let report = Report::malformed(&error, true);
    assert!(!report.is_final_for("A1") && report.fields()["ordRejReason"] == 6);
    for (json, reason, is_in_use) in [
        (r#"{"type":"CANCEL","origClOrdID":"A1","clOrdID":"A1","symbol":"10Y","side":"BUY"}"#, 6, false),
        (r#"{"type":"CANCEL","origClOrdID":"A1","clOrdID":"Y1","symbol":"10Y"}"#, 6, true),
        (r#"{"type":"REPLACE","origClOrdID":"A1","clOrdID":"R1","symbol":"10Y"}"#, 99, false),
    ] {
        let report = Report::malformed(&parse(json).unwrap_err(), is_in_use);
        assert_eq!(report.fields()["msgType"], "9", "{json}");
        assert_eq!(
            (&report.fields()["origClOrdID"], &report.fields()["cxlRejReason"]),
            (&"A1".into(), &reason.into())
        );
        assert!(!report.is_final_for("A1"));
    }
}

#[test]
fn the_refusal_of_a_duplicate_says_nothing_of_the_order_that_has_the_id() {
    let order = parse(r#"{"clOrdID":"A1","symbol":"10Y","side":"BUY","qty":1,"ordType":"MARKET"}"#);
    let report = Report::duplicate(&order.unwrap(), "used before");
    assert_eq!(report.fields()["ordRejReason"], 6);
    assert_eq!(report.fields()["ordStatus"], "8");
    assert!(!report.is_final_for("A1"));
    let cancel = parse(r#"{"type":"CANCEL","origClOrdID":"A1","clOrdID":"C1","symbol":"10Y","side":"BUY"}"#);
    let report = Report::duplicate(&cancel.unwrap(), "used before");
    assert_eq!(report.fields()["cxlRejReason"], 6);
    assert!(!report.is_final_for("C1"));
}

#[test]
fn an_unknown_state_is_not_final() {
    assert!(!Report::state_unknown(Some("A1".into()), "?").is_final_for("A1"));
}
