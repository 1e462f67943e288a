//! A good frame with any fields, of any type: reading it with and without an index is the same, its groups are
//! bytes of it, validation reports what it says it does, and a struct that could be read survives being written.
#![no_main]

use fix_core::{
    dict::fix44::{DICTIONARY, group},
    msg::{
        index::Slot,
        message::{FieldMap, Message},
        typed,
        validate::{Checks, SessionRejectReason, findings, validate},
    },
    tag::Tag,
    wire::writer::{Encode, MessageWriter},
};
use fuzz::{Input, frame, framed, msg_type, own_message};
use libfuzzer_sys::fuzz_target;

const GROUPS: &[&fix_core::dict::GroupDef] =
    &[&group::PARTIES, &group::MD_FULL_GRP, &group::LIST_ORD_GRP, &group::NESTED_PARTIES];

fn checks(switches: u16) -> Checks {
    let on = |bit: u32| switches >> bit & 1 == 0;
    Checks {
        fields_out_of_order: on(0),
        fields_have_values: on(1),
        user_defined_fields: on(2),
        allow_unknown_msg_fields: !on(3),
        allow_unknown_enum_values: !on(4),
        unordered_group_fields: on(5),
        first_field_in_group_is_delimiter: !on(6),
        required_fields: on(7),
        repeated_fields: on(8),
        formats: on(9),
        group_counts: on(10),
        number_range: on(11),
    }
}

/// The entries of every group, nested ones included, stand one behind the other in the message.
fn walk_groups(level: &FieldMap<'_>, groups: &[&'static fix_core::dict::GroupDef]) {
    for def in groups {
        let group = level.group(def);
        let entries: Vec<u8> = group.iter().flat_map(|entry| entry.as_bytes().to_vec()).collect();
        assert_eq!(entries, group.as_bytes(), "{}", def.name);
        group.iter().for_each(|entry| walk_groups(&entry, def.entry.groups));
    }
}

fn validated(message: &Message<'_>, checks: &Checks) {
    let mut all = Vec::new();
    findings(message, &DICTIONARY, checks, &mut |finding| all.push(finding));
    match validate(message, &DICTIONARY, checks) {
        Ok(()) => assert!(all.is_empty(), "{all:?}"),
        Err(first) => assert!(all.contains(&first), "{first} is not among {all:?}"),
    }
    for finding in all {
        let missing = finding.reason == SessionRejectReason::RequiredTagMissing;
        let there = finding.tag.is_none_or(|tag| message.get(tag).is_some());
        assert!(missing || there, "{finding}");
    }
}

/// A message whose groups are in order is the same after it was read into its struct and written from it. Of
/// others, fields that stood apart may come to stand within a group.
fn through_struct(message: &Message<'_>) {
    let lenient = Checks { required_fields: false, allow_unknown_enum_values: true, ..Checks::ALL };
    let in_order = validate(message, &DICTIONARY, &lenient).is_ok();
    macro_rules! through {
        ($($name:ident)*) => {$(
            if let Ok(read) = typed::$name::try_from(message) {
                let again = encode(&read, message.frame().bytes().len());
                let reread = own_message(&again);
                let same = typed::$name::try_from(&reread) == Ok(read);
                assert!(same || !in_order, "{}", again.escape_ascii());
            }
        )*};
    }
    through!(
        Logon Heartbeat TestRequest ResendRequest Reject SequenceReset Logout NewOrderSingle OrderCancelRequest
        OrderCancelReplaceRequest OrderStatusRequest ExecutionReport OrderCancelReject OrderMassCancelRequest
        OrderMassCancelReport OrderMassStatusRequest MarketDataRequest MarketDataSnapshotFullRefresh
        MarketDataIncrementalRefresh MarketDataRequestReject QuoteRequest Quote QuoteRequestReject QuoteResponse
        QuoteCancel MassQuoteAcknowledgement SecurityDefinitionRequest SecurityDefinition SecurityListRequest
        SecurityList TradingSessionStatusRequest TradingSessionStatus SecurityStatus SecurityStatusRequest
        BusinessMessageReject News TradeCaptureReport
    );
}

/// Canonical values can be longer than those received, and every entry needs its count.
fn encode(message: &dyn Encode, received: usize) -> Vec<u8> {
    let mut buffer = vec![0; 4 * received + 1024];
    let mut writer = MessageWriter::new(&mut buffer, b"FIX.4.4", message.msg_type());
    message.encode_body(writer.writer());
    let len = writer.finish().expect("what was read can be written");
    buffer.truncate(len);
    buffer
}

fuzz_target!(|input: &[u8]| {
    let mut input = Input::new(input);
    let checks = checks(u16::from_le_bytes([input.byte(), input.byte()]));
    let slots = usize::from(input.byte());
    let msg_type = msg_type(input.byte());
    let bytes = framed(msg_type, input.rest());

    let mut slots = vec![Slot::EMPTY; slots];
    let indexed = Message::parse_indexed(frame(&bytes), &mut slots);
    let Ok(message) = Message::parse(frame(&bytes)) else {
        return assert!(indexed.is_err());
    };
    let indexed = indexed.unwrap_or_else(|reason| panic!("{reason}"));
    assert!(message.fields().eq(indexed.fields()));
    for tag in message.fields().map(|field| field.tag).chain([Tag(0), Tag(7000)]) {
        assert_eq!(message.get(tag), indexed.get(tag), "{tag}");
    }
    assert_eq!(validate(&message, &DICTIONARY, &checks), validate(&indexed, &DICTIONARY, &checks));
    let def = DICTIONARY.message(msg_type.as_bytes()).expect("a type of the dictionary");
    for message in [&message, &indexed] {
        walk_groups(message, GROUPS);
        walk_groups(&message.level(def), def.body.groups);
        validated(message, &checks);
        through_struct(message);
    }
});
