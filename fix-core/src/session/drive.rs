//! What a driver asks of a session: a connection begins or ends, time passes, the store is to be made durable.

use core::time::Duration;

use super::{
    Session,
    admin::{Admin, LogoutText},
    application::Application,
    config::{OnError, Role},
    context::Context,
    event::Reason,
    liveness::Due,
    output::Buffer,
    state::{CloseReason, Phase, Trigger},
};
use crate::{
    store::{MessageStore, StoreError},
    time::{Mono, Now},
};

impl<B: Buffer, S: MessageStore> Session<B, S> {
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
        if self.logon.end() {
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

    /// True if the store has something that is not durable.
    pub(crate) fn is_dirty(&self) -> bool {
        self.dirty
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
}

/// The earlier of two moments, of which either may be none.
fn earlier(one: Option<Mono>, other: Option<Mono>) -> Option<Mono> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, None) => one,
        (None, other) => other,
    }
}
