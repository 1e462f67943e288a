//! What a session tells its log: each decision with its reason and the rule it follows.

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

/// As `{:?}`: no value of a message that may be a secret.
#[cfg(feature = "defmt")]
impl defmt::Format for Event<'_> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "{}", defmt::Debug2Format(self));
    }
}
