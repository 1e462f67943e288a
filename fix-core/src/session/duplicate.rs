//! PossDupFlag(43) and OrigSendingTime(122), and numbers that were used before (cases 2c, 2e, 2f, 2g).

use super::{
    Session,
    admin::{self, LogoutText},
    context::Context,
    event::Reason,
    output::Buffer,
    state::CloseReason,
    verify::{Rejected, required},
};
use crate::{
    msg::{
        message::Message,
        reject::{Finding, SessionRejectReason},
    },
    store::MessageStore,
    time::UtcTimestamp,
};

impl<B: Buffer, S: MessageStore> Session<B, S> {
    /// A number that was used before: a duplicate, or the end of the session (cases 2c, 2e, 2f, 2g).
    pub(super) fn too_low(&mut self, cx: &mut Context<'_>, message: &Message<'_>, number: u64) {
        let expected = self.next_in();
        let header = message.header();
        if !header.poss_dup {
            cx.decide(Reason::MsgSeqNumTooLow, number, expected);
            let text = LogoutText::TooLow { expected, received: number };
            let reason = CloseReason::Violation(Reason::MsgSeqNumTooLow);
            return self.say_goodbye(cx, &text, reason);
        }
        let msg_type = message.msg_type();
        if msg_type == admin::SEQUENCE_RESET || msg_type == admin::REJECT {
            return cx.decide(Reason::DuplicateIgnored, number, expected);
        }
        if header.orig_sending_time.is_none() && self.config.requires_orig_sending_time {
            cx.decide(Reason::OrigSendingTimeMissing, number, expected);
            return self.reject(cx, message, number, required(122));
        }
        if self.orig_sending_time_too_late(message) {
            return self.orig_sending_time_fault(cx, message, number, false);
        }
        cx.decide(Reason::DuplicateIgnored, number, expected);
    }

    /// What PossDupFlag(43)=Y demands: an OrigSendingTime(122) that is not later than SendingTime(52). A fill
    /// is never lost for want of it: some brokers leave it out (cases 2f, 2g).
    pub(super) fn check_orig_sending_time(
        &mut self,
        cx: &mut Context<'_>,
        message: &Message<'_>,
        number: u64,
        finding: Option<Finding>,
    ) -> Result<Option<Finding>, Rejected> {
        let (header, msg_type) = (message.header(), message.msg_type());
        if !header.poss_dup {
            return Ok(finding);
        }
        let is_heard =
            admin::is_never_rejected(msg_type) || self.config.delivers_in_spite_of_faults(msg_type);
        if self.orig_sending_time_too_late(message) {
            self.orig_sending_time_fault(cx, message, number, is_heard);
            if is_heard {
                return Ok(finding.or(Some(Finding::message(SessionRejectReason::SendingTimeAccuracy))));
            }
            return Err(Rejected);
        }
        if header.orig_sending_time.is_some()
            || !self.config.requires_orig_sending_time
            || matches!(msg_type, admin::SEQUENCE_RESET | admin::REJECT | admin::LOGOUT)
        {
            return Ok(finding);
        }
        let missing = required(122);
        if is_heard {
            self.pass(cx, missing, message, number);
            return Ok(finding.or(Some(missing)));
        }
        cx.decide(Reason::OrigSendingTimeMissing, number, self.next_in());
        self.reject(cx, message, number, missing);
        Err(Rejected)
    }

    fn orig_sending_time_fault(
        &mut self,
        cx: &mut Context<'_>,
        message: &Message<'_>,
        number: u64,
        is_heard: bool,
    ) {
        cx.decide(Reason::OrigSendingTimeTooLate, number, self.next_in());
        let finding = Finding::message(SessionRejectReason::SendingTimeAccuracy);
        if is_heard {
            self.pass(cx, finding, message, number);
        } else {
            self.reject(cx, message, number, finding);
        }
        self.start_logout(cx, &LogoutText::None);
    }

    fn orig_sending_time_too_late(&self, message: &Message<'_>) -> bool {
        let header = message.header();
        let parse = |text: &[u8]| UtcTimestamp::parse(text).ok();
        let original = header.orig_sending_time.and_then(parse);
        original.zip(header.sending_time.and_then(parse)).is_some_and(|(original, sent)| original > sent)
    }
}
