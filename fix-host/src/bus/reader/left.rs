//! What a reader leaves in Redis if it is ended before its time.

use std::{
    fmt,
    sync::atomic::{AtomicUsize, Ordering},
};

use crate::bus::keys::PROCESSING;

/// What a reader has taken and not settled, as it goes on.
#[derive(Default)]
pub(in crate::bus) struct Left {
    with_sessions: AtomicUsize,
    others: AtomicUsize,
}

/// Orders that stay in `outgoing_orders_processing` although the mailbox takes no more; the next start judges them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeftBehind {
    /// Those of the batch that the sessions have, and have not answered to the last.
    pub with_sessions: usize,
    /// Those that no session has, or that are answered: Redis did not settle them.
    pub others: usize,
}

impl Left {
    /// So many are with the sessions, and so many others are not settled.
    pub(super) fn are(&self, with_sessions: usize, others: usize) {
        self.with_sessions.store(with_sessions, Ordering::Relaxed);
        self.others.store(others, Ordering::Relaxed);
    }

    /// What is left now.
    pub(in crate::bus) fn now(&self) -> LeftBehind {
        let with_sessions = self.with_sessions.load(Ordering::Relaxed);
        LeftBehind { with_sessions, others: self.others.load(Ordering::Relaxed) }
    }
}

impl fmt::Display for LeftBehind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let LeftBehind { with_sessions, others } = self;
        match (with_sessions, others) {
            (0, 0) => {
                write!(f, "Redis does not answer; what it gives away meanwhile may be left in {PROCESSING}")
            }
            (0, others) => write!(f, "Redis does not answer; {others} orders stay in {PROCESSING}"),
            (with_sessions, 0) => write!(
                f,
                "a session does not answer; the {with_sessions} orders of its batch stay in {PROCESSING}"
            ),
            (with_sessions, others) => write!(
                f,
                "a session does not answer; the {with_sessions} orders of its batch and {others} that Redis has not \
                 taken back stay in {PROCESSING}"
            ),
        }?;
        write!(f, " and are judged at the next start")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_what_was_waited_for_and_how_many_stay() {
        let left = Left::default();
        let said = |with_sessions, others| {
            left.are(with_sessions, others);
            left.now().to_string()
        };
        assert!(said(0, 0).starts_with("Redis does not answer; what it gives away"));
        assert!(said(0, 7).starts_with("Redis does not answer; 7 orders stay"));
        assert!(said(128, 0).starts_with("a session does not answer; the 128 orders of its batch stay"));
        assert!(said(128, 7).contains("the 128 orders of its batch and 7 that Redis"));
    }
}
