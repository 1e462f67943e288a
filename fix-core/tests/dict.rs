//! The generated FIX 4.4 tables: complete, consistent, and saying what the standard says.

use std::collections::BTreeSet;

use fix_core::{
    dict::{
        Block, DataPair, FieldType, MessageDef,
        fix44::{self, DICTIONARY, code, group},
    },
    msg::{header, msg_type::MsgType},
    tag::{self, Tag},
};

fn blocks() -> Vec<&'static Block> {
    fn add(block: &'static Block, to: &mut Vec<&'static Block>) {
        to.push(block);
        block.groups.iter().for_each(|group| add(&group.entry, to));
    }
    let mut blocks = Vec::new();
    add(DICTIONARY.header, &mut blocks);
    add(DICTIONARY.trailer, &mut blocks);
    DICTIONARY.messages.iter().for_each(|message| add(&message.body, &mut blocks));
    blocks
}

fn required(msg_type: &[u8]) -> BTreeSet<Tag> {
    DICTIONARY.message(msg_type).unwrap().body.required.iter().copied().collect()
}

#[test]
fn all_of_fix_44_is_there() {
    fn depth(block: &Block) -> usize {
        block.groups.iter().map(|group| 1 + depth(&group.entry)).max().unwrap_or(0)
    }
    assert_eq!((1..5000).filter(|number| DICTIONARY.field(Tag(*number)).is_some()).count(), 912);
    assert_eq!(DICTIONARY.messages.len(), 93);
    assert_eq!(DICTIONARY.data_pairs.len(), 16);
    assert_eq!(DICTIONARY.messages.iter().map(|message| depth(&message.body)).max(), Some(4));
}

#[test]
fn tags_that_no_field_has_are_unknown() {
    for number in [0, -1, i32::MIN, 20, 957, 5000, i32::MAX] {
        assert!(DICTIONARY.field(Tag(number)).is_none(), "{number}");
        assert!(DICTIONARY.field_name(Tag(number)).is_none(), "{number}");
    }
}

#[test]
fn tags_display_with_their_names() {
    assert_eq!(tag::CL_ORD_ID.to_string(), "ClOrdID(11)");
    assert_eq!(tag::NO_MD_ENTRIES.to_string(), "NoMDEntries(268)");
    assert_eq!(Tag(5000).to_string(), "5000");
    assert_eq!(Tag(-1).to_string(), "-1");
    assert_eq!(DICTIONARY.tag("ClOrdID"), Some(tag::CL_ORD_ID));
    assert_eq!(DICTIONARY.tag(""), None);
}

#[test]
fn sets_hold_exactly_the_members() {
    for block in blocks() {
        for number in 0..1000 {
            assert_eq!(block.contains(Tag(number)), block.members.contains(&Tag(number)));
        }
        assert!(block.required.iter().all(|tag| block.contains(*tag)));
        for group in block.groups {
            assert!(block.contains(group.count));
            let kind = DICTIONARY.field(group.count).map(|field| field.kind);
            assert_eq!(kind, Some(FieldType::NumInGroup), "{}", group.count);
            assert_eq!(group.entry.members.first(), Some(&group.delimiter));
            assert!(block.group(group.count).is_some());
        }
    }
}

#[test]
fn messages_are_found_by_type_and_by_nothing_else() {
    for message in DICTIONARY.messages {
        let found = DICTIONARY.message(message.msg_type.as_bytes()).unwrap();
        assert!(std::ptr::eq::<MessageDef>(found, *message));
    }
    for other in [&b""[..], b"I", b"\0D", b"D\0", b"DD", b"AAAAAAAA", b"AAAAAAAAA"] {
        assert!(DICTIONARY.message(other).is_none(), "{other:?}");
    }
    assert_eq!(MsgType::EXECUTION_REPORT.as_bytes(), fix44::message::EXECUTION_REPORT.msg_type.as_bytes());
}

#[test]
fn required_fields_are_those_of_the_standard() {
    // FIX 4.4 Vol. 4, New Order - Single: Symbol and OrderQty are conditional.
    assert_eq!(
        required(b"D"),
        [tag::CL_ORD_ID, tag::ORD_TYPE, tag::SIDE, tag::TRANSACT_TIME].into_iter().collect()
    );
    assert_eq!(required(b"A"), [tag::ENCRYPT_METHOD, tag::HEART_BT_INT].into_iter().collect());
    assert!(required(b"W").contains(&tag::NO_MD_ENTRIES));
    assert_eq!(group::MD_FULL_GRP.entry.required, [tag::MD_ENTRY_TYPE]);
    let header: BTreeSet<_> = DICTIONARY.header.required.iter().copied().collect();
    assert_eq!(header, [8, 9, 35, 49, 56, 34, 52].map(Tag).into_iter().collect());
    assert_eq!(DICTIONARY.trailer.required, [tag::CHECK_SUM]);
}

#[test]
fn one_count_field_can_count_different_groups() {
    let entries = |msg_type: &[u8]| {
        DICTIONARY.message(msg_type).and_then(|message| message.body.group(tag::NO_MD_ENTRIES)).unwrap()
    };
    assert_eq!(entries(b"W").delimiter, tag::MD_ENTRY_TYPE);
    assert_eq!(entries(b"X").delimiter, tag::MD_UPDATE_ACTION);
}

#[test]
fn values_have_meanings() {
    assert_eq!(DICTIONARY.code_name(tag::SIDE, b"1"), Some("BUY"));
    assert_eq!(DICTIONARY.code_name(tag::SIDE, b"Z"), None);
    assert_eq!(DICTIONARY.code_name(tag::MSG_TYPE, b"AE"), Some("TRADE_CAPTURE_REPORT"));
    assert_eq!(DICTIONARY.code_name(tag::PRICE, b"1"), None);
    assert_eq!((code::Side::BUY.0, code::SessionRejectReason::REQUIRED_TAG_MISSING.0), (b'1', 1));
    // Replaced was withdrawn from OrdStatus in FIX 4.3; ExecType kept it.
    assert!(!DICTIONARY.field(tag::ORD_STATUS).unwrap().codes.unwrap().contains(b"5"));
    assert!(DICTIONARY.field(tag::EXEC_TYPE).unwrap().codes.unwrap().contains(b"5"));
    assert!(DICTIONARY.field(tag::NESTED_PARTY_ROLE).unwrap().open);
}

#[test]
fn the_fixed_knowledge_of_the_codec_agrees() {
    for number in 0..6000 {
        let tag = Tag(number);
        assert_eq!(fix_core::wire::field::data_tag_of(tag), DICTIONARY.data_tag(tag), "{tag}");
        let hops = DICTIONARY.header.groups.iter().any(|group| group.entry.contains(tag));
        assert_eq!(header::is_header_tag(tag), DICTIONARY.header.contains(tag) || hops, "{tag}");
        assert_eq!(header::is_trailer_tag(tag), DICTIONARY.trailer.contains(tag), "{tag}");
    }
    for DataPair { length, data } in DICTIONARY.data_pairs {
        assert_eq!(DICTIONARY.field(*length).map(|field| field.kind), Some(FieldType::Length));
        assert!(DICTIONARY.field(*data).is_some_and(|field| field.kind.is_data()));
    }
}
