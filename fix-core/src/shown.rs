//! What `{:?}` shows of types that hold a counterparty's bytes or the caller's buffers: what they are and how large, and
//! never a value that may be a secret. Whoever wants the text of a message takes its bytes.

use core::fmt;

use crate::{
    dict::is_secret,
    engine::Buffers,
    msg::{
        field_map::FieldMap,
        group::{Entries, Group},
        header::Header,
        message::Message,
        typed::EntryFields,
    },
    session::{Buffer, config::SessionConfig, event::Event},
    store::{MessageStore, RingStore},
    wire::{
        deframer::Deframer,
        field::{DataTags, Field, Fields, ValidFields},
        frame::Frame,
        writer::{MessageWriter, Sink, Writer},
    },
};

/// A number of bytes.
struct Bytes(usize);

impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0)
    }
}

/// Text that may hold any byte.
struct Readable<'a>(&'a [u8]);

impl fmt::Debug for Readable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0.escape_ascii())
    }
}

impl fmt::Debug for Field<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Which message it is of is not known: RawData(96) may be that of a Logon.
        if is_secret(self.tag, b"A") {
            return write!(f, "{}=***", self.tag);
        }
        write!(f, "{}={:?}", self.tag, Readable(self.value))
    }
}

impl<D: DataTags> fmt::Debug for Fields<'_, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Fields").field(&Bytes(self.rest().len())).finish()
    }
}

impl<D: DataTags> fmt::Debug for ValidFields<'_, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ValidFields").finish_non_exhaustive()
    }
}

impl fmt::Debug for Frame<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let begin_string = Readable(self.begin_string());
        f.debug_tuple("Frame").field(&begin_string).field(&Bytes(self.bytes().len())).finish()
    }
}

impl<B: AsRef<[u8]> + AsMut<[u8]>> fmt::Debug for Deframer<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deframer").field("pending", &Bytes(self.pending())).finish_non_exhaustive()
    }
}

impl fmt::Debug for Sink<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sink").finish_non_exhaustive()
    }
}

impl fmt::Debug for Writer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer").finish_non_exhaustive()
    }
}

impl fmt::Debug for MessageWriter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MessageWriter").finish_non_exhaustive()
    }
}

impl fmt::Debug for Message<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message")
            .field("msg_type", &self.msg_type())
            .field("header", self.header())
            .field("frame", &self.frame())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Header<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Header")
            .field("msg_type", &self.msg_type)
            .field("msg_seq_num", &self.msg_seq_num_text.map(Readable))
            .field("sender_comp_id", &self.sender_comp_id.map(Readable))
            .field("target_comp_id", &self.target_comp_id.map(Readable))
            .field("poss_dup", &self.poss_dup)
            .finish_non_exhaustive()
    }
}

/// Shows the tags only.
impl fmt::Debug for FieldMap<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.fields().map(|field| field.tag)).finish()
    }
}

impl fmt::Debug for Group<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl fmt::Debug for Entries<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}

impl fmt::Debug for EntryFields<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EntryFields").finish_non_exhaustive()
    }
}

impl<B: Buffer> fmt::Debug for Buffers<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Buffers")
            .field("inbound", &Bytes(self.inbound.as_ref().len()))
            .field("outbound", &Bytes(self.outbound.as_ref().len()))
            .field("kept", &Bytes(self.kept.as_ref().len()))
            .finish()
    }
}

impl<const MESSAGES: usize, const BYTES: usize> fmt::Debug for RingStore<MESSAGES, BYTES> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RingStore")
            .field("next_out", &self.next_out())
            .field("next_in", &self.next_in())
            .finish_non_exhaustive()
    }
}

/// Shows who talks to whom: the rules are many.
impl fmt::Debug for SessionConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionConfig")
            .field("role", &self.role)
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// Messages are shown by their length.
impl fmt::Debug for Event<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Event::Inbound(bytes) => f.debug_tuple("Inbound").field(&Bytes(bytes.len())).finish(),
            Event::Outbound(bytes) => f.debug_tuple("Outbound").field(&Bytes(bytes.len())).finish(),
            Event::Garbled { reason, bytes } => {
                f.debug_tuple("Garbled").field(&reason).field(&Bytes(bytes.len())).finish()
            }
            Event::State { from, to, trigger } => {
                f.debug_tuple("State").field(&from).field(&to).field(&trigger).finish()
            }
            Event::Decision { reason, msg_seq_num, expected } => {
                f.debug_tuple("Decision").field(&reason).field(&msg_seq_num).field(&expected).finish()
            }
            Event::ResendAsked { begin, end, received } => {
                f.debug_tuple("ResendAsked").field(&begin).field(&end).field(&received).finish()
            }
            Event::Finding { finding, msg_type, msg_seq_num, rejected, policy } => f
                .debug_struct("Finding")
                .field("finding", &finding)
                .field("msg_type", &msg_type)
                .field("msg_seq_num", &msg_seq_num)
                .field("rejected", &rejected)
                .field("policy", &policy)
                .finish(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::format;

    use super::*;
    use crate::{dict::fix44::group, wire::frame::scan};

    const LOGON: &[u8] = b"8=FIX.4.4\x019=50\x0135=A\x0134=1\x0149=DESK\x0156=VENUE\x0196=hunter2\x01554=hunter2\x0110=209\x01";

    #[test]
    fn what_a_message_holds_is_shown_without_its_secrets() {
        let mut deframer = Deframer::new([0; 256]);
        deframer.space()[..LOGON.len()].copy_from_slice(LOGON);
        deframer.received(LOGON.len());
        let before = format!("{deframer:?}");
        let frame = deframer.next_frame().expect("all there").expect("good");
        let message = Message::parse(frame).expect("fields");
        let field = Field { tag: crate::tag::CL_ORD_ID, value: b"A\x011" };
        let shown = format!(
            "{before} {frame:?} {message:?} {:?} {:?} {field:?} {:?} {:?}",
            &*message,
            message.group(&group::PARTIES),
            scan(LOGON, 4096),
            Event::Inbound(LOGON),
        );
        assert!(!shown.contains("hunter2"), "{shown}");
        for part in
            ["msg_type: A", "VENUE", "Password(554)", "ClOrdID(11)=\"A\\x011\"", "Deframer", "Inbound"]
        {
            assert!(shown.contains(part), "{part}: {shown}");
        }
        let secrets = message.fields().filter(|field| field.tag.0 == 96 || field.tag.0 == 554);
        assert_eq!(
            format!("{:?}", secrets.collect::<std::vec::Vec<_>>()),
            "[RawData(96)=***, Password(554)=***]"
        );
    }
}
