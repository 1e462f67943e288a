//! What every hosted application gets: its session's logs, and the knowledge whether a Logon succeeded.

use std::{sync::Arc, time::Duration};

use fix_core::{
    msg::{message::Message, msg_type::MsgType, reject::Finding},
    session::{
        application::{Application, Outbox},
        config::SessionId,
        error::{AdminRefusal, BusinessReject, DoNotSend},
        event::Event,
        state::CloseReason,
    },
    tag,
    time::UtcTimestamp,
    wire::writer::Writer,
};

use super::cause::Cause;
use crate::{
    clock::utc_now,
    contract::{HostApplication, answered_test, logout_text, reject_text},
    log::{Redactor, SessionLog},
    observe::{Messages, Said, SessionCounters, Speaker},
    store::{Consumer, Entries, Entry, Position},
};

/// An application with its session's log and counters beside it.
pub struct Hosted<A> {
    application: A,
    /// Boxed: most of thousands of sessions have none.
    log: Option<Box<SessionLog>>,
    counters: Arc<SessionCounters>,
    was_logged_on: bool,
    logout_text: Option<String>,
    answered_test: Option<String>,
    cause: Cause,
    shown: Option<Shown>,
}

/// Where a session's messages are shown to people, with its secrets masked.
pub struct Shown {
    messages: Messages,
    speaker: Arc<Speaker>,
}

impl Shown {
    /// As `session` in `messages`.
    pub fn new(messages: Messages, session: &str, redactor: Redactor) -> Self {
        Shown { messages, speaker: Speaker::new(session, redactor) }
    }

    /// Shows one.
    pub(super) fn add(&self, said: Said, at: UtcTimestamp, bytes: &[u8]) {
        self.messages.add(&self.speaker, said, at, bytes);
    }

    fn take(&self, now: UtcTimestamp, event: &Event<'_>) {
        match event {
            Event::Inbound(bytes) => self.add(Said::In, now, bytes),
            Event::Outbound(bytes) => self.add(Said::Out, now, bytes),
            _ => self.add(Said::Engine, now, event.to_string().as_bytes()),
        }
    }
}

impl<A> Hosted<A> {
    /// Lets `log` hear of everything that happens to `application`'s session; `None`: nothing is logged.
    pub fn new(application: A, log: Option<SessionLog>) -> Self {
        let counters =
            Arc::new(SessionCounters::new(log.as_ref().map(SessionLog::sinks).unwrap_or_default()));
        let log = log.filter(SessionLog::is_on).map(Box::new);
        Hosted {
            application,
            log,
            counters,
            was_logged_on: false,
            logout_text: None,
            answered_test: None,
            cause: Cause::default(),
            shown: None,
        }
    }

    /// The same, whose messages people can see.
    #[must_use]
    pub fn showing(self, shown: Option<Shown>) -> Self {
        Hosted { shown, ..self }
    }

    /// What is counted of the session.
    pub fn counters(&self) -> Arc<SessionCounters> {
        Arc::clone(&self.counters)
    }

    /// The application itself.
    pub fn inner(&mut self) -> &mut A {
        &mut self.application
    }
}

impl<A: HostApplication> Hosted<A> {
    /// The counterparty did not take a message of ours: in the event log beside our own decisions.
    fn log_reject(&mut self, reject: &Message<'_>) {
        if let Some(log) = &mut self.log {
            let number = String::from_utf8_lossy(reject.get(tag::REF_SEQ_NUM).unwrap_or(b"?"));
            let text = reject_text(reject);
            log.event(utc_now(), format_args!("the counterparty rejected our message {number}: {text}"));
        }
    }

    fn log_events(&mut self) {
        while let Some(text) = self.application.take_event() {
            if let Some(log) = &mut self.log {
                log.event(utc_now(), format_args!("{text}"));
            }
        }
    }
}

impl<A: HostApplication> HostApplication for Hosted<A> {
    type Command = A::Command;

    fn command(&mut self, command: Self::Command, out: &mut dyn Outbox) {
        self.application.command(command, out);
        self.log_events();
    }

    fn persisted(&mut self) {
        self.application.persisted();
    }

    fn is_ready(&mut self) -> bool {
        self.application.is_ready()
    }

    fn opened(&mut self, store: &mut dyn Entries) {
        self.application.opened(store);
    }

    fn entries_after(&mut self) -> Option<Position> {
        self.application.entries_after()
    }

    fn entry(&mut self, entry: &Entry<'_>) {
        self.application.entry(entry);
    }

    fn told(&mut self) -> Option<(Consumer, Position)> {
        self.application.told()
    }

    fn take_was_logged_on(&mut self) -> bool {
        std::mem::take(&mut self.was_logged_on)
    }

    fn take_logout_text(&mut self) -> Option<String> {
        self.logout_text.take()
    }

    fn take_answered_test(&mut self) -> Option<String> {
        self.answered_test.take()
    }

    fn take_cause(&mut self) -> Option<String> {
        self.cause.take()
    }

    fn closing(&mut self, store: &mut dyn Entries, is_last: bool) -> bool {
        self.application.closing(store, is_last)
    }

    fn refuse(command: Self::Command) {
        A::refuse(command);
    }

    fn store_failed(&mut self) {
        self.counters.store_failed();
        self.application.store_failed();
    }
}

impl<A: HostApplication> Application for Hosted<A> {
    fn on_create(&mut self, session: &SessionId) {
        self.application.on_create(session);
    }

    fn on_logon(&mut self, out: &mut dyn Outbox) {
        self.was_logged_on = true;
        self.application.on_logon(out);
    }

    fn on_logout(&mut self, reason: CloseReason) {
        self.application.on_logout(reason);
    }

    fn to_admin(&mut self, msg_type: MsgType, out: &mut Writer<'_>) {
        self.application.to_admin(msg_type, out);
    }

    fn from_admin(&mut self, message: &Message<'_>) -> Result<(), AdminRefusal> {
        if message.msg_type() == MsgType::LOGOUT {
            self.logout_text = logout_text(message);
        }
        if message.msg_type() == MsgType::HEARTBEAT {
            self.answered_test = answered_test(message).or_else(|| self.answered_test.take());
        }
        if message.msg_type() == MsgType::REJECT {
            self.log_reject(message);
        }
        let outcome = self.application.from_admin(message);
        self.log_events();
        outcome
    }

    fn to_app(&mut self, message: &Message<'_>) -> Result<(), DoNotSend> {
        self.application.to_app(message)
    }

    fn from_app(&mut self, message: &Message<'_>, out: &mut dyn Outbox) -> Result<(), BusinessReject> {
        self.counters.delivered(message);
        let outcome = self.application.from_app(message, out);
        self.log_events();
        outcome
    }

    fn on_finding(&mut self, message: &Message<'_>, finding: Finding) {
        self.application.on_finding(message, finding);
    }

    fn on_stale_order(&mut self, message: &Message<'_>, age: Duration) {
        self.application.on_stale_order(message, age);
    }

    fn own_report(&mut self) -> Option<&[u8]> {
        self.application.own_report()
    }

    fn on_event(&mut self, event: &Event<'_>) {
        self.counters.count(event);
        self.cause.hear(event);
        if self.log.is_some() || self.shown.is_some() {
            let now = utc_now();
            if let Some(log) = &mut self.log {
                log.report(now, event);
            }
            if let Some(shown) = &self.shown {
                shown.take(now, event);
            }
        }
        self.application.on_event(event);
    }
}
