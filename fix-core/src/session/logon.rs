//! The Logon exchange: first messages, answers, and Logons inside a session (cases 1B, 1S).

use super::{
    Outlet, Session,
    admin::{self, Admin, LogoutText},
    config::Role,
    context::Context,
    event::Reason,
    outbound::LAST_NUMBER,
    output::Buffer,
    state::{CloseReason, Phase, Trigger},
    verify::TimeFault,
};
use crate::{
    msg::{
        message::Message,
        reject::{Finding, SessionRejectReason},
    },
    store::{MessageStore, StoreError},
    tag::Tag,
};

/// What a Logon says.
struct Terms {
    number: u64,
    /// The number is one of the session that our answer ends: it does not count.
    is_of_old_session: bool,
    heart_bt_int: u32,
    reset: bool,
    next_expected: Option<u64>,
}

impl<B: Buffer, S: MessageStore> Session<B, S> {
    /// The initiator's Logon.
    pub(super) fn send_logon(&mut self, cx: &mut Context<'_>) {
        let config = &self.config;
        let resets = config.resets();
        // A Logon with ResetSeqNumFlag(141)=Y that was never answered may be lost: the counterparty would
        // take the next number for one of the old session. It is said again, as number 1.
        let unanswered = resets && self.store.next_in() == Some(1) && self.store.next_out() > 1;
        let prepared = self.prepare_numbers(cx, self.config.reset_on_logon || unanswered);
        if let Err(error) = prepared {
            return self.fail(error, cx.app);
        }
        let begins_anew = (self.next_in(), self.store.next_out()) == (1, 1);
        let config = &self.config;
        let reset = (resets && begins_anew) || self.is_reset_unanswered();
        if reset {
            self.reset.said_in_logon();
        }
        self.heart_bt_int = config.heart_bt_int;
        let logon = Admin::Logon {
            heart_bt_int: self.heart_bt_int,
            reset,
            max_message_size: self.config.max_message_size,
            next_expected: config.send_next_expected_msg_seq_num.then(|| self.next_in()),
        };
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
        let Some(mut terms) = self.check_logon(cx, message) else { return };
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
        self.heart_bt_int =
            if self.config.heart_bt_int_override { self.config.heart_bt_int } else { terms.heart_bt_int };
        let expected = if terms.number == next_in { next_in.saturating_add(1) } else { next_in };
        let answer = Admin::Logon {
            heart_bt_int: terms.heart_bt_int,
            reset: terms.reset || again,
            max_message_size: self.config.max_message_size,
            next_expected: self.config.send_next_expected_msg_seq_num.then_some(expected),
        };
        self.say_logon(cx, &answer);
        self.logged_on(cx, message, &terms, own_number);
    }

    /// What comes back on the initiator's Logon.
    pub(super) fn logon_answer(&mut self, cx: &mut Context<'_>, message: &Message<'_>) {
        if message.msg_type() == admin::LOGOUT && self.is_from_counterparty(message) {
            if let Some(Ok(number)) = message.header().msg_seq_num() {
                self.consume(cx, number);
            }
            self.logged_out = true;
            // The application learns why from its Text(58); the connection is closed whatever it says.
            let _ = cx.app.from_admin(message);
            return self.close(CloseReason::LogonRefused, cx.app);
        }
        if message.msg_type() != admin::LOGON {
            return self.violation(cx, Reason::LogonAnswerUnexpected);
        }
        let Some(terms) = self.check_logon(cx, message) else { return };
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
        self.liveness.start(self.heart_bt_int, &self.config, cx.now.mono);
        if self.is_reset_unanswered() {
            self.resend_after_reset();
        }
        let next_in = self.next_in();
        let announces = self.config.send_next_expected_msg_seq_num;
        if terms.number == next_in {
            self.consume(cx, terms.number);
        } else if !terms.is_of_old_session {
            cx.decide(Reason::MsgSeqNumTooHigh, terms.number, next_in);
            self.count_later(cx, terms.number, message);
            if announces && terms.next_expected.is_some() {
                self.gap.expect(next_in, terms.number.saturating_sub(1), cx.now.mono);
            } else {
                self.gap.beyond(terms.number, false);
                self.ask(cx);
            }
        }
        if let Some(expected) = terms.next_expected.filter(|expected| announces && *expected < own_number) {
            cx.decide(Reason::ResendRequested, expected, own_number.saturating_sub(1));
            self.replay.start(expected.max(1), own_number.saturating_sub(1));
        }
        self.replay.release();
        if self.phase == Phase::LoggedOn {
            self.logged_on = true;
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
        let Some(terms) = self.check_logon(cx, message) else { return };
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
        if self.config.role == Role::Acceptor && !self.config.heart_bt_int_override {
            self.heart_bt_int = terms.heart_bt_int;
        }
        self.liveness.start(self.heart_bt_int, &self.config, cx.now.mono);
        let answer = Admin::Logon {
            heart_bt_int: terms.heart_bt_int,
            reset: true,
            max_message_size: self.config.max_message_size,
            next_expected: self.config.send_next_expected_msg_seq_num.then_some(2),
        };
        self.send_admin(cx, &answer);
    }

    /// What can be checked of a Logon without looking at numbers. `None`: it was refused.
    fn check_logon(&mut self, cx: &mut Context<'_>, message: &Message<'_>) -> Option<Terms> {
        let in_session = self.phase.is_in_session();
        if !self.is_from_counterparty(message) {
            self.violation(cx, Reason::LogonUnidentified);
            return None;
        }
        if !self.config.schedule.is_open(cx.now.utc) {
            self.close(CloseReason::OutsideSchedule, cx.app);
            return None;
        }
        if let Some(finding) = self.config.finding(message) {
            self.refuse_invalid(cx, finding);
            return None;
        }
        if !in_session
            && !matches!(self.check_sending_time(cx.now, message), Ok(()) | Err(TimeFault::Unchecked))
        {
            self.refuse(cx, Reason::LogonBadSendingTime, Reason::LogonBadSendingTime.text());
            return None;
        }
        let number = message.header().msg_seq_num().and_then(Result::ok);
        let Some(number) = number.filter(|number| (1..=LAST_NUMBER).contains(number)) else {
            self.refuse(cx, Reason::MsgSeqNumUnusable, Reason::MsgSeqNumUnusable.text());
            return None;
        };
        let (reset, next_expected) = match (message.optional(Tag(141)), message.optional(Tag(789))) {
            (Ok(reset), Ok(next_expected)) => (reset == Some(true), next_expected),
            (Err(error), _) | (_, Err(error)) => {
                let finding = Finding::field(SessionRejectReason::ValueIncorrect, error.tag);
                self.refuse_invalid(cx, finding);
                return None;
            }
        };
        if message.get(Tag(98)).is_some_and(|method| method != b"0") {
            self.refuse(cx, Reason::EncryptMethodNotNone, Reason::EncryptMethodNotNone.text());
            return None;
        }
        let Ok(heart_bt_int) = message.required::<u32>(Tag(108)) else {
            self.refuse(cx, Reason::HeartBtIntInvalid, Reason::HeartBtIntInvalid.text());
            return None;
        };
        if let Err(refusal) = cx.app.from_admin(message) {
            self.refuse(cx, Reason::LogonRefusedByApplication, refusal.text);
            return None;
        }
        Some(Terms { number, is_of_old_session: false, heart_bt_int, reset, next_expected })
    }

    /// ResetOnLogout, ResetOnDisconnect, ResetOnError: our numbers have begun again, and a Logon with a later number shows
    /// that the initiator's have not (it crashed, or never saw our Logout). Its number 1 is another message
    /// than the one we expect; refused, it begins again too.
    fn has_begun_alone(&self, number: u64) -> bool {
        self.config.resets_after_end()
            && self.config.role == Role::Acceptor
            && self.next_in() == 1
            && number > 1
    }

    /// Numbers that are too low, or a claim to have seen what was never sent, end the session at once.
    fn numbers_fit(&mut self, cx: &mut Context<'_>, terms: &Terms) -> bool {
        if terms.is_of_old_session {
            return true;
        }
        self.follow(cx, terms.number);
        let expected = self.next_in();
        if terms.number < expected {
            cx.decide(Reason::MsgSeqNumTooLow, terms.number, expected);
            let text = LogoutText::TooLow { expected, received: terms.number };
            self.say_goodbye(cx, &text, CloseReason::Violation(Reason::MsgSeqNumTooLow));
            return false;
        }
        if self.has_begun_alone(terms.number) {
            let reason = Reason::NotResetTogether;
            self.refuse(cx, reason, reason.text());
            return false;
        }
        let next_out = self.store.next_out();
        let announces = self.config.send_next_expected_msg_seq_num;
        if announces && terms.next_expected.is_some_and(|expected| expected > next_out) {
            self.refuse(cx, Reason::NextExpectedTooHigh, Reason::NextExpectedTooHigh.text());
            return false;
        }
        true
    }

    pub(super) fn refuse(&mut self, cx: &mut Context<'_>, reason: Reason, text: &'static str) {
        cx.decide(reason, 0, self.next_in());
        self.say_goodbye(cx, &LogoutText::Static(text), CloseReason::Violation(reason));
    }

    /// A Logon that breaks a rule of its fields: the Logout names the rule and the field.
    fn refuse_invalid(&mut self, cx: &mut Context<'_>, finding: Finding) {
        cx.decide(Reason::LogonInvalid, 0, self.next_in());
        let reason = CloseReason::Violation(Reason::LogonInvalid);
        self.say_goodbye(cx, &LogoutText::Invalid(finding), reason);
    }

    /// A Logout whose answer is not waited for.
    pub(super) fn say_goodbye(&mut self, cx: &mut Context<'_>, text: &LogoutText, reason: CloseReason) {
        self.replay.clear();
        self.send_admin(cx, &Admin::Logout { text });
        self.close(reason, cx.app);
    }
}
