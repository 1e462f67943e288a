//! The application of a run: sends when it feels like it, refuses at random, and tells the ledger.

use core::time::Duration;

use fix_core::{
    msg::{message::Message, msg_type::MsgType},
    session::{
        application::{Application, Outbox},
        error::{AdminRefusal, BusinessReject, DoNotSend},
        event::{Event, Reason},
    },
    tag::Tag,
    wire::{
        frame::{Scan, scan},
        writer::Writer,
    },
};

use crate::{
    ledger::Shared,
    note::{self, Note},
    rng::Rng,
};

/// How often, in thousandths, the application does what it does.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Mood {
    pub(crate) reply: u64,
    pub(crate) reject: u64,
    pub(crate) refuse: u64,
    pub(crate) refuse_resend: u64,
    pub(crate) refuse_logon: u64,
    pub(crate) logout: u64,
}

pub(crate) struct App {
    side: usize,
    rng: Rng,
    ledger: Shared,
    pub(crate) mood: Mood,
    /// The last message received.
    last: Vec<u8>,
    /// Prints what happens.
    pub(crate) trace: bool,
}

impl App {
    pub(crate) fn new(side: usize, rng: Rng, ledger: Shared, mood: Mood) -> Self {
        App { side, rng, ledger, mood, last: Vec::new(), trace: false }
    }

    pub(crate) fn next_note(&self) -> Note {
        Note { id: self.ledger.borrow().next_id(self.side) }
    }

    /// Sends one note; whether it is accepted depends on the session.
    pub(crate) fn send(&mut self, out: &mut dyn Outbox) {
        let note = self.next_note();
        if let Ok(number) = out.send(&note) {
            self.ledger.borrow_mut().accepted(self.side, note.id, number);
        }
    }

    /// The id of the note that was received last, if it had this number.
    fn last_note(&self, number: u64) -> Option<u64> {
        let Scan::Frame(frame, _) = scan(&self.last, self.last.len()) else { return None };
        let message = Message::recover(frame, &[]);
        let is_this = message.header().msg_seq_num() == Some(Ok(number));
        note::read(&message).ok().filter(|_| is_this)
    }

    fn act(&mut self, out: &mut dyn Outbox) {
        if self.rng.chance(self.mood.reply) {
            self.send(out);
        }
        if self.rng.chance(self.mood.logout) {
            out.logout(Some("enough"));
        }
    }
}

impl Application for App {
    /// No two Logons have the same bytes, so that the wire can be watched through resets within one tick of the clock.
    fn to_admin(&mut self, msg_type: MsgType, out: &mut Writer<'_>) {
        if msg_type == MsgType::from_static(b"A") {
            let number = self.ledger.borrow_mut().next_logon();
            out.data(Tag(95), Tag(96), number.to_string().as_bytes());
        }
    }

    fn on_logon(&mut self, out: &mut dyn Outbox) {
        self.act(out);
    }

    fn from_admin(&mut self, message: &Message<'_>) -> Result<(), AdminRefusal> {
        let refused =
            message.msg_type() == MsgType::from_static(b"A") && self.rng.chance(self.mood.refuse_logon);
        if refused { Err(AdminRefusal { text: "not now" }) } else { Ok(()) }
    }

    fn to_app(&mut self, message: &Message<'_>) -> Result<(), DoNotSend> {
        let resent = message.header().poss_dup;
        let refused = self.rng.chance(if resent { self.mood.refuse_resend } else { self.mood.refuse });
        if !refused {
            return Ok(());
        }
        if resent && let Ok(id) = note::read(message) {
            self.ledger.borrow_mut().excuse(self.side, id);
        }
        Err(DoNotSend)
    }

    fn from_app(&mut self, message: &Message<'_>, out: &mut dyn Outbox) -> Result<(), BusinessReject> {
        if message.msg_type() == MsgType::from_static(b"j") {
            return Ok(());
        }
        let header = message.header();
        let number = header.msg_seq_num().and_then(Result::ok).unwrap_or(0);
        match note::read(message) {
            Ok(id) => self.ledger.borrow_mut().delivered(self.side, id, number, header.poss_dup),
            Err(what) => self.ledger.borrow_mut().fail(what),
        }
        self.act(out);
        if self.rng.chance(self.mood.reject) {
            return Err(BusinessReject::APPLICATION_NOT_AVAILABLE);
        }
        Ok(())
    }

    fn on_stale_order(&mut self, message: &Message<'_>, _age: Duration) {
        if let Ok(id) = note::read(message) {
            self.ledger.borrow_mut().excuse(self.side, id);
        }
    }

    fn on_event(&mut self, event: &Event<'_>) {
        let side = self.side;
        match event {
            // A received message that is rejected counts as received: its sender is told by the Reject.
            Event::Finding { rejected: true, msg_type, msg_seq_num, .. } if !msg_type.is_admin() => {
                match self.last_note(*msg_seq_num) {
                    Some(id) => self.ledger.borrow_mut().excuse(1 - side, id),
                    // It had been kept beyond a gap.
                    None => self.ledger.borrow_mut().not_kept(1 - side, *msg_seq_num),
                }
            }
            Event::Inbound(bytes) => {
                self.last.clear();
                self.last.extend_from_slice(bytes);
            }
            // Whatever its fields are like, the frame of every message is right here.
            Event::Garbled { bytes, .. } => {
                let bytes = bytes.escape_ascii();
                self.ledger.borrow_mut().fail(format!("side {side} takes for garbled {bytes}"));
            }
            Event::Decision { reason: Reason::StoredMessageDamaged, msg_seq_num, .. } => {
                self.ledger.borrow_mut().fail(format!("side {side}: {msg_seq_num} is damaged in the store"));
            }
            _ => {}
        }
        if self.trace {
            self.show(event);
        }
    }
}

impl App {
    fn show(&self, event: &Event<'_>) {
        let readable = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace('\u{1}', "|");
        let line = match event {
            Event::Inbound(bytes) => format!("< {}", readable(bytes)),
            Event::Outbound(bytes) => format!("> {}", readable(bytes)),
            Event::Garbled { bytes, .. } => format!("garbled {}", readable(bytes)),
            Event::State { from, to, trigger } => format!("{from:?} -> {to:?} by {trigger:?}"),
            Event::Decision { reason, msg_seq_num, expected } => {
                format!("{reason:?} {msg_seq_num} (expected {expected})")
            }
            Event::Finding { msg_seq_num, rejected, .. } => {
                format!("finding at {msg_seq_num}, rejected {rejected}")
            }
            _ => String::new(),
        };
        println!("    {} {line}", ["initiator", "acceptor "][self.side]);
    }
}
