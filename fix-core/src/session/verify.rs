//! The checks of a received message in a session, before its number is looked at.

use super::{
    Session,
    admin::{self, LogoutText},
    config::OnError,
    context::Context,
    event::Reason,
    identity::{TimeFault, check_sending_time, is_from_counterparty},
    output::Buffer,
};
use crate::{
    msg::{
        message::Message,
        msg_type::MsgType,
        reject::{Finding, SessionRejectReason},
    },
    store::MessageStore,
    tag::Tag,
};

/// The message was answered with a Reject, or ended the connection.
pub(super) struct Rejected;

impl<B: Buffer, S: MessageStore> Session<B, S> {
    /// Asks the dictionary. A finding that the policy lets pass is returned for the application.
    pub(super) fn validate(
        &mut self,
        cx: &mut Context<'_>,
        message: &Message<'_>,
        number: u64,
    ) -> Result<Option<Finding>, Rejected> {
        let msg_type = message.msg_type();
        let found = match message.header().msg_type {
            None => Some(Finding::message(SessionRejectReason::InvalidMsgType)),
            Some(_) => self.config.finding(message),
        };
        let Some(finding) = found else { return Ok(None) };
        let rejected = if admin::is_never_rejected(msg_type) || msg_type == admin::LOGOUT {
            None // Who wants to log out does.
        } else if msg_type.is_admin() || message.header().msg_type.is_none() {
            Some(finding)
        } else {
            self.config.rejected_finding(message)
        };
        let Some(finding) = rejected else {
            self.pass(cx, finding, message, number);
            return Ok(Some(finding));
        };
        if !msg_type.is_admin() && self.config.on_error != OnError::Reject {
            self.pass(cx, finding, message, number);
            self.end_on_error(cx);
            return Err(Rejected);
        }
        self.reject(cx, message, number, finding);
        Err(Rejected)
    }

    /// A message of somebody else, or of another time, ends the session whatever its number (cases 2k, 2o). Of
    /// another time, but the counterparty's, it is still heard where it says what became of an order, or is a Logout.
    /// False: something is not there to be checked, see [`check_presence`](Self::check_presence).
    pub(super) fn check_identity_and_time(
        &mut self,
        cx: &mut Context<'_>,
        message: &Message<'_>,
        number: u64,
    ) -> Result<bool, Rejected> {
        let (header, msg_type) = (message.header(), message.msg_type());
        let is_there = |id: Option<&[u8]>| id.is_some_and(|id| !id.is_empty());
        let has_ids = is_there(header.sender_comp_id) && is_there(header.target_comp_id);
        let (problem, reason) = match check_sending_time(&self.config, cx.now, message) {
            _ if self.config.check_comp_id && has_ids && !is_from_counterparty(&self.config, message) => {
                (SessionRejectReason::CompIdProblem, Reason::CompIdWrong)
            }
            Err(TimeFault::Off) => (SessionRejectReason::SendingTimeAccuracy, Reason::SendingTimeOff),
            Ok(()) | Err(TimeFault::Unchecked) => return Ok(has_ids),
            Err(TimeFault::Missing | TimeFault::Malformed) => return Ok(false),
        };
        let finding = Finding::message(problem);
        cx.decide(reason, number, self.next_in());
        if reason == Reason::SendingTimeOff && self.is_heard_whatever_its_time(msg_type) {
            self.pass(cx, finding, message, number);
            if msg_type != admin::LOGOUT {
                self.start_logout(cx, &LogoutText::None);
            }
            return Ok(has_ids);
        }
        // Beyond a gap its number is not used: it will be asked for, and may then be delivered. A Reject would be false.
        if reason == Reason::SendingTimeOff && number > self.next_in() && !msg_type.is_admin() {
            self.start_logout(cx, &LogoutText::Static("SendingTime accuracy problem"));
            return Err(Rejected);
        }
        self.reject(cx, message, number, finding);
        self.start_logout(cx, &LogoutText::None);
        Err(Rejected)
    }

    fn is_heard_whatever_its_time(&self, msg_type: MsgType) -> bool {
        admin::is_never_rejected(msg_type)
            || msg_type == admin::LOGOUT
            || self.config.delivers_in_spite_of_faults(msg_type)
    }

    /// SendingTime(52) and the CompIDs must be there, whether a dictionary asks for them or not.
    pub(super) fn check_presence(
        &mut self,
        cx: &mut Context<'_>,
        message: &Message<'_>,
        number: u64,
    ) -> Result<(), Rejected> {
        let header = message.header();
        let (finding, reason) = match check_sending_time(&self.config, cx.now, message) {
            Err(TimeFault::Missing) => (required(52), Reason::SendingTimeMissing),
            Err(TimeFault::Malformed) => (malformed(52), Reason::FieldUnusable),
            _ if !self.config.check_comp_id => return Ok(()),
            _ => match (header.sender_comp_id, header.target_comp_id) {
                (None, _) => (required(49), Reason::FieldMissing),
                (Some([]), _) => (empty(49), Reason::FieldUnusable),
                (_, None) => (required(56), Reason::FieldMissing),
                (_, Some([])) => (empty(56), Reason::FieldUnusable),
                _ => return Ok(()),
            },
        };
        cx.decide(reason, number, self.next_in());
        if self.is_heard_whatever_its_time(message.msg_type()) {
            self.pass(cx, finding, message, number);
            return Ok(());
        }
        self.reject(cx, message, number, finding);
        Err(Rejected)
    }
}

pub(super) fn required(tag: i32) -> Finding {
    Finding::field(SessionRejectReason::RequiredTagMissing, Tag(tag))
}

fn empty(tag: i32) -> Finding {
    Finding::field(SessionRejectReason::TagWithoutValue, Tag(tag))
}

fn malformed(tag: i32) -> Finding {
    Finding::field(SessionRejectReason::IncorrectDataFormat, Tag(tag))
}
