//! The FIX 4.4 session, both roles, without I/O: messages and time in, messages out.
//!
//! Small machines side by side: the phases of a connection ([`state`]), `gap` (what we miss), `replay` (what
//! the counterparty asked for), `reset` (numbers that begin at 1 again) and `liveness` (heartbeats). They remember what is owed; a message is encoded
//! when it is sent, into the one output buffer, so byte order is MsgSeqNum order. Nothing becomes visible
//! before the store has it.

mod act;
mod admin;
pub mod application;
pub mod config;
mod context;
mod encode;
pub mod error;
pub mod event;
mod gap;
mod inbound;
mod kept;
mod liveness;
mod logon;
mod numbers;
mod outbound;
mod output;
mod replay;
mod reset;
pub mod schedule;
pub mod state;
mod status;
mod too_large;
mod verify;

pub(crate) use context::Context;
pub(crate) use kept::KeptBuffer;
pub(crate) use outbound::{Ask, Outlet};
pub use output::Buffer;
pub use status::SessionStatus;

use core::time::Duration;

use admin::{Admin, LogoutText};
use application::Application;
use config::{OnError, Role, SessionConfig};
use event::{Event, Reason};
use gap::{Gap, GapDue};
use liveness::{Due, Liveness};
use output::Output;
use replay::Replay;
use reset::Reset;
use state::{CloseReason, Phase, Trigger};

use crate::{
    store::{MessageStore, StoreError},
    time::{Mono, Now},
};

/// One session: its rules, numbers, machines, and the messages on their way out.
#[derive(Clone)]
pub(crate) struct Session<B, S> {
    pub(crate) config: SessionConfig,
    pub(crate) store: S,
    pub(crate) output: Output<B>,
    phase: Phase,
    close_reason: Option<CloseReason>,
    /// `on_logon` was called and `on_logout` was not.
    logged_on: bool,
    /// A Logout was sent or received on this connection: it was not just lost.
    logged_out: bool,
    gap: Gap,
    replay: Replay,
    reset: Reset,
    liveness: Liveness,
    heart_bt_int: u32,
    /// When the counterparty, which does not read, is given up.
    blocked_until: Option<Mono>,
    /// When LogonTimeout or LogoutTimeout ends.
    deadline: Option<Mono>,
    logout_owed: Option<LogoutText>,
    /// The expected message that is being worked on: it counts as processed in what answers it. 0: none.
    answering: u64,
    /// How many stored messages the running slice of a resend may still look at.
    looks_left: u8,
    /// MsgSeqNum(34) of the last message that was too large to be taken; 0: none.
    last_too_large: u64,
    /// The store has changed since its last flush.
    dirty: bool,
}

impl<B: Buffer, S: MessageStore> Session<B, S> {
    pub(crate) fn new(config: SessionConfig, output: B, store: S) -> Self {
        Session {
            heart_bt_int: config.heart_bt_int,
            config,
            store,
            output: Output::new(output),
            phase: Phase::Idle,
            close_reason: None,
            logged_on: false,
            logged_out: false,
            gap: Gap::default(),
            replay: Replay::default(),
            reset: Reset::default(),
            liveness: Liveness::default(),
            blocked_until: None,
            deadline: None,
            logout_owed: None,
            answering: 0,
            looks_left: 0,
            last_too_large: 0,
            dirty: false,
        }
    }

    pub(crate) fn phase(&self) -> Phase {
        self.phase
    }

    pub(crate) fn close_reason(&self) -> CloseReason {
        self.close_reason.unwrap_or(CloseReason::ConnectionLost)
    }

    pub(crate) fn connected(&mut self, cx: &mut Context<'_>) {
        if self.phase != Phase::Idle {
            self.disconnected(cx);
        }
        self.forget_connection();
        self.close_reason = None;
        self.deadline = Some(cx.now.mono.after(self.config.logon_timeout));
        self.transition(
            match self.config.role {
                Role::Initiator => Trigger::ConnectInitiator,
                Role::Acceptor => Trigger::ConnectAcceptor,
            },
            cx.app,
        );
    }

    pub(crate) fn disconnected(&mut self, cx: &mut Context<'_>) {
        self.transition(Trigger::Disconnect, cx.app);
        self.forget_connection();
        let reason = self.close_reason();
        if core::mem::take(&mut self.logged_on) {
            cx.app.on_logout(reason);
        }
        // Whoever has said or heard a Logout begins again, answered or not, and a side that crashed makes up
        // for it here: if only one side did, the numbers would never fit again.
        let logged_out = core::mem::take(&mut self.logged_out);
        let on_error =
            self.config.on_error == OnError::Reset && reason == CloseReason::Violation(Reason::EndedOnError);
        if on_error || self.config.reset_on_disconnect || (self.config.reset_on_logout && logged_out) {
            let _ = self.reset_numbers(cx);
        }
    }

    /// Nothing of a connection reaches the next one.
    fn forget_connection(&mut self) {
        self.output.clear();
        self.gap.clear();
        self.replay.clear();
        self.liveness.stop();
        self.blocked_until = None;
        self.deadline = None;
        self.logout_owed = None;
        self.reset.end_connection();
    }

    /// Does one thing that is owed or due. True if there was one.
    pub(crate) fn work(&mut self, cx: &mut Context<'_>) -> bool {
        if matches!(self.phase, Phase::Idle | Phase::Closing) {
            return false;
        }
        if self.deadline.is_some_and(|deadline| cx.now.mono >= deadline) {
            let logout = self.phase == Phase::LogoutSent;
            self.close(if logout { CloseReason::LogoutTimeout } else { CloseReason::LogonTimeout }, cx.app);
            return true;
        }
        if self.schedule_work(cx) {
            return true;
        }
        match self.phase {
            Phase::LogonOwed => {
                self.send_logon(cx);
                true
            }
            Phase::LoggedOn => {
                self.liveness_work(cx)
                    || self.gap_work(cx)
                    || (self.reset.is_due() && self.reset_work(cx))
                    || (self.logout_owed.is_some() && self.logout_work(cx))
            }
            _ => false,
        }
    }

    /// Outside its windows, and when a new one has begun, a session ends with a Logout.
    fn schedule_work(&mut self, cx: &mut Context<'_>) -> bool {
        let schedule = &self.config.schedule;
        if schedule.is_non_stop() {
            return false;
        }
        let created = self.store.creation_time();
        let is_old = created.is_some() && schedule.is_stale(created, cx.now.utc);
        match self.phase {
            Phase::LoggedOn if self.logout_owed.is_none() && (is_old || !schedule.is_open(cx.now.utc)) => {
                self.close_reason = Some(CloseReason::OutsideSchedule);
                self.logout_owed = Some(LogoutText::None);
            }
            Phase::LogonOwed | Phase::LogonSent | Phase::AwaitLogon if !schedule.is_open(cx.now.utc) => {
                self.close(CloseReason::OutsideSchedule, cx.app);
            }
            _ => return false,
        }
        true
    }

    fn liveness_work(&mut self, cx: &mut Context<'_>) -> bool {
        match self.liveness.due(cx.now.mono) {
            None => return false,
            // A resend is a sign of life itself, and a new message would have to wait for its end.
            Some(Due::Heartbeat) if self.replay.is_active() => return self.fill_so_far(cx),
            Some(Due::Heartbeat) => self.send_admin(cx, &Admin::Heartbeat { test_req_id: None }),
            Some(Due::TestRequest) => {
                cx.decide(Reason::CounterpartySilent, 0, self.next_in());
                self.liveness.tested();
                self.send_admin(cx, &Admin::TestRequest);
            }
            Some(Due::TimeOut) => {
                if self.config.send_logout_before_timeout {
                    self.send_admin(cx, &Admin::Logout { text: &LogoutText::None });
                }
                self.close(CloseReason::HeartbeatTimeout, cx.app);
            }
        }
        true
    }

    fn gap_work(&mut self, cx: &mut Context<'_>) -> bool {
        if let Some(number) = self.gap.overdue_test_request(cx.now.mono) {
            self.answer_kept_test_request(cx, number);
            return true;
        }
        match self.gap.due(cx.now.mono, self.gap_patience()) {
            None => return false,
            Some(GapDue::Ask) => self.ask(cx),
            Some(GapDue::GiveUp) => {
                cx.decide(Reason::GapUnanswered, self.next_in(), self.gap.highest());
                self.gap.clear();
                self.logout_owed = Some(LogoutText::Static("ResendRequest stays unanswered"));
            }
        }
        true
    }

    /// Asks for what is missing, up to the first message that is kept.
    fn ask(&mut self, cx: &mut Context<'_>) {
        let begin = self.next_in();
        let until = cx.kept.lowest_from(begin).map_or(self.gap.highest(), |kept| kept.saturating_sub(1));
        if until < begin {
            self.gap.advanced(begin, false, cx.now.mono);
            return;
        }
        let chunk = u64::from(self.config.resend_request_chunk_size);
        let until = if chunk > 0 { until.min(begin.saturating_add(chunk.saturating_sub(1))) } else { until };
        let end = if chunk > 0 || self.config.closed_resend_interval { until } else { 0 };
        cx.app.on_event(&Event::ResendAsked { begin, end: until, received: self.gap.highest() });
        self.gap.sent(begin, until, cx.now.mono);
        self.send_admin(cx, &Admin::ResendRequest { begin, end });
    }

    /// How long a ResendRequest may bring nothing.
    fn gap_patience(&self) -> Duration {
        match self.heart_bt_int {
            0 => Duration::from_secs(30),
            seconds => Duration::from_secs(u64::from(seconds).saturating_mul(2).max(10)),
        }
    }

    fn logout_work(&mut self, cx: &mut Context<'_>) -> bool {
        if self.replay.is_active() {
            return false;
        }
        let Some(text) = self.logout_owed.take() else { return false };
        self.start_logout(cx, &text);
        true
    }

    /// Sends a Logout and waits for the answer.
    fn start_logout(&mut self, cx: &mut Context<'_>, text: &LogoutText) {
        if self.phase == Phase::LoggedOn {
            self.send_admin(cx, &Admin::Logout { text });
            self.transition(Trigger::LogoutWritten, cx.app);
            self.deadline = Some(cx.now.mono.after(self.config.logout_timeout));
        }
    }

    pub(crate) fn owe_logout(&mut self, text: Option<&str>) {
        if self.phase == Phase::LoggedOn {
            self.logout_owed.get_or_insert_with(|| LogoutText::custom(text));
        }
    }

    /// Asks for a Logout; before the Logon is through the connection is just closed.
    pub(crate) fn logout(&mut self, text: Option<&str>, app: &mut dyn Application) {
        self.owe_logout(text);
        if matches!(self.phase, Phase::AwaitLogon | Phase::LogonOwed | Phase::LogonSent) {
            self.close(CloseReason::LoggedOutBeforeLogon, app);
        }
    }

    /// The moment at which [`work`](Self::work) has something to do, if nothing else happens before.
    pub(crate) fn next_deadline(&self, now: Now) -> Option<Mono> {
        if self.blocked_until.is_some() {
            return self.blocked_until;
        }
        let mut due = self.deadline;
        if self.phase == Phase::LoggedOn {
            due = earlier(due, self.liveness.deadline(!self.replay.is_active()));
            due = earlier(due, self.gap.deadline(self.gap_patience()));
        }
        match self.config.schedule.seconds_to_next(now.utc) {
            Some(seconds) if self.phase != Phase::Idle => {
                earlier(due, Some(now.mono.after(Duration::from_secs(seconds))))
            }
            _ => due,
        }
    }

    /// A counterparty that does not read holds up everything, time-outs included, and so does a Logout that
    /// cannot be written: the connection is given up after a while.
    pub(crate) fn give_up_writing(&mut self, cx: &mut Context<'_>) {
        let closing = self.phase == Phase::Closing;
        if self.output.is_empty() || (self.output.has_room() && !closing) {
            self.blocked_until = None;
            return;
        }
        let patience = if closing { self.config.logout_timeout } else { self.gap_patience() };
        let until = *self.blocked_until.get_or_insert(cx.now.mono.after(patience));
        if cx.now.mono >= until {
            self.output.clear();
            self.close(CloseReason::WriteTimeout, cx.app);
        }
    }

    /// What the application reports itself goes to the store with what caused it.
    pub(crate) fn keep_own_reports(&mut self, app: &mut dyn Application) -> Result<(), StoreError> {
        while let Some(report) = app.own_report() {
            self.dirty = true;
            self.store.own_report(report)?;
        }
        Ok(())
    }

    /// Makes the store durable if it has changed.
    pub(crate) fn flush(&mut self, app: &mut dyn Application) {
        if let Err(error) = self.keep_own_reports(app) {
            return self.fail(error, app);
        }
        if self.dirty {
            // What could not be made durable must be before anything is visible, be it on the next connection.
            match self.store.flush() {
                Ok(()) => self.dirty = false,
                Err(error) => return self.fail(error, app),
            }
            if self.store.is_full() {
                self.end_while_there_is_room(app);
            }
        }
    }

    /// What was promised is stored; the room that is left is for a Logout.
    fn end_while_there_is_room(&mut self, app: &mut dyn Application) {
        let reason = CloseReason::Store(StoreError::Full);
        if self.phase.is_in_session() && self.close_reason != Some(reason) {
            self.logout_owed = Some(LogoutText::Static("message store is full"));
            self.close_reason = Some(reason);
        } else if !self.phase.is_in_session() && self.phase != Phase::Closing {
            self.fail(StoreError::Full, app);
        }
    }

    fn transition(&mut self, trigger: Trigger, app: &mut dyn Application) {
        if let Some(to) = state::next(self.phase, trigger) {
            let from = core::mem::replace(&mut self.phase, to);
            app.on_event(&Event::State { from, to, trigger });
        }
    }

    /// Closes the connection once the output buffer is written. The first reason stays.
    fn close(&mut self, reason: CloseReason, app: &mut dyn Application) {
        self.close_reason.get_or_insert(reason);
        self.deadline = None;
        self.transition(Trigger::Close, app);
    }

    fn violation(&mut self, cx: &mut Context<'_>, reason: Reason) {
        cx.decide(reason, 0, self.next_in());
        self.close(CloseReason::Violation(reason), cx.app);
    }

    /// The store failed: nothing more becomes visible.
    pub(crate) fn fail(&mut self, error: StoreError, app: &mut dyn Application) {
        self.output.clear();
        self.close_reason = Some(CloseReason::Store(error));
        self.close(CloseReason::Store(error), app);
    }
}

/// The earlier of two moments, of which either may be none.
fn earlier(one: Option<Mono>, other: Option<Mono>) -> Option<Mono> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, None) => one,
        (None, other) => other,
    }
}
