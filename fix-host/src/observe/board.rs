//! The notice board: the engine writes, everybody reads, nobody waits for a reader.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{sync::watch, time::timeout};

use super::history::History;
use crate::{
    contract::{
        SessionView,
        price::Snapshot,
        report::{REPORT_HISTORY, Report},
    },
    halt::Halts,
};

/// The engine's state for readers. Clones show the same board.
#[derive(Clone, Debug)]
pub struct Board(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    sessions: Mutex<Sessions>,
    /// The number of changes of sessions so far; changes wake those who wait for one.
    session_changes: watch::Sender<u64>,
    prices: watch::Sender<Option<Arc<Snapshot>>>,
    history: Mutex<History>,
    /// The number of reports so far; changes wake those who wait for one.
    reports: watch::Sender<u64>,
    halts: Halts,
}

/// The sessions in the order they were first seen.
#[derive(Debug, Default)]
struct Sessions {
    views: Vec<SessionView>,
    places: HashMap<String, usize>,
    logged_on: usize,
}

impl Sessions {
    /// False if nothing changed.
    fn put(&mut self, view: SessionView) -> bool {
        let known = self.places.get(&view.id).and_then(|place| self.views.get_mut(*place));
        let (was, is) = (known.as_ref().is_some_and(|known| known.logged_on), view.logged_on);
        match known {
            Some(known) if *known == view => return false,
            Some(known) => *known = view,
            None => {
                self.places.insert(view.id.clone(), self.views.len());
                self.views.push(view);
            }
        }
        self.logged_on = self.logged_on + usize::from(is) - usize::from(was);
        true
    }
}

impl Default for Board {
    fn default() -> Self {
        Board(Arc::new(Inner {
            sessions: Mutex::default(),
            session_changes: watch::Sender::new(0),
            prices: watch::Sender::new(None),
            history: Mutex::new(History::new(REPORT_HISTORY)),
            reports: watch::Sender::new(0),
            halts: Halts::default(),
        }))
    }
}

impl Board {
    /// Replaces the view of one session, or adds it.
    pub fn put_session(&self, view: SessionView) {
        if lock(&self.0.sessions).put(view) {
            self.0.session_changes.send_modify(|count| *count += 1);
        }
    }

    /// Replaces the prices.
    pub fn put_prices(&self, snapshot: Arc<Snapshot>) {
        self.0.prices.send_replace(Some(snapshot));
    }

    /// Adds a report.
    pub fn put_report(&self, report: Arc<Report>) {
        self.history().push(report);
        self.0.reports.send_modify(|count| *count += 1);
    }

    /// What is halted.
    pub fn halts(&self) -> &Halts {
        &self.0.halts
    }

    /// All sessions, in the order they were first seen.
    pub fn sessions(&self) -> Vec<SessionView> {
        lock(&self.0.sessions).views.clone()
    }

    /// The session of this name.
    pub fn session(&self, id: &str) -> Option<SessionView> {
        let sessions = lock(&self.0.sessions);
        sessions.places.get(id).and_then(|place| sessions.views.get(*place)).cloned()
    }

    /// True when at least one session is logged on.
    pub fn is_logged_on(&self) -> bool {
        lock(&self.0.sessions).logged_on > 0
    }

    /// Waits until a session is as asked for, at most for `wait`; gives its state then.
    pub async fn wait_for_session(
        &self,
        id: &str,
        wait: Duration,
        is_wanted: impl Fn(&SessionView) -> bool,
    ) -> Option<SessionView> {
        let mut changes = self.0.session_changes.subscribe();
        let wanted = async {
            while !self.session(id).is_some_and(|view| is_wanted(&view)) {
                if changes.changed().await.is_err() {
                    return;
                }
            }
        };
        // Late or not, the state is the answer.
        let _ = timeout(wait, wanted).await;
        self.session(id)
    }

    /// The latest prices; `None` without market data.
    pub fn prices(&self) -> Option<Arc<Snapshot>> {
        self.0.prices.borrow().clone()
    }

    /// The prices as they change, beginning with the present ones.
    pub fn watch_prices(&self) -> watch::Receiver<Option<Arc<Snapshot>>> {
        self.0.prices.subscribe()
    }

    /// The reports of an order or cancel request, oldest first; none if there are none among the last
    /// [`REPORT_HISTORY`].
    pub fn reports_of(&self, cl_ord_id: &str) -> Vec<Arc<Report>> {
        self.history().of_order(cl_ord_id)
    }

    /// The last `count` reports, newest first.
    pub fn newest_reports(&self, count: usize) -> Vec<Arc<Report>> {
        self.history().newest(count)
    }

    /// Waits until an order has more than `seen` reports and, where `until_final`, one after which nothing
    /// more will happen; at most for `wait`. Gives the reports there then are.
    pub async fn wait_for_reports(
        &self,
        cl_ord_id: &str,
        seen: usize,
        until_final: bool,
        wait: Duration,
    ) -> Vec<Arc<Report>> {
        let mut changes = self.0.reports.subscribe();
        let enough = async {
            loop {
                changes.borrow_and_update();
                let reports = self.reports_of(cl_ord_id);
                let is_final = || reports.iter().any(|report| report.is_final_for(cl_ord_id));
                if reports.len() > seen && (!until_final || is_final()) {
                    return reports;
                }
                if changes.changed().await.is_err() {
                    return reports;
                }
            }
        };
        match timeout(wait, enough).await {
            Ok(reports) => reports,
            Err(_) => self.reports_of(cl_ord_id),
        }
    }

    fn history(&self) -> MutexGuard<'_, History> {
        lock(&self.0.history)
    }
}

/// A panic elsewhere leaves at worst one entry half written; the board stays readable.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use fix_core::{session::config::Role, time::UtcTimestamp};

    use super::*;
    use crate::contract::{
        order::OrderCommand,
        parse::{OrderRules, parse_order},
    };

    fn view(id: &str, logged_on: bool) -> SessionView {
        SessionView { logged_on, ..SessionView::new(id, Role::Initiator, UtcTimestamp::from_unix(0, 0)) }
    }

    fn order(id: &str) -> OrderCommand {
        let json = format!(r#"{{"clOrdID":"{id}","symbol":"2Y","side":"BUY","qty":1,"ordType":"MARKET"}}"#);
        parse_order(json.as_bytes(), &OrderRules::any_symbol(), UtcTimestamp::from_unix(0, 0)).unwrap()
    }

    #[test]
    fn a_session_has_one_view() {
        let board = Board::default();
        board.put_session(view("A", false));
        board.put_session(view("B", false));
        assert!(!board.is_logged_on());
        board.put_session(view("A", true));
        assert_eq!(board.sessions().len(), 2);
        assert!(board.is_logged_on());
        assert!(board.session("A").is_some_and(|view| view.logged_on));
        board.put_session(view("A", false));
        assert!(!board.is_logged_on());
    }

    #[tokio::test(start_paused = true)]
    async fn a_session_is_waited_for() {
        let board = Board::default();
        let waiting = tokio::spawn({
            let board = board.clone();
            async move { board.wait_for_session("A", Duration::from_secs(9), |view| view.logged_on).await }
        });
        tokio::task::yield_now().await;
        board.put_session(view("A", false));
        tokio::task::yield_now().await;
        board.put_session(view("A", true));
        assert!(waiting.await.unwrap().unwrap().logged_on);
        let second = Duration::from_secs(1);
        let still = board.wait_for_session("A", second, |view| !view.logged_on).await;
        assert!(still.is_some_and(|view| view.logged_on));
        assert_eq!(board.wait_for_session("B", second, |_| true).await, None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_reader_waits_for_the_final_report() {
        let board = Board::default();
        board.put_report(Arc::new(Report::state_unknown(Some("A".into()), "?")));
        let second = Duration::from_secs(1);
        assert_eq!(board.wait_for_reports("A", 0, false, second).await.len(), 1);
        assert_eq!(board.wait_for_reports("A", 0, true, second).await.len(), 1);
        assert_eq!(board.wait_for_reports("nobody", 0, true, second).await.len(), 0);

        let waiting = tokio::spawn({
            let board = board.clone();
            async move { board.wait_for_reports("A", 1, true, second * 60).await.len() }
        });
        tokio::task::yield_now().await;
        board.put_report(Arc::new(Report::not_sent(&order("other"), "no")));
        board.put_report(Arc::new(Report::not_sent(&order("A"), "no")));
        assert_eq!(waiting.await.unwrap(), 2);
    }
}
