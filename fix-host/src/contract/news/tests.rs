use fix_core::wire::{
    frame::{Scan, scan},
    writer::MessageWriter,
};

use super::*;
use crate::contract::fix_to_dict;

/// Runs `check` with the message of these fields, of which the first is MsgType(35).
pub(crate) fn with_message<T>(fields: &str, check: impl FnOnce(&Message<'_>) -> T) -> T {
    let (msg_type, body) = fields.strip_prefix("35=").unwrap().split_once('|').unwrap();
    let mut buffer = [0; 512];
    let msg_type = MsgType::from_bytes(msg_type.as_bytes()).unwrap();
    let mut writer = MessageWriter::new(&mut buffer, b"FIX.4.4", msg_type);
    writer.writer().encoded(body.replace('|', "\x01").as_bytes());
    let len = writer.finish().unwrap();
    let Scan::Frame(frame, _) = scan(&buffer[..len], 512) else { panic!("not a frame") };
    check(&Message::parse(frame).unwrap())
}

/// Runs `check` with what these fields say.
pub(crate) fn with_news<T>(fields: &str, check: impl FnOnce(&News<'_>) -> T) -> T {
    with_message(fields, |message| check(&News::of_message(message)))
}

#[test]
fn what_the_counterparty_says_ends_an_order_or_not() {
    for (fields, want) in [
        ("35=8|11=A|39=0|150=0|", WorkingChange::Nothing),
        ("35=8|11=A|39=1|150=F|", WorkingChange::Nothing),
        ("35=8|11=A|39=2|150=F|", WorkingChange::Ended),
        ("35=8|11=C|41=A|39=6|150=6|", WorkingChange::Nothing),
        ("35=8|11=C|41=A|39=4|150=4|", WorkingChange::Ended),
        ("35=8|11=B|41=A|39=0|150=5|", WorkingChange::Replaced),
        // Reduced to what was executed: replaced, and filled by it.
        ("35=8|11=B|41=A|39=2|150=5|", WorkingChange::Ended),
        ("35=8|11=A|39=8|150=8|103=6|", WorkingChange::Nothing),
        ("35=8|11=A|39=8|150=8|", WorkingChange::Ended),
        ("35=8|11=R|41=A|39=8|150=8|", WorkingChange::RequestRefused),
        ("35=9|11=C|41=A|39=0|102=0|", WorkingChange::RequestRefused),
        ("35=9|11=C|41=A|39=2|102=0|", WorkingChange::Ended),
        ("35=9|11=C|41=A|39=8|102=1|", WorkingChange::Ended),
        ("35=D|11=A|", WorkingChange::Nothing),
    ] {
        assert_eq!(with_news(fields, |news| news.change()), want, "{fields}");
    }
}

#[test]
fn a_bust_a_correction_or_a_restatement_opens_an_order_again_if_it_leaves_something() {
    for (fields, want) in [
        ("35=8|11=A|39=0|150=H|", true),
        ("35=8|11=A|39=1|150=G|151=4|", true),
        ("35=8|11=A|39=0|150=D|151=4|", true),
        ("35=8|11=A|39=1|150=H|151=0|", false),
        ("35=8|11=A|39=2|150=G|151=0|", false),
        ("35=8|11=A|39=4|150=H|151=0|", false),
        ("35=8|11=A|39=8|150=H|", false),
        ("35=8|11=A|39=1|150=F|151=4|", false),
        ("35=9|11=A|39=1|150=H|", false),
    ] {
        assert_eq!(with_news(fields, |news| news.opens_again()), want, "{fields}");
    }
}

#[test]
fn only_a_fill_has_a_price() {
    let price = |fields: &str| {
        with_news(fields, |news| news.fill().map(|(symbol, price)| format!("{symbol} {price}")))
    };
    assert_eq!(price("35=8|55=AAPL|150=F|31=187.20|32=5|").as_deref(), Some("AAPL 187.20"));
    assert_eq!(price("35=8|55=AAPL|150=0|31=0|32=0|"), None);
    assert_eq!(price("35=8|55=AAPL|150=F|31=187.20|32=0|"), None);
}

#[test]
fn a_message_and_its_report_say_the_same() {
    for fields in [
        "35=8|37=O1|11=R|41=A|17=E|150=5|39=0|55=2Y|54=1|38=10|44=99.50|31=99|32=4|151=6|14=4|58=ok|",
        "35=8|37=O1|11=A|17=E|150=8|39=8|55=2Y|54=5|151=0|14=0|",
        "35=8|37=O1|11=A\u{e9}|17=E|150=F|39=2|55=2Y|54=2|151=0|14=0|",
        "35=9|37=O1|11=C|41=A|39=8|434=2|102=1|58=who|",
        "35=j|11=C|372=D|380=0|",
    ] {
        with_message(fields, |message| {
            let dict = fix_to_dict(message, &DICTIONARY);
            assert_eq!(News::of_message(message), News::of_fields(&dict), "{fields}");
        });
    }
}
