//! The administrative messages that a session sends, body fields in ascending order of their tags.

use heapless::String;

use super::error::BusinessReject;
use crate::{
    msg::{message::Message, msg_type::MsgType, reject::Finding},
    tag::Tag,
    wire::{
        value::ToField,
        writer::{Encode, Sink, Writer},
    },
};

pub(crate) const HEARTBEAT: MsgType = MsgType::from_static(b"0");
pub(crate) const TEST_REQUEST: MsgType = MsgType::from_static(b"1");
pub(crate) const RESEND_REQUEST: MsgType = MsgType::from_static(b"2");
pub(crate) const REJECT: MsgType = MsgType::from_static(b"3");
pub(crate) const SEQUENCE_RESET: MsgType = MsgType::from_static(b"4");
pub(crate) const LOGOUT: MsgType = MsgType::from_static(b"5");
pub(crate) const LOGON: MsgType = MsgType::from_static(b"A");
pub(crate) const BUSINESS_MESSAGE_REJECT: MsgType = MsgType::from_static(b"j");

/// A Reject or BusinessMessageReject is never answered by another: two engines could go on for ever. Whatever is wrong
/// with it, what it says about a message of ours reaches the application.
pub(crate) fn is_never_rejected(msg_type: MsgType) -> bool {
    msg_type == REJECT || msg_type == BUSINESS_MESSAGE_REJECT
}

/// TestReqID(112) of our TestRequests.
const TEST_REQ_ID: &str = "TEST";

/// Text(58) of a Logout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum LogoutText {
    None,
    TooLow {
        expected: u64,
        received: u64,
    },
    TooLarge {
        number: u64,
        len: u32,
        limit: u32,
    },
    /// What a Logon breaks.
    Invalid(Finding),
    Static(&'static str),
    Custom(String<64, u8>),
}

impl LogoutText {
    /// What a user gave, cut to 64 bytes; a text that would break the message apart is left out.
    pub(crate) fn custom(text: Option<&str>) -> Self {
        let Some(text) =
            text.filter(|text| !text.is_empty() && !text.contains(|c: char| c.is_ascii_control()))
        else {
            return LogoutText::None;
        };
        let mut kept = String::new();
        for char in text.chars() {
            if kept.push(char).is_err() {
                break;
            }
        }
        LogoutText::Custom(kept)
    }
}

impl ToField for &LogoutText {
    fn to_field(&self, sink: &mut Sink<'_>) {
        match self {
            LogoutText::None => {}
            LogoutText::TooLow { expected, received } => {
                sink.bytes(b"MsgSeqNum too low, expecting ");
                sink.number(*expected);
                sink.bytes(b" but received ");
                sink.number(*received);
            }
            LogoutText::Invalid(finding) => {
                sink.bytes(b"Logon is not valid: ");
                sink.text(finding.reason.text().as_bytes());
                if let Some(tag) = finding.tag.and_then(|tag| u64::try_from(tag.0).ok()) {
                    sink.bytes(b", tag ");
                    sink.number(tag);
                }
            }
            LogoutText::TooLarge { number, len, limit } => {
                sink.bytes(b"message ");
                sink.number(*number);
                sink.bytes(b" of ");
                sink.number(u64::from(*len));
                sink.bytes(b" bytes is larger than MaxMessageSize ");
                sink.number(u64::from(*limit));
            }
            LogoutText::Static(text) => sink.text(text.as_bytes()),
            LogoutText::Custom(text) => sink.text(text.as_bytes()),
        }
    }
}

/// A text, and the field that it is about.
struct TextAbout<'a>(&'a [u8], Option<Tag>);

impl ToField for TextAbout<'_> {
    fn to_field(&self, sink: &mut Sink<'_>) {
        let TextAbout(text, field) = self;
        sink.text(text);
        if let Some(tag) = field.and_then(|tag| u64::try_from(tag.0).ok()) {
            sink.bytes(b", tag ");
            sink.number(tag);
        }
    }
}

/// One administrative message, or the answer to an application message that cannot be processed.
pub(crate) enum Admin<'a> {
    Logon { heart_bt_int: u32, reset: bool, max_message_size: Option<u32>, next_expected: Option<u64> },
    Heartbeat { test_req_id: Option<&'a [u8]> },
    TestRequest,
    ResendRequest { begin: u64, end: u64 },
    Reject { original: &'a Message<'a>, number: u64, finding: Finding, text: &'a str },
    BusinessReject { original: &'a Message<'a>, number: u64, reject: &'a BusinessReject },
    Logout { text: &'a LogoutText },
}

impl Encode for Admin<'_> {
    fn msg_type(&self) -> MsgType {
        match self {
            Admin::Logon { .. } => LOGON,
            Admin::Heartbeat { .. } => HEARTBEAT,
            Admin::TestRequest => TEST_REQUEST,
            Admin::ResendRequest { .. } => RESEND_REQUEST,
            Admin::Reject { .. } => REJECT,
            Admin::BusinessReject { .. } => BUSINESS_MESSAGE_REJECT,
            Admin::Logout { .. } => LOGOUT,
        }
    }

    fn encode_body(&self, out: &mut Writer<'_>) {
        match self {
            Admin::Logon { heart_bt_int, reset, max_message_size, next_expected } => {
                out.field(Tag(98), 0u32).field(Tag(108), *heart_bt_int);
                out.optional(Tag(141), reset.then_some(true));
                out.optional(Tag(383), *max_message_size).optional(Tag(789), *next_expected);
            }
            Admin::Heartbeat { test_req_id } => {
                out.optional(Tag(112), *test_req_id);
            }
            Admin::TestRequest => {
                out.field(Tag(112), TEST_REQ_ID);
            }
            Admin::ResendRequest { begin, end } => {
                out.field(Tag(7), *begin).field(Tag(16), *end);
            }
            Admin::Reject { original, number, finding, text } => {
                out.field(Tag(45), *number).field(Tag(58), *text);
                if let Some(tag) = finding.tag {
                    out.field(Tag(371), i64::from(tag.0));
                }
                out.optional(Tag(372), not_empty(original.header().msg_type_text));
                out.field(Tag(373), finding.reason.code());
            }
            Admin::BusinessReject { original, number, reject } => {
                let text = not_empty(reject.text.as_bytes());
                out.field(Tag(45), *number).optional(Tag(58), text.map(|text| TextAbout(text, reject.field)));
                out.optional(Tag(372), not_empty(original.header().msg_type_text));
                let id = reject.ref_tag.and_then(|tag| original.get(tag)).and_then(not_empty);
                out.optional(Tag(379), id).field(Tag(380), reject.reason as u32);
            }
            Admin::Logout { text: LogoutText::None } => {}
            Admin::Logout { text } => {
                out.field(Tag(58), *text);
            }
        }
    }

    /// A reject goes back the way the message came: what was "on behalf of" becomes "deliver to".
    fn encode_header(&self, out: &mut Writer<'_>) {
        let (Admin::Reject { original, .. } | Admin::BusinessReject { original, .. }) = self else { return };
        for (tag, from) in [(115, 128), (116, 129), (128, 115), (129, 116), (144, 145), (145, 144)] {
            let value =
                original.header_fields().find(|field| field.tag == Tag(from)).map(|field| field.value);
            out.optional(Tag(tag), value.and_then(not_empty));
        }
    }
}

fn not_empty(value: &[u8]) -> Option<&[u8]> {
    (!value.is_empty() && !value.contains(&crate::wire::SOH)).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_tells_the_field_that_it_is_about() {
        let missing = crate::msg::message::FieldError::missing(crate::tag::SYMBOL);
        let reject = BusinessReject::from(missing);
        assert_eq!(
            std::string::ToString::to_string(&reject),
            "BusinessRejectReason(380) 5: Conditionally Required Field Missing: Symbol(55)"
        );
        let mut buffer = [0; 64];
        let mut out = Writer::fields(&mut buffer);
        out.field(Tag(58), TextAbout(reject.text.as_bytes(), reject.field));
        let len = out.finish_fields().unwrap();
        assert_eq!(&buffer[..len], b"58=Conditionally Required Field Missing, tag 55\x01");
    }

    #[test]
    fn a_users_logout_text_cannot_break_the_message() {
        assert_eq!(LogoutText::custom(Some("end\u{1}10=000")), LogoutText::None);
        assert_eq!(LogoutText::custom(Some("")), LogoutText::None);
        let LogoutText::Custom(text) = LogoutText::custom(Some(&"ü".repeat(40))) else { panic!("no text") };
        assert_eq!(text.len(), 64, "cut at a character");
    }
}
