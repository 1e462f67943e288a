//! RoundTripInterval: how long the counterparty takes to answer, measured while nobody asks for it.
//!
//! A TestRequest(1) of its own is sent every so often while logged on, and timed to the Heartbeat(0) that bears its id. It is
//! beside those of the session's liveness, which come after silence alone and decide whether the counterparty is there.

use std::time::Duration;

use fix_core::{
    session::state::Phase,
    time::{Mono, Now},
};

use super::driver::SessionTask;
use crate::{
    contract::{HostApplication, RoundTripView, round_trip_id},
    store::Entries,
};

/// When the next one is due, and the one that has no answer yet.
pub(super) struct RoundTrip {
    view: RoundTripView,
    due: Option<Mono>,
    sent: Option<(String, Now)>,
}

impl RoundTrip {
    pub(super) fn new(every: Duration) -> Self {
        let view = RoundTripView { every, last: None, unanswered_since: None };
        RoundTrip { view, due: None, sent: None }
    }

    /// When the next one is to be sent; `None` while not logged on.
    fn due(&mut self, phase: Phase, now: Mono) -> Option<Mono> {
        if phase != Phase::LoggedOn {
            // What comes on another connection answers nothing of this one.
            (self.due, self.sent) = (None, None);
            return None;
        }
        if self.due.is_none() {
            (self.view.last, self.view.unanswered_since) = (None, None);
        }
        Some(*self.due.get_or_insert(now.after(self.view.every)))
    }

    /// One is sent, or could not be. When the next one is due.
    fn sent(&mut self, id: Option<String>, now: Now) -> Mono {
        if let Some((_, unanswered)) = std::mem::replace(&mut self.sent, id.map(|id| (id, now))) {
            self.view.unanswered_since.get_or_insert(unanswered.utc);
        }
        *self.due.insert(now.mono.after(self.view.every))
    }

    /// True while one has no answer.
    pub(super) fn awaits_answer(&self) -> bool {
        self.sent.is_some()
    }

    /// An operator's TestRequest is sent: which of the two is answered first is not told apart.
    pub(super) fn forget(&mut self) {
        self.sent = None;
    }

    /// A Heartbeat(0) with this TestReqID(112) has come; true if it is the answer.
    pub(super) fn answered(&mut self, id: &str, now: Mono) -> bool {
        let Some((_, sent)) = self.sent.take_if(|(sent, _)| sent == id) else { return false };
        self.view.last = Some((sent.utc, now.since(sent.mono)));
        self.view.unanswered_since = None;
        true
    }
}

impl<S: Entries, A: HostApplication> SessionTask<S, A> {
    /// The round trip is measured so often (RoundTripInterval).
    #[must_use]
    pub fn measuring(mut self, every: Option<Duration>) -> Self {
        self.round_trip = every.map(|every| Box::new(RoundTrip::new(every)));
        self.show_round_trip();
        self
    }

    /// Sends what measures the round trip, if it is time; when it is next.
    pub(super) fn measure(&mut self, now: Now) -> Option<Mono> {
        let round_trip = self.round_trip.as_mut()?;
        let due = round_trip.due(self.engine.status().phase, now.mono);
        let next = match due {
            Some(due) if now.mono >= due => {
                // An operator's comes first. One that finds no room is not sent: there is enough on its way.
                let id = (!self.monitor.awaits_answer()).then(|| round_trip_id(now.utc));
                let id = id.filter(|id| self.engine.test_request(now, id).is_ok());
                Some(round_trip.sent(id, now))
            }
            due => due,
        };
        self.show_round_trip();
        next
    }

    pub(super) fn show_round_trip(&mut self) {
        let is_news = self.round_trip.as_ref().is_some_and(|trip| self.monitor.measured(&trip.view));
        if is_news {
            self.show();
        }
    }
}

#[cfg(test)]
mod tests {
    use fix_core::time::UtcTimestamp;

    use super::*;

    fn at(seconds: u64) -> Now {
        let utc = UtcTimestamp::from_unix(1_000 + i64::try_from(seconds).unwrap(), 0);
        Now { mono: Mono::from_millis(1_000 * seconds), utc }
    }

    #[test]
    fn it_is_measured_by_the_answer_that_bears_its_id_and_what_has_none_is_said() {
        let mut trip = RoundTrip::new(Duration::from_secs(5));
        assert_eq!(trip.due(Phase::LogonSent, at(1).mono), None);
        assert_eq!(trip.due(Phase::LoggedOn, at(1).mono), Some(at(6).mono));
        assert_eq!(trip.due(Phase::LoggedOn, at(4).mono), Some(at(6).mono));
        assert_eq!(trip.sent(Some("RTT-1".into()), at(6)), at(11).mono);
        assert!(!trip.answered("TEST", at(7).mono) && trip.awaits_answer());
        assert!(trip.answered("RTT-1", at(8).mono) && !trip.awaits_answer());
        assert_eq!(trip.view.last, Some((at(6).utc, Duration::from_secs(2))));
        assert!(!trip.answered("RTT-1", at(9).mono));

        trip.sent(Some("RTT-2".into()), at(11));
        assert_eq!(trip.view.unanswered_since, None);
        trip.sent(Some("RTT-3".into()), at(16));
        trip.sent(Some("RTT-4".into()), at(21));
        assert_eq!(trip.view.unanswered_since, Some(at(11).utc), "since the first of them");
        assert!(!trip.answered("RTT-3", at(22).mono), "too late: nobody counts it any more");
        assert!(trip.answered("RTT-4", at(22).mono));
        assert_eq!(trip.view.unanswered_since, None);

        trip.sent(Some("RTT-5".into()), at(26));
        assert_eq!(trip.due(Phase::Idle, at(27).mono), None);
        assert!(!trip.awaits_answer(), "with the connection the answer is gone");
        assert!(trip.view.last.is_some(), "it was so long");
        assert_eq!(trip.due(Phase::LoggedOn, at(30).mono), Some(at(35).mono));
        assert_eq!(trip.view.last, None, "of another connection nothing is known yet");
        trip.sent(Some("RTT-6".into()), at(35));
        trip.forget();
        assert!(!trip.answered("RTT-6", at(36).mono));
        trip.sent(None, at(40));
        assert_eq!(trip.view.unanswered_since, None, "it is not known to have none");
    }
}
