//! What the counterparty does wrong, in the program's log: each kind once, all of them are in the session's event log.

use std::collections::HashSet;

use fix_core::{MsgType, msg::reject::Finding, session::event::Event};

/// Kinds of faults that are told apart.
const MOST_KINDS: usize = 100;

/// The kinds of faults that were told.
#[derive(Default)]
pub(super) struct Faults {
    told: HashSet<(MsgType, String)>,
}

impl Faults {
    /// Says it if `event` is a fault of a message of the counterparty, of a kind that was not told before.
    pub(super) fn hear(&mut self, session: &str, event: &Event<'_>) {
        if let Event::Finding { finding, msg_type, msg_seq_num, rejected, .. } = event
            && self.is_new(*msg_type, *finding)
        {
            let outcome = if *rejected { "was rejected" } else { "has a fault and was not rejected" };
            tracing::warn!(
                session,
                "MsgSeqNum(34) {msg_seq_num} of type {msg_type} {outcome}: {finding}; the event log names all that follow"
            );
        }
    }

    fn is_new(&mut self, msg_type: MsgType, finding: Finding) -> bool {
        self.told.len() < MOST_KINDS && self.told.insert((msg_type, finding.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use fix_core::{Tag, msg::reject::SessionRejectReason};

    use super::*;

    #[test]
    fn each_kind_is_new_once_and_kinds_are_bounded() {
        let mut faults = Faults::default();
        let unknown = |tag| Finding::field(SessionRejectReason::InvalidTagNumber, Tag(tag));
        assert!(faults.is_new(MsgType::EXECUTION_REPORT, unknown(9000)));
        assert!(!faults.is_new(MsgType::EXECUTION_REPORT, unknown(9000)));
        assert!(faults.is_new(MsgType::ORDER_CANCEL_REJECT, unknown(9000)));
        let told = (0..1000).filter(|tag| faults.is_new(MsgType::EXECUTION_REPORT, unknown(10_000 + tag)));
        assert_eq!(told.count(), MOST_KINDS - 2);
    }
}
