//! What a session tells its log: each decision with its reason and the rule it follows.

use core::fmt;

pub use super::reason::Reason;
use super::{
    config::ValidationPolicy,
    state::{Phase, Trigger},
};
use crate::{
    msg::{msg_type::MsgType, reject::Finding},
    wire::frame::GarbledReason,
};

/// Something worth a log line. Message bytes are as on the wire: who writes them down redacts secrets.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum Event<'a> {
    /// A message was received, its length and check sum are right.
    Inbound(&'a [u8]),
    /// A message becomes visible for writing; it is in the store already.
    Outbound(&'a [u8]),
    /// Bytes were skipped; no number is consumed.
    Garbled {
        /// Why.
        reason: GarbledReason,
        /// The skipped bytes.
        bytes: &'a [u8],
    },
    /// The session moved to another phase.
    State {
        /// The phase before.
        from: Phase,
        /// The phase now.
        to: Phase,
        /// What moved it.
        trigger: Trigger,
    },
    /// The session decided something.
    Decision {
        /// Why, and by which rule.
        reason: Reason,
        /// The number that it is about: MsgSeqNum(34), or the first of a range.
        msg_seq_num: u64,
        /// The number expected next, or the last of the range.
        expected: u64,
    },
    /// A gap is asked for with a ResendRequest(2) (case 2b).
    ResendAsked {
        /// The first number asked for.
        begin: u64,
        /// The last one.
        end: u64,
        /// The highest MsgSeqNum(34) that has come.
        received: u64,
    },
    /// A received message is at fault. It was rejected, or delivered all the same.
    Finding {
        /// What is wrong.
        finding: Finding,
        /// Its type.
        msg_type: MsgType,
        /// Its number; 0 if it has none.
        msg_seq_num: u64,
        /// True if a Reject(3) went out.
        rejected: bool,
        /// What the session does with application messages that something is wrong with.
        policy: ValidationPolicy,
    },
}

/// One line for a log, without any byte of a message: those may be secret.
///
/// ```
/// use fix_core::session::event::{Event, Reason};
///
/// let event = Event::Decision { reason: Reason::MsgSeqNumTooHigh, msg_seq_num: 599, expected: 1 };
/// assert_eq!(
///     event.to_string(),
///     "MsgSeqNum(34) too high (rule 2b): MsgSeqNum(34) received 599, expected 1"
/// );
/// ```
impl fmt::Display for Event<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Event::Inbound(bytes) => write!(f, "received a message of {} bytes", bytes.len()),
            Event::Outbound(bytes) => write!(f, "sent a message of {} bytes", bytes.len()),
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
            Event::Finding { finding, msg_type, msg_seq_num, rejected, .. } => {
                let outcome = if *rejected { "rejected" } else { "let pass" };
                write!(f, "message {msg_seq_num} of type {msg_type} {outcome}: {finding}")
            }
        }
    }
}

/// What the two numbers of a decision mean: MsgSeqNum(34) received and expected, a range, or one message.
fn numbers(why: Reason, number: u64, expected: u64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match why {
        Reason::ResendRequested | Reason::GapUnanswered => write!(f, ": {number} to {expected}"),
        Reason::ResendRangeSenseless | Reason::ResendStorm => {
            write!(f, ": from {number}, the last sent is {expected}")
        }
        Reason::GapFilled | Reason::SequenceReset if number > expected => {
            let last = number.saturating_sub(1);
            write!(f, ": {expected} to {last} will not come, next expected {number}")
        }
        Reason::GapFillBackwards
        | Reason::SequenceReset
        | Reason::SequenceResetEqual
        | Reason::SequenceResetBackwards => write!(f, ": NewSeqNo(36) {number}, expected {expected}"),
        Reason::GapClosed => write!(f, ": next expected {number}"),
        Reason::ResendFinished => write!(f, ": next to send {number}"),
        Reason::NumbersReset => write!(f, ": next expected {number}"),
        Reason::ResetSaidAgain => Ok(()),
        _ if number == 0 => write!(f, ": next expected {expected}"),
        _ if number == expected => write!(f, ": message {number}"),
        _ => write!(f, ": MsgSeqNum(34) received {number}, expected {expected}"),
    }
}

/// As `{:?}`: no value of a message that may be a secret.
#[cfg(feature = "defmt")]
impl defmt::Format for Event<'_> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "{}", defmt::Debug2Format(self));
    }
}

#[cfg(test)]
mod tests {
    use std::string::{String, ToString};

    use super::*;

    fn text(reason: Reason, msg_seq_num: u64, expected: u64) -> String {
        Event::Decision { reason, msg_seq_num, expected }.to_string()
    }

    #[test]
    fn a_range_reads_as_a_range() {
        let asked = Event::ResendAsked { begin: 1, end: 598, received: 599 };
        assert_eq!(asked.to_string(), "ResendRequest sent (rule 2b): 1 to 598, received 599");
        assert_eq!(
            text(Reason::ResendRequested, 5, 9),
            "the counterparty asks for a resend (rule 8): 5 to 9"
        );
        assert_eq!(
            text(Reason::GapFilled, 10, 4),
            "the gap fill is accepted (rule 10b): 4 to 9 will not come, next expected 10"
        );
        assert_eq!(
            text(Reason::MsgSeqNumTooHigh, 599, 1),
            "MsgSeqNum(34) too high (rule 2b): MsgSeqNum(34) received 599, expected 1"
        );
    }

    #[test]
    fn no_number_is_said_that_is_not_there() {
        assert!(!text(Reason::LogonInvalid, 0, 7).contains("received"));
        assert!(text(Reason::StaleOrderNotResent, 7, 7).ends_with(": message 7"));
    }

    #[test]
    fn no_byte_of_a_message_is_shown() {
        let logon: &[u8] = b"8=FIX.4.4\x019=5\x0135=A\x01554=hunter2\x0110=000\x01";
        let reason = GarbledReason::WrongBodyLength;
        for event in [Event::Inbound(logon), Event::Outbound(logon), Event::Garbled { reason, bytes: logon }]
        {
            let text = event.to_string();
            assert!(text.contains("38 bytes") && !text.contains("hunter2"), "{text}");
        }
    }
}
