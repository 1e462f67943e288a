//! What the engine tells a party: messages, and what is decided about them.

use std::{
    collections::VecDeque,
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use fix_core::{
    msg::{message::Message, msg_type::MsgType},
    session::{
        application::{Application, Outbox},
        error::{AdminRefusal, BusinessReject},
        event::Event,
        state::CloseReason,
    },
    time::Mono,
    wire::writer::Writer,
};

use super::party::Heard;
use crate::{
    config::LogonSettings,
    contract::logout_text,
    exchange::{ExchangeApplication, QuoteRules, SessionRules, floor::Floor, profile::gate::Gate},
    net::driver::Ended,
    scenario::{
        names,
        outcome::{Journal, What},
    },
    service::cause::Cause,
};

/// The application of a party: it keeps all that comes for the script.
pub(super) struct Ear {
    name: String,
    logon: LogonSettings,
    journal: Rc<Journal>,
    /// It trades in the place of the script.
    venue: Option<Venue>,
    pub(super) heard: VecDeque<Heard>,
    logout_text: Option<String>,
    cause: Cause,
}

impl Ear {
    pub(super) fn new(name: &str, logon: LogonSettings, journal: Rc<Journal>, venue: Option<Venue>) -> Self {
        Ear {
            name: name.to_owned(),
            logon,
            journal,
            venue,
            heard: VecDeque::new(),
            logout_text: None,
            cause: Cause::default(),
        }
    }

    /// Why the connection ended, with what the counterparty said of it.
    pub(super) fn told(&mut self, ended: &Ended) -> String {
        let (text, cause) = (self.logout_text.take(), self.cause.take());
        ended.told(text.as_deref(), cause.as_deref())
    }

    /// The exchange looks what is new, if something is. True if it did.
    pub(super) fn look(&mut self, out: &mut dyn Outbox) -> bool {
        let Some(venue) = &mut self.venue else { return false };
        let is_due = venue.application.due().is_some_and(|due| due <= out.now().mono);
        let is_called = venue.is_called.swap(false, Ordering::Relaxed) || is_due;
        if is_called {
            venue.application.look(out);
        }
        is_called
    }

    /// When the exchange has something to do.
    pub(super) fn due(&self) -> Option<Mono> {
        self.venue.as_ref().and_then(|venue| venue.application.due())
    }

    fn keep(&mut self, message: &Message<'_>, is_admin: bool) {
        let bytes = message.frame().bytes().into();
        self.heard.push_back(Heard { bytes, msg_type: message.msg_type().as_bytes().to_vec(), is_admin });
    }
}

/// The simulated exchange's side of one session.
pub(super) struct Venue {
    application: ExchangeApplication,
    /// Something is new on the floor.
    is_called: Arc<AtomicBool>,
}

impl Venue {
    /// The session takes its seat, behind the gate of a profile if there is one.
    pub(super) fn join(floor: &Floor, session: &str, gate: Option<Box<Gate>>, quotes: QuoteRules) -> Self {
        let is_called = Arc::new(AtomicBool::new(false));
        let called = Arc::clone(&is_called);
        let seat = floor.join(session, move || called.store(true, Ordering::Relaxed));
        let application =
            ExchangeApplication::new(seat, SessionRules::default()).behind(gate).quoting(quotes);
        Venue { application, is_called }
    }
}

impl Application for Ear {
    fn on_logon(&mut self, out: &mut dyn Outbox) {
        if let Some(venue) = &mut self.venue {
            venue.application.on_logon(out);
        }
    }

    fn on_logout(&mut self, reason: CloseReason) {
        if let Some(venue) = &mut self.venue {
            venue.application.on_logout(reason);
        }
    }

    fn to_admin(&mut self, msg_type: MsgType, out: &mut Writer<'_>) {
        if msg_type == MsgType::LOGON {
            self.logon.write(out);
        }
    }

    fn from_admin(&mut self, message: &Message<'_>) -> Result<(), AdminRefusal> {
        if message.msg_type() == MsgType::LOGOUT {
            self.logout_text = logout_text(message);
        }
        if self.venue.is_none() {
            self.keep(message, true);
        }
        Ok(())
    }

    fn from_app(&mut self, message: &Message<'_>, out: &mut dyn Outbox) -> Result<(), BusinessReject> {
        if let Some(venue) = &mut self.venue {
            return venue.application.from_app(message, out);
        }
        self.keep(message, false);
        Ok(())
    }

    fn on_event(&mut self, event: &Event<'_>) {
        self.cause.hear(event);
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
