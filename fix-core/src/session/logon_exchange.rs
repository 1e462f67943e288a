//! The Logon exchange: first messages, answers, and Logons inside a session (cases 1B, 1S).

use super::{
    Outlet, Session,
    admin::{self, LogoutText},
    context::Context,
    event::Reason,
    identity::is_from_counterparty,
    logon::{LogonFault, Terms},
    output::Buffer,
    peer_text::PeerText,
    state::{CloseReason, Phase, Trigger},
};
use crate::{
    msg::message::Message,
    store::{MessageStore, StoreError},
    tag::{self, Tag},
};

impl<B: Buffer, S: MessageStore> Session<B, S> {
    /// The initiator's Logon.
    pub(super) fn send_logon(&mut self, cx: &mut Context<'_>) {
        let resets = self.config.resets();
        // A Logon with ResetSeqNumFlag(141)=Y that was never answered may be lost: the counterparty would
        // take the next number for one of the old session. It is said again, as number 1.
        let unanswered = resets && self.store.next_in() == Some(1) && self.store.next_out() > 1;
        let prepared = self.prepare_numbers(cx, self.config.reset_on_logon || unanswered);
        if let Err(error) = prepared {
            return self.fail(error, cx.app);
        }
        let begins_anew = (self.next_in(), self.store.next_out()) == (1, 1);
        let reset = (resets && begins_anew) || self.is_reset_unanswered();
        if reset {
            self.reset.said_in_logon();
        }
        let next_in = self.next_in();
        let logon = self.logon.ask(&self.config, reset, next_in);
        self.say_logon(cx, &logon);
        self.transition(Trigger::LogonWritten, cx.app);
    }

    /// Brings the numbers to where a Logon must find them: read again, begun again by the schedule or by the
    /// configuration or flag (`reset`).
    fn prepare_numbers(&mut self, cx: &mut Context<'_>, reset: bool) -> Result<(), StoreError> {
        if self.config.refresh_on_logon {
            self.store.refresh()?;
        }
        if reset || self.config.schedule.is_stale(self.store.creation_time(), cx.now.utc) {
            self.reset_numbers(cx)?;
        }
        Ok(())
    }

    /// The first message on an acceptor's connection. What is not a Logon for this session is not answered at
    /// all: nobody learns from us whom we would talk to. A bad one is refused with a Logout that says why.
    pub(super) fn first_message(&mut self, cx: &mut Context<'_>, message: &Message<'_>) {
        if message.msg_type() != admin::LOGON {
            return self.violation(cx, Reason::FirstMessageNotLogon);
        }
        let Some(mut terms) = self.terms(cx, message) else { return };
        let reset = self.config.reset_on_logon || (terms.reset && !self.is_reset_unanswered());
        if let Err(error) = self.prepare_numbers(cx, reset) {
            return self.fail(error, cx.app);
        }
        // A reset of ours went down with the connection, or the process, before: it is said again.
        let again = self.is_reset_unanswered();
        terms.is_of_old_session = again && !terms.reset && terms.number != 1;
        if !self.numbers_fit(cx, &terms) {
            return;
        }
        let next_in = self.next_in();
        self.answering = if terms.number == next_in { terms.number } else { 0 };
        let own_number = if again { 1 } else { self.store.next_out() };
        self.transition(Trigger::LogonAccepted, cx.app);
        if again {
            self.reset.said_again(next_in);
        }
        let expected = if terms.number == next_in { next_in.saturating_add(1) } else { next_in };
        let answer = self.logon.answer(&self.config, &terms, terms.reset || again, expected);
        self.say_logon(cx, &answer);
        self.logged_on(cx, message, &terms, own_number);
    }

    /// What comes back on the initiator's Logon.
    pub(super) fn logon_answer(&mut self, cx: &mut Context<'_>, message: &Message<'_>) {
        if message.msg_type() == admin::LOGOUT && is_from_counterparty(&self.config, message) {
            if let Some(Ok(number)) = message.header().msg_seq_num() {
                self.consume(cx, number);
            }
            self.logged_out = true;
            // The connection is closed whatever the application says to it.
            let _ = cx.app.from_admin(message);
            let text = PeerText::new(message.get(tag::TEXT).unwrap_or_default());
            return self.close(CloseReason::LogonRefused(text), cx.app);
        }
        if message.msg_type() != admin::LOGON {
            return self.violation(cx, Reason::LogonAnswerUnexpected);
        }
        let Some(terms) = self.terms(cx, message) else { return };
        let own_number = self.replay.last_visible(self.store.next_out());
        let awaited = self.reset.take_answer();
        if terms.reset && !awaited {
            // The acceptor begins again unasked. Our Logon counts as its number 1 if it was that.
            if let Err(error) = self.reset_numbers(cx) {
                return self.fail(error, cx.app);
            }
            if own_number == 1
                && let Err(error) = self.store.set_next_out(2)
            {
                return self.fail(error, cx.app);
            }
        }
        if awaited && !terms.reset {
            cx.decide(Reason::ResetNotConfirmed, terms.number, self.next_in());
        }
        if !self.numbers_fit(cx, &terms) {
            return;
        }
        self.transition(Trigger::LogonAccepted, cx.app);
        let next_visible = self.replay.last_visible(self.store.next_out()).saturating_add(1);
        self.logged_on(cx, message, &terms, next_visible);
    }

    /// Both Logons are through: count theirs, repair gaps on either side, tell the application.
    fn logged_on(&mut self, cx: &mut Context<'_>, message: &Message<'_>, terms: &Terms, own_number: u64) {
        self.deadline = None;
        self.liveness.start(self.logon.heart_bt_int(), &self.config, cx.now.mono);
        if self.is_reset_unanswered() {
            self.resend_after_reset();
        }
        let next_in = self.next_in();
        if terms.number == next_in {
            self.consume(cx, terms.number);
        } else if !terms.is_of_old_session {
            cx.decide(Reason::MsgSeqNumTooHigh, terms.number, next_in);
            self.count_later(cx, terms.number, message);
            if terms.next_expected.is_some() {
                self.gap.expect(next_in, terms.number.saturating_sub(1), cx.now.mono);
            } else {
                self.gap.beyond(terms.number, false);
                self.ask(cx);
            }
        }
        if let Some(expected) = terms.next_expected.filter(|expected| *expected < own_number) {
            cx.decide(Reason::ResendRequested, expected, own_number.saturating_sub(1));
            self.replay.start(expected.max(1), own_number.saturating_sub(1));
        }
        self.replay.release();
        if self.phase == Phase::LoggedOn {
            self.logon.begin();
            cx.app.on_logon(&mut Outlet { session: self, now: cx.now, answers: true });
        }
    }

    /// A Logon while logged on: a reset of both numbers, or an error.
    pub(super) fn second_logon(&mut self, cx: &mut Context<'_>, message: &Message<'_>, number: u64) {
        let reset = message.get(Tag(141)) == Some(b"Y");
        if !(reset && number == 1) {
            return if number < self.next_in() {
                self.too_low(cx, message, number);
            } else {
                self.refuse(cx, Reason::SecondLogon, Reason::SecondLogon.text());
            };
        }
        let Some(terms) = self.terms(cx, message) else { return };
        cx.kept.clear();
        if self.reset.take_answer() {
            self.reset.miss(false);
            return self.reset_answered(cx);
        }
        if self.phase == Phase::LogoutSent {
            // Unanswered, it is said again with the next Logon.
            return cx.decide(Reason::NotAnsweredAfterLogout, number, self.next_in());
        }
        if !self.reset.may_answer() {
            return self.refuse(cx, Reason::ResetStorm, Reason::ResetStorm.text());
        }
        if let Err(error) = self.reset_numbers(cx) {
            return self.fail(error, cx.app);
        }
        self.reset.miss(false);
        self.set_next_in(cx, 2);
        let answer = self.logon.answer(&self.config, &terms, true, 2);
        self.liveness.start(self.logon.heart_bt_int(), &self.config, cx.now.mono);
        self.send_admin(cx, &answer);
    }

    /// What their Logon says. `None`: it was refused.
    fn terms(&mut self, cx: &mut Context<'_>, message: &Message<'_>) -> Option<Terms> {
        match Terms::read(&self.config, cx.now, message, self.phase.is_in_session()) {
            Ok(terms) => match cx.app.from_admin(message) {
                Ok(()) => return Some(terms),
                Err(refusal) => self.refuse(cx, Reason::LogonRefusedByApplication, refusal.text),
            },
            Err(LogonFault::Unidentified) => self.violation(cx, Reason::LogonUnidentified),
            Err(LogonFault::OutsideSchedule) => self.close(CloseReason::OutsideSchedule, cx.app),
            Err(LogonFault::Breaks(reason)) => self.refuse(cx, reason, reason.text()),
            Err(LogonFault::Invalid(finding)) => {
                cx.decide(Reason::LogonInvalid, 0, self.next_in());
                let reason = CloseReason::Violation(Reason::LogonInvalid);
                self.say_goodbye(cx, &LogoutText::Invalid(finding), reason);
            }
        }
        None
    }

    /// False if the numbers of their Logon have ended the session.
    fn numbers_fit(&mut self, cx: &mut Context<'_>, terms: &Terms) -> bool {
        if terms.is_of_old_session {
            return true;
        }
        self.follow(cx, terms.number);
        let expected = self.next_in();
        match terms.misfit(&self.config, expected, self.store.next_out()) {
            None => return true,
            Some(reason @ Reason::MsgSeqNumTooLow) => {
                cx.decide(reason, terms.number, expected);
                let text = LogoutText::TooLow { expected, received: terms.number };
                self.say_goodbye(cx, &text, CloseReason::Violation(reason));
            }
            Some(reason) => self.refuse(cx, reason, reason.text()),
        }
        false
    }
}
