use fix_core::{
    dict::fix44::DICTIONARY,
    wire::frame::{Scan, scan},
};

use super::*;
use crate::contract::fix_to_dict;

fn wire(fields: &[OrderField]) -> String {
    let mut buffer = [0; 1024];
    let mut writer = Writer::fields(&mut buffer);
    fields.iter().for_each(|field| field.encode(&mut writer));
    let len = writer.finish_fields().unwrap();
    String::from_utf8(buffer[..len].to_vec()).unwrap().replace('\x01', "|")
}

fn read(json: &str) -> Result<String, String> {
    let Value::Object(json) = serde_json::from_str(json).unwrap() else { panic!("no object") };
    let fields = of_order(&json, MsgType::NEW_ORDER_SINGLE, &DICTIONARY);
    fields.map(|fields| wire(&fields)).map_err(|error| error.to_string())
}

fn refused(json: &str) -> String {
    read(json).unwrap_err()
}

#[test]
fn tags_and_names_in_any_case_are_fields() {
    let json = r#"{"MinQty": 10, "currency": "USD", "528": "A", "max_floor": "5.50", "solicitedFlag": true, "9001": 7, "ExecInst": null}"#;
    assert_eq!(read(json).unwrap(), "110=10|15=USD|528=A|111=5.50|377=Y|9001=7|");
}

#[test]
fn a_code_may_be_given_by_its_name() {
    assert_eq!(read(r#"{"handlInst":"manual order"}"#).unwrap(), "21=3|");
    assert_eq!(read(r#"{"orderCapacity":"principal"}"#).unwrap(), "528=P|");
}

#[test]
fn a_group_is_what_a_report_shows_and_comes_out_in_the_dictionarys_order() {
    let json = r#"{"noPartyIDs":[{"partyRole":3,"partyID":"P","noPartySubIDs":[{"partySubIDType":1,"partySubID":"a"}]},{"partyID":"Q"}],"NoAllocs":[]}"#;
    let text = read(json).unwrap();
    assert_eq!(text, "453=2|448=P|452=3|802=1|523=a|803=1|448=Q|");

    let mut buffer = [0; 256];
    let mut writer =
        fix_core::wire::writer::MessageWriter::new(&mut buffer, b"FIX.4.4", MsgType::NEW_ORDER_SINGLE);
    writer.writer().encoded(text.replace('|', "\x01").as_bytes());
    let len = writer.finish().unwrap();
    let Scan::Frame(frame, _) = scan(&buffer[..len], 256) else { panic!("not a frame") };
    let shown = fix_to_dict(&fix_core::msg::message::Message::parse(frame).unwrap(), &DICTIONARY);
    let Value::Object(again) = Value::from(shown.clone()) else { panic!() };
    let again: Map<String, Value> = again.into_iter().filter(|(key, _)| key.starts_with("no")).collect();
    assert_eq!(wire(&of_order(&again, MsgType::NEW_ORDER_SINGLE, &DICTIONARY).unwrap()), text);
}

#[test]
fn a_data_field_is_counted() {
    assert_eq!(read(r#"{"encodedText":"Grüße"}"#).unwrap(), "354=7|355=Grüße|");
    assert_eq!(
        refused(r#"{"encodedTextLen":7,"encodedText":"Grüße"}"#),
        "fields: EncodedTextLen(354): is counted from EncodedText(355); leave it out"
    );
}

#[test]
fn each_refusal_names_the_field() {
    for (json, error) in [
        (r#"{"34":7}"#, "fields: MsgSeqNum(34): the session itself writes this field"),
        (r#"{"SenderCompID":"X"}"#, "fields: SenderCompID(49): the session itself writes this field"),
        (r#"{"10":"000"}"#, "fields: CheckSum(10): the session itself writes this field"),
        (r#"{"Account":"X"}"#, "fields: Account(1): give it as account, which every order has"),
        (r#"{"38":"1"}"#, "fields: OrderQty(38): give it as qty, which every order has"),
        (
            r#"{"minQtty":1}"#,
            "fields: \"minQtty\": the dictionary has no such field; did you mean MinQty(110)?",
        ),
        (r#"{"4999":1}"#, "fields: \"4999\": the dictionary has no such field"),
        (r#"{"":1}"#, "fields: \"\": the dictionary has no such field"),
        (r#"{"-1":1}"#, "fields: \"-1\": the dictionary has no such field"),
        (r#"{"lastPx":1}"#, "fields: LastPx(31): does not belong to NewOrderSingle(D)"),
        (
            r#"{"noPartyIDs":[{"partyID":"x","minQty":1}]}"#,
            "fields: MinQty(110): does not belong to an entry of this group",
        ),
        (r#"{"minQty":1,"110":2}"#, "fields: MinQty(110): given twice"),
        (r#"{"minQty":"many"}"#, "fields: MinQty(110): \"many\" is no QTY"),
        (r#"{"minQty":[1]}"#, "fields: MinQty(110): must be one value, not a list"),
        (r#"{"noPartyIDs":1}"#, "fields: NoPartyIDs(453): must be a list of objects, not a number"),
        (r#"{"noPartyIDs":[1]}"#, "fields: NoPartyIDs(453): must be a list of objects, not a number"),
        (
            r#"{"noPartyIDs":[{"partyRole":3}]}"#,
            "fields: NoPartyIDs(453): an entry of this group must have PartyID(448)",
        ),
        (r#"{"noPartyIDs":[{"partyID":"x","partyRole":"x"}]}"#, "fields: PartyRole(452): \"x\" is no INT"),
        (r#"{"handlInst":9}"#, "fields: HandlInst(21): must be one of 1, 2, 3, not \"9\""),
        (r#"{"text":"a\u0001b=c"}"#, "fields: Text(58): '\\u{1}' (character 2) is not printable ASCII"),
        (
            r#"{"encodedText":"a\u0001b"}"#,
            "fields: EncodedText(355): '\\u{1}' (character 2) is not printable ASCII",
        ),
        (r#"{"9001":"a\u0001b"}"#, "fields: 9001: '\\u{1}' (character 2) is not printable ASCII"),
        (r#"{"text":""}"#, "fields: Text(58): is empty"),
    ] {
        assert_eq!(refused(json), error, "{json}");
    }
}

#[test]
fn defaults_are_written_as_on_the_wire() {
    let read = |text: &str| of_text(text, &DICTIONARY).map(|fields| wire(&fields)).map_err(|e| e.to_string());
    assert_eq!(read("1=ACC1| Currency=USD|9001=x=y|").unwrap(), "1=ACC1|15=USD|9001=x=y|");
    let parties = "453=2|448=P|447=D|452=3|448=Q|802=1|523=a|15=USD|";
    assert_eq!(read(parties).unwrap(), parties);
    for (text, error) in [
        ("1", "Account(1): is not tag=value"),
        ("x=1", "\"x\": the dictionary has no such field"),
        ("55=AAPL", "Symbol(55): give it as symbol, which every order has"),
        ("8=FIX.4.2", "BeginString(8): the session itself writes this field"),
        ("15=USD|15=EUR", "Currency(15): given twice"),
        ("453=2|448=P", "NoPartyIDs(453): says \"2\" entries, but 1 follow"),
        ("453=1|452=3", "NoPartyIDs(453): says \"1\" entries, but 0 follow"),
        ("448=P", "PartyID(448): does not belong to NewOrderSingle(D)"),
        ("110=x", "MinQty(110): \"x\" is no QTY"),
        ("453=1|448=P|452=3|447=D", "PartyIDSource(447): Repeating group fields out of order"),
    ] {
        assert_eq!(read(text).unwrap_err(), error, "{text}");
    }
}
