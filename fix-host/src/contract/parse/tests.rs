use super::*;
use crate::{
    contract::order::{OrdType, Side, TimeInForce},
    market::Market,
};
use fix_core::decimal::Decimal;

const LIMIT: &str = r#"{"clOrdID":"A1","symbol":"10Y","side":"BUY","qty":100,"ordType":"LIMIT","price":96.250,"timestamp":1795499580.25}"#;
const CANCEL: &str = r#"{"type":"CANCEL","origClOrdID":"A1","clOrdID":"C1","symbol":"10Y","side":"BUY"}"#;

fn parse(json: &[u8]) -> Result<OrderCommand, OrderError> {
    let rules = OrderRules::only(Market::new(0).symbols());
    parse_order(json, &rules, UtcTimestamp::from_unix(7, 0))
}

fn refused(json: &str) -> String {
    parse(json.as_bytes()).unwrap_err().to_string()
}

/// The limit order with one piece of its text replaced.
fn with(old: &str, new: &str) -> String {
    assert!(LIMIT.contains(old));
    refused(&LIMIT.replace(old, new))
}

#[test]
fn a_limit_order_keeps_its_digits_and_its_time() {
    let Ok(OrderCommand::New(order)) = parse(LIMIT.as_bytes()) else { panic!() };
    assert_eq!(order.cl_ord_id, "A1");
    assert_eq!(order.symbol, "10Y");
    assert_eq!(order.side, Side::Buy);
    assert_eq!(order.qty.to_string(), "100");
    assert_eq!(order.ord_type.price().map(|price| price.to_string()).as_deref(), Some("96.250"));
    assert_eq!(order.transact_time, UtcTimestamp::from_unix(1_795_499_580, 250_000_000));
}

#[test]
fn a_market_order_needs_neither_price_nor_timestamp() {
    let json = r#"{"clOrdID":"A2","symbol":"2Y","side":"SELL","qty":1e3,"ordType":"MARKET","price":null,"_source":"py"}"#;
    let Ok(OrderCommand::New(order)) = parse(json.as_bytes()) else { panic!() };
    assert_eq!(order.ord_type, OrdType::Market);
    assert_eq!(order.side, Side::Sell);
    assert_eq!(order.qty, Decimal::from(1000));
    assert_eq!(order.transact_time, UtcTimestamp::from_unix(7, 0));
}

#[test]
fn a_cancel_is_read() {
    let Ok(OrderCommand::Cancel(cancel)) = parse(CANCEL.as_bytes()) else { panic!() };
    assert_eq!((cancel.orig_cl_ord_id.as_str(), cancel.cl_ord_id.as_str()), ("A1", "C1"));
    let rules = OrderRules::any_symbol();
    let untyped = CANCEL.replace(r#""type":"CANCEL","#, "");
    let read = read_cancel(untyped.as_bytes(), &rules, cancel.transact_time);
    assert_eq!(read, Ok(Read { command: cancel.clone(), notes: Vec::new() }));
    assert_eq!(parse(untyped.as_bytes()), Ok(OrderCommand::Cancel(cancel)));
    assert_eq!(
        refused(&CANCEL.replace("C1", "A1")),
        "clOrdID: a cancel needs an id of its own, different from origClOrdID"
    );
    assert_eq!(
        refused(&CANCEL.replace("CANCEL", "MOVE")),
        "type: must be CANCEL, REPLACE, or left out for a new order, not \"MOVE\""
    );
}

#[test]
fn each_bad_value_is_named_with_its_field() {
    assert_eq!(with("\"qty\":100", "\"qty\":0"), "qty: must be greater than 0");
    assert_eq!(with("\"qty\":100", "\"qty\":-0.0"), "qty: must be greater than 0");
    assert_eq!(with("\"qty\":100", "\"qty\":-5"), "qty: must be greater than 0");
    for text in ["many", "1,000", "", "0x10", "1 000", "NaN"] {
        assert_eq!(with(":100", &format!(":\"{text}\"")), "qty: must be a number, not text", "{text}");
    }
    assert_eq!(with("\"qty\":100,", ""), "qty: missing");
    assert_eq!(with("\"qty\":100", "\"qty\":[1]"), "qty: must be a number, not a list");
    assert_eq!(with("96.250", "0"), "price: must be greater than 0");
    assert_eq!(with("\"price\":96.250,", ""), "price: missing; LIMIT and STOP_LIMIT orders need one");
    assert_eq!(
        with("\"LIMIT\"", "\"STOP\",\"stopPx\":1"),
        "price: only LIMIT and STOP_LIMIT orders have one; leave it out, or set ordType"
    );
    assert_eq!(
        with("\"LIMIT\"", "\"MARKET\",\"stopPx\":1"),
        "stopPx: only STOP and STOP_LIMIT orders have one; leave it out, or set ordType"
    );
    assert_eq!(with("BUY", "B"), "side: must be BUY or SELL, not \"B\"");
    assert_eq!(with("LIMIT", "PEGGED"), "ordType: must be MARKET, LIMIT, STOP or STOP_LIMIT, not \"PEGGED\"");
    assert_eq!(with("LIMIT", "STOP_LIMIT"), "stopPx: missing; STOP and STOP_LIMIT orders need one");
    assert_eq!(
        with("\"LIMIT\"", "\"LIMIT\",\"stopPx\":1"),
        "stopPx: only STOP and STOP_LIMIT orders have one; leave it out, or set ordType"
    );
    let standing = |fields: &str| with("\"qty\":100", &format!("\"qty\":100,{fields}"));
    assert_eq!(
        standing("\"timeInForce\":\"GTD\""),
        "expireTime: missing; a GTD order needs one, or an ExpireDate(432) among its fields"
    );
    let dated = LIMIT.replace("\"qty\"", r#""timeInForce":"GTD","fields":{"expire_date":"20261231"},"qty""#);
    assert_eq!(
        parse(dated.as_bytes()).map(|c| c.order().and_then(|o| o.time_in_force)),
        Ok(Some(TimeInForce::Gtd(None)))
    );
    assert_eq!(
        standing("\"timeInForce\":\"IOC\",\"expireTime\":1795586400"),
        "expireTime: only a GTD order has one; leave it out, or set timeInForce to GTD"
    );
    assert_eq!(
        standing("\"timeInForce\":\"SOON\""),
        "timeInForce: must be DAY, GTC, OPG, IOC, FOK, GTX, GTD or CLOSE, not \"SOON\""
    );
    assert_eq!(
        standing("\"account\":\"A\\u0001B\""),
        "account: '\\u{1}' (character 2) is not printable ASCII"
    );
    assert_eq!(with("\"A1\"", "\"\""), "clOrdID: is empty");
    assert_eq!(with("\"A1\"", "17.5"), "clOrdID: must be text, not a number");
    assert_eq!(with("\"A1\"", "-17"), "clOrdID: must be text, not a number");
    for time in ["-1", "\"soon\"", "\"20261124\"", "\"1969-12-31T23:59:59Z\"", "\"\"", "1795499580123000"] {
        assert_eq!(
            with("1795499580.25", time),
            "timestamp: must be seconds since 1970-01-01, up to the year 9999, or a time such as 2026-11-24T16:00:00Z or 20261124-16:00:00",
            "{time}"
        );
    }
    assert_eq!(with("1795499580.25", "[]"), "timestamp: must be a number or a time, not a list");
    assert_eq!(
        with("10Y", "7Y"),
        "symbol: \"7Y\" is not traded here (OnlyKnownSymbols=Y); known are 10Y, 2Y, 30Y, 3Y, 5Y, SR3H6, SR3Z6, TUH6, TYH6, USH6"
    );
    assert!(with("\"qty\":100", "\"qty\":1e400").starts_with("qty: is too large"));
}

#[test]
fn nan_is_named_with_its_field() {
    assert_eq!(with("\"qty\":100", "\"qty\": NaN"), "qty: NaN is not a number");
    assert_eq!(with("96.250", "-Infinity"), "price: -Infinity is not a number");
    assert_eq!(with("\"qty\":100", "\n\"qty\":\n Infinity"), "qty: Infinity is not a number");
}

#[test]
fn control_characters_never_pass() {
    for (text, shown) in [
        ("A\\u0001B", "clOrdID: '\\u{1}' (character 2) is not printable ASCII"),
        ("A\\nB", "clOrdID: '\\n' (character 2) is not printable ASCII"),
        ("A\u{7f}", "clOrdID: '\\u{7f}' (character 2) is not printable ASCII"),
        ("Ä", "clOrdID: 'Ä' (character 1) is not printable ASCII"),
    ] {
        assert_eq!(with("\"A1\"", &format!("\"{text}\"")), shown);
    }
    assert!(with("\"A1\"", "\"A\u{1}\"").starts_with("the order is not valid JSON"));
}

#[test]
fn lengths_are_bounded() {
    let id = "x".repeat(MAX_ID_CHARS);
    assert!(parse(LIMIT.replace("A1", &id).as_bytes()).is_ok());
    assert_eq!(with("A1", &format!("{id}x")), "clOrdID: is 65 characters long; at most 64 are taken");
    let garbage = vec![b'{'; 1_000_000];
    assert_eq!(
        parse(&garbage).unwrap_err().to_string(),
        "the order is 1000000 bytes long; at most 65536 are taken"
    );
    assert!(parse(&garbage[..60_000]).unwrap_err().to_string().starts_with("the order is not valid JSON"));
}

#[test]
fn what_is_no_order_object_is_told() {
    assert!(refused("").starts_with("the order is not valid JSON: EOF"));
    assert!(refused("{}{}").starts_with("the order is not valid JSON: trailing characters"));
    assert_eq!(refused("[1,2]"), "the order must be a JSON object, not a list");
    assert_eq!(refused("17.5"), "the order must be a JSON object, not a number");
    assert_eq!(refused("\"x\""), "the order must be a JSON object, not text");
    assert_eq!(refused("null"), "the order must be a JSON object, not null");
    assert_eq!(refused("{}"), "clOrdID: missing");
    assert_eq!(
        parse(b"{\"a\xff\":1}").unwrap_err().to_string(),
        "the order is not UTF-8 text (byte 4 is the first wrong one)"
    );
}

#[test]
fn a_field_twice_or_unknown_is_not_guessed_at() {
    assert_eq!(with("\"qty\":100", "\"qty\":100,\"qty\":1"), "\"qty\": given twice");
    assert_eq!(
        with("\"qty\":100", "\"qty\":100,\"fields\":{\"noPartyIDs\":[{\"448\":1},{\"448\":1,\"448\":2}]}"),
        "\"448\": given twice"
    );
    assert_eq!(with("\"qty\":100", "\"qty\":100,\"fields\":[]"), "fields: must be an object, not a list");
    assert_eq!(with("\"qty\":100", "\"qty\":100,\"Q_TY\":1"), "\"Q_TY\": given twice");
    for (key, near) in
        [("pricee", "price"), ("time_in_farce", "timeInForce"), ("Size", "side"), ("qt", "qty")]
    {
        assert_eq!(
            with("\"qty\":100", &format!("\"qty\":100,\"{key}\":10")),
            format!("\"{key}\": unknown key; did you mean {near}?")
        );
    }
    let misspelt = parse(LIMIT.replace("clOrdID", "clOrdIDs").as_bytes()).unwrap_err();
    assert_eq!(misspelt.to_string(), "\"clOrdIDs\": unknown key; did you mean clOrdID?");
    assert_eq!(parse(LIMIT.replace("qty", "qyt").as_bytes()).unwrap_err().cl_ord_id.as_deref(), Some("A1"));
}

#[test]
fn an_error_carries_the_id_when_there_is_one() {
    let error = parse(LIMIT.replace(":100", ":0").as_bytes()).unwrap_err();
    assert_eq!(error.cl_ord_id.as_deref(), Some("A1"));
    assert_eq!(parse(b"{}").unwrap_err().cl_ord_id, None);
}

/// The notes of an order that is as good as `LIMIT`.
fn noted(json: &str) -> Vec<String> {
    let rules = OrderRules::any_symbol();
    let received = UtcTimestamp::from_unix(7, 0);
    let read =
        read_order(json.as_bytes(), &rules, received).unwrap_or_else(|error| panic!("{json}: {error}"));
    assert_eq!(
        Ok(read.command),
        read_order(LIMIT.as_bytes(), &rules, received).map(|read| read.command),
        "{json}"
    );
    read.notes.iter().map(ToString::to_string).collect()
}

#[test]
fn producers_are_taken_as_they_are() {
    for json in [
        r#"{"cl_ord_id":"A1","Symbol":"10Y","SIDE":"buy","Qty":"100","ord_type":"limit","PRICE":" 96.250 ","TimeStamp":"1795499580.25"}"#,
        r#"{"CLORDID":"A1","symbol":"10Y","side":"Buy","qty":1e2,"ordtype":"Limit","price":"96.250","timestamp":"2026-11-24T05:53:00.25Z"}"#,
        r#"{"cl-ord-id":"A1","symbol":"10Y","side":"BUY","qty":"+100","OrdType":"LIMIT","price":96.250,"timestamp":"2026-11-24 06:53:00.250000+01:00","type":"new"}"#,
        r#"{"ClOrdID":"A1","symbol":"10Y","side":"BUY","qty":"1E2","ordType":"LIMIT","price":96.250,"timestamp":"20261124-05:53:00.250","origClOrdID":null,"_note":"py"}"#,
    ] {
        assert_eq!(noted(json), [""; 0], "{json}");
    }
    let stop = |word: &str| {
        LIMIT.replace("\"LIMIT\"", &format!("\"{word}\",\"stop_px\":\"97\",\"timeinforce\":\"gtc\""))
    };
    for word in ["stop_limit", "StopLimit", "STOP-LIMIT", "Stop Limit"] {
        let Ok(OrderCommand::New(order)) = parse(stop(word).as_bytes()) else { panic!("{word}") };
        assert_eq!((order.ord_type.name(), order.time_in_force), ("STOP_LIMIT", Some(TimeInForce::Gtc)));
    }
}

#[test]
fn ids_may_be_integers() {
    let id = |json: &str| parse(json.as_bytes()).map(|command| command.cl_ord_id().to_owned());
    assert_eq!(id(&LIMIT.replace("\"A1\"", "17")), Ok("17".into()));
    assert_eq!(id(&LIMIT.replace("\"A1\"", "1699999999999999999999")), Ok("1699999999999999999999".into()));
    let Ok(OrderCommand::Cancel(cancel)) = parse(CANCEL.replace("\"A1\"", "17").as_bytes()) else { panic!() };
    assert_eq!(cancel.orig_cl_ord_id, "17");
}

#[test]
fn what_is_passed_over_is_noted() {
    let more = |fields: &str| LIMIT.replace("\"qty\"", &format!("{fields},\"qty\""));
    let known = "clOrdID, symbol, side, qty, ordType, price, stopPx, timeInForce, expireTime, account, fields, timestamp, session";
    assert_eq!(
        noted(&more(r#""strategy":"x""#)),
        [format!("\"strategy\": unknown key, passed over; known are {known}")]
    );
    let time = LIMIT.replace("1795499580.25", "\"2026-11-24T05:53:00.250\"");
    assert_eq!(noted(&time), ["timestamp: has no time zone, taken as UTC"]);

    let notes = |json: &str| {
        let read =
            read_order(json.as_bytes(), &OrderRules::any_symbol(), UtcTimestamp::from_unix(7, 0)).unwrap();
        (read.command, read.notes.iter().map(ToString::to_string).collect::<Vec<_>>())
    };
    let (command, said) = notes(&LIMIT.replace("LIMIT", "MARKET"));
    assert_eq!(command.order().map(|order| order.ord_type), Some(OrdType::Market));
    assert_eq!(said, ["price: passed over; a MARKET order has none"]);
    let (_, said) = notes(&CANCEL.replace("\"side\"", "\"qty\":5,\"side\""));
    assert_eq!(said, ["qty: passed over; a cancel has none"]);
}

#[test]
fn a_cancel_without_a_type_is_known_only_where_it_can_be_nothing_else() {
    let untyped = CANCEL.replace(r#""type":"CANCEL","#, "");
    assert!(matches!(parse(untyped.as_bytes()), Ok(OrderCommand::Cancel(_))));
    for (key, value) in [("qty", "5"), ("price", "96"), ("ordType", "\"LIMIT\""), ("stop_px", "1")] {
        let named = if key == "stop_px" { "stopPx" } else { key };
        assert_eq!(
            refused(&untyped.replace("\"side\"", &format!("\"{key}\":{value},\"side\""))),
            format!(
                "type: missing; with {named} this can be read as a replacement of the order origClOrdID (type REPLACE), \
                 or as its cancel (type CANCEL): say which, or leave origClOrdID out for a new order"
            )
        );
    }
    let empty = untyped.replace("\"side\"", "\"qty\":null,\"side\"");
    assert!(matches!(parse(empty.as_bytes()), Ok(OrderCommand::Cancel(_))));
    let typed = LIMIT.replace("{", r#"{"TYPE":"replace","orig_cl_ord_id":"A0","#);
    assert!(matches!(parse(typed.as_bytes()), Ok(OrderCommand::Replace(_))));
}

proptest::proptest! {
    #[test]
    fn no_input_panics(bytes: Vec<u8>, cut in 0usize..200, byte: u8) {
        let _ = parse(&bytes);
        let mut order = LIMIT.as_bytes().to_vec();
        let at = cut % order.len();
        order[at] = byte;
        let _ = parse(&order);
        let _ = parse(&order[..at]);
    }
}
