//! The application of a pair: sends numbered notes, and records what it gets.

use alloc::{collections::BTreeMap, format, string::String, vec::Vec};

use fix_core::{
    msg::{message::Message, msg_type::MsgType},
    session::{
        application::{Application, Outbox},
        error::BusinessReject,
        state::CloseReason,
    },
    tag::Tag,
    wire::{
        frame::{Scan, scan},
        writer::{Encode, Writer},
    },
};

use super::store::TestStore;

/// A News(B) with a serial number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Note(pub u64);

impl Encode for Note {
    fn msg_type(&self) -> MsgType {
        MsgType::from_static(b"B")
    }

    fn encode_body(&self, out: &mut Writer<'_>) {
        out.field(Tag(148), self.0).field(Tag(33), 1u64).field(Tag(58), "note");
    }
}

#[derive(Clone, Debug, Default)]
pub struct Recorder {
    next: u64,
    /// What was accepted for sending and is still owed: MsgSeqNum(34) and serial number.
    sent: Vec<(u64, u64)>,
    /// The serial numbers received, and whether flagged as a possible duplicate.
    received: Vec<(u64, bool)>,
    /// Each number that was visible on the wire, with the serial number (0: an administrative message).
    visible: BTreeMap<u64, u64>,
    pub closed: Vec<CloseReason>,
    /// What must never happen and did.
    pub faults: Vec<String>,
    pub logons: usize,
    /// How many messages were written to the wire, repeated ones included.
    pub written: u64,
    /// Reports of its own that wait to be kept, and the one that is being kept.
    pub own_reports: Vec<Vec<u8>>,
    kept_now: Vec<u8>,
}

impl Recorder {
    pub fn next_note(&self) -> Note {
        Note(self.next + 1)
    }

    pub fn sent(&mut self, number: u64, note: Note) {
        self.next = note.0;
        self.sent.push((number, note.0));
    }

    /// After a crash: what is not in the store was never visible, and is lost with the process.
    pub fn restarted(&mut self, store: &TestStore) {
        self.sent.retain(|(number, id)| {
            let field = format!("\x01148={id}\x01");
            let stored = store.message(*number).unwrap_or_default();
            stored.windows(field.len()).any(|window| window == field.as_bytes())
        });
    }

    /// Messages written to the wire: a number never stands for two different messages.
    pub fn visible(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while let Scan::Frame(frame, taken) = scan(rest, usize::MAX) {
            rest = &rest[taken..];
            self.written += 1;
            let message = Message::parse(frame).expect("our own message");
            let number = message.header().msg_seq_num().expect("34").expect("a number");
            let is_gap_fill = message.msg_type() == MsgType::from_static(b"4");
            let id = message.optional::<u64>(Tag(148)).ok().flatten().unwrap_or(0);
            if is_gap_fill {
                continue;
            }
            if let Some(before) = self.visible.insert(number, id)
                && before != id
            {
                self.faults.push(format!("number {number} stood for note {before}, now for {id}"));
            }
        }
    }

    pub fn closed(&mut self, reason: CloseReason) {
        self.closed.push(reason);
    }

    pub fn sent_ids(&self) -> Vec<u64> {
        self.sent.iter().map(|(_, id)| *id).collect()
    }

    /// In the order of arrival; one that was delivered again is flagged, and counts once.
    pub fn received_ids(&self) -> Vec<u64> {
        self.received.iter().map(|(id, _)| *id).collect()
    }
}

impl Application for Recorder {
    fn on_logon(&mut self, _out: &mut dyn Outbox) {
        self.logons += 1;
    }

    fn own_report(&mut self) -> Option<&[u8]> {
        self.kept_now = self.own_reports.pop()?;
        Some(&self.kept_now)
    }

    fn from_app(&mut self, message: &Message<'_>, _out: &mut dyn Outbox) -> Result<(), BusinessReject> {
        let id = message.required::<u64>(Tag(148))?;
        let flagged = message.header().poss_dup;
        let seen = self.received.iter().any(|(before, _)| *before == id);
        if seen && !flagged {
            self.faults.push(format!("note {id} delivered twice, unflagged"));
        }
        if let Some((last, _)) = self.received.last()
            && !seen
            && *last > id
        {
            self.faults.push(format!("note {id} delivered after {last}"));
        }
        if !seen {
            self.received.push((id, flagged));
        }
        Ok(())
    }
}
