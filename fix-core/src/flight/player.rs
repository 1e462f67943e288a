//! The application of a replay: does what the recorded one did.

use super::{cursor::Cursor, entry::Entry};
use crate::{
    msg::{message::Message, msg_type::MsgType},
    session::{
        application::{Application, Outbox},
        error::{AdminRefusal, BusinessReject, BusinessRejectReason, DoNotSend},
    },
    tag::Tag,
    wire::writer::{Encode, EncodeError, Writer},
};

/// Answers as the recording has it.
#[derive(Debug)]
pub(super) struct Player<'a> {
    pub(super) cursor: Cursor<'a>,
    /// Keeps a text for good.
    pub(super) intern: fn(&str) -> Option<&'static str>,
}

/// How many questions to the application were asked before this answer.
pub(super) fn asked_of_application(entry: &Entry<'_>) -> Option<u64> {
    match entry {
        Entry::Header { asked, .. }
        | Entry::Message { asked, .. }
        | Entry::NotTaken { asked }
        | Entry::LogsOut { asked, .. }
        | Entry::AdminFields { asked, .. }
        | Entry::AdminFieldsFailed { asked }
        | Entry::AdminRefusal { asked, .. }
        | Entry::DoNotSend { asked }
        | Entry::BusinessReject { asked, .. }
        | Entry::OwnReport { asked } => Some(*asked),
        _ => None,
    }
}

/// How many questions to the store were asked before this answer.
pub(super) fn asked_of_store(entry: &Entry<'_>) -> Option<u64> {
    match entry {
        Entry::Read { asked, .. }
        | Entry::NotKept { asked }
        | Entry::StoreFailed { asked, .. }
        | Entry::NextToResend { asked, .. }
        | Entry::StoreFull { asked }
        | Entry::NumbersAfter { asked, .. } => Some(*asked),
        _ => None,
    }
}

/// A message as it was encoded.
pub(super) struct Encoded<'a> {
    msg_type: MsgType,
    header: &'a [u8],
    body: &'a [u8],
}

impl Encode for Encoded<'_> {
    fn msg_type(&self) -> MsgType {
        self.msg_type
    }

    fn encode_header(&self, out: &mut Writer<'_>) {
        out.encoded(self.header);
    }

    fn encode_body(&self, out: &mut Writer<'_>) {
        out.encoded(self.body);
    }
}

impl<'a> Player<'a> {
    /// The next message that the application sent and that was taken, if it comes now.
    pub(super) fn message(&self) -> Option<Encoded<'a>> {
        let mut header: &[u8] = &[];
        loop {
            let next = |entry: &Entry<'_>| {
                matches!(entry, Entry::Header { .. } | Entry::Message { .. } | Entry::NotTaken { .. })
            };
            match self.cursor.take_if(next)? {
                Entry::Header { fields, .. } => header = fields,
                Entry::Message { msg_type, body, .. } => {
                    let not_taken = self.cursor.take_if(|entry| matches!(entry, Entry::NotTaken { .. }));
                    if not_taken.is_none() {
                        return Some(Encoded { msg_type, header, body });
                    }
                    header = &[];
                }
                // Only its header could be encoded.
                _ => header = &[],
            }
        }
    }

    /// What the application did in a callback with a way out.
    pub(super) fn act(&self, out: &mut dyn Outbox) {
        self.cursor.asked();
        loop {
            if let Some(message) = self.message() {
                // What came of it was the same as before, or the output shows it.
                let _ = out.send(&message);
                continue;
            }
            match self.cursor.take_if(|entry| matches!(entry, Entry::LogsOut { .. })) {
                Some(Entry::LogsOut { text, .. }) => {
                    out.logout(text.map(|text| core::str::from_utf8(text).unwrap_or_default()));
                }
                _ => return,
            }
        }
    }

    fn kept(&self, text: &[u8]) -> &'static str {
        let text = core::str::from_utf8(text).unwrap_or_default();
        (self.intern)(text).unwrap_or_else(|| {
            self.cursor.miss();
            ""
        })
    }
}

impl Application for Player<'_> {
    fn on_logon(&mut self, out: &mut dyn Outbox) {
        self.act(out);
    }

    fn to_admin(&mut self, _msg_type: MsgType, out: &mut Writer<'_>) {
        self.cursor.asked();
        match self
            .cursor
            .take_if(|entry| matches!(entry, Entry::AdminFields { .. } | Entry::AdminFieldsFailed { .. }))
        {
            Some(Entry::AdminFields { fields, .. }) => {
                out.encoded(fields);
            }
            Some(_) => out.refuse(EncodeError::BadValue),
            None => {}
        }
    }

    fn from_admin(&mut self, _message: &Message<'_>) -> Result<(), AdminRefusal> {
        self.cursor.asked();
        match self.cursor.take_if(|entry| matches!(entry, Entry::AdminRefusal { .. })) {
            Some(Entry::AdminRefusal { text, .. }) => Err(AdminRefusal::new(self.kept(text))),
            _ => Ok(()),
        }
    }

    fn to_app(&mut self, _message: &Message<'_>) -> Result<(), DoNotSend> {
        self.cursor.asked();
        match self.cursor.take_if(|entry| matches!(entry, Entry::DoNotSend { .. })) {
            Some(_) => Err(DoNotSend),
            None => Ok(()),
        }
    }

    fn from_app(&mut self, _message: &Message<'_>, out: &mut dyn Outbox) -> Result<(), BusinessReject> {
        self.act(out);
        match self.cursor.take_if(|entry| matches!(entry, Entry::BusinessReject { .. })) {
            Some(Entry::BusinessReject { reason, ref_tag, field, text, .. }) => {
                Err(self.reject(reason, [ref_tag, field], text))
            }
            _ => Ok(()),
        }
    }

    fn own_report(&mut self) -> Option<&[u8]> {
        self.cursor.asked();
        self.cursor.take_if(|entry| matches!(entry, Entry::OwnReport { .. })).map(|_| &[][..])
    }
}

impl Player<'_> {
    fn reject(&self, reason: u64, tags: [u64; 2], text: &[u8]) -> BusinessReject {
        use BusinessRejectReason as R;
        let reason = match reason {
            1 => R::UnknownId,
            2 => R::UnknownSecurity,
            3 => R::UnsupportedMessageType,
            4 => R::ApplicationNotAvailable,
            5 => R::ConditionallyRequiredFieldMissing,
            6 => R::NotAuthorized,
            7 => R::DeliverToFirmNotAvailable,
            _ => R::Other,
        };
        let tag = |number: u64| i32::try_from(number.checked_sub(1)?).ok().map(Tag);
        let [ref_tag, field] = tags.map(tag);
        BusinessReject { reason, ref_tag, text: self.kept(text), field }
    }
}
