//! What a received message asks for, once it is its turn.

use super::{
    Outlet, Session,
    admin::{self, Admin, LogoutText},
    config::{OnError, ValidationPolicy},
    context::Context,
    event::Reason,
    outbound::LAST_NUMBER,
    output::Buffer,
};
use crate::{
    msg::{
        message::{FieldError, FieldProblem, Message},
        reject::{Finding, SessionRejectReason},
    },
    store::MessageStore,
    tag::Tag,
    wire::value::ValueError,
};

impl<B: Buffer, S: MessageStore> Session<B, S> {
    /// Does what a message asks for. The number is counted last: a crash before means to be asked again.
    pub(super) fn act(
        &mut self,
        cx: &mut Context<'_>,
        message: &Message<'_>,
        number: u64,
        finding: Option<Finding>,
    ) {
        let msg_type = message.msg_type();
        // Whoever must hear of these hears of them from the store if we crash: they will not be sent again.
        let is_for_readers = !msg_type.is_admin() || msg_type == admin::REJECT;
        if is_for_readers && !self.keep_received(cx, number, message) {
            return;
        }
        if !msg_type.is_admin() {
            self.deliver(cx, message, number, finding);
            return self.consume(cx, number);
        }
        if let Err(refusal) = cx.app.from_admin(message)
            && !admin::is_never_rejected(msg_type)
        {
            let finding = Finding::message(SessionRejectReason::Other);
            return self.reject_with(cx, message, number, finding, refusal.text);
        }
        if msg_type == admin::LOGOUT {
            return self.logout_received(cx, number);
        }
        let acted = if msg_type == admin::TEST_REQUEST {
            self.test_request(cx, message)
        } else if msg_type == admin::RESEND_REQUEST {
            self.resend_request(cx, message, number)
        } else if msg_type == admin::SEQUENCE_RESET {
            match self.sequence_reset(cx, message, number) {
                Ok(()) => return,
                Err(fault) => Err(fault),
            }
        } else {
            Ok(())
        };
        if let Err(Fault { finding, consumes }) = acted {
            if !consumes {
                self.answering = 0;
                return self.say_reject(cx, message, number, finding, finding.reason.text());
            }
            return self.reject(cx, message, number, finding);
        }
        self.consume(cx, number);
    }

    /// False if the store failed: then the message does not count.
    fn keep_received(&mut self, cx: &mut Context<'_>, number: u64, message: &Message<'_>) -> bool {
        self.dirty = true;
        match self.store.received(number, message.frame().bytes()) {
            Ok(()) => true,
            Err(error) => {
                self.fail(error, cx.app);
                false
            }
        }
    }

    fn deliver(
        &mut self,
        cx: &mut Context<'_>,
        message: &Message<'_>,
        number: u64,
        finding: Option<Finding>,
    ) {
        if let Some(finding) = finding
            && self.config.validation_policy != ValidationPolicy::Warn
        {
            cx.app.on_finding(message, finding);
        }
        let outcome = cx.app.from_app(message, &mut Outlet { session: self, now: cx.now, answers: true });
        let Err(reject) = outcome else { return };
        if message.msg_type() == admin::BUSINESS_MESSAGE_REJECT {
            // Two engines whose applications do not handle it would answer each other for ever.
            cx.decide(Reason::BusinessRejectNotAnswered, number, self.next_in());
        } else if self.config.on_error != OnError::Reject {
            self.end_on_error(cx);
        } else {
            self.send_admin(cx, &Admin::BusinessReject { original: message, number, reject: &reject });
        }
    }

    fn test_request(&mut self, cx: &mut Context<'_>, message: &Message<'_>) -> Result<(), Fault> {
        let id = message.required::<&[u8]>(Tag(112))?;
        self.send_admin(cx, &Admin::Heartbeat { test_req_id: Some(id) });
        Ok(())
    }

    fn resend_request(
        &mut self,
        cx: &mut Context<'_>,
        message: &Message<'_>,
        number: u64,
    ) -> Result<(), Fault> {
        let begin = message.required::<u64>(Tag(7))?;
        let end = message.required::<u64>(Tag(16))?;
        let seen = message.header().poss_dup && number < self.next_in();
        if seen && self.config.ignore_poss_dup_resend_requests {
            cx.decide(Reason::DuplicateIgnored, number, self.next_in());
            return Ok(());
        }
        let last = self.replay.last_visible(self.store.next_out());
        let upside_down = end != 0 && begin > end;
        if begin == 0 || begin > last || upside_down {
            cx.decide(Reason::ResendRangeSenseless, begin, last);
            let tag = if upside_down { Tag(16) } else { Tag(7) };
            return Err(Fault::value(tag));
        }
        if self.replay.count(begin) > self.config.max_same_resend_requests {
            cx.decide(Reason::ResendStorm, begin, last);
            let text = LogoutText::Static("the same resend was asked for too often");
            self.start_logout(cx, &text);
            return Ok(());
        }
        let end = if end == 0 { last } else { end.min(last) };
        cx.decide(Reason::ResendRequested, begin, end);
        self.replay.start(begin, end);
        Ok(())
    }

    /// Both modes. A gap fill has its own number, which counts; a reset has none that matters (cases 10, 11).
    fn sequence_reset(
        &mut self,
        cx: &mut Context<'_>,
        message: &Message<'_>,
        number: u64,
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
            cx.decide(reason, new, expected);
            return Err(Fault::not_counted());
        }
        if new == expected {
            cx.decide(Reason::SequenceResetEqual, new, expected);
            return Ok(());
        }
        cx.decide(if is_gap_fill { Reason::GapFilled } else { Reason::SequenceReset }, new, expected);
        if is_gap_fill {
            self.consume(cx, number);
        }
        self.gap.fill(new);
        Ok(())
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
