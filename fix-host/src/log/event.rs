//! What a session's events read like.

use std::fmt;

use fix_core::{session::event::Event, wire::frame::GarbledReason};

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
            Event::Finding { finding, msg_type, msg_seq_num, rejected } => {
                let outcome = if *rejected { "rejected" } else { "let pass" };
                write!(f, "message {msg_seq_num} of type {msg_type} {outcome}: {finding}")
            }
            _ => f.write_str("an event that this log has no words for"),
        }
    }
}
