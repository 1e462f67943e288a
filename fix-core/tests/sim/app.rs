//! The application of a run: sends when it feels like it, refuses at random, and tells the ledger.

use core::time::Duration;
use std::collections::HashMap;

use fix_core::{
    msg::{message::Message, msg_type::MsgType, reject::SessionRejectReason},
    session::{
        application::{Application, Outbox},
        error::{AdminRefusal, BusinessReject, DoNotSend},
        event::{Event, Reason},
        state::Phase,
    },
    tag::Tag,
    wire::{
        frame::{GarbledReason, Scan, scan},
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
    /// The ids of the notes that came on this connection, by MsgSeqNum.
    came: HashMap<u64, u64>,
    /// Prints what happens.
    pub(crate) trace: bool,
}

impl App {
    pub(crate) fn new(side: usize, rng: Rng, ledger: Shared, mood: Mood) -> Self {
        App { side, rng, ledger, mood, came: HashMap::new(), trace: false }
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

    /// A message has come; what it is may be wanted once the gap before it is closed.
    fn came(&mut self, bytes: &[u8]) {
        let Scan::Frame(frame, _) = scan(bytes, bytes.len()) else { return };
        let message = Message::recover(frame, &[]);
        let Some(Ok(number)) = message.header().msg_seq_num() else { return };
        match note::read(&message) {
            Ok(id) => self.came.insert(number, id),
            Err(_) => self.came.remove(&number),
        };
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
        if refused { Err(AdminRefusal::new("not now")) } else { Ok(()) }
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
            Event::Finding { rejected: true, finding, msg_type, msg_seq_num, .. } if !msg_type.is_admin() => {
                let mut ledger = self.ledger.borrow_mut();
                if let Some(id) = self.came.get(msg_seq_num).copied() {
                    ledger.excuse(1 - side, id);
                    let in_its_times = finding.reason == SessionRejectReason::SendingTimeAccuracy;
                    ledger.rejected(side, id, *msg_seq_num, in_its_times);
                }
            }
            Event::State { from: Phase::Idle, .. } => self.came.clear(),
            Event::Inbound(bytes) => self.came(bytes),
            Event::Garbled { reason: GarbledReason::TooLong { len, limit }, .. } if len > limit => {
                self.ledger.borrow_mut().passed_over(side);
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
            Event::ResendAsked { begin, end, received } => {
                format!("asks {begin} to {end}, received {received}")
            }
            Event::Finding { msg_seq_num, rejected, .. } => {
                format!("finding at {msg_seq_num}, rejected {rejected}")
            }
            _ => String::new(),
        };
        println!("    {} {line}", ["initiator", "acceptor "][self.side]);
    }
}
