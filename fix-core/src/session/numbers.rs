//! The two sequence numbers of a session, and how they begin at 1 again.

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
    /// MsgSeqNum(34) of the next message from the counterparty.
    pub(crate) fn next_in(&self) -> u64 {
        self.reset.next_in().or_else(|| self.store.next_in()).unwrap_or(1)
    }

    pub(super) fn set_next_in(&mut self, cx: &mut Context<'_>, number: u64) {
        if let Err(error) = self.expect_next_in(number) {
            self.fail(error, cx.app);
        }
    }

    pub(crate) fn expect_next_in(&mut self, number: u64) -> Result<(), StoreError> {
        if self.reset.expect(number) {
            return Ok(());
        }
        self.dirty = true;
        self.store.set_next_in(number)
    }

    /// True from our Logon with ResetSeqNumFlag(141)=Y until the counterparty is known to have taken it.
    pub(super) fn is_reset_unanswered(&self) -> bool {
        self.store.next_in().is_none()
    }

    /// Both numbers begin at 1 and all sent messages are forgotten.
    pub(crate) fn reset_numbers(&mut self, cx: &mut Context<'_>) -> Result<(), StoreError> {
        self.dirty = true;
        self.store.reset(cx.now.utc)?;
        self.reset.begun_again();
        self.gap.clear();
        self.replay.clear();
        cx.decide(Reason::NumbersReset, 1, 1);
        Ok(())
    }

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
        let logon = Admin::Logon {
            heart_bt_int: self.heart_bt_int,
            reset: true,
            max_message_size: self.config.max_message_size,
            next_expected: None,
        };
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
