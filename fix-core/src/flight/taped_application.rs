//! An application whose answers are recorded.

use core::{cell::Cell, time::Duration};

use super::{
    entry::kind,
    mask::Mask,
    notes::{Notes, put_optional_text},
    number::{put_bytes, put_number, put_optional},
    tape::Tape,
};
use crate::{
    msg::{message::Message, msg_type::MsgType, reject::Finding},
    session::{
        application::{Application, Outbox},
        config::SessionId,
        error::{AdminRefusal, BusinessReject, DoNotSend, SendError, UsageError},
        event::Event,
        state::CloseReason,
    },
    tag::Tag,
    time::Now,
    wire::writer::{Encode, Writer},
};

/// The application, and the tape beside it.
#[derive(Clone)]
pub(super) struct TapedApplication<A, T> {
    pub(super) inner: A,
    pub(super) notes: Notes<T>,
}

impl<A, T: Tape> TapedApplication<A, T> {
    /// Calls the application with a way out that is recorded too.
    pub(super) fn with_outbox<R>(
        &mut self,
        out: &mut dyn Outbox,
        call: impl FnOnce(&mut A, &mut dyn Outbox) -> R,
    ) -> R {
        if !self.notes.is_on() {
            return call(&mut self.inner, out);
        }
        self.notes.asked();
        call(&mut self.inner, &mut TapedOutbox { out, notes: &self.notes })
    }
}

impl<A: Application, T: Tape> Application for TapedApplication<A, T> {
    fn on_create(&mut self, session: &SessionId) {
        self.inner.on_create(session);
    }

    fn on_logon(&mut self, out: &mut dyn Outbox) {
        self.with_outbox(out, |application, out| application.on_logon(out));
    }

    fn on_logout(&mut self, reason: CloseReason) {
        self.inner.on_logout(reason);
    }

    fn to_admin(&mut self, msg_type: MsgType, out: &mut Writer<'_>) {
        if !self.notes.is_on() {
            return self.inner.to_admin(msg_type, out);
        }
        let before = out.written();
        self.notes.asked();
        self.inner.to_admin(msg_type, out);
        match out.since(before) {
            Some(&[]) => {}
            Some(fields) => {
                self.notes.answer(kind::ADMIN_FIELDS);
                self.notes.put_masked(fields, &mut Mask::of_fields(msg_type.as_bytes()));
            }
            None => self.notes.answer(kind::ADMIN_FIELDS_FAILED),
        }
    }

    fn from_admin(&mut self, message: &Message<'_>) -> Result<(), AdminRefusal> {
        let outcome = self.inner.from_admin(message);
        if self.notes.is_on() {
            self.notes.asked();
            if let Err(refusal) = &outcome {
                self.notes.answer(kind::ADMIN_REFUSAL);
                put_bytes(self.notes.tape(), refusal.text.as_bytes());
            }
        }
        outcome
    }

    fn to_app(&mut self, message: &Message<'_>) -> Result<(), DoNotSend> {
        let outcome = self.inner.to_app(message);
        if self.notes.is_on() {
            self.notes.asked();
            if outcome.is_err() {
                self.notes.answer(kind::DO_NOT_SEND);
            }
        }
        outcome
    }

    fn from_app(&mut self, message: &Message<'_>, out: &mut dyn Outbox) -> Result<(), BusinessReject> {
        let outcome = self.with_outbox(out, |application, out| application.from_app(message, out));
        if self.notes.is_on()
            && let Err(reject) = &outcome
        {
            self.notes.answer(kind::BUSINESS_REJECT);
            let tape = self.notes.tape();
            put_number(tape, reject.reason as u64);
            put_optional(tape, number(reject.ref_tag));
            put_optional(tape, number(reject.field));
            put_bytes(tape, reject.text.as_bytes());
        }
        outcome
    }

    fn on_finding(&mut self, message: &Message<'_>, finding: Finding) {
        self.inner.on_finding(message, finding);
    }

    fn on_stale_order(&mut self, message: &Message<'_>, age: Duration) {
        self.inner.on_stale_order(message, age);
    }

    fn own_report(&mut self) -> Option<&[u8]> {
        let report = self.inner.own_report();
        if self.notes.is_on() {
            self.notes.asked();
            if report.is_some() {
                self.notes.answer(kind::OWN_REPORT);
            }
        }
        report
    }

    fn on_event(&mut self, event: &Event<'_>) {
        self.inner.on_event(event);
    }
}

fn number(tag: Option<Tag>) -> Option<u64> {
    tag.and_then(|tag| u64::try_from(tag.0).ok())
}

/// The way out, with what takes it on the tape.
struct TapedOutbox<'a, T> {
    out: &'a mut dyn Outbox,
    notes: &'a Notes<T>,
}

impl<T: Tape> Outbox for TapedOutbox<'_, T> {
    fn send(&mut self, message: &dyn Encode) -> Result<u64, SendError> {
        let message = TapedMessage::new(message, self.notes);
        let outcome = self.out.send(&message);
        message.close(&outcome);
        outcome
    }

    fn logout(&mut self, text: Option<&str>) {
        self.notes.answer(kind::LOGS_OUT);
        put_optional_text(self.notes.tape(), text);
        self.out.logout(text);
    }

    fn now(&self) -> Now {
        self.out.now()
    }
}

/// A message that is recorded as it is encoded.
pub(super) struct TapedMessage<'a, T> {
    message: &'a dyn Encode,
    notes: &'a Notes<T>,
    /// Something of it is on the tape.
    is_begun: Cell<bool>,
}

impl<'a, T: Tape> TapedMessage<'a, T> {
    pub(super) fn new(message: &'a dyn Encode, notes: &'a Notes<T>) -> Self {
        TapedMessage { message, notes, is_begun: Cell::new(false) }
    }

    /// What came of it. A message that never got as far as `to_app` or the store has left no trace in the session.
    pub(super) fn close(&self, outcome: &Result<u64, SendError>) {
        let left_a_trace =
            matches!(outcome, Ok(_) | Err(SendError::Store(_) | SendError::Usage(UsageError::Refused)));
        if self.is_begun.get() && !left_a_trace {
            self.notes.answer(kind::NOT_TAKEN);
        }
    }

    fn put(&self, kind: u8, fields: &[u8]) {
        self.is_begun.set(true);
        self.notes.answer(kind);
        let msg_type = self.message.msg_type();
        if kind == kind::MESSAGE {
            put_bytes(self.notes.tape(), msg_type.as_bytes());
        }
        self.notes.put_masked(fields, &mut Mask::of_fields(msg_type.as_bytes()));
    }
}

impl<T: Tape> Encode for TapedMessage<'_, T> {
    fn msg_type(&self) -> MsgType {
        self.message.msg_type()
    }

    fn encode_header(&self, out: &mut Writer<'_>) {
        let before = out.written();
        self.message.encode_header(out);
        match out.since(before) {
            None | Some(&[]) => {}
            Some(fields) => self.put(kind::HEADER, fields),
        }
    }

    fn encode_body(&self, out: &mut Writer<'_>) {
        let before = out.written();
        self.message.encode_body(out);
        // What cannot be encoded is not taken.
        if let Some(fields) = out.since(before) {
            self.put(kind::MESSAGE, fields);
        }
    }
}
