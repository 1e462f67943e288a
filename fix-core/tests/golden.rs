//! The messages of `golden/`: to the byte what a counterparty sends, and what this codec writes.

use fix_core::{
    dict::fix44::DICTIONARY,
    msg::{
        message::Message,
        msg_type::MsgType,
        typed,
        validate::{Checks, validate},
    },
    wire::{
        frame::{Scan, scan},
        writer::{Encode, MessageWriter},
    },
};

const FILES: [(&str, &[u8]); 4] = [
    ("session.fix", include_bytes!("golden/session.fix")),
    ("orders.fix", include_bytes!("golden/orders.fix")),
    ("market_data.fix", include_bytes!("golden/market_data.fix")),
    ("other.fix", include_bytes!("golden/other.fix")),
];

/// Name and bytes of each message.
fn messages(file: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut lines = file.split(|byte| *byte == b'\n').filter(|line| !line.is_empty() && line[0] != b'#');
    let mut messages = Vec::new();
    while let (Some(name), Some(message)) = (lines.next(), lines.next()) {
        let message = message.iter().map(|byte| if *byte == b'|' { 1 } else { *byte }).collect();
        messages.push((String::from_utf8_lossy(name).into_owned(), message));
    }
    messages
}

/// The message written from its struct, its header as it was.
fn rewritten(message: &Message<'_>) -> Vec<u8> {
    macro_rules! rewrite {
        ($($name:ident)*) => {
            match DICTIONARY.message(message.header().msg_type_text).unwrap().name {
                $(stringify!($name) => write(message, &typed::$name::try_from(message).unwrap()),)*
                other => panic!("no struct for {other}"),
            }
        };
    }
    rewrite!(
        Logon Heartbeat TestRequest ResendRequest Reject SequenceReset Logout NewOrderSingle ExecutionReport
        OrderCancelRequest OrderCancelReject MarketDataRequest MarketDataSnapshotFullRefresh
        MarketDataIncrementalRefresh MarketDataRequestReject QuoteRequest SecurityDefinition SecurityStatus
        TradeCaptureReport BusinessMessageReject News
    )
}

fn write(message: &Message<'_>, body: &dyn Encode) -> Vec<u8> {
    let mut buffer = vec![0; 4096];
    let mut out = MessageWriter::new(&mut buffer, b"FIX.4.4", body.msg_type());
    for field in message.header_fields().skip(1) {
        out.writer().field(field.tag, field.value);
    }
    body.encode_body(out.writer());
    let len = out.finish().unwrap();
    buffer.truncate(len);
    buffer
}

#[test]
fn golden_messages_are_valid_and_written_back_to_the_byte() {
    // One of them has fields of the counterparty's own.
    let checks = Checks { user_defined_fields: false, ..Checks::ALL };
    let mut seen = 0;
    for (file, bytes) in FILES {
        for (name, bytes) in messages(bytes) {
            let Scan::Frame(frame, taken) = scan(&bytes, 4096) else { panic!("{file}: {name}: no frame") };
            assert_eq!(taken, bytes.len(), "{file}: {name}");
            let message = Message::parse(frame).unwrap();
            assert_eq!(validate(&message, &DICTIONARY, &checks), Ok(()), "{file}: {name}");
            let again = rewritten(&message);
            assert_eq!(again.escape_ascii().to_string(), bytes.escape_ascii().to_string(), "{file}: {name}");
            seen += 1;
        }
    }
    assert_eq!(seen, 26);
}

#[test]
fn one_wrong_byte_anywhere_is_noticed() {
    let (_, bytes) = messages(FILES[1].1).remove(0);
    for at in 0..bytes.len() {
        let mut wrong = bytes.clone();
        wrong[at] ^= 1;
        let accepted = match scan(&wrong, 4096) {
            Scan::Frame(frame, _) => Message::parse(frame).is_ok(),
            _ => false,
        };
        assert!(!accepted, "byte {at}: {}", wrong.escape_ascii());
    }
    assert_eq!(Message::parse(frame(&bytes)).unwrap().msg_type(), MsgType::NEW_ORDER_SINGLE);
}

fn frame(bytes: &[u8]) -> fix_core::wire::frame::Frame<'_> {
    match scan(bytes, 4096) {
        Scan::Frame(frame, _) => frame,
        _ => panic!("no frame"),
    }
}
