//! What a session's events read like.

use std::fmt;

use fix_core::{
    msg::reject::{Finding, SessionRejectReason as Reason},
    session::event::Event,
    tag::Tag,
    wire::frame::GarbledReason,
};

use crate::config::policy_name;

/// The text of an event other than a message that went in or out.
pub(super) struct Text<'e>(pub(super) &'e Event<'e>);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            // Those two go to the message log.
            Event::Inbound(_) | Event::Outbound(_) => Ok(()),
            Event::Garbled { reason: reason @ GarbledReason::TooLong { .. }, .. } => {
                write!(f, "{reason}; its number is not consumed")
            }
            Event::Garbled { reason, bytes } => {
                write!(f, "garbled ({reason}): {} bytes skipped, no number consumed", bytes.len())
            }
            Event::State { from, to, trigger } => write!(f, "{from:?} -> {to:?} ({trigger:?})"),
            Event::Decision { reason, msg_seq_num, expected } => {
                write!(
                    f,
                    "{reason} (rule {}): MsgSeqNum(34) {msg_seq_num}, expected {expected}",
                    reason.rule()
                )
            }
            Event::Finding { finding, msg_type, msg_seq_num, rejected, policy } => {
                let outcome = if *rejected { "rejected" } else { "let pass" };
                write!(f, "message {msg_seq_num} of type {msg_type} {outcome}: {finding}")?;
                if let Some(key) = key(*finding) {
                    write!(f, " (key {key}, InvalidMessagePolicy {})", policy_name(*policy))?;
                }
                Ok(())
            }
            _ => f.write_str("an event that this log has no words for"),
        }
    }
}

/// The first tag of the user-defined range.
const USER_DEFINED: Tag = Tag(5000);

/// The configuration key that governs such a finding; `None` if none does.
fn key(finding: Finding) -> Option<&'static str> {
    Some(match finding.reason {
        Reason::InvalidTagNumber if finding.tag.is_some_and(|tag| tag >= USER_DEFINED) => {
            "ValidateUserDefinedFields"
        }
        Reason::InvalidTagNumber if finding.tag.is_some() => "AllowUnknownMsgFields",
        Reason::TagNotDefinedForMessageType => "AllowUnknownMsgFields",
        Reason::TagWithoutValue => "ValidateFieldsHaveValues",
        Reason::ValueIncorrect => "AllowUnknownEnumValues",
        Reason::TagOutOfOrder => "ValidateFieldsOutOfOrder",
        Reason::GroupFieldsOutOfOrder => "ValidateUnorderedGroupFields",
        Reason::CompIdProblem => "CheckCompID",
        Reason::SendingTimeAccuracy => "MaxLatency",
        Reason::InvalidTagNumber
        | Reason::RequiredTagMissing
        | Reason::IncorrectDataFormat
        | Reason::InvalidMsgType
        | Reason::TagAppearsMoreThanOnce
        | Reason::IncorrectNumInGroup => "InvalidMessagePolicy",
        _ => return None,
    })
}
