//! Data fields beside those of FIX 4.4: their values are whole wherever a message is read.

use fix_core::{
    dict::{DataPair, Dictionary, fix44},
    msg::{index::Slot, message::Message, msg_type::MsgType, typed::NewOrderSingle},
    tag::{self, Tag},
    wire::{
        frame::{Frame, Scan, scan},
        writer::{Encode, MessageWriter},
    },
};

const PAIRS: &[DataPair] =
    &[DataPair { length: Tag(5001), data: Tag(5002) }, DataPair { length: Tag(7001), data: Tag(6001) }];

/// An order with data in the body, with data in an entry of a group, and with a pair of FIX 4.4.
const ORDER: &str = "34=2|49=A|52=20260101-00:00:00|56=B|11=id|5001=7|5002=a|448=b|453=2|448=P|7001=6|6001=448=|x|\
                     452=1|448=Q|54=1|60=20260101-00:00:00|40=1|354=3|355=x|y|58=t|";

fn with_order<R>(check: impl FnOnce(Frame<'_>) -> R) -> R {
    let mut buffer = [0; 512];
    let mut writer = MessageWriter::new(&mut buffer, b"FIX.4.4", MsgType::NEW_ORDER_SINGLE);
    writer.writer().encoded(ORDER.replace('|', "\x01").as_bytes());
    let len = writer.finish().unwrap();
    match scan(&buffer[..len], 512) {
        Scan::Frame(frame, _) => check(frame),
        _ => panic!("not a frame"),
    }
}

fn check(message: &Message<'_>) {
    assert_eq!(message.get(Tag(5002)), Some(&b"a\x01448=b"[..]));
    assert_eq!(message.get(tag::ENCODED_TEXT), Some(&b"x\x01y"[..]));
    assert_eq!(message.get(tag::TEXT), Some(&b"t"[..]));
    let parties: Vec<_> = message.group(&fix44::group::PARTIES).iter().collect();
    assert_eq!(parties.len(), 2, "448 inside of data begins no entry");
    assert_eq!(parties[0].get(Tag(6001)), Some(&b"448=\x01x"[..]));
    assert_eq!(parties[0].get(tag::PARTY_ROLE), Some(&b"1"[..]));
    assert_eq!(parties[1].get(tag::PARTY_ID), Some(&b"Q"[..]));
    assert_eq!(message.body_fields().count(), 15);
}

#[test]
fn a_value_with_soh_is_whole_with_an_index_of_any_size() {
    with_order(|frame| {
        assert!(Message::parse(frame).is_err(), "FIX 4.4 has no such field");
        check(&Message::parse_with(frame, PAIRS).unwrap());
        for size in 0..24 {
            let mut slots = [Slot::EMPTY; 24];
            check(&Message::parse_indexed_with(frame, &mut slots[..size], PAIRS).unwrap());
        }
    });
}

#[test]
fn a_typed_message_keeps_it_and_writes_it_again() {
    with_order(|frame| {
        let message = Message::parse_with(frame, PAIRS).unwrap();
        let order = NewOrderSingle::try_from(&message).unwrap();
        assert_eq!(order.extra.get(Tag(5002)), Some(&b"a\x01448=b"[..]));
        let mut buffer = [0; 512];
        let mut writer = MessageWriter::new(&mut buffer, b"FIX.4.4", order.msg_type());
        order.encode_body(writer.writer());
        let len = writer.finish().unwrap();
        let Scan::Frame(frame, _) = scan(&buffer[..len], 512) else { panic!("not a frame") };
        let again = Message::parse_with(frame, PAIRS).unwrap();
        assert_eq!(NewOrderSingle::try_from(&again).unwrap(), order);
        check(&again);
    });
}

#[test]
fn a_dictionary_tells_which_pairs_fix_4_4_does_not_have() {
    assert!(fix44::DICTIONARY.extra_data_pairs.is_empty());
    const ALL: &[DataPair] = &[PAIRS[0], fix44::DATA_PAIRS[0], PAIRS[1], fix44::DATA_PAIRS[15]];
    static EXTRA: [DataPair; DataPair::count_extra(ALL)] = DataPair::extra(ALL);
    static OWN: Dictionary = Dictionary { data_pairs: ALL, extra_data_pairs: &EXTRA, ..fix44::DICTIONARY };
    assert_eq!(OWN.extra_data_pairs, PAIRS);
}
