//! The notice board: the engine writes, everybody reads, nobody waits for a reader.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use foldhash::HashMap;
use tokio::time::timeout;

use super::{
    changes::{Change, Changes},
    history::History,
    messages::Messages,
    price_history::{PriceHistory, PricePoint},
};
use crate::{
    contract::{
        SessionView,
        price::Snapshot,
        report::{REPORT_HISTORY, Report, end_is_said},
    },
    halt::Halts,
};

/// The engine's state for readers. Clones show the same board.
#[derive(Clone, Debug)]
pub struct Board(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    sessions: Mutex<Sessions>,
    prices: Mutex<Option<Arc<Snapshot>>>,
    price_history: Mutex<PriceHistory>,
    history: Mutex<History>,
    halts: Halts,
    /// `None` without one.
    redis_is_up: Mutex<Option<bool>>,
    changes: Changes,
    messages: Messages,
}

/// The sessions in the order they were first seen.
#[derive(Debug, Default)]
struct Sessions {
    views: Vec<Arc<SessionView>>,
    places: HashMap<String, usize>,
    logged_on: usize,
}

impl Sessions {
    /// The view, if it is another than before.
    fn put(&mut self, view: SessionView) -> Option<Arc<SessionView>> {
        let known = self.places.get(&view.id).and_then(|place| self.views.get_mut(*place));
        let (was, is) = (known.as_ref().is_some_and(|known| known.logged_on), view.logged_on);
        if known.as_ref().is_some_and(|known| ***known == view) {
            return None;
        }
        let view = Arc::new(view);
        match known {
            Some(known) => *known = Arc::clone(&view),
            None => {
                self.places.insert(view.id.clone(), self.views.len());
                self.views.push(Arc::clone(&view));
            }
        }
        self.logged_on = self.logged_on + usize::from(is) - usize::from(was);
        Some(view)
    }
}

impl Default for Board {
    fn default() -> Self {
        let (changes, halts) = (Changes::default(), Halts::default());
        halts.listen({
            let changes = changes.clone();
            move || changes.push(Change::Halts)
        });
        Board(Arc::new(Inner {
            sessions: Mutex::default(),
            prices: Mutex::default(),
            price_history: Mutex::default(),
            history: Mutex::new(History::new(REPORT_HISTORY)),
            halts,
            redis_is_up: Mutex::default(),
            changes,
            messages: Messages::default(),
        }))
    }
}

impl Board {
    /// Replaces the view of one session, or adds it.
    pub fn put_session(&self, view: SessionView) {
        let changed = lock(&self.0.sessions).put(view);
        if let Some(view) = changed {
            self.0.changes.push(Change::Session(view));
        }
    }

    /// Replaces the prices, as is done each second.
    pub fn put_prices(&self, snapshot: Arc<Snapshot>) {
        self.replace_prices(snapshot);
        self.0.changes.push(Change::Prices);
    }

    /// Replaces the prices within a second: only those who follow each move are told.
    pub fn move_prices(&self, snapshot: Arc<Snapshot>) {
        self.replace_prices(snapshot);
        self.0.changes.push(Change::Moves);
    }

    fn replace_prices(&self, snapshot: Arc<Snapshot>) {
        lock(&self.0.price_history).add(&snapshot);
        *lock(&self.0.prices) = Some(snapshot);
    }

    /// Adds a report.
    pub fn put_report(&self, report: Arc<Report>) {
        self.history().push(Arc::clone(&report));
        self.0.changes.push(Change::Report(report));
    }

    /// Says whether Redis takes what is written to it.
    pub fn put_redis(&self, is_up: bool) {
        if lock(&self.0.redis_is_up).replace(is_up) != Some(is_up) {
            self.0.changes.push(Change::Redis { is_up });
        }
    }

    /// True while Redis takes what is written to it; `None` if there is none.
    pub fn redis_is_up(&self) -> Option<bool> {
        *lock(&self.0.redis_is_up)
    }

    /// All that changes here, as it does.
    pub fn changes(&self) -> &Changes {
        &self.0.changes
    }

    /// The last messages of all sessions that are kept here.
    pub fn messages(&self) -> &Messages {
        &self.0.messages
    }

    /// What is halted.
    pub fn halts(&self) -> &Halts {
        &self.0.halts
    }

    /// All sessions, in the order they were first seen.
    pub fn sessions(&self) -> Vec<SessionView> {
        lock(&self.0.sessions).views.iter().map(|view| SessionView::clone(view)).collect()
    }

    /// The session of this name.
    pub fn session(&self, id: &str) -> Option<SessionView> {
        let sessions = lock(&self.0.sessions);
        let view = sessions.places.get(id).and_then(|place| sessions.views.get(*place))?;
        Some(SessionView::clone(view))
    }

    /// True while the session of this name is logged on.
    pub fn is_session_logged_on(&self, id: &str) -> bool {
        let sessions = lock(&self.0.sessions);
        let view = sessions.places.get(id).and_then(|place| sessions.views.get(*place));
        view.is_some_and(|view| view.logged_on)
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
        let mut changes = self.0.changes.follow();
        let wanted = async {
            while !self.session(id).is_some_and(|view| is_wanted(&view)) {
                changes.until(|change| matches!(change, Change::Session(view) if view.id == id)).await;
            }
        };
        // Late or not, the state is the answer.
        let _ = timeout(wait, wanted).await;
        self.session(id)
    }

    /// Waits until an attempt to log on has ended for every session, at most for `wait`; whether that is so then.
    pub async fn wait_until_tried(&self, wait: Duration) -> bool {
        let mut changes = self.0.changes.follow();
        let all_tried = || lock(&self.0.sessions).views.iter().all(|view| view.tried);
        let tried = async {
            while !all_tried() {
                changes.until(|change| matches!(change, Change::Session(_))).await;
            }
        };
        // Late or not, the state is the answer.
        let _ = timeout(wait, tried).await;
        all_tried()
    }

    /// The latest prices; `None` without market data.
    pub fn prices(&self) -> Option<Arc<Snapshot>> {
        lock(&self.0.prices).clone()
    }

    /// The best prices of an instrument over the last `seconds`, oldest first: a point a second of up to a quarter of an
    /// hour, a point for ten seconds of up to a day. `None` of an instrument that was not priced.
    pub fn price_history(&self, symbol: &str, seconds: u64) -> Option<Vec<PricePoint>> {
        lock(&self.0.price_history).of(symbol, seconds)
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
        let mut changes = self.0.changes.follow();
        let is_of_it = |change: &Change| match change {
            Change::Report(report) => {
                [report.cl_ord_id(), report.orig_cl_ord_id()].contains(&Some(cl_ord_id))
            }
            _ => false,
        };
        let enough = async {
            loop {
                let reports = self.reports_of(cl_ord_id);
                let is_final = || end_is_said(&reports, cl_ord_id);
                if reports.len() > seen && (!until_final || is_final()) {
                    return reports;
                }
                changes.until(is_of_it).await;
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
mod tests;
