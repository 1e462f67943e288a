//! FIX's names: of messages, fields and codes, both ways.

use fix_core::{
    decimal::Decimal,
    dict::{Dictionary, FieldType, fix44, is_secret},
    msg::msg_type::MsgType,
    tag::Tag,
    wire::value::{DayOfMonth, FromField},
};

use crate::{config::nearest, contract::is_numeric};

/// What scripts speak.
pub(super) static DICTIONARY: &Dictionary = &fix44::DICTIONARY;

/// Short names of the messages that desks speak of most.
const SHORT: [(&str, MsgType); 4] = [
    ("order", MsgType::NEW_ORDER_SINGLE),
    ("cancel", MsgType::ORDER_CANCEL_REQUEST),
    ("replace", MsgType::ORDER_CANCEL_REPLACE_REQUEST),
    ("report", MsgType::EXECUTION_REPORT),
];

/// A message by its name, its MsgType(35), or a short name.
pub(super) fn message(name: &str) -> Result<MsgType, String> {
    if let Some((_, msg_type)) = SHORT.iter().find(|(short, _)| *short == name) {
        return Ok(*msg_type);
    }
    let known =
        DICTIONARY.messages.iter().find(|one| one.msg_type == name || one.name.eq_ignore_ascii_case(name));
    if let Some(msg_type) = known.and_then(|known| MsgType::from_bytes(known.msg_type.as_bytes())) {
        return Ok(msg_type);
    }
    // A counterparty's own messages are said by their MsgType.
    if name.len() <= 2 && name.starts_with('U') {
        return MsgType::from_bytes(name.as_bytes()).ok_or_else(|| format!("{name} is no MsgType(35)"));
    }
    let names = DICTIONARY.messages.iter().map(|message| message.name);
    Err(match nearest(name, names) {
        Some(near) => format!("no message is called {name}; did you mean {near}?"),
        None => format!(
            "no message is called {name}; write its name, such as NewOrderSingle, or its MsgType, such as D"
        ),
    })
}

/// A field by its name or tag number.
pub(super) fn field(name: &str) -> Result<Tag, String> {
    if name.starts_with(|first: char| first.is_ascii_digit()) {
        let tag = name.parse().ok().filter(|tag| *tag > 0).map(Tag);
        return tag.ok_or_else(|| format!("{name} is no tag number"));
    }
    let names = || DICTIONARY.names.iter();
    if let Some((tag, _)) = names().find(|(_, known)| known.eq_ignore_ascii_case(name)) {
        return Ok(tag);
    }
    Err(match nearest(name, names().map(|(_, known)| known)) {
        Some(near) => format!("no field is called {name}; did you mean {near}?"),
        None => format!("no field is called {name}; write its name or its tag number"),
    })
}

/// The value on the wire of a code that is said by its name or its value; what has no codes is as it is, but a number where the
/// field has one.
pub(super) fn code(tag: Tag, text: &str) -> Result<String, String> {
    let Some((definition, codes)) =
        DICTIONARY.field(tag).and_then(|definition| Some((definition, definition.codes?)))
    else {
        return check_number(tag, text).map(|()| text.to_owned());
    };
    if codes.contains(text.as_bytes()) {
        return Ok(text.to_owned());
    }
    if let Some(code) = codes.codes().iter().find(|code| code.name.eq_ignore_ascii_case(text)) {
        return Ok(code.value.to_owned());
    }
    if definition.open {
        return check_number(tag, text).map(|()| text.to_owned());
    }
    let names = codes.codes().iter().map(|code| code.name);
    let hint = match nearest(text, names) {
        Some(near) => format!("did you mean {near}?"),
        None => "write one of its codes, or the value in quotes if it is meant".to_owned(),
    };
    Err(format!("{tag} has no value {text}; {hint}"))
}

/// Whether a field's values are numbers, of which 1.50 and 1.5 are the same.
pub(super) fn is_number(tag: Tag) -> bool {
    DICTIONARY.field(tag).is_some_and(|field| is_numeric(field.kind))
}

/// What is said of a field of numbers must be one of its type.
pub(super) fn check_number(tag: Tag, text: &str) -> Result<(), String> {
    let Some(kind) = DICTIONARY.field(tag).map(|field| field.kind).filter(|kind| is_numeric(*kind)) else {
        return Ok(());
    };
    let value = text.as_bytes();
    let (is_right, wanted) = match kind {
        FieldType::Int => (i64::from_field(value).is_ok(), "a whole number"),
        FieldType::DayOfMonth => (DayOfMonth::from_field(value).is_ok(), "a day of the month, 1 to 31,"),
        FieldType::Length | FieldType::NumInGroup | FieldType::SeqNum | FieldType::TagNum => {
            (u64::from_field(value).is_ok(), "a whole number without a sign")
        }
        _ => (Decimal::parse(value).is_ok(), "a number"),
    };
    let wrong = || format!("{tag}: {wanted} stands here, not {text}; a value in quotes is taken as it is");
    if is_right { Ok(()) } else { Err(wrong()) }
}

/// `ExecutionReport(8)`.
pub(super) fn shown_message(msg_type: &[u8]) -> String {
    let text = String::from_utf8_lossy(msg_type).replace(char::is_control, "\u{fffd}");
    match DICTIONARY.message(msg_type) {
        Some(message) => format!("{}({text})", message.name),
        None => format!("message {text}"),
    }
}

/// Text for a terminal or a page, whoever wrote it: of its control characters only line ends and tabs are left.
pub(super) fn printable(text: &str) -> String {
    text.replace(|c: char| c.is_control() && !matches!(c, '\n' | '\t'), "\u{fffd}")
}

/// `NEW(0)`, `96.250`, `"two words"`; a secret is not shown, and no control character either.
pub(super) fn shown_value(tag: Tag, value: &[u8], msg_type: &[u8]) -> String {
    if is_secret(tag, msg_type) {
        return "***".to_owned();
    }
    let text = String::from_utf8_lossy(value).replace(char::is_control, "\u{fffd}");
    match DICTIONARY.code_name(tag, value) {
        Some(name) if name != text => format!("{name}({text})"),
        _ if text.is_empty() || text.contains(char::is_whitespace) => format!("\"{text}\""),
        _ => text,
    }
}

/// The name of a field as a script says it: its number if it has none.
pub(super) fn field_name(tag: Tag) -> String {
    DICTIONARY.field_name(tag).map_or_else(|| tag.0.to_string(), str::to_owned)
}

/// The fields that the engine writes into each message, as its configuration says.
pub(super) fn is_the_sessions(tag: Tag) -> bool {
    matches!(tag.0, 8 | 9 | 10 | 34 | 35 | 43 | 49 | 50 | 52 | 56 | 57 | 97 | 122 | 142 | 143 | 369)
}

/// Session messages: those that a party whose session the engine keeps neither writes nor has to read.
pub(super) fn is_admin(msg_type: MsgType) -> bool {
    DICTIONARY.message(msg_type.as_bytes()).is_some_and(|message| message.admin)
}

#[cfg(test)]
mod tests {
    use fix_core::tag;

    use super::*;

    #[test]
    fn messages_fields_and_codes_are_found_by_either_name() {
        assert_eq!(message("D"), message("NewOrderSingle"));
        assert_eq!(message("order"), Ok(MsgType::NEW_ORDER_SINGLE));
        assert_eq!(message("U1").unwrap().as_bytes(), b"U1");
        assert!(message("NewOrderSignle").unwrap_err().contains("did you mean NewOrderSingle?"));
        assert_eq!((field("11"), field("clordid")), (Ok(tag::CL_ORD_ID), Ok(tag::CL_ORD_ID)));
        assert!(field("Simbol").unwrap_err().contains("did you mean Symbol?"));
        assert!(field("0").is_err() && field("99999999999").is_err());
        assert_eq!((code(tag::SIDE, "buy"), code(tag::SIDE, "1")), (Ok("1".into()), Ok("1".into())));
        assert_eq!(code(tag::SIDE, "BUUY").unwrap_err(), "Side(54) has no value BUUY; did you mean BUY?");
        assert_eq!(code(tag::TEXT, "BUUY"), Ok("BUUY".into()));
    }

    #[test]
    fn values_are_shown_with_their_meaning_and_secrets_are_not() {
        assert_eq!(shown_value(tag::SIDE, b"1", b"D"), "BUY(1)");
        assert_eq!(shown_value(tag::TEXT, b"a b\x1b", b"D"), "\"a b\u{fffd}\"");
        assert_eq!(shown_value(tag::PASSWORD, b"hunter2", b"A"), "***");
        assert_eq!(
            (shown_message(b"8"), shown_message(b"U7")),
            ("ExecutionReport(8)".into(), "message U7".into())
        );
        assert_eq!(shown_message(b"U\x1b]0;x\x07"), "message U\u{fffd}]0;x\u{fffd}");
        assert_eq!(printable("a\n\tb\x1b\r\u{9b}"), "a\n\tb\u{fffd}\u{fffd}\u{fffd}");
    }
}
