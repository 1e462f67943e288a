//! The checks of a received message in a session, before its number is looked at.

use super::{
    Session,
    admin::{self, LogoutText},
    config::OnError,
    context::Context,
    event::{Event, Reason},
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
    time::{Now, Precision, UtcTimestamp},
};

/// What is wrong with a SendingTime(52).
pub(super) enum TimeFault {
    Missing,
    Malformed,
    Off,
    /// Not there to be compared, and not asked for.
    Unchecked,
}

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
        let (problem, reason) = match self.check_sending_time(cx.now, message) {
            _ if self.config.check_comp_id && has_ids && !self.is_from_counterparty(message) => {
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
        let (finding, reason) = match self.check_sending_time(cx.now, message) {
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

    /// Between seconds of the wire and a finer clock of ours only whole seconds are compared.
    pub(super) fn check_sending_time(&self, now: Now, message: &Message<'_>) -> Result<(), TimeFault> {
        let Some(max_latency) = self.config.max_latency else { return Err(TimeFault::Unchecked) };
        let text = message.header().sending_time.ok_or(TimeFault::Missing)?;
        let sent = UtcTimestamp::parse(text).map_err(|_| TimeFault::Malformed)?;
        let ours = match sent.precision() {
            Precision::Seconds => UtcTimestamp::from_unix(now.utc.unix_seconds(), 0),
            _ => now.utc,
        };
        if sent.abs_diff(ours) > max_latency { Err(TimeFault::Off) } else { Ok(()) }
    }

    /// True if BeginString and CompIDs are those of the session, the other way round.
    pub(super) fn is_from_counterparty(&self, message: &Message<'_>) -> bool {
        let (id, header) = (&self.config.id, message.header());
        if message.frame().begin_string() != id.begin_string.as_bytes() {
            return false;
        }
        !self.config.check_comp_id
            || header.sender_comp_id == Some(id.target_comp_id.as_bytes())
                && header.target_comp_id == Some(id.sender_comp_id.as_bytes())
    }

    pub(super) fn orig_sending_time_too_late(&self, message: &Message<'_>) -> bool {
        let header = message.header();
        let parse = |text: &[u8]| UtcTimestamp::parse(text).ok();
        let original = header.orig_sending_time.and_then(parse);
        original.zip(header.sending_time.and_then(parse)).is_some_and(|(original, sent)| original > sent)
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
