//! What a session's events read like.

use std::fmt;

use fix_core::{
    msg::reject::{Finding, SessionRejectReason as Reason},
    session::event::{Event, Reason as Why},
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
                write!(f, "{reason} (rule {})", reason.rule())?;
                numbers(*reason, *msg_seq_num, *expected, f)
            }
            Event::ResendAsked { begin, end, received } => {
                write!(f, "ResendRequest sent (rule 2b): {begin} to {end}, received {received}")
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

/// What the two numbers of a decision mean: MsgSeqNum(34) received and expected, a range, or one message.
fn numbers(why: Why, number: u64, expected: u64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match why {
        Why::ResendRequested | Why::GapUnanswered => {
            write!(f, ": {number} to {expected}")
        }
        Why::ResendRangeSenseless | Why::ResendStorm => {
            write!(f, ": from {number}, the last sent is {expected}")
        }
        Why::GapFilled | Why::SequenceReset if number > expected => {
            write!(f, ": {expected} to {} will not come, next expected {number}", number - 1)
        }
        Why::GapFillBackwards
        | Why::SequenceReset
        | Why::SequenceResetEqual
        | Why::SequenceResetBackwards => write!(f, ": NewSeqNo(36) {number}, expected {expected}"),
        Why::GapClosed => write!(f, ": next expected {number}"),
        Why::ResendFinished => write!(f, ": next to send {number}"),
        Why::NumbersReset => write!(f, ": next expected {number}"),
        Why::ResetSaidAgain => Ok(()),
        _ if number == 0 => write!(f, ": next expected {expected}"),
        _ if number == expected => write!(f, ": message {number}"),
        _ => write!(f, ": MsgSeqNum(34) received {number}, expected {expected}"),
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

#[cfg(test)]
mod tests {
    use super::*;

    fn text(reason: Why, msg_seq_num: u64, expected: u64) -> String {
        Text(&Event::Decision { reason, msg_seq_num, expected }).to_string()
    }

    #[test]
    fn a_range_reads_as_a_range() {
        let asked = Event::ResendAsked { begin: 1, end: 598, received: 599 };
        assert_eq!(Text(&asked).to_string(), "ResendRequest sent (rule 2b): 1 to 598, received 599");
        assert_eq!(text(Why::ResendRequested, 5, 9), "the counterparty asks for a resend (rule 8): 5 to 9");
        assert_eq!(
            text(Why::GapFilled, 10, 4),
            "the gap fill is accepted (rule 10b): 4 to 9 will not come, next expected 10"
        );
        assert_eq!(
            text(Why::MsgSeqNumTooHigh, 599, 1),
            "MsgSeqNum(34) too high (rule 2b): MsgSeqNum(34) received 599, expected 1"
        );
    }

    #[test]
    fn no_number_is_said_that_is_not_there() {
        assert!(!text(Why::LogonInvalid, 0, 7).contains("received"));
        assert!(text(Why::StaleOrderNotResent, 7, 7).ends_with(": message 7"));
    }
}
