//! An engine whose calls are recorded.

use core::fmt;

use super::{
    crc::Crc,
    entry::kind,
    fingerprint::fingerprint,
    mask::Mask,
    notes::{Notes, put_masked, put_optional_text},
    number::{Moved, ORIGIN, put_bytes, put_number},
    start::{Start, put_numbers, put_schedule},
    tape::Tape,
    taped_application::{TapedApplication, TapedMessage},
    taped_store::TapedStore,
};
use crate::{
    engine::{Buffers, Engine, Step},
    session::{
        Buffer, SessionStatus,
        application::{Application, Outbox},
        config::SessionConfig,
        error::SendError,
        schedule::Schedule,
    },
    store::{MessageStore, StoreError},
    time::{Mono, Now},
    wire::writer::Encode,
};

/// An [`Engine`] with the same methods, of which all that goes in and the sums of what comes out go to a [`Tape`]. Without
/// one that is on it is the engine alone.
pub struct Recorded<B, S, A, T: Tape> {
    engine: Engine<B, TapedStore<S, T>, TapedApplication<A, T>>,
    tape: T,
    sizes: [u64; 3],
    /// Of the dictionary; made once something is recorded.
    dictionary: Option<u32>,
    is_started: bool,
    last: Now,
    inbound: Mask,
    outbound: Mask,
    /// Of the message that is being written.
    crc: Crc,
}

impl<B: Buffer, S: MessageStore, A: Application, T: Tape> fmt::Debug for Recorded<B, S, A, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.engine.fmt(f)
    }
}

impl<B: Buffer, S: MessageStore, A: Application, T: Tape> Recorded<B, S, A, T> {
    /// As [`Engine::new`], recorded on `tape`.
    pub fn new(config: SessionConfig, buffers: Buffers<B>, store: S, application: A, tape: T) -> Self {
        let sizes =
            [&buffers.inbound, &buffers.outbound, &buffers.kept].map(|buffer| buffer.as_ref().len() as u64);
        let store = TapedStore::new(store, tape.clone());
        let application = TapedApplication { inner: application, notes: Notes::new(tape.clone()) };
        Recorded {
            engine: Engine::new(config, buffers, store, application),
            tape,
            sizes,
            dictionary: None,
            is_started: false,
            last: ORIGIN,
            inbound: Mask::new(),
            outbound: Mask::new(),
            crc: Crc::default(),
        }
    }

    /// See [`Engine::connected`].
    pub fn connected(&mut self, now: Now) {
        self.timed(kind::CONNECTED, now);
        (self.inbound, self.outbound, self.crc) = (Mask::new(), Mask::new(), Crc::default());
        self.engine.connected(now);
    }

    /// See [`Engine::disconnected`].
    pub fn disconnected(&mut self, now: Now) {
        self.timed(kind::DISCONNECTED, now);
        self.engine.disconnected(now);
    }

    /// See [`Engine::space`].
    pub fn space(&mut self) -> &mut [u8] {
        self.engine.space()
    }

    /// See [`Engine::received`].
    pub fn received(&mut self, count: usize) {
        let is_recorded = self.begin();
        self.engine.received(count);
        if is_recorded {
            let bytes = self.engine.last_received(count);
            self.tape.put(&[kind::RECEIVED]);
            put_number(&self.tape, bytes.len() as u64);
            put_masked(&self.tape, bytes, &mut self.inbound);
        }
    }

    /// See [`Engine::sent`].
    pub fn sent(&mut self, count: usize) {
        if self.begin() {
            self.tape.put(&[kind::SENT]);
            put_number(&self.tape, count as u64);
            let bytes = self.engine.pending();
            for byte in bytes.get(..count).unwrap_or(bytes) {
                let (shown, is_end) = self.outbound.next(*byte);
                self.crc.byte(shown);
                if is_end {
                    self.tape.put(&[kind::WRITTEN]);
                    self.tape.put(&self.crc.value().to_le_bytes());
                    self.crc = Crc::default();
                }
            }
        }
        self.engine.sent(count);
    }

    /// See [`Engine::has_room`].
    pub fn has_room(&self) -> bool {
        self.engine.has_room()
    }

    /// See [`Engine::poll`].
    pub fn poll(&mut self, now: Now) -> Step<'_> {
        self.timed(kind::POLL, now);
        self.engine.poll(now)
    }

    /// See [`Engine::is_settled`].
    pub fn is_settled(&mut self) -> bool {
        if self.begin() {
            self.tape.put(&[kind::SETTLED]);
        }
        self.engine.is_settled()
    }

    /// See [`Engine::deadline`].
    pub fn deadline(&self, now: Now) -> Option<Mono> {
        self.engine.deadline(now)
    }

    /// See [`Engine::send`].
    ///
    /// # Errors
    /// As there.
    pub fn send(&mut self, now: Now, message: &dyn Encode) -> Result<u64, SendError> {
        if !self.begin() {
            return self.engine.send(now, message);
        }
        self.moment(kind::SEND, now);
        // The engine has the application's while it sends.
        let notes = self.engine.application().notes.split();
        let message = TapedMessage::new(message, &notes);
        let outcome = self.engine.send(now, &message);
        message.close(&outcome);
        self.engine.application().notes.join(&notes);
        outcome
    }

    /// See [`Engine::logout`].
    pub fn logout(&mut self, text: Option<&str>) {
        if self.begin() {
            self.tape.put(&[kind::LOGOUT]);
            put_optional_text(&self.tape, text);
        }
        self.engine.logout(text);
    }

    /// See [`Engine::give_back`].
    pub fn give_back(&mut self, least: usize, renew: impl FnMut(&mut B)) -> usize {
        self.engine.give_back(least, renew)
    }

    /// See [`Engine::status`].
    pub fn status(&self) -> SessionStatus {
        self.engine.status()
    }

    /// See [`Engine::config`].
    pub fn config(&self) -> &SessionConfig {
        self.engine.config()
    }

    /// See [`Engine::set_schedule`].
    pub fn set_schedule(&mut self, schedule: Schedule) {
        if self.begin() {
            self.tape.put(&[kind::SET_SCHEDULE]);
            put_schedule(&self.tape, &schedule);
        }
        self.engine.set_schedule(schedule);
    }

    /// See [`Engine::application`].
    pub fn application(&self) -> &A {
        &self.engine.application().inner
    }

    /// See [`Engine::application_mut`].
    pub fn application_mut(&mut self) -> &mut A {
        &mut self.engine.application_mut().inner
    }

    /// See [`Engine::with_application`].
    pub fn with_application<R>(&mut self, now: Now, call: impl FnOnce(&mut A, &mut dyn Outbox) -> R) -> R {
        self.timed(kind::COMMAND, now);
        self.engine.with_application(now, |application, out| application.with_outbox(out, call))
    }

    /// See [`Engine::parts_mut`].
    pub fn parts_mut(&mut self) -> (&mut S, &mut A) {
        let (store, application) = self.engine.parts_mut();
        (&mut store.inner, &mut application.inner)
    }

    /// See [`Engine::store_mut`].
    pub fn store_mut(&mut self) -> &mut S {
        &mut self.engine.store_mut().inner
    }

    /// See [`Engine::into_parts`].
    pub fn into_parts(self) -> (S, A) {
        let (store, application) = self.engine.into_parts();
        (store.inner, application.inner)
    }

    /// See [`Engine::set_next_in`].
    ///
    /// # Errors
    /// As there.
    pub fn set_next_in(&mut self, number: u64) -> Result<(), StoreError> {
        if self.begin() {
            self.tape.put(&[kind::SET_NEXT_IN]);
            put_number(&self.tape, number);
        }
        self.engine.set_next_in(number)
    }

    /// See [`Engine::set_next_out`].
    ///
    /// # Errors
    /// As there.
    pub fn set_next_out(&mut self, number: u64) -> Result<(), StoreError> {
        if self.begin() {
            self.tape.put(&[kind::SET_NEXT_OUT]);
            put_number(&self.tape, number);
        }
        self.engine.set_next_out(number)
    }

    /// See [`Engine::reset`].
    ///
    /// # Errors
    /// As there.
    pub fn reset(&mut self, now: Now) -> Result<(), StoreError> {
        self.timed(kind::RESET, now);
        self.engine.reset(now)
    }

    /// See [`Engine::test_request`].
    ///
    /// # Errors
    /// As there.
    pub fn test_request(&mut self, now: Now, id: &str) -> Result<u64, SendError> {
        if self.timed(kind::TEST_REQUEST, now) {
            put_bytes(&self.tape, id.as_bytes());
        }
        self.engine.test_request(now, id)
    }

    /// See [`Engine::flush`].
    ///
    /// # Errors
    /// As there.
    pub fn flush(&mut self) -> Result<(), StoreError> {
        if self.begin() {
            self.tape.put(&[kind::FLUSH]);
        }
        self.engine.flush()
    }

    /// An entry with a moment; true if it is on the tape.
    fn timed(&mut self, kind: u8, now: Now) -> bool {
        if !self.tape.is_on() {
            return false;
        }
        if !self.is_started {
            self.last = now;
        }
        let is_taped = self.begin();
        if is_taped {
            self.moment(kind, now);
        }
        is_taped
    }

    fn moment(&mut self, kind: u8, now: Now) {
        let Moved { mono, utc } = Moved::between(self.last, now);
        self.last = now;
        self.tape.put(&[kind]);
        put_number(&self.tape, mono);
        put_number(&self.tape, utc);
    }

    /// True if what comes is to be put on the tape, which then has a Start, and the store's numbers as they are.
    fn begin(&mut self) -> bool {
        if !self.tape.is_on() {
            return false;
        }
        if self.tape.wants_start() && self.start() {
            self.is_started = true;
            return true;
        }
        let store = self.engine.store();
        let numbers = store.numbers();
        if self.is_started && numbers != store.model.numbers {
            self.engine.store_mut().model.numbers = numbers;
            self.tape.put(&[kind::NUMBERS]);
            put_numbers(&self.tape, &numbers);
        }
        self.is_started
    }

    /// Puts a Start on the tape if the session is at rest.
    fn start(&mut self) -> bool {
        let Some((standing, is_worked_off)) = self.engine.standing() else { return false };
        if self.dictionary.is_none() {
            self.dictionary = self.engine.config().dictionary().map(fingerprint);
        }
        let (numbers, capacity) = (self.engine.store().numbers(), self.engine.store().inner.capacity());
        let (store, application) = self.engine.parts_mut();
        store.model.numbers = numbers;
        store.notes.begin();
        application.notes.begin();
        // Between messages: each begins and ends between two Starts.
        (self.inbound, self.outbound, self.crc) = (Mask::new(), Mask::new(), Crc::default());
        self.tape.start();
        let start = Start {
            now: self.last,
            config: self.engine.config().clone(),
            dictionary: self.dictionary,
            sizes: self.sizes,
            numbers,
            capacity,
            standing,
            is_worked_off,
        };
        start.put(&self.tape);
        true
    }
}
