//! The application of the scenarios: echoes orders, as the conformance suite wants it, and keeps a journal.

use alloc::{collections::BTreeSet, format, string::String, vec::Vec};
use core::time::Duration;

use fix_core::{
    msg::{message::Message, msg_type::MsgType, reject::Finding},
    session::{
        application::{Application, Outbox},
        config::SessionId,
        error::{AdminRefusal, BusinessReject, BusinessRejectReason, DoNotSend, SendError},
        event::Event,
        state::CloseReason,
    },
    tag::Tag,
    wire::writer::{Encode, Writer},
};

#[derive(Default)]
pub struct TestApp {
    pub journal: Vec<String>,
    seen: BTreeSet<Vec<u8>>,
    /// `silent`: takes every message; `refuse`: refuses Logons, `refuse_all`: all else of the session; `burst`: sends two more for each order.
    pub kind: String,
    pub password: bool,
    pub do_not_send: Option<Vec<u8>>,
}

impl Application for TestApp {
    fn on_create(&mut self, session: &SessionId) {
        self.journal.push(format!("create {session}"));
    }

    fn on_logon(&mut self, _out: &mut dyn Outbox) {
        self.journal.push("logon".into());
    }

    fn on_logout(&mut self, reason: CloseReason) {
        self.seen.clear();
        self.journal.push(format!("logout {reason:?}"));
    }

    fn to_admin(&mut self, msg_type: MsgType, out: &mut Writer<'_>) {
        if self.password && msg_type == MsgType::from_static(b"A") {
            out.field(Tag(553), "trader").field(Tag(554), "secret");
        }
    }

    fn from_admin(&mut self, message: &Message<'_>) -> Result<(), AdminRefusal> {
        let logon = message.msg_type() == MsgType::from_static(b"A");
        if (self.kind == "refuse" && logon) || (self.kind == "refuse_all" && !logon) {
            Err(AdminRefusal::new("not today"))
        } else {
            Ok(())
        }
    }

    fn to_app(&mut self, message: &Message<'_>) -> Result<(), DoNotSend> {
        let refused = self.do_not_send.as_deref().is_some_and(|id| message.get(Tag(11)) == Some(id));
        if refused { Err(DoNotSend) } else { Ok(()) }
    }

    fn from_app(&mut self, message: &Message<'_>, out: &mut dyn Outbox) -> Result<(), BusinessReject> {
        let id = message.get(Tag(11)).unwrap_or_default().to_vec();
        let header = message.header();
        let mark = if header.poss_dup { " dup" } else { "" };
        let number = String::from_utf8_lossy(header.msg_seq_num_text.unwrap_or_default()).into_owned();
        self.journal.push(format!("app {} {number}{mark}", message.msg_type()));
        let text = message.msg_type();
        match text.as_bytes() {
            _ if self.kind == "silent" => return Ok(()),
            b"D" if header.poss_resend && self.seen.contains(&id) => return Ok(()),
            b"D" | b"d" | b"C" | b"8" if text.as_bytes() != b"8" || self.kind == "burst" => {}
            b"F" => {
                let reject = BusinessReject::new(BusinessRejectReason::UnknownId, "Unknown order");
                return Err(reject.with_ref(Tag(41)));
            }
            _ => return Err(BusinessReject::UNSUPPORTED_MESSAGE_TYPE),
        }
        self.seen.insert(id);
        let copies = if self.kind == "burst" { 3 } else { 1 };
        for _ in 0..copies {
            if let Err(error) = out.send(&Echo(message)) {
                self.journal.push(format!("not sent {error:?}"));
            }
        }
        Ok(())
    }

    fn on_finding(&mut self, message: &Message<'_>, finding: Finding) {
        self.journal.push(format!("finding {} {finding}", message.msg_type()));
    }

    fn on_stale_order(&mut self, message: &Message<'_>, age: Duration) {
        let id = String::from_utf8_lossy(message.get(Tag(11)).unwrap_or_default()).into_owned();
        self.journal.push(format!("stale {id} {}s", age.as_secs()));
    }

    fn on_event(&mut self, event: &Event<'_>) {
        self.journal.push(match event {
            Event::Decision { reason, .. } => format!("? {} {reason:?}", reason.rule()),
            Event::ResendAsked { begin, end, received } => format!("asks {begin}-{end}, received {received}"),
            Event::Garbled { reason, .. } => format!("garbled {reason:?}"),
            Event::State { from, to, .. } => format!("{from:?} -> {to:?}"),
            Event::Finding { finding, rejected: false, .. } => format!("passed {finding}"),
            _ => return,
        });
    }
}

/// The same message again: body byte for byte in ascending order, groups where their count stands.
pub struct Echo<'a>(pub &'a Message<'a>);

impl Encode for Echo<'_> {
    fn msg_type(&self) -> MsgType {
        self.0.msg_type()
    }

    fn encode_body(&self, out: &mut Writer<'_>) {
        let mut fields: Vec<_> = self.0.body_fields().collect();
        fields.sort_by_key(|field| field.tag);
        for field in fields {
            put(out, field.tag, field.value);
        }
    }

    fn encode_header(&self, out: &mut Writer<'_>) {
        for tag in [97, 115, 116, 128, 129, 144, 145] {
            out.optional(Tag(tag), self.0.header_fields().find(|f| f.tag == Tag(tag)).map(|f| f.value));
        }
    }
}

/// An application message of a script.
pub struct Scripted(pub Vec<(String, String)>);

impl Encode for Scripted {
    fn msg_type(&self) -> MsgType {
        MsgType::from_bytes(self.0[0].1.as_bytes()).expect("35= first")
    }

    fn encode_body(&self, out: &mut Writer<'_>) {
        for (tag, value) in &self.0[1..] {
            put(out, Tag(tag.parse().expect("a tag")), value.replace("^A", "\x01").as_bytes());
        }
    }
}

/// Writes a field, whose value may hold SOH if it is data.
fn put(out: &mut Writer<'_>, tag: Tag, value: &[u8]) {
    if value.contains(&1) {
        out.encoded(&[format!("{}=", tag.0).as_bytes(), value, b"\x01"].concat());
    } else {
        out.field(tag, value);
    }
}

/// Why a send failed, as a script writes it.
pub fn outcome(result: Result<u64, SendError>) -> String {
    match result {
        Ok(number) => format!("sent {number}"),
        Err(SendError::Usage(error)) => format!("not sent {error:?}"),
        Err(SendError::Capacity(error)) => format!("not sent {error:?}"),
        Err(error) => format!("not sent {error:?}"),
    }
}
