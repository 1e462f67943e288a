//! Shows a session to the outside: at once when it enters another phase, else a few times a second.

use std::{sync::Arc, time::Duration};

use fix_core::{
    session::{SessionStatus, state::Phase},
    time::{Mono, Now, UtcTimestamp},
};

use crate::contract::{RoundTripView, SessionView, TestRequestView, publisher::Publisher};

/// The least time between two updates within a phase.
const PACE: Duration = Duration::from_millis(250);
/// How long messages may be missing before the program's log says so; a gap is usually closed within a round trip.
const GAP_PATIENCE: Duration = Duration::from_secs(5);

/// The view of one session, and where it is shown.
pub struct Monitor {
    view: SessionView,
    publisher: Option<Arc<dyn Publisher>>,
    /// When the numbers may be shown again.
    not_before: Mono,
    /// A change that was not told in words yet.
    explained: bool,
    gap: GapWatch,
    /// When an operator's TestRequest was sent, while there is no answer to it.
    tested: Option<Mono>,
}

/// Says in the program's log that messages are missing, once for each gap that lasts, and that they have come.
#[derive(Default)]
struct GapWatch {
    since: Option<Mono>,
    told: bool,
}

impl GapWatch {
    /// Returns when to look again.
    fn look(&mut self, session: &str, gap: Option<(u64, u64)>, now: Mono) -> Option<Mono> {
        let Some((begin, end)) = gap else {
            if self.told {
                tracing::info!(session, "the messages that were missing have come, or were given up");
            }
            *self = GapWatch::default();
            return None;
        };
        let due = self.since.get_or_insert(now).after(GAP_PATIENCE);
        if now < due {
            return Some(due);
        }
        if !self.told {
            let seconds = GAP_PATIENCE.as_secs();
            tracing::warn!(
                session,
                "MsgSeqNum(34) {begin} to {end} have been missing for {seconds} s: they were asked for with a \
                 ResendRequest, and the counterparty has not sent all of them"
            );
            self.told = true;
        }
        None
    }
}

impl Monitor {
    /// Shows `view` and what becomes of it to `publisher`; `None`: to nobody.
    pub fn new(view: SessionView, publisher: Option<Arc<dyn Publisher>>) -> Self {
        let (not_before, gap) = (Mono::default(), GapWatch::default());
        Monitor { view, publisher, not_before, explained: false, gap, tested: None }
    }

    /// The view as it was last shown.
    pub fn view(&self) -> &SessionView {
        &self.view
    }

    /// Says in a few words what the session is doing; shown with the next [`refresh`](Self::refresh).
    pub fn explain(&mut self, detail: impl Into<String>) {
        self.view.detail = detail.into();
        self.view.tried = true;
        self.explained = true;
    }

    /// An operator keeps the session out, or no longer.
    pub fn set_stays_out(&mut self, stays_out: bool) {
        self.view.stays_out = stays_out;
        self.explained = true;
    }

    /// An operator's TestRequest(1) with this TestReqID(112) was sent; shown with the next [`refresh`](Self::refresh).
    pub fn tested(&mut self, id: String, now: Now) {
        self.tested = Some(now.mono);
        self.view.test_request = Some(TestRequestView { id, sent: now.utc, round_trip: None });
    }

    /// How long the counterparty takes to answer, shown with the next [`refresh`](Self::refresh); true if it is news.
    pub fn measured(&mut self, round_trip: &RoundTripView) -> bool {
        let is_news = self.view.round_trip.as_ref() != Some(round_trip);
        if is_news {
            self.view.round_trip = Some(round_trip.clone());
        }
        is_news
    }

    /// True while an operator's TestRequest has no answer.
    pub fn awaits_answer(&self) -> bool {
        self.tested.is_some()
    }

    /// A Heartbeat(0) with this TestReqID(112) has come. If it answers the operator's TestRequest: how long that took.
    pub fn answered(&mut self, id: &str, now: Mono) -> Option<Duration> {
        let test = self.view.test_request.as_mut().filter(|test| test.id == id)?;
        let round_trip = now.since(self.tested.take()?);
        test.round_trip = Some(round_trip);
        Some(round_trip)
    }

    /// Shows the session if it is not as last shown. Returns when to call again, if a change must wait.
    pub fn update(&mut self, status: &SessionStatus, now: Now) -> Option<Mono> {
        let look_again = self.gap.look(&self.view.id, status.gap, now.mono);
        let moved = status.phase != self.view.phase || self.explained;
        let counted = (status.next_in, status.next_out, status.gap, status.resending)
            != (self.view.next_in, self.view.next_out, self.view.gap, self.view.resending);
        if moved || (counted && now.mono >= self.not_before) {
            self.refresh(status, now);
            return look_again;
        }
        counted.then_some(self.not_before).into_iter().chain(look_again).min()
    }

    /// Shows the session as it is.
    pub fn refresh(&mut self, status: &SessionStatus, now: Now) {
        let view = &mut self.view;
        let logged_on = status.phase == Phase::LoggedOn;
        if logged_on != view.logged_on {
            view.logged_on = logged_on;
            view.since = now.utc;
            if logged_on {
                view.detail = "logged on".into();
                view.tried = true;
                view.test_request = None;
            }
            self.tested = None;
        }
        if status.phase != view.phase && !self.explained {
            view.detail = match status.phase {
                Phase::LogonOwed | Phase::LogonSent => "connected, no answer to our Logon yet".into(),
                Phase::AwaitLogon => "connected, no Logon yet".into(),
                Phase::LogoutSent => "no answer to our Logout yet".into(),
                Phase::Idle | Phase::LoggedOn | Phase::Closing => std::mem::take(&mut view.detail),
            };
        }
        view.phase = status.phase;
        (view.next_in, view.next_out) = (status.next_in, status.next_out);
        (view.gap, view.resending) = (status.gap, status.resending);
        view.heart_bt_int = status.heart_bt_int;
        view.last_received = logged_on.then(|| utc_of(status.last_received, now));
        view.last_sent = logged_on.then(|| utc_of(status.last_sent, now));
        view.numbers_since = status.creation_time;
        self.not_before = now.mono.after(PACE);
        self.explained = false;
        if let Some(publisher) = &self.publisher {
            publisher.session(view.clone());
        }
    }
}

/// The time of day at which the monotonic clock showed `at`.
fn utc_of(at: Mono, now: Now) -> UtcTimestamp {
    let now_nanos = i128::from(now.utc.unix_seconds()) * 1_000_000_000 + i128::from(now.utc.subsec_nanos());
    let ago = i128::try_from(now.mono.since(at).as_nanos()).unwrap_or(i128::MAX);
    let nanos = now_nanos.saturating_sub(ago);
    let seconds = i64::try_from(nanos.div_euclid(1_000_000_000)).unwrap_or_default();
    UtcTimestamp::from_unix(seconds, u32::try_from(nanos.rem_euclid(1_000_000_000)).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use fix_core::session::config::Role;

    use super::*;
    use crate::observe::Board;

    fn now(millis: u64) -> Now {
        Now { mono: Mono::from_millis(millis), utc: UtcTimestamp::from_unix(100, 0) }
    }

    fn status(phase: Phase, next_in: u64) -> SessionStatus {
        let mut status = SessionStatus::default();
        (status.phase, status.next_in, status.next_out) = (phase, next_in, 1);
        (status.heart_bt_int, status.last_received) = (30, Mono::from_millis(500));
        status
    }

    #[test]
    fn a_gap_that_lasts_is_told_once() {
        let mut gap = GapWatch::default();
        let missing = Some((5, 9));
        assert_eq!(gap.look("A", missing, Mono::from_millis(1_000)), Some(Mono::from_millis(6_000)));
        assert_eq!(gap.look("A", missing, Mono::from_millis(5_999)), Some(Mono::from_millis(6_000)));
        assert!(!gap.told);
        assert_eq!(gap.look("A", Some((7, 9)), Mono::from_millis(6_000)), None);
        assert!(gap.told, "that it grew smaller is not that it is closed");
        assert_eq!(gap.look("A", None, Mono::from_millis(7_000)), None);
        assert!(!gap.told && gap.since.is_none());
    }

    #[test]
    fn a_test_request_is_answered_by_its_own_heartbeat_once() {
        let view = SessionView::new("A", Role::Initiator, UtcTimestamp::from_unix(0, 0));
        let mut monitor = Monitor::new(view, None);
        monitor.refresh(&status(Phase::LoggedOn, 2), now(1000));
        monitor.tested("T1".to_owned(), now(1000));
        assert!(monitor.awaits_answer());
        assert_eq!(monitor.answered("TEST", Mono::from_millis(1001)), None, "of the session's own");
        let took = Duration::from_millis(4);
        assert_eq!(monitor.answered("T1", Mono::from_millis(1004)), Some(took));
        assert_eq!(monitor.answered("T1", Mono::from_millis(1005)), None);
        assert_eq!(monitor.view().test_request.as_ref().and_then(|test| test.round_trip), Some(took));
        monitor.tested("T2".to_owned(), now(1100));
        monitor.refresh(&status(Phase::Idle, 2), now(1200));
        assert!(!monitor.awaits_answer(), "with the connection the answer is gone");
        assert_eq!(monitor.view().test_request.as_ref().map(|test| test.round_trip), Some(None));
    }

    #[test]
    fn phases_show_at_once_and_numbers_a_few_times_a_second() {
        let board = Board::default();
        let publisher: Arc<dyn Publisher> = Arc::new(board.clone());
        let view = SessionView::new("A", Role::Initiator, UtcTimestamp::from_unix(0, 0));
        let mut monitor = Monitor::new(view, Some(publisher));
        let shown = || board.session("A").unwrap();

        assert_eq!(monitor.update(&status(Phase::LogonSent, 2), now(1400)), None);
        assert_eq!(shown().detail, "connected, no answer to our Logon yet");
        assert_eq!(monitor.update(&status(Phase::LoggedOn, 2), now(1500)), None);
        assert_eq!(shown().detail, "logged on");
        assert!(shown().logged_on);
        assert_eq!((shown().next_in, shown().since), (2, UtcTimestamp::from_unix(100, 0)));
        assert_eq!(shown().last_received, Some(UtcTimestamp::from_unix(99, 0)));

        let later = monitor.update(&status(Phase::LoggedOn, 3), now(1600));
        assert_eq!((later, shown().next_in), (Some(Mono::from_millis(1750)), 2));
        assert_eq!(monitor.update(&status(Phase::LoggedOn, 9), now(1750)), None);
        assert_eq!(shown().next_in, 9);

        monitor.explain("the counterparty logged out");
        assert_eq!(monitor.update(&status(Phase::Idle, 9), now(1751)), None);
        assert_eq!((shown().logged_on, shown().last_received), (false, None));
        assert_eq!(shown().detail, "the counterparty logged out");
    }
}
