//! A message that is not acted on: answered with a Reject(3), passed on with its finding, or the end (case 14).

use super::{
    Session,
    admin::{self, Admin},
    context::Context,
    event::{Event, Reason},
    output::Buffer,
    state::Phase,
};
use crate::{
    msg::{message::Message, reject::Finding},
    store::MessageStore,
};

impl<B: Buffer, S: MessageStore> Session<B, S> {
    /// Answers a message with a Reject; if it is the expected one, it counts.
    pub(super) fn reject(
        &mut self,
        cx: &mut Context<'_>,
        message: &Message<'_>,
        number: u64,
        finding: Finding,
    ) {
        self.reject_with(cx, message, number, finding, finding.reason.text());
    }

    /// Behind our Logout no Reject can follow, and what its sender would not hear of must not count: it is asked
    /// for again after the next Logon, and rejected then.
    pub(super) fn reject_with(
        &mut self,
        cx: &mut Context<'_>,
        message: &Message<'_>,
        number: u64,
        finding: Finding,
        text: &str,
    ) {
        self.say_reject(cx, message, number, finding, text);
        if self.phase != Phase::LogoutSent {
            self.consume(cx, number);
        }
    }

    pub(super) fn say_reject(
        &mut self,
        cx: &mut Context<'_>,
        message: &Message<'_>,
        number: u64,
        finding: Finding,
        text: &str,
    ) {
        let msg_type = message.msg_type();
        if admin::is_never_rejected(msg_type) {
            return self.pass(cx, finding, message, number);
        }
        let (policy, rejected) = (self.config.validation_policy, self.phase != Phase::LogoutSent);
        cx.app.on_event(&Event::Finding { finding, msg_type, msg_seq_num: number, rejected, policy });
        if !rejected {
            return cx.decide(Reason::NotRejectedAfterLogout, number, self.next_in());
        }
        self.send_admin(cx, &Admin::Reject { original: message, number, finding, text });
    }

    /// Tells of a finding that is not answered.
    pub(super) fn pass(
        &self,
        cx: &mut Context<'_>,
        finding: Finding,
        message: &Message<'_>,
        msg_seq_num: u64,
    ) {
        let msg_type = message.msg_type();
        let policy = self.config.validation_policy;
        cx.app.on_event(&Event::Finding { finding, msg_type, msg_seq_num, rejected: false, policy });
    }

    /// DisconnectOnError, ResetOnError: a Logout instead of the reject.
    pub(super) fn end_on_error(&mut self, cx: &mut Context<'_>) {
        self.refuse(cx, Reason::EndedOnError, Reason::EndedOnError.text());
    }
}
