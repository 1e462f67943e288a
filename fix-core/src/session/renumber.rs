//! Logons with ResetSeqNumFlag(141)=Y inside a session, and resets that are said again.

use super::{
    Session,
    admin::{self, Admin},
    context::Context,
    event::Reason,
    outbound::Ask,
    output::Buffer,
    state::{CloseReason, Phase},
};
use crate::{
    msg::message::Message,
    store::{MessageStore, StoreError},
};

impl<B: Buffer, S: MessageStore> Session<B, S> {
    /// Administration: at once before the Logons, with a Logon and its answer once logged on, be it on the
    /// next connection.
    pub(crate) fn reset(&mut self, cx: &mut Context<'_>) -> Result<(), StoreError> {
        if matches!(self.phase, Phase::Idle | Phase::LogonOwed | Phase::AwaitLogon) {
            return self.reset_numbers(cx);
        }
        self.reset.owe();
        Ok(())
    }

    /// Our own reset inside the session: our numbers begin again with this Logon, theirs with its answer, so
    /// that what they sent before it still counts.
    pub(super) fn reset_work(&mut self, cx: &mut Context<'_>) -> bool {
        if self.replay.is_active() {
            return false;
        }
        let next_in = self.next_in();
        self.dirty = true;
        if let Err(error) = self.store.reset_one_side(cx.now.utc) {
            self.fail(error, cx.app);
            return true;
        }
        self.reset.said_in_session(next_in);
        let logon = self.logon.renew(&self.config);
        self.send_admin(cx, &logon);
        true
    }

    /// The counterparty has answered our reset inside the session: it counts from its answer on.
    pub(super) fn reset_answered(&mut self, cx: &mut Context<'_>) {
        self.gap.clear();
        self.set_next_in(cx, 2);
        cx.decide(Reason::NumbersReset, 2, self.store.next_out());
    }

    /// Whoever goes on in the session has taken our Logon, and the reset in it.
    pub(super) fn confirm_reset(&mut self, cx: &mut Context<'_>) {
        if let Some(next_in) = self.reset.take_confirmation() {
            self.set_next_in(cx, next_in);
        }
    }

    /// Once our Logout is out a reset is not acted on, and what follows it has numbers of another life: none of it
    /// counts. It comes again behind the reset, which is said again with the next Logon. Who logs out is heard.
    pub(super) fn behind_missed_reset(&mut self, cx: &mut Context<'_>, message: &Message<'_>, number: u64) {
        if message.msg_type() != admin::LOGOUT {
            return cx.decide(Reason::NotAnsweredAfterLogout, number, self.next_in());
        }
        let _ = cx.app.from_admin(message);
        self.logout_received(cx, 0);
    }

    /// Sends a Logon, or says a reset that was never answered again: as the number 1 that it is, in the place
    /// of the stored one.
    pub(super) fn say_logon(&mut self, cx: &mut Context<'_>, logon: &Admin<'_>) {
        if !self.is_reset_unanswered() || self.store.next_out() == 1 {
            return self.send_admin(cx, logon);
        }
        cx.decide(Reason::ResetSaidAgain, 1, 1);
        match self.encode(cx.now, 1, logon, Ask::ToAdmin(cx.app)) {
            Ok(len) => self.commit(cx.now, len),
            Err(_) => self.close(CloseReason::OutputTooSmall, cx.app),
        }
    }

    /// What was sent after a reset that had to be said again: the counterparty counts from 2 on once more.
    pub(super) fn resend_after_reset(&mut self) {
        let last = self.replay.last_visible(self.store.next_out());
        if last > 1 {
            self.replay.start(2, last);
        }
    }
}
