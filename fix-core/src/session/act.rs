//! What a received message asks for, once it is its turn.

use super::{
    Outlet, Session,
    admin::{self, Admin, LogoutText},
    application::Application,
    config::{OnError, ValidationPolicy},
    event::{Event, Reason},
    outbound::LAST_NUMBER,
    output::Buffer,
    state::{CloseReason, Phase},
};
use crate::{
    msg::{
        message::{FieldError, FieldProblem, Message},
        reject::{Finding, SessionRejectReason},
    },
    store::MessageStore,
    tag::Tag,
    time::Now,
    wire::value::ValueError,
};

impl<B: Buffer, S: MessageStore> Session<B, S> {
    /// Does what a message asks for. The number is counted last: a crash before means to be asked again.
    pub(super) fn act(
        &mut self,
        now: Now,
        message: &Message<'_>,
        number: u64,
        finding: Option<Finding>,
        app: &mut dyn Application,
    ) {
        let msg_type = message.msg_type();
        // Whoever must hear of these hears of them from the store if we crash: they will not be sent again.
        let is_for_readers = !msg_type.is_admin() || msg_type == admin::REJECT;
        if is_for_readers && !self.keep_received(number, message, app) {
            return;
        }
        if !msg_type.is_admin() {
            self.deliver(now, message, number, finding, app);
            return self.consume(number, app);
        }
        if let Err(refusal) = app.from_admin(message)
            && !admin::is_never_rejected(msg_type)
        {
            let finding = Finding::message(SessionRejectReason::Other);
            return self.reject_with(now, message, number, finding, refusal.text, app);
        }
        if msg_type == admin::LOGOUT {
            return self.logout_received(now, number, app);
        }
        let acted = if msg_type == admin::TEST_REQUEST {
            self.test_request(now, message, app)
        } else if msg_type == admin::RESEND_REQUEST {
            self.resend_request(now, message, number, app)
        } else if msg_type == admin::SEQUENCE_RESET {
            match self.sequence_reset(message, number, app) {
                Ok(()) => return,
                Err(fault) => Err(fault),
            }
        } else {
            Ok(())
        };
        if let Err(Fault { finding, consumes }) = acted {
            if !consumes {
                self.answering = 0;
                return self.say_reject(now, message, number, finding, finding.reason.text(), app);
            }
            return self.reject(now, message, number, finding, app);
        }
        self.consume(number, app);
    }

    /// False if the store failed: then the message does not count.
    fn keep_received(&mut self, number: u64, message: &Message<'_>, app: &mut dyn Application) -> bool {
        self.dirty = true;
        match self.store.received(number, message.frame().bytes()) {
            Ok(()) => true,
            Err(error) => {
                self.fail(error, app);
                false
            }
        }
    }

    fn deliver(
        &mut self,
        now: Now,
        message: &Message<'_>,
        number: u64,
        finding: Option<Finding>,
        app: &mut dyn Application,
    ) {
        if let Some(finding) = finding
            && self.config.validation_policy != ValidationPolicy::Warn
        {
            app.on_finding(message, finding);
        }
        let outcome = app.from_app(message, &mut Outlet { session: self, now, answers: true });
        let Err(reject) = outcome else { return };
        if message.msg_type() == admin::BUSINESS_MESSAGE_REJECT {
            // Two engines whose applications do not handle it would answer each other for ever.
            self.decide(Reason::BusinessRejectNotAnswered, number, self.next_in(), app);
        } else if self.config.on_error != OnError::Reject {
            self.end_on_error(now, app);
        } else {
            self.send_admin(now, &Admin::BusinessReject { original: message, number, reject: &reject }, app);
        }
    }

    fn test_request(
        &mut self,
        now: Now,
        message: &Message<'_>,
        app: &mut dyn Application,
    ) -> Result<(), Fault> {
        let id = message.required::<&[u8]>(Tag(112))?;
        self.send_admin(now, &Admin::Heartbeat { test_req_id: Some(id) }, app);
        Ok(())
    }

    fn resend_request(
        &mut self,
        now: Now,
        message: &Message<'_>,
        number: u64,
        app: &mut dyn Application,
    ) -> Result<(), Fault> {
        let begin = message.required::<u64>(Tag(7))?;
        let end = message.required::<u64>(Tag(16))?;
        let seen = message.header().poss_dup && number < self.next_in();
        if seen && self.config.ignore_poss_dup_resend_requests {
            self.decide(Reason::DuplicateIgnored, number, self.next_in(), app);
            return Ok(());
        }
        let last = self.replay.last_visible(self.store.next_out());
        let upside_down = end != 0 && begin > end;
        if begin == 0 || begin > last || upside_down {
            self.decide(Reason::ResendRangeSenseless, begin, last, app);
            let tag = if upside_down { Tag(16) } else { Tag(7) };
            return Err(Fault::value(tag));
        }
        if self.replay.count(begin) > self.config.max_same_resend_requests {
            self.decide(Reason::ResendStorm, begin, last, app);
            let text = LogoutText::Static("the same resend was asked for too often");
            self.start_logout(now, &text, app);
            return Ok(());
        }
        let end = if end == 0 { last } else { end.min(last) };
        self.decide(Reason::ResendRequested, begin, end, app);
        self.replay.start(begin, end);
        Ok(())
    }

    /// Both modes. A gap fill has its own number, which counts; a reset has none that matters (cases 10, 11).
    fn sequence_reset(
        &mut self,
        message: &Message<'_>,
        number: u64,
        app: &mut dyn Application,
    ) -> Result<(), Fault> {
        let new = message.required::<u64>(Tag(36))?;
        let is_gap_fill = message.get(Tag(123)) == Some(b"Y");
        let expected = self.next_in();
        if new > LAST_NUMBER {
            return Err(Fault::not_counted());
        }
        // A gap fill that fills nothing, not even its own number, is no gap fill (case 10e).
        if new < expected || (is_gap_fill && new == expected) {
            let reason = if is_gap_fill { Reason::GapFillBackwards } else { Reason::SequenceResetBackwards };
            self.decide(reason, new, expected, app);
            return Err(Fault::not_counted());
        }
        if new == expected {
            self.decide(Reason::SequenceResetEqual, new, expected, app);
            return Ok(());
        }
        self.decide(if is_gap_fill { Reason::GapFilled } else { Reason::SequenceReset }, new, expected, app);
        if is_gap_fill {
            self.consume(number, app);
        }
        self.gap.fill(new);
        Ok(())
    }

    pub(super) fn logout_received(&mut self, now: Now, number: u64, app: &mut dyn Application) {
        self.consume(number, app);
        self.logged_out = true;
        if self.phase == Phase::LogoutSent {
            self.close(CloseReason::LogoutAnswered, app);
        } else {
            self.say_goodbye(now, &LogoutText::None, CloseReason::LogoutReceived, app);
        }
    }

    /// The message counts as received if it is the expected one.
    pub(super) fn consume(&mut self, number: u64, app: &mut dyn Application) {
        if number == self.next_in() {
            self.set_next_in(number.saturating_add(1), app);
        }
    }

    /// Answers a message with a Reject; if it is the expected one, it counts.
    pub(super) fn reject(
        &mut self,
        now: Now,
        message: &Message<'_>,
        number: u64,
        finding: Finding,
        app: &mut dyn Application,
    ) {
        self.reject_with(now, message, number, finding, finding.reason.text(), app);
    }

    /// Behind our Logout no Reject can follow, and what its sender would not hear of must not count: it is asked
    /// for again after the next Logon, and rejected then.
    fn reject_with(
        &mut self,
        now: Now,
        message: &Message<'_>,
        number: u64,
        finding: Finding,
        text: &str,
        app: &mut dyn Application,
    ) {
        self.say_reject(now, message, number, finding, text, app);
        if self.phase != Phase::LogoutSent {
            self.consume(number, app);
        }
    }

    fn say_reject(
        &mut self,
        now: Now,
        message: &Message<'_>,
        number: u64,
        finding: Finding,
        text: &str,
        app: &mut dyn Application,
    ) {
        let msg_type = message.msg_type();
        if admin::is_never_rejected(msg_type) {
            return self.pass(finding, message, number, app);
        }
        let (policy, rejected) = (self.config.validation_policy, self.phase != Phase::LogoutSent);
        app.on_event(&Event::Finding { finding, msg_type, msg_seq_num: number, rejected, policy });
        if !rejected {
            return self.decide(Reason::NotRejectedAfterLogout, number, self.next_in(), app);
        }
        self.send_admin(now, &Admin::Reject { original: message, number, finding, text }, app);
    }
}

/// What an administrative message is rejected for.
struct Fault {
    finding: Finding,
    /// Its number counts as received all the same.
    consumes: bool,
}

impl Fault {
    fn value(tag: Tag) -> Self {
        Fault { finding: Finding::field(SessionRejectReason::ValueIncorrect, tag), consumes: true }
    }

    /// A SequenceReset that changes nothing: no tag is named and the expected number stays.
    fn not_counted() -> Self {
        Fault { finding: Finding::message(SessionRejectReason::ValueIncorrect), consumes: false }
    }
}

impl From<FieldError> for Fault {
    fn from(error: FieldError) -> Self {
        let reason = match error.problem {
            FieldProblem::Missing => SessionRejectReason::RequiredTagMissing,
            FieldProblem::Value(ValueError::Empty) => SessionRejectReason::TagWithoutValue,
            FieldProblem::Value(ValueError::Overflow) => SessionRejectReason::ValueIncorrect,
            FieldProblem::Value(_) | FieldProblem::OtherMessage => SessionRejectReason::IncorrectDataFormat,
        };
        Fault { finding: Finding::field(reason, error.tag), consumes: true }
    }
}
