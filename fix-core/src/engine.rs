//! The whole path: bytes to frames to messages to decisions to bytes.
//!
//! No I/O and no clock: a driver feeds received bytes and the time, writes what [`Engine::poll`] hands out,
//! and waits as long as it says. See [`Step`] for the contract.

mod admin;
mod at_rest;

use core::fmt;

use crate::{
    session::{
        Ask, Buffer, Context, KeptBuffer, Outlet, Session, SessionStatus,
        application::{Application, Outbox},
        config::SessionConfig,
        error::SendError,
        event::Event,
        schedule::Schedule,
        state::{CloseReason, Phase},
    },
    store::MessageStore,
    time::{Mono, Now},
    wire::{deframer::Deframer, writer::Encode},
};

/// The byte buffers of a session: the caller's, of any size, never resized. `B` is `&mut [u8]`, an array,
/// or a `Vec<u8>`.
pub struct Buffers<B> {
    /// Received bytes. Its size is the largest message accepted. One without any byte ends each connection at once with
    /// [`CloseReason::NoInboundBuffer`].
    pub inbound: B,
    /// Bytes to be written; at least four times the largest message sent, so that a stored one can be read
    /// and rewritten while others wait.
    pub outbound: B,
    /// Messages received beyond a gap. What does not fit is asked for again.
    pub kept: B,
}

/// The numbers and the state of every machine; no message bytes, no configuration.
impl<B: Buffer, S: MessageStore, A> fmt::Debug for Engine<B, S, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.session.fmt(f)
    }
}

/// What the driver does next. All there are: a driver that left one out would hang or lose bytes.
#[derive(Debug, PartialEq, Eq)]
pub enum Step<'a> {
    /// Write these bytes, report how many with [`Engine::sent`], and poll again. Go on reading while a write
    /// blocks, at most until [`Engine::deadline`]: two sides that only write would wait for each other.
    Write(&'a [u8]),
    /// Wait for received bytes, at most until this moment, then poll again. A moment that has come already
    /// means that there is more to do (a long resend is work in slices), after whatever else waits.
    Wait(Option<Mono>),
    /// Close the connection and call [`Engine::disconnected`].
    Close(CloseReason),
}

/// One session with its store and its application. A clone goes its own way from there.
#[derive(Clone)]
pub struct Engine<B, S, A> {
    deframer: Deframer<B>,
    kept: KeptBuffer<B>,
    session: Session<B, S>,
    application: A,
    /// The last poll ended because it found no more work, and nobody has brought any since.
    is_worked_off: bool,
}

impl<B: Buffer, S: MessageStore, A: Application> Engine<B, S, A> {
    /// A session without a connection. Calls `on_create`.
    pub fn new(config: SessionConfig, buffers: Buffers<B>, store: S, mut application: A) -> Self {
        application.on_create(&config.id);
        Engine {
            deframer: Deframer::new(buffers.inbound),
            kept: KeptBuffer::new(buffers.kept),
            session: Session::new(config, buffers.outbound, store),
            application,
            is_worked_off: false,
        }
    }

    /// A new connection stands. Nothing of the one before reaches it.
    pub fn connected(&mut self, now: Now) {
        self.is_worked_off = false;
        self.deframer.clear();
        self.kept.clear();
        self.session.connected(&mut context(now, &mut self.kept, &mut self.application));
        // It was cleared just now.
        if self.deframer.room_at_rest() == 0 {
            self.session.close(CloseReason::NoInboundBuffer, &mut self.application);
        }
    }

    /// The connection is gone, by whomever. Calls `on_logout` if the session was logged on.
    pub fn disconnected(&mut self, now: Now) {
        self.is_worked_off = false;
        self.session.disconnected(&mut context(now, &mut self.kept, &mut self.application));
        self.deframer.clear();
        self.kept.clear();
        self.session.flush(&mut self.application);
    }

    /// Room for received bytes; empty only while [`poll`](Self::poll) has frames to work on.
    pub fn space(&mut self) -> &mut [u8] {
        self.deframer.space()
    }

    /// `count` bytes were received into [`space`](Self::space).
    pub fn received(&mut self, count: usize) {
        self.is_worked_off = false;
        self.deframer.received(count);
    }

    /// `count` bytes of the last [`Step::Write`] were written.
    pub fn sent(&mut self, count: usize) {
        self.session.output.sent(count);
    }

    /// True while a message of the largest size that is sent finds room in the output: whoever has several to send
    /// asks before each, so that one [`poll`](Self::poll) flushes and writes all of them.
    pub fn has_room(&self) -> bool {
        self.session.output.has_room_outside()
    }

    /// Works on what is due, owed and received, until something must be written or waited for. The store is
    /// flushed before bytes are handed out.
    pub fn poll(&mut self, now: Now) -> Step<'_> {
        self.session.begin_slice();
        let cx = &mut context(now, &mut self.kept, &mut self.application);
        let mut has_room = self.session.output.has_room();
        while has_room && step(&mut self.session, &mut self.deframer, cx) {
            has_room = self.session.output.has_room();
        }
        self.is_worked_off = has_room;
        self.session.give_up_writing(cx);
        self.session.flush(cx.app);
        if !self.session.output.is_empty() {
            while let Some(message) = self.session.output.announce() {
                self.application.on_event(&Event::Outbound(message));
            }
            return Step::Write(self.session.output.pending());
        }
        match self.session.phase() {
            Phase::Closing => Step::Close(self.session.close_reason()),
            // Only a slice of a resend is over: whoever polls may see to others first.
            _ if self.session.is_slice_over() => Step::Wait(Some(now.mono)),
            _ => Step::Wait(self.session.next_deadline(now)),
        }
    }

    /// True if [`poll`](Self::poll) at the moment of the last one would say to wait until the [`deadline`](Self::deadline): a
    /// driver that has written all of a [`Step::Write`] need not poll again then.
    pub fn is_settled(&mut self) -> bool {
        // A resend may only have waited for room in the output.
        let is_idle = self.is_worked_off && self.session.output.is_empty() && !self.session.is_resending();
        if !is_idle || self.session.phase() == Phase::Closing {
            return false;
        }
        // A failure of the store is told by the next poll.
        self.session.keep_own_reports(&mut self.application).is_ok() && !self.session.is_dirty()
    }

    /// When to poll again though nothing was written or received.
    pub fn deadline(&self, now: Now) -> Option<Mono> {
        self.session.next_deadline(now)
    }

    /// Sends an application message and returns its MsgSeqNum(34). It is stored before it is visible; it goes
    /// out with the next [`poll`](Self::poll), after a resend that is running.
    ///
    /// # Errors
    /// [`SendError`]; no number is consumed then.
    pub fn send(&mut self, now: Now, message: &dyn Encode) -> Result<u64, SendError> {
        self.is_worked_off = false;
        self.session.send(now, message, Ask::ToApp(&mut self.application))
    }

    /// Ends the session with a Logout and waits for the answer, at most LogoutTimeout.
    pub fn logout(&mut self, text: Option<&str>) {
        self.is_worked_off = false;
        self.session.logout(text, &mut self.application);
    }

    /// Calls `renew` with each buffer that holds nothing and of which more than `least` bytes were used since the last
    /// call: a caller whose buffers take memory as they are used may put a new one of the same size in its place.
    /// Returns how many bytes [`space`](Self::space) has room for if nothing received waits there, else 0.
    pub fn give_back(&mut self, least: usize, mut renew: impl FnMut(&mut B)) -> usize {
        if let Some(buffer) = self.deframer.give_back(least) {
            renew(buffer);
        }
        if let Some(buffer) = self.session.output.give_back(least) {
            renew(buffer);
        }
        self.deframer.room_at_rest()
    }

    /// A snapshot.
    pub fn status(&self) -> SessionStatus {
        self.session.status(self.kept.used())
    }

    /// The rules of the session.
    pub fn config(&self) -> &SessionConfig {
        &self.session.config
    }

    /// Renews the schedule.
    pub fn set_schedule(&mut self, schedule: Schedule) {
        self.is_worked_off = false;
        self.session.config.schedule = schedule;
    }

    /// The application.
    pub fn application(&self) -> &A {
        &self.application
    }

    /// The application. To let it send, see [`with_application`](Self::with_application).
    pub fn application_mut(&mut self) -> &mut A {
        &mut self.application
    }

    /// Calls the application with a way out, as a callback would be.
    ///
    /// ```
    /// # use fix_core::{Application, Buffers, Engine, NoStore, Role, SessionConfig, SessionId};
    /// # use fix_core::{Mono, Now, UtcTimestamp};
    /// # struct Desk;
    /// # impl Application for Desk {}
    /// # let config = SessionConfig::new(Role::Initiator, SessionId::new("DESK", "VENUE")?);
    /// # let buffers = Buffers { inbound: vec![0; 4096], outbound: vec![0; 16384], kept: vec![0; 4096] };
    /// # let mut engine = Engine::new(config, buffers, NoStore::new(), Desk);
    /// # let now = Now { mono: Mono::from_millis(0), utc: UtcTimestamp::UNIX_EPOCH };
    /// engine.with_application(now, |_desk, out| out.logout(Some("end of day")));
    /// # Ok::<(), fix_core::session::config::IdError>(())
    /// ```
    pub fn with_application<R>(&mut self, now: Now, call: impl FnOnce(&mut A, &mut dyn Outbox) -> R) -> R {
        self.is_worked_off = false;
        call(&mut self.application, &mut Outlet { session: &mut self.session, now, answers: false })
    }

    /// Store and application at once.
    pub fn parts_mut(&mut self) -> (&mut S, &mut A) {
        (&mut self.session.store, &mut self.application)
    }

    /// The store.
    pub fn store_mut(&mut self) -> &mut S {
        &mut self.session.store
    }

    /// Store and application, to be used again.
    pub fn into_parts(self) -> (S, A) {
        (self.session.store, self.application)
    }
}

fn context<'a>(
    now: Now,
    kept: &'a mut KeptBuffer<impl Buffer>,
    app: &'a mut impl Application,
) -> Context<'a> {
    Context { now, app, kept: kept.kept() }
}

/// One round: what is owed, one message of a resend, one received message. True if anything was done.
#[inline(always)]
fn step<B: Buffer, S: MessageStore>(
    session: &mut Session<B, S>,
    deframer: &mut Deframer<B>,
    cx: &mut Context<'_>,
) -> bool {
    if matches!(session.phase(), Phase::Idle | Phase::Closing) {
        return false;
    }
    let mut busy = session.work(cx);
    if session.output.has_room_to_resend() {
        busy |= session.replay_step(cx);
    }
    if session.output.has_room() {
        busy |= inbound_step(session, deframer, cx);
    }
    busy
}

/// One received message, be it one that was kept.
#[inline(always)]
fn inbound_step<B: Buffer, S: MessageStore>(
    session: &mut Session<B, S>,
    deframer: &mut Deframer<B>,
    cx: &mut Context<'_>,
) -> bool {
    if session.on_kept(cx) {
        return true;
    }
    match deframer.next_frame() {
        None => return session.receiving(cx.now, deframer.begun()),
        Some(Ok(frame)) => session.on_frame(cx, frame),
        Some(Err(garbled)) => session.on_garbled(cx, garbled.reason, deframer.skipped(&garbled)),
    }
    true
}
