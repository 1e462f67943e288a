//! What the engine tells a party: messages, and what is decided about them.

use std::{collections::VecDeque, rc::Rc};

use fix_core::{
    msg::{message::Message, msg_type::MsgType},
    session::{
        application::{Application, Outbox},
        error::{AdminRefusal, BusinessReject},
        event::Event,
    },
    wire::writer::Writer,
};

use super::party::Heard;
use crate::{
    config::LogonSettings,
    scenario::{
        names,
        outcome::{Journal, What},
    },
};

/// The application of a party: it keeps all that comes for the script.
pub(super) struct Ear {
    name: String,
    logon: LogonSettings,
    journal: Rc<Journal>,
    pub(super) heard: VecDeque<Heard>,
}

impl Ear {
    pub(super) fn new(name: &str, logon: LogonSettings, journal: Rc<Journal>) -> Self {
        Ear { name: name.to_owned(), logon, journal, heard: VecDeque::new() }
    }

    fn keep(&mut self, message: &Message<'_>, is_admin: bool) {
        let bytes = message.frame().bytes().to_vec();
        self.heard.push_back(Heard { bytes, msg_type: message.msg_type().as_bytes().to_vec(), is_admin });
    }
}

impl Application for Ear {
    fn to_admin(&mut self, msg_type: MsgType, out: &mut Writer<'_>) {
        if msg_type == MsgType::LOGON {
            self.logon.write(out);
        }
    }

    fn from_admin(&mut self, message: &Message<'_>) -> Result<(), AdminRefusal> {
        self.keep(message, true);
        Ok(())
    }

    fn from_app(&mut self, message: &Message<'_>, _out: &mut dyn Outbox) -> Result<(), BusinessReject> {
        self.keep(message, false);
        Ok(())
    }

    fn on_event(&mut self, event: &Event<'_>) {
        let what = match event {
            Event::Inbound(bytes) => What::In(bytes.to_vec()),
            Event::Outbound(bytes) => What::Out(bytes.to_vec()),
            Event::Garbled { reason, .. } => What::Note(format!("garbled bytes were skipped: {reason}")),
            Event::Decision { reason, msg_seq_num, .. } => {
                What::Note(format!("{reason} (message {msg_seq_num})"))
            }
            Event::Finding { finding, msg_type, msg_seq_num, rejected, .. } => {
                let message = names::shown_message(msg_type.as_bytes());
                let done = if *rejected { "rejected" } else { "delivered all the same" };
                What::Note(format!("{message} {msg_seq_num} is at fault and was {done}: {finding}"))
            }
            _ => return,
        };
        self.journal.push(&self.name, what);
    }
}
