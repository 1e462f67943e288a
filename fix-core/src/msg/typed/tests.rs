//! What holds for every table, and each kind of member by example.

use std::{format, string::String, vec, vec::Vec};

use super::*;
use crate::{
    dict::{
        Block, DataPair,
        fix44::{DICTIONARY, code},
    },
    msg::{
        field_map::{FieldError, FieldProblem},
        message::Message,
    },
    tag::{self, Tag},
    time::UtcTimestamp,
    wire::{
        frame::{Scan, scan},
        value::ValueError,
        writer::{Encode, EncodeError, MessageWriter},
    },
};

fn encode(message: &dyn Encode) -> Result<Vec<u8>, EncodeError> {
    let mut buffer = vec![0; 4096];
    let mut writer = MessageWriter::new(&mut buffer, b"FIX.4.4", message.msg_type());
    message.encode_body(writer.writer());
    let len = writer.finish()?;
    buffer.truncate(len);
    Ok(buffer)
}

fn message(bytes: &[u8]) -> Message<'_> {
    let Scan::Frame(frame, _) = scan(bytes, 4096) else { panic!("no frame: {}", bytes.escape_ascii()) };
    Message::parse(frame).unwrap()
}

/// A message out of `35=D|11=..|`, framed.
fn framed(fields: &str) -> Vec<u8> {
    let fields = fields.replace('|', "\x01");
    let msg_type = fields.split(['=', '\x01']).nth(1).unwrap();
    let mut buffer = vec![0; 4096];
    let msg_type = crate::msg::msg_type::MsgType::from_bytes(msg_type.as_bytes()).unwrap();
    let mut writer = MessageWriter::new(&mut buffer, b"FIX.4.4", msg_type);
    writer.writer().encoded(fields.split_once('\x01').unwrap().1.as_bytes());
    let len = writer.finish().unwrap();
    buffer.truncate(len);
    buffer
}

fn body(bytes: &[u8]) -> String {
    String::from_utf8_lossy(message(bytes).body()).replace('\x01', "|")
}

/// Holds a table to the level of the dictionary that it is of.
fn check_table(name: &str, table: &[(i32, &str)], level: &Block) {
    for (tag, kind) in table {
        let tag = Tag(*tag);
        assert!(level.contains(tag), "{name}: {tag} is not of it");
        let expected = match () {
            () if level.group(tag).is_some() => "group",
            () if DICTIONARY.field(tag).unwrap().kind.is_data() => "data",
            () if level.required.contains(&tag) => "required",
            () => "optional",
        };
        assert_eq!(*kind, expected, "{name}: {tag}");
    }
    let named = |tag: &Tag| table.iter().any(|(other, _)| *other == tag.0);
    assert!(level.required.iter().all(named), "{name}: a required field is not named");
    // A group that is not named is read flat, so nothing in it may look like a named field.
    for group in level.groups.iter().filter(|group| !named(&group.count)) {
        check_apart(name, &named, &group.entry);
    }
}

fn check_apart(name: &str, named: &dyn Fn(&Tag) -> bool, entry: &Block) {
    for tag in entry.members {
        assert!(!named(tag), "{name}: {tag} is named, and stands in a group that is not");
    }
    entry.groups.iter().for_each(|group| check_apart(name, named, &group.entry));
}

macro_rules! check_messages {
    ($($name:ident)*) => {$(
        let def = DICTIONARY.message($name::default().msg_type().as_bytes()).unwrap();
        assert_eq!(def.name, stringify!($name));
        check_table(def.name, $name::TABLE, &def.body);
        assert!($name::TABLE.is_sorted_by(|a, b| a.0 < b.0), "{}: not in ascending order", def.name);
    )*};
}

macro_rules! check_entries {
    ($($name:ident)*) => {$(
        let def = <$name<'_> as GroupEntry<'_>>::GROUP;
        check_table(stringify!($name), $name::TABLE, &def.entry);
        assert_eq!($name::TABLE.first().map(|row| row.0), Some(def.delimiter.0), stringify!($name));
        let place = |row: &(i32, &str)| def.entry.members.iter().position(|tag| tag.0 == row.0);
        assert!($name::TABLE.is_sorted_by_key(place), "{}: not in the order of the group", stringify!($name));
    )*};
}

#[test]
fn every_table_agrees_with_the_dictionary() {
    check_messages!(Logon Heartbeat TestRequest ResendRequest Reject SequenceReset Logout);
    check_messages!(BusinessMessageReject News ExecutionReport OrderCancelReject MarketDataRequest MarketDataSnapshotFullRefresh MarketDataIncrementalRefresh);
    check_messages!(MarketDataRequestReject OrderMassCancelRequest OrderMassCancelReport OrderMassStatusRequest NewOrderSingle OrderCancelRequest OrderCancelReplaceRequest);
    check_messages!(OrderStatusRequest QuoteRequest QuoteRequestReject Quote QuoteResponse QuoteCancel MassQuoteAcknowledgement);
    check_messages!(SecurityDefinitionRequest SecurityDefinition SecurityListRequest SecurityList SecurityStatusRequest SecurityStatus TradingSessionStatusRequest);
    check_messages!(TradingSessionStatus TradeCaptureReport);
    check_entries!(MsgTypeEntry LineOfText Routing NewsInstrument PartySub Party NestedPartySub);
    check_entries!(NestedParty PreAlloc TradingSession SecurityAltId Stipulation MiscFee Underlying);
    check_entries!(Leg ContraBroker ExecutionLeg MdReqEntry MdInstrument MdEntry MdEntryChange);
    check_entries!(AltMdSource AffectedOrder QuoteQualifier QuoteRequestLeg QuoteRequestSym QuoteRejectSym QuoteLeg);
    check_entries!(QuoteCancelEntry QuoteEntryAck QuoteSetAck ListedLeg ListedSecurity TradeLeg TradeTimestamp);
    check_entries!(TradeSide);
}

#[test]
fn an_order_survives_the_way_there_and_back() {
    let subs = [PartySub {
        party_sub_id: Some("sub".into()),
        party_sub_id_type: Some(code::PartySubIdType::FIRM),
        ..PartySub::default()
    }];
    let parties = [
        Party {
            party_id: Some("A".into()),
            party_role: Some(code::PartyRole::EXECUTING_FIRM),
            subs: Entries::of(&subs),
            ..Party::default()
        },
        Party {
            party_id: Some("B".into()),
            party_id_source: Some(code::PartyIdSource::PROPRIETARY),
            ..Party::default()
        },
    ];
    let order = NewOrderSingle {
        cl_ord_id: "A1".into(),
        symbol: Some("AAPL".into()),
        side: code::Side::BUY,
        order_qty: Some("100.00".parse().unwrap()),
        transact_time: UtcTimestamp::from_unix(1, 0),
        ord_type: code::OrdType::LIMIT,
        price: Some("99.875".parse().unwrap()),
        encoded_text: Some(crate::wire::value::Data(b"a\x01=b")),
        parties: Entries::of(&parties),
        ..NewOrderSingle::default()
    };
    let bytes = encode(&order).unwrap();
    assert_eq!(
        body(&bytes),
        "11=A1|38=100.00|40=2|44=99.875|54=1|55=AAPL|60=19700101-00:00:01.000|354=4|355=a|=b|\
         453=2|448=A|452=1|802=1|523=sub|803=1|448=B|447=D|"
    );
    let read = NewOrderSingle::try_from(&message(&bytes)).unwrap();
    assert_eq!(read, order);
    assert_eq!(encode(&read).unwrap(), bytes);
}

#[test]
fn fields_that_the_struct_does_not_name_survive() {
    let bytes = framed(
        "35=D|34=1|5001=first|11=A|54=1|348=3|349=a\x01b|60=20261124-05:38:00|40=1|\
         711=1|311=U|5002=second|93=1|89=s|",
    );
    let order = NewOrderSingle::try_from(&message(&bytes)).unwrap();
    let tags: Vec<_> = order.extra.iter().map(|field| field.tag.0).collect();
    assert_eq!(tags, [5001, 348, 349, 711, 311, 5002]);
    assert_eq!(order.extra.get(Tag(349)), Some(&b"a\x01b"[..]));
    assert_eq!(
        body(&encode(&order).unwrap()),
        "11=A|40=1|54=1|60=20261124-05:38:00|5001=first|348=3|349=a|b|711=1|311=U|5002=second|"
    );
    let own = NewOrderSingle { extra: Extra::encoded(b"9001=x\x01"), ..order };
    assert!(body(&encode(&own).unwrap()).ends_with("|9001=x|"));
}

#[test]
fn extra_fields_are_fields_of_the_body() {
    const OWN: &[DataPair] = &[DataPair { length: Tag(5004), data: Tag(5005) }];
    let bytes = framed("35=D|34=1|11=A|54=1|60=20261124-05:38:00|40=1|");
    let order = NewOrderSingle::try_from(&message(&bytes)).unwrap();
    for wrong in [
        &b"9001=x"[..],
        b"9001=x\x01junk\x01",
        b"9001=\x01",
        b"34=7\x01",
        b"9001=x\x0149=ME\x01",
        b"10=000\x01",
        b"5004=3\x015005=a\x01b\x01",
    ] {
        let order = NewOrderSingle { extra: Extra::encoded(wrong), ..order };
        assert_eq!(encode(&order), Err(EncodeError::Extra), "{}", wrong.escape_ascii());
    }
    let data = Extra::encoded(b"5004=3\x015005=a\x01b\x01").with_data_fields(OWN);
    let sent = encode(&NewOrderSingle { extra: data, ..order }).unwrap();
    assert!(sent.windows(17).any(|part| part == b"\x015004=3\x015005=a\x01b\x01"));
}

#[test]
fn a_wrong_length_does_not_swallow_what_comes_to_stand_behind_its_data() {
    // MsgSeqNum(34) is no field of the body and is left out; 95=8 would then take `abc|95=3`.
    let bytes = framed("35=D|34=1|11=A|54=1|60=20261124-05:38:00|40=1|95=8|96=abc|34=12|95=3|96=x\x01z|");
    let order = NewOrderSingle::try_from(&message(&bytes)).unwrap();
    let again = encode(&order).unwrap();
    assert!(body(&again).ends_with("|95=3|96=abc|95=3|96=x|z|"), "{}", body(&again));
    assert_eq!(encode(&NewOrderSingle::try_from(&message(&again)).unwrap()).unwrap(), again);
}

#[test]
fn a_field_behind_a_group_is_the_messages_own() {
    let bytes = framed("35=W|262=r|268=2|269=0|270=1.5|5009=c|269=1|270=1.6|58=entry text|55=EUR/USD|");
    let snapshot = MarketDataSnapshotFullRefresh::try_from(&message(&bytes)).unwrap();
    assert_eq!(snapshot.symbol, Some("EUR/USD".into()));
    let entries: Vec<_> = snapshot.md_entries.iter().map(Result::unwrap).collect();
    assert_eq!(entries.len(), 2);
    assert_eq!(entries[1].text, Some("entry text".into()));
    assert_eq!(entries[0].extra.get(Tag(5009)), Some(&b"c"[..]));
    assert_eq!(
        body(&encode(&snapshot).unwrap()),
        "55=EUR/USD|262=r|268=2|269=0|270=1.5|5009=c|269=1|270=1.6|58=entry text|"
    );
}

#[test]
fn a_bad_entry_costs_no_other() {
    let bytes = framed("35=X|268=5|279=0|270=1|279=~~|270=2|279=1|270=x|271=3|279=2|270=4|279=0|270=5|");
    let changes = MarketDataIncrementalRefresh::try_from(&message(&bytes)).unwrap();
    let actions: Vec<_> =
        changes.md_entries.iter().map(|entry| entry.map(|entry| entry.md_update_action)).collect();
    let bad = |tag| Err(FieldError { tag, problem: FieldProblem::Value(ValueError::Format) });
    let [new, delete] = [code::MdUpdateAction::NEW, code::MdUpdateAction::DELETE];
    assert_eq!(actions, [Ok(new), bad(tag::MD_UPDATE_ACTION), bad(tag::MD_ENTRY_PX), Ok(delete), Ok(new)]);
    let bytes = framed(
        "35=AE|552=3|54=1|37=a|54=2|54=1|37=c|571=r|570=N|31=1|32=1|60=20261124-05:38:00|75=20261124|",
    );
    let sides: Vec<_> = TradeCaptureReport::try_from(&message(&bytes))
        .unwrap()
        .sides
        .iter()
        .map(|side| side.is_ok())
        .collect();
    assert_eq!(sides, [true, false, true]);
}

#[test]
fn entries_can_be_made_while_they_are_written() {
    let make = |index: usize| MdEntry {
        md_entry_type: code::MdEntryType::BID,
        md_entry_px: Some((index as i64).into()),
        ..MdEntry::default()
    };
    let snapshot = MarketDataSnapshotFullRefresh {
        md_entries: Entries::from_fn(3, &make),
        ..MarketDataSnapshotFullRefresh::default()
    };
    let bytes = encode(&snapshot).unwrap();
    assert_eq!(body(&bytes), "268=3|269=0|270=0|269=0|270=1|269=0|270=2|");
    assert_eq!(MarketDataSnapshotFullRefresh::try_from(&message(&bytes)).unwrap(), snapshot);
}

#[test]
fn a_count_of_zero_is_not_an_absent_group() {
    let bytes = framed("35=W|268=0|454=0|");
    let snapshot = MarketDataSnapshotFullRefresh::try_from(&message(&bytes)).unwrap();
    assert!(snapshot.md_entries.is_empty());
    assert_eq!(body(&encode(&snapshot).unwrap()), "268=0|454=0|");
}

#[test]
fn errors_name_the_field() {
    let error = |fields: &str| NewOrderSingle::try_from(&message(&framed(fields))).unwrap_err();
    assert_eq!(
        error("35=D|11=A|54=1|40=1|"),
        FieldError { tag: tag::TRANSACT_TIME, problem: FieldProblem::Missing }
    );
    let bad_price = error("35=D|11=A|54=1|40=1|60=20261124-05:38:00|44=abc|");
    assert_eq!(bad_price, FieldError { tag: tag::PRICE, problem: FieldProblem::Value(ValueError::Format) });
    assert_eq!(format!("{bad_price}"), "Price(44): the value has the wrong format");
    assert_eq!(error("35=8|11=A|").problem, FieldProblem::OtherMessage);
}

#[test]
fn what_nobody_has_set_is_not_sent() {
    let market = code::OrdType::MARKET;
    let order = NewOrderSingle { side: code::Side::BUY, ord_type: market, ..NewOrderSingle::default() };
    assert_eq!(encode(&order), Err(EncodeError::BadValue), "ClOrdID");
    let order = NewOrderSingle { cl_ord_id: "A".into(), ord_type: market, ..NewOrderSingle::default() };
    assert_eq!(encode(&order), Err(EncodeError::BadValue), "Side");
    let order = NewOrderSingle { side: code::Side::BUY, ..order };
    assert_eq!(encode(&order), Err(EncodeError::MissingTime), "TransactTime");
    let order = NewOrderSingle { transact_time: UtcTimestamp::from_unix(1, 0), ..order };
    assert!(encode(&order).is_ok());
}

#[test]
fn a_logon_does_not_show_its_secrets() {
    let bytes = framed("35=A|95=4|96=raw!|98=0|108=30|553=user|554=hunter2|925=newpass|");
    let logon = Logon::try_from(&message(&bytes)).unwrap();
    assert_eq!(logon.password.map(|password| password.expose().to_vec()), Some(b"hunter2".to_vec()));
    let shown = format!("{logon:?}");
    for secret in ["raw!", "hunter2", "newpass"] {
        assert!(!shown.contains(secret), "{shown}");
    }
    assert_eq!(body(&encode(&logon).unwrap()), "95=4|96=raw!|98=0|108=30|553=user|554=hunter2|925=newpass|");
}
