//! What the sessions of a conformance runner do with a message: most are sent back as they came.

use std::collections::VecDeque;

use fix_core::{
    dict::{GroupDef, fix44},
    msg::{header::is_header_tag, message::Message, msg_type::MsgType},
    session::{
        application::{Application, Outbox},
        error::{BusinessReject, BusinessRejectReason},
        state::CloseReason,
    },
    tag::{self, Tag},
    wire::writer::{Encode, Writer},
};

use crate::contract::HostApplication;

/// Sends orders, security definitions and e-mails back as they came.
#[derive(Default)]
pub(super) struct Echo {
    /// The last ClOrdIDs of this session, oldest first; a possible resend of one of them is not echoed again
    /// (case 19a).
    seen: VecDeque<Vec<u8>>,
}

/// ClOrdIDs that an [`Echo`] remembers: far more than a case of the test document sends.
const MOST_SEEN: usize = 256;

impl Echo {
    /// Remembers an id; false if it is known already.
    fn is_new(&mut self, cl_ord_id: &[u8]) -> bool {
        if self.seen.iter().any(|seen| seen == cl_ord_id) {
            return false;
        }
        if self.seen.len() == MOST_SEEN {
            self.seen.pop_front();
        }
        self.seen.push_back(cl_ord_id.to_vec());
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

impl HostApplication for Echo {
    type Command = ();

    fn command(&mut self, (): (), _out: &mut dyn Outbox) {}

    fn refuse((): ()) {}
}

/// A received message on its way back. Body fields go out in ascending tag order; the members of a
/// repeating group stay behind their count field, in the order in which they came.
struct Echoed<'a>(&'a Message<'a>);

impl Encode for Echoed<'_> {
    fn msg_type(&self) -> MsgType {
        self.0.msg_type()
    }

    fn encode_header(&self, out: &mut Writer<'_>) {
        for field in self.0.header_fields() {
            // OrigSendingTime(122) lies in the range of the routing fields but is the session's.
            let is_echoed = matches!(field.tag.0, 97 | 115..=121 | 123..=145);
            if is_echoed && is_header_tag(field.tag) {
                out.field(field.tag, field.value);
            }
        }
    }

    fn encode_body(&self, out: &mut Writer<'_>) {
        let groups = fix44::DICTIONARY
            .message(self.msg_type().as_bytes())
            .map_or(&[][..], |message| message.body.groups);
        let mut runs: Vec<(i32, Vec<u8>)> = Vec::new();
        let mut fields = self.0.body_fields().peekable();
        while let Some(field) = fields.next() {
            let mut run = encoded(field.tag.0, field.value);
            if let Some(group) = groups.iter().find(|group| group.count == field.tag) {
                while let Some(member) = fields.next_if(|member| is_member(group, member.tag)) {
                    run.extend(encoded(member.tag.0, member.value));
                }
            }
            runs.push((field.tag.0, run));
        }
        runs.sort_by_key(|(tag, _)| *tag);
        for (_, run) in runs {
            out.encoded(&run);
        }
    }
}

fn is_member(group: &GroupDef, tag: Tag) -> bool {
    group.entry.contains(tag) || group.entry.groups.iter().any(|nested| is_member(nested, tag))
}

fn encoded(tag: i32, value: &[u8]) -> Vec<u8> {
    [tag.to_string().as_bytes(), b"=", value, b"\x01"].concat()
}

#[cfg(test)]
mod tests {
    use fix_core::wire::{
        frame::{Scan, scan},
        writer::MessageWriter,
    };

    use super::*;

    /// The fields of an order as the counterparty sends it, then those of its echo.
    fn echo(order: &str) -> String {
        let mut buffer = [0; 512];
        let mut out = MessageWriter::new(&mut buffer, b"FIX.4.4", MsgType::NEW_ORDER_SINGLE);
        out.writer().encoded(order.replace('|', "\x01").as_bytes());
        let len = out.finish().unwrap();
        let Scan::Frame(frame, _) = scan(&buffer[..len], len) else { panic!("{order}: not a frame") };
        let message = Message::parse(frame).unwrap();
        let mut echo = [0; 512];
        let mut out = Writer::fields(&mut echo);
        Echoed(&message).encode_header(&mut out);
        Echoed(&message).encode_body(&mut out);
        let len = out.finish_fields().unwrap();
        String::from_utf8_lossy(&echo[..len]).replace('\x01', "|")
    }

    #[test]
    fn the_echo_keeps_the_routing_fields_and_nothing_that_is_the_sessions() {
        let routing = "97=Y|115=A|116=B|128=C|129=D|142=E|143=F|144=G|145=H|";
        let time = "20261124-09:00:00";
        let order = format!("34=7|43=Y|49=TW44|52={time}|56=ISLD|{routing}122={time}|11=ID|38=0200.00|");
        assert_eq!(echo(&order), format!("{routing}11=ID|38=0200.00|"));
    }

    #[test]
    fn the_echo_sorts_the_body_but_not_the_members_of_a_group() {
        assert_eq!(echo("54=1|386=2|336=B|625=X|336=A|11=ID|"), "11=ID|54=1|386=2|336=B|625=X|336=A|");
    }
}
