//! FIX to a flat dict: what the JSON side of the mailbox sees of any message.

use std::{fmt::Write, iter::Peekable};

use fix_core::{
    decimal::Decimal,
    dict::{Block, Dictionary, FieldType, is_secret},
    msg::{message::Message, msg_type::MsgType},
    tag::{self, Tag},
    wire::field::Field,
};
use serde_json::{Map, Value};

use super::number;

/// The keys of an execution report, in their order, and where they come from.
const EXECUTION_REPORT: [(&str, Tag); 15] = [
    ("clOrdID", tag::CL_ORD_ID),
    ("origClOrdID", tag::ORIG_CL_ORD_ID),
    ("orderID", tag::ORDER_ID),
    ("execID", tag::EXEC_ID),
    ("execType", tag::EXEC_TYPE),
    ("ordStatus", tag::ORD_STATUS),
    ("symbol", tag::SYMBOL),
    ("side", tag::SIDE),
    ("qty", tag::ORDER_QTY),
    ("price", tag::PRICE),
    ("lastPx", tag::LAST_PX),
    ("lastQty", tag::LAST_QTY),
    ("cumQty", tag::CUM_QTY),
    ("leavesQty", tag::LEAVES_QTY),
    ("text", tag::TEXT),
];

/// What else of an execution report is shown to people, over HTTP: the Redis contract has no keys for it.
const FURTHER: [(&str, Tag); 2] = [("avgPx", tag::AVG_PX), ("execRefID", tag::EXEC_REF_ID)];

/// What gives the fields of a message their names and meanings.
#[derive(Clone, Copy)]
struct Meaning<'a> {
    dictionary: &'a Dictionary,
    msg_type: MsgType,
}

/// The message as JSON fields. An ExecutionReport has the keys of the Redis contract and no others; any
/// other message has `msgType`, its body fields under their FIX names with a small first letter
/// (`origClOrdID`), repeating groups as lists of objects, and its name as `_type`. Fields that are not in
/// the message are not in the dict. Numbers keep exactly their digits.
pub fn fix_to_dict(message: &Message<'_>, dictionary: &Dictionary) -> Map<String, Value> {
    let msg_type = message.msg_type();
    let meaning = Meaning { dictionary, msg_type };
    let mut dict = Map::new();
    dict.insert("msgType".into(), Value::String(msg_type.to_string()));
    if msg_type == MsgType::EXECUTION_REPORT {
        for (key, tag) in EXECUTION_REPORT {
            if let Some(value) = message.get(tag) {
                dict.insert(key.into(), value_of(tag, value, meaning));
            }
        }
        dict.insert("_type".into(), "ExecutionReport".into());
        return dict;
    }
    let definition = dictionary.message(msg_type.as_bytes());
    let body = definition.map_or(&Block::EMPTY, |definition| &definition.body);
    let mut fields = message.body_fields().peekable();
    while let Some(field) = fields.next() {
        take_field(&mut dict, field, &mut fields, body, meaning);
    }
    let name = definition.map_or_else(|| msg_type.to_string(), |definition| definition.name.to_owned());
    dict.insert("_type".into(), Value::String(name));
    dict
}

/// AvgPx(6), and ExecRefID(19): the execution that is corrected or taken back.
pub(super) fn further(message: &Message<'_>, dictionary: &Dictionary) -> Map<String, Value> {
    let meaning = Meaning { dictionary, msg_type: message.msg_type() };
    let said = FURTHER
        .into_iter()
        .filter_map(|(key, tag)| Some((key.to_owned(), value_of(tag, message.get(tag)?, meaning))));
    said.collect()
}

/// The text of [`fix_to_dict`] of an ExecutionReport, with `last` as one more key, in one pass and without the dict: each
/// report is written once for Redis.
pub(super) fn execution_report_json(
    message: &Message<'_>,
    dictionary: &Dictionary,
    last: Option<(&str, &str)>,
) -> String {
    let meaning = Meaning { dictionary, msg_type: MsgType::EXECUTION_REPORT };
    let mut values: [Option<&[u8]>; EXECUTION_REPORT.len()] = [None; EXECUTION_REPORT.len()];
    for field in message.body_fields() {
        let place = EXECUTION_REPORT.iter().position(|(_, tag)| *tag == field.tag);
        if let Some(value) = place.and_then(|place| values.get_mut(place)) {
            value.get_or_insert(field.value);
        }
    }
    let mut json = String::with_capacity(2 * message.frame().bytes().len());
    json.push_str(r#"{"msgType":"8""#);
    for ((key, tag), value) in EXECUTION_REPORT.into_iter().zip(values) {
        let Some(value) = value else { continue };
        json.extend([",\"", key, "\":"]);
        push_value(&mut json, tag, value, meaning);
    }
    json.push_str(r#","_type":"ExecutionReport""#);
    if let Some((key, value)) = last {
        json.extend([",\"", key, "\":"]);
        push_text(&mut json, value);
    }
    json.push('}');
    json
}

/// What [`value_of`] is, as text.
fn push_value(json: &mut String, tag: Tag, value: &[u8], meaning: Meaning<'_>) {
    if tag == tag::SIDE
        && let Some(name) = meaning.dictionary.code_name(tag, value)
    {
        return push_text(json, name);
    }
    let text = String::from_utf8_lossy(value);
    if !meaning.dictionary.field(tag).is_some_and(|definition| is_numeric(definition.kind)) {
        return push_text(json, &text);
    }
    match Decimal::parse(value) {
        Ok(_) if is_written_so(value) => json.push_str(&text),
        // Writing to memory does not fail.
        Ok(decimal) => drop(write!(json, "{decimal}")),
        Err(_) => push_text(json, &text),
    }
}

/// True of digits that a [`Decimal`] shows as they are, as nearly all are: no sign, no zeros before others, a point between
/// digits only.
fn is_written_so(value: &[u8]) -> bool {
    let is_led_by_zero = matches!(value, [b'0', b'0'..=b'9', ..]);
    let ends_in_digits = [value.first(), value.last()].iter().all(|end| end.is_some_and(u8::is_ascii_digit));
    let is_usual = value.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.');
    is_usual && ends_in_digits && !is_led_by_zero
}

fn push_text(json: &mut String, text: &str) {
    if text.bytes().any(|byte| byte < b' ' || matches!(byte, b'"' | b'\\')) {
        return json.push_str(&Value::from(text).to_string());
    }
    json.extend(["\"", text, "\""]);
}

/// Adds one field, or the whole repeating group that it counts.
fn take_field<'a>(
    into: &mut Map<String, Value>,
    field: Field<'a>,
    rest: &mut Peekable<impl Iterator<Item = Field<'a>>>,
    block: &Block,
    meaning: Meaning<'_>,
) {
    let key = key_of(field.tag, meaning.dictionary);
    let Some(group) = block.group(field.tag) else {
        return insert(into, key, value_of(field.tag, field.value, meaning));
    };
    let mut entries = Vec::new();
    while let Some(delimiter) = rest.next_if(|next| next.tag == group.delimiter) {
        let mut entry = Map::new();
        take_field(&mut entry, delimiter, rest, &group.entry, meaning);
        while let Some(field) =
            rest.next_if(|next| next.tag != group.delimiter && group.entry.contains(next.tag))
        {
            take_field(&mut entry, field, rest, &group.entry, meaning);
        }
        entries.push(Value::Object(entry));
    }
    insert(into, key, Value::Array(entries));
}

/// A field that the message repeats outside of any known group becomes a list: nothing is lost.
fn insert(into: &mut Map<String, Value>, key: String, value: Value) {
    match into.get_mut(&key) {
        None => {
            into.insert(key, value);
        }
        Some(Value::Array(values)) => values.push(value),
        Some(first) => *first = Value::Array(vec![first.take(), value]),
    }
}

/// `ClOrdID` as `clOrdID`; a tag without a name is its number.
fn key_of(tag: Tag, dictionary: &Dictionary) -> String {
    match dictionary.field_name(tag) {
        None => tag.0.to_string(),
        Some(name) => {
            let mut chars = name.chars();
            chars.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(chars).collect()
        }
    }
}

fn value_of(tag: Tag, value: &[u8], meaning: Meaning<'_>) -> Value {
    let Meaning { dictionary, msg_type } = meaning;
    if is_secret(tag, msg_type.as_bytes()) {
        return "***".into();
    }
    if tag == tag::SIDE
        && let Some(name) = dictionary.code_name(tag, value)
    {
        return name.into();
    }
    let numeric = dictionary.field(tag).is_some_and(|definition| is_numeric(definition.kind));
    match Decimal::parse(value) {
        Ok(decimal) if numeric => Value::Number(number::json(decimal)),
        _ => Value::String(String::from_utf8_lossy(value).into_owned()),
    }
}

/// True of fields whose values are numbers.
pub fn is_numeric(kind: FieldType) -> bool {
    matches!(
        kind,
        FieldType::Int
            | FieldType::Length
            | FieldType::NumInGroup
            | FieldType::SeqNum
            | FieldType::TagNum
            | FieldType::DayOfMonth
            | FieldType::Float
            | FieldType::Qty
            | FieldType::Price
            | FieldType::PriceOffset
            | FieldType::Amt
            | FieldType::Percentage
    )
}

#[cfg(test)]
mod tests {
    use fix_core::{
        dict::fix44::DICTIONARY,
        wire::{
            frame::{Scan, scan},
            writer::MessageWriter,
        },
    };

    use super::*;

    fn with_message<R>(msg_type: &'static [u8], fields: &[u8], read: impl FnOnce(&Message<'_>) -> R) -> R {
        let mut buffer = [0; 1024];
        let mut writer = MessageWriter::new(&mut buffer, b"FIX.4.4", MsgType::from_static(msg_type));
        let fields: Vec<u8> = fields.iter().map(|byte| if *byte == b'|' { b'\x01' } else { *byte }).collect();
        writer.writer().encoded(&fields);
        let len = writer.finish().unwrap();
        let Scan::Frame(frame, _) = scan(&buffer[..len], 1024) else { panic!("not a frame") };
        read(&Message::parse(frame).unwrap())
    }

    fn dict(msg_type: &'static [u8], fields: &str) -> String {
        with_message(msg_type, fields.as_bytes(), |message| {
            serde_json::to_string(&fix_to_dict(message, &DICTIONARY)).unwrap()
        })
    }

    #[test]
    fn the_text_of_an_execution_report_is_that_of_its_dict() {
        for fields in [
            &b"34=2|37=O1|11=A1|41=A0|17=E1|150=F|39=2|55=10Y|54=1|38=100|44=96.250|31=.5|32=-0.10|151=0|14=1|6=9|58=x|"[..],
            b"37=O1|38=many|54=5|",
            b"38=0|44=0.0|31=00.5|32=-0|14=10.|151=.5|",
            b"38=0.10|44=-1.50|31=000|32=1.2.3|14=99999999999999999999|151=0.000000000000000001|",
            b"54=Z|55=\"\\|58=a\tb\x1f\x7f/|11=|",
            b"11=first|11=second|58=\xff\xfeno text\xc3\xa9|38=\xff|54=\xff|44=1e5|",
            b"58=\xc3\xa9\xe2\x82\xac|44=007|31=+1|32=1.|14=9223372036854775807|151=99999999999999999999|",
            b"",
        ] {
            with_message(b"8", fields, |message| {
                let mut dict = fix_to_dict(message, &DICTIONARY);
                let text = |last| execution_report_json(message, &DICTIONARY, last);
                assert_eq!(text(None), serde_json::to_string(&dict).unwrap());
                dict.insert("reportId".into(), "S/1/\"2".into());
                assert_eq!(text(Some(("reportId", "S/1/\"2"))), serde_json::to_string(&dict).unwrap());
            });
        }
    }

    #[test]
    fn what_people_are_shown_beside_the_contract() {
        with_message(b"8", b"37=O1|6=96.250|150=G|19=E7|", |message| {
            let said = serde_json::to_string(&further(message, &DICTIONARY)).unwrap();
            assert_eq!(said, r#"{"avgPx":96.250,"execRefID":"E7"}"#);
        });
    }

    #[test]
    fn an_execution_report_has_the_keys_of_the_contract() {
        assert_eq!(
            dict(
                b"8",
                "34=2|49=EXCHANGE|56=TRADEDESK|37=O1|11=A1|41=A0|17=E1|150=F|39=2|55=10Y|54=1|38=100|44=96.250|31=.5|32=100|151=0|14=100|6=96.25|58=done|"
            ),
            r#"{"msgType":"8","clOrdID":"A1","origClOrdID":"A0","orderID":"O1","execID":"E1","execType":"F","ordStatus":"2","symbol":"10Y","side":"BUY","qty":100,"price":96.250,"lastPx":0.5,"lastQty":100,"cumQty":100,"leavesQty":0,"text":"done","_type":"ExecutionReport"}"#
        );
    }

    #[test]
    fn a_field_that_is_not_there_is_left_out_and_a_bad_number_stays_text() {
        assert_eq!(
            dict(b"8", "37=O1|38=many|54=5|"),
            r#"{"msgType":"8","orderID":"O1","side":"SELL_SHORT","qty":"many","_type":"ExecutionReport"}"#
        );
    }

    #[test]
    fn another_message_has_its_fix_names() {
        assert_eq!(
            dict(b"9", "34=3|37=NONE|11=C1|41=A1|39=8|434=1|102=1|58=unknown|9999=x|9999=y|"),
            r#"{"msgType":"9","orderID":"NONE","clOrdID":"C1","origClOrdID":"A1","ordStatus":"8","cxlRejResponseTo":"1","cxlRejReason":1,"text":"unknown","9999":["x","y"],"_type":"OrderCancelReject"}"#
        );
    }

    #[test]
    fn groups_are_lists_of_objects_and_nest() {
        assert_eq!(
            dict(b"W", "55=10Y|268=2|269=0|270=96.24|271=10|269=1|270=96.26|58=tail|"),
            r#"{"msgType":"W","symbol":"10Y","noMDEntries":[{"mDEntryType":"0","mDEntryPx":96.24,"mDEntrySize":10},{"mDEntryType":"1","mDEntryPx":96.26,"text":"tail"}],"_type":"MarketDataSnapshotFullRefresh"}"#
        );
        assert_eq!(
            dict(b"D", "11=A|453=1|448=P|452=3|802=2|523=a|803=1|523=b|803=2|55=10Y|"),
            r#"{"msgType":"D","clOrdID":"A","noPartyIDs":[{"partyID":"P","partyRole":3,"noPartySubIDs":[{"partySubID":"a","partySubIDType":1},{"partySubID":"b","partySubIDType":2}]}],"symbol":"10Y","_type":"NewOrderSingle"}"#
        );
    }

    #[test]
    fn secrets_are_not_shown() {
        assert_eq!(
            dict(b"A", "98=0|108=30|95=3|96=abc|553=me|554=hunter2|"),
            r#"{"msgType":"A","encryptMethod":0,"heartBtInt":30,"rawDataLength":3,"rawData":"***","username":"me","password":"***","_type":"Logon"}"#
        );
    }
}
