//! What the session does with a message: orders, security definitions and e-mails are sent back as they came.

use fix_core::{
    Application, BusinessReject, CloseReason, Message, MsgType, Outbox,
    dict::{GroupDef, fix44},
    msg::header::is_header_tag,
    session::error::BusinessRejectReason,
    tag::{self, Tag},
    wire::{
        field::Field,
        writer::{Encode, Writer},
    },
};
use heapless::Vec;

/// Fields, or groups with all their entries, that an echoed body may have beside each other.
const MOST_RUNS: usize = 64;
/// ClOrdID(11) that are remembered, and their longest.
const MOST_SEEN: usize = 32;
const LONGEST_ID: usize = 64;

/// Sends messages back.
#[derive(Default)]
pub struct Echo {
    /// The last ClOrdIDs of this session, oldest first; a possible resend of one of them is not echoed again (FIX 4.4
    /// Vol. 2, case 19a).
    seen: Vec<Vec<u8, LONGEST_ID>, MOST_SEEN>,
}

impl Echo {
    /// Remembers an id; false if it is known already. One that is too long is remembered by its beginning.
    fn is_new(&mut self, cl_ord_id: &[u8]) -> bool {
        let id: Vec<u8, LONGEST_ID> = cl_ord_id.iter().copied().take(LONGEST_ID).collect();
        if self.seen.contains(&id) {
            return false;
        }
        if self.seen.is_full() {
            self.seen.remove(0);
        }
        // It has room now.
        let _ = self.seen.push(id);
        true
    }
}

impl Application for Echo {
    fn on_logout(&mut self, _reason: CloseReason) {
        self.seen.clear();
    }

    fn from_app(&mut self, message: &Message<'_>, out: &mut dyn Outbox) -> Result<(), BusinessReject> {
        match message.msg_type() {
            MsgType::NEW_ORDER_SINGLE => {
                let cl_ord_id = message.get(tag::CL_ORD_ID).unwrap_or_default();
                if !self.is_new(cl_ord_id) && message.header().poss_resend {
                    return Ok(());
                }
            }
            MsgType::SECURITY_DEFINITION | MsgType::EMAIL => {}
            _ => return Err(BusinessReject::UNSUPPORTED_MESSAGE_TYPE),
        }
        out.send(&Echoed(message))
            .map(|_| ())
            .map_err(|_| BusinessReject::new(BusinessRejectReason::Other, "the echo could not be sent"))
    }
}

/// A received message on its way back. Body fields go out in ascending tag order; the members of a repeating group stay
/// behind their count field, in the order in which they came.
struct Echoed<'a>(&'a Message<'a>);

/// A field, or a count field with the members of its group: the tag, and which of the body's fields.
struct Run {
    tag: i32,
    first: usize,
    count: usize,
}

impl Echoed<'_> {
    fn runs(&self) -> Option<Vec<Run, MOST_RUNS>> {
        let groups = fix44::DICTIONARY
            .message(self.msg_type().as_bytes())
            .map_or(&[][..], |message| message.body.groups);
        let mut runs = Vec::<Run, MOST_RUNS>::new();
        let mut fields = self.0.body_fields().enumerate().peekable();
        while let Some((first, field)) = fields.next() {
            let mut run = Run { tag: field.tag.0, first, count: 1 };
            if let Some(group) = groups.iter().find(|group| group.count == field.tag) {
                while fields.next_if(|(_, member)| is_member(group, member.tag)).is_some() {
                    run.count += 1;
                }
            }
            runs.push(run).ok()?;
        }
        runs.sort_unstable_by_key(|run| (run.tag, run.first));
        Some(runs)
    }
}

impl Encode for Echoed<'_> {
    fn msg_type(&self) -> MsgType {
        self.0.msg_type()
    }

    fn encode_header(&self, out: &mut Writer<'_>) {
        for Field { tag, value } in self.0.header_fields() {
            // OrigSendingTime(122) lies in the range of the routing fields but is the session's.
            if matches!(tag.0, 97 | 115..=121 | 123..=145) && is_header_tag(tag) {
                out.field(tag, value);
            }
        }
    }

    fn encode_body(&self, out: &mut Writer<'_>) {
        let Some(runs) = self.runs() else {
            // Not a whole field: the message is refused as one that cannot be sent.
            out.encoded(b"?");
            return;
        };
        for run in runs {
            for Field { tag, value } in self.0.body_fields().skip(run.first).take(run.count) {
                out.field(tag, value);
            }
        }
    }
}

fn is_member(group: &GroupDef, tag: Tag) -> bool {
    group.entry.contains(tag) || group.entry.groups.iter().any(|nested| is_member(nested, tag))
}
