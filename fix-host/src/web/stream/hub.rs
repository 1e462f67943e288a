//! One producer for all readers of the stream: it follows the board's changes while somebody reads, and makes the text
//! of each piece of news once. Readers take what lies behind their place, at their own pace; it waits for none of them.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use serde_json::{Value, json};
use tokio::{
    sync::{Notify, watch},
    time::{Instant, MissedTickBehavior, interval, sleep_until},
};

use super::{
    market::{self, Symbols},
    prices::Table,
    ring::{Behind, News, Ring},
    topic::{Topic, Topics},
};
use crate::{
    contract::{by_hand::Venue, market_book::Books, report::Report},
    observe::{
        Board, Metrics,
        changes::{Change, Follower},
    },
    orders::Orders,
    web::{messages, sessions},
};

/// Who may read at one time.
pub(super) const MOST_READERS: usize = 128;
/// Prices are told at most so often.
const PRICES_APART: Duration = Duration::from_millis(20);
/// So often it is looked whether the venue has changed, and whether anybody still reads.
const LOOK: Duration = Duration::from_millis(500);
/// So often new messages are told, with what was decided about them.
const MESSAGES_APART: Duration = Duration::from_millis(50);
/// So often it is told how the process is.
const HEALTH_APART: Duration = Duration::from_secs(1);
/// Messages that a reader gets at first, and that are told at once.
const MESSAGES: usize = 200;
const MESSAGES_AT_ONCE: usize = 2_000;
/// The news are kept so long after the last reader has gone: who reloads his page goes on where he was.
const LINGER: Duration = Duration::from_secs(30);
/// Changes that are taken before readers are woken.
const AT_ONCE: usize = 256;
/// Reports that a reader gets at first.
const REPORTS: usize = 500;
/// Orders that have ended that a reader gets at first, besides all that work; and orders of the venue, the newest.
const ORDERS: usize = 1000;

/// What the stream tells of.
pub(in crate::web) struct Sources {
    pub(in crate::web) board: Board,
    pub(in crate::web) orders: Orders,
    pub(in crate::web) venue: Venue,
    pub(in crate::web) books: Books,
    pub(in crate::web) metrics: Metrics,
}

/// The producer and its news. Clones are the same one.
#[derive(Clone)]
pub(in crate::web) struct Hub(Arc<Inner>);

struct Inner {
    sources: Sources,
    /// Tells this process from others.
    boot: String,
    state: Mutex<State>,
    /// Wakes readers; its value is of no meaning.
    signal: watch::Sender<()>,
    /// Wakes the producer when the first reader comes.
    awake: Notify,
    /// Orders have changed.
    touched: Arc<Notify>,
}

#[derive(Default)]
struct State {
    ring: Ring,
    prices: Table,
    /// The last reports with their texts, oldest first.
    reports: VecDeque<(Arc<Report>, Arc<str>)>,
    /// The venue as it was told last.
    venue: String,
    readers: usize,
    /// How many of them want to know of a topic, in the order of [`Topic::ALL`].
    wanted: [usize; Topic::ALL.len()],
    /// The symbols that they named.
    symbols: Symbols,
    /// The number of the last message that was told.
    message: u64,
    /// The state was read, and is followed from there on: by this, until the producer takes it.
    is_filled: bool,
    changes: Option<Follower>,
}

impl Hub {
    /// Starts the producer, which ends with `stop`.
    pub(in crate::web) fn start(sources: Sources, stop: watch::Receiver<bool>) -> Self {
        let hub = Hub(Arc::new(Inner {
            boot: format!("{:016x}", sources.board.changes().mark().stream),
            sources,
            state: Mutex::default(),
            signal: watch::Sender::new(()),
            awake: Notify::new(),
            touched: Arc::default(),
        }));
        tokio::spawn(hub.clone().produce(stop));
        hub
    }

    pub(in crate::web) fn boot(&self) -> &str {
        &self.0.boot
    }

    /// A place among the readers; `None` if there are [`MOST_READERS`] already.
    pub(super) fn seat(&self) -> Option<Seat> {
        let mut state = self.state();
        if state.readers >= MOST_READERS {
            return None;
        }
        state.readers += 1;
        if !state.is_filled {
            state.changes = Some(self.read(&mut state));
            state.is_filled = true;
            self.0.awake.notify_one();
        }
        let signal = self.0.signal.subscribe();
        Some(Seat { hub: self.clone(), topics: Topics::default(), symbol: None, signal })
    }

    /// Reads the state, to be followed from there on.
    fn read(&self, state: &mut State) -> Follower {
        let board = &self.0.sources.board;
        let changes = board.changes().follow();
        self.0.sources.orders.watch(Some(Arc::clone(&self.0.touched)));
        if let Some(prices) = board.prices() {
            state.prices.take(prices);
        }
        let reports = board.newest_reports(REPORTS).into_iter().rev();
        state.reports =
            reports.map(|report| (Arc::clone(&report), crate::web::views::report_text(&report))).collect();
        changes
    }

    /// Forgets all if nobody reads; true if so.
    fn empty(&self) -> bool {
        let mut state = self.state();
        if state.readers > 0 {
            return false;
        }
        self.0.sources.orders.watch(None);
        let mut ring = std::mem::take(&mut state.ring);
        ring.clear();
        *state = State { ring, ..State::default() };
        true
    }

    async fn produce(self, mut stop: watch::Receiver<bool>) {
        let stopped = async move {
            // An error means that the sender is gone, which is a stop too.
            let _ = stop.wait_for(|stop| *stop).await;
        };
        tokio::pin!(stopped);
        loop {
            tokio::select! {
                () = &mut stopped => return,
                () = self.0.awake.notified() => {}
            }
            let Some(changes) = self.state().changes.take() else { continue };
            tokio::select! {
                () = &mut stopped => return,
                () = self.follow(changes) => {}
            }
        }
    }

    /// Makes news of changes until nobody has read for a while.
    async fn follow(&self, mut changes: Follower) {
        let periods = [LOOK, MESSAGES_APART, HEALTH_APART, market::APART];
        let [mut look, mut messages, mut health, mut market] = periods.map(|period| {
            let mut interval = interval(period);
            interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
            interval
        });
        let (mut are_prices_new, mut prices_told, mut last_read) = (false, Instant::now(), Instant::now());
        loop {
            let mut news = Vec::new();
            tokio::select! {
                change = changes.next() => {
                    let mut next = change.map(Some);
                    for _ in 0..AT_ONCE {
                        match next {
                            Ok(None) => break,
                            Ok(Some((_, Change::Prices | Change::Moves))) => are_prices_new = true,
                            Ok(Some((_, change))) => self.take(change, &mut news),
                            Err(_) => {
                                changes = self.begin_anew();
                                news.clear();
                            }
                        }
                        next = changes.try_next();
                    }
                }
                () = self.0.touched.notified() => {}
                () = sleep_until(prices_told + PRICES_APART), if are_prices_new => {}
                _ = look.tick() => {
                    if self.state().readers > 0 {
                        last_read = Instant::now();
                    } else if last_read.elapsed() >= LINGER && self.empty() {
                        return;
                    }
                    news.extend(self.look_at_venue().await);
                }
                _ = messages.tick(), if self.is_wanted(Topic::Messages) => news.extend(self.take_messages()),
                _ = market.tick(), if self.is_any_symbol_wanted() => news.extend(self.take_market()),
                _ = health.tick(), if self.is_wanted(Topic::Health) => news.extend(self.look_at_health().await),
            }
            for id in self.0.sources.orders.take_touched() {
                news.extend(self.0.sources.orders.row(&id).map(|row| told(Topic::Orders, &row)));
            }
            if are_prices_new && prices_told.elapsed() >= PRICES_APART {
                (are_prices_new, prices_told) = (false, Instant::now());
                news.extend(self.take_prices());
            }
            self.push(news);
        }
    }

    fn take(&self, change: Change, news: &mut Vec<News>) {
        let board = &self.0.sources.board;
        match change {
            Change::Session(view) => news.push(told(Topic::Sessions, &sessions::to_json(board, &view))),
            Change::Halts => {
                let rows = board.sessions();
                news.extend(rows.iter().map(|view| told(Topic::Sessions, &sessions::to_json(board, view))));
            }
            Change::Report(report) => news.extend(self.take_report(report)),
            _ => {}
        }
    }

    fn take_report(&self, report: Arc<Report>) -> Option<News> {
        let mut state = self.state();
        // One that came while the state was read is among those read.
        if state.reports.iter().rev().any(|(known, _)| Arc::ptr_eq(known, &report)) {
            return None;
        }
        let text = crate::web::views::report_text(&report);
        if state.reports.len() >= REPORTS {
            state.reports.pop_front();
        }
        state.reports.push_back((report, Arc::clone(&text)));
        Some(News::Row(Topic::Executions, (*text).into()))
    }

    fn take_prices(&self) -> Option<News> {
        let latest = self.0.sources.board.prices()?;
        match self.state().prices.take(latest) {
            Some(moves) if moves.is_empty() => None,
            Some(moves) => Some(News::Prices(moves)),
            None => Some(News::OtherPrices),
        }
    }

    async fn look_at_venue(&self) -> Option<News> {
        if !self.is_wanted(Topic::Exchange) {
            return None;
        }
        let hub = self.clone();
        // Its orders are many: their text is not made by a task that others wait for.
        let venue = tokio::task::spawn_blocking(move || hub.venue()).await.ok()??;
        let mut state = self.state();
        if state.venue == venue {
            return None;
        }
        state.venue.clone_from(&venue);
        Some(News::State(Topic::Exchange, venue.into_boxed_str()))
    }

    fn is_wanted(&self, topic: Topic) -> bool {
        self.state().wanted[topic as usize] > 0
    }

    fn is_any_symbol_wanted(&self) -> bool {
        Topic::ALL.into_iter().any(|topic| topic.is_of_symbol() && self.is_wanted(topic))
    }

    fn take_market(&self) -> Vec<News> {
        self.state().symbols.news(&self.0.sources.books)
    }

    fn take_messages(&self) -> Vec<News> {
        let messages = self.0.sources.board.messages();
        let mut state = self.state();
        let kept = messages.behind(state.message, MESSAGES_AT_ONCE);
        state.message = kept.last().map_or(state.message, |last| last.number);
        drop(state);
        messages::rows(&kept).iter().map(|row| told(Topic::Messages, row)).collect()
    }

    async fn look_at_health(&self) -> Option<News> {
        let hub = self.clone();
        // A disk that hangs must not hold up others.
        let health = tokio::task::spawn_blocking(move || hub.health()).await.ok()?;
        Some(News::State(Topic::Health, health.to_string().into_boxed_str()))
    }

    /// How the process is. Disks are asked: not for a task that others wait for.
    pub(in crate::web) fn health(&self) -> Value {
        let (board, readers) = (&self.0.sources.board, self.state().readers);
        let mut health = self.0.sources.metrics.health(board);
        health["readers"] = readers.into();
        health
    }

    fn venue(&self) -> Option<String> {
        let venue = self.0.sources.venue.as_ref()?;
        let mut orders = venue.orders(false);
        // Oldest first.
        let left_out = orders.len().saturating_sub(ORDERS);
        orders.drain(..left_out);
        Some(json!({ "venue": venue.venue(), "orders": orders, "ordersLeftOut": left_out }).to_string())
    }

    /// Changes were missed: who reads is told so, and gets the state, to be followed by these.
    fn begin_anew(&self) -> Follower {
        let mut state = self.state();
        state.ring.clear();
        let changes = self.read(&mut state);
        drop(state);
        self.0.signal.send_replace(());
        changes
    }

    fn push(&self, news: Vec<News>) {
        if news.is_empty() {
            return;
        }
        let mut state = self.state();
        news.into_iter().for_each(|news| state.ring.push(news));
        drop(state);
        self.0.signal.send_replace(());
    }

    /// A panic elsewhere leaves the news as they were.
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn told(topic: Topic, row: &Value) -> News {
    News::Row(topic, row.to_string().into_boxed_str())
}

/// A reader's place at the hub; dropped, it is free.
pub(super) struct Seat {
    hub: Hub,
    topics: Topics,
    symbol: Option<Arc<str>>,
    signal: watch::Receiver<()>,
}

impl Seat {
    pub(super) fn boot(&self) -> &str {
        self.hub.boot()
    }

    /// The number of the last news.
    pub(super) fn last(&self) -> u64 {
        self.hub.state().ring.last()
    }

    /// True if all that came behind `number` is kept.
    pub(super) fn reaches(&self, number: u64) -> bool {
        self.hub.state().ring.reaches(number)
    }

    /// What came behind `number`.
    pub(super) fn behind(&self, number: u64) -> Behind {
        self.hub.state().ring.behind(number)
    }

    /// Waits for more news. What is dropped while it waits has lost nothing.
    pub(super) async fn changed(&mut self) {
        // Its sender is in the hub, so it cannot be gone.
        let _ = self.signal.changed().await;
    }

    /// Says what this reader wants to know. Of these topics the news were not kept until now, because nobody wanted
    /// them: they can only be told whole.
    pub(super) fn watch(&mut self, topics: Topics, symbol: Option<&Arc<str>>) -> Topics {
        let mut state = self.hub.state();
        let mut unfollowed = None;
        if topics.has(Topic::Messages) && state.wanted[Topic::Messages as usize] == 0 {
            // What came before is in the first frame.
            state.message = self.hub.0.sources.board.messages().last();
            unfollowed = Some(Topic::Messages);
        }
        topics.iter().for_each(|topic| state.wanted[topic as usize] += 1);
        self.topics.iter().for_each(|topic| state.wanted[topic as usize] -= 1);
        self.topics = topics;
        state.symbols.watch(symbol, self.symbol.as_ref());
        drop(state);
        self.symbol = symbol.cloned();
        unfollowed.into_iter().collect()
    }

    /// The rows of a topic now: at least as new as the number that is [last](Self::last) before.
    pub(super) fn rows(&self, topic: Topic, symbol: Option<&str>) -> Vec<Arc<str>> {
        let sources = &self.hub.0.sources;
        let text = |value: Value| Arc::from(value.to_string());
        match topic {
            Topic::Prices => self.hub.state().prices.rows().into_iter().map(Arc::from).collect(),
            Topic::Executions => self.hub.state().reports.iter().map(|(_, text)| Arc::clone(text)).collect(),
            Topic::Orders => sources.orders.list_working_and(ORDERS).into_iter().rev().map(text).collect(),
            Topic::Sessions => {
                let sessions = sources.board.sessions();
                sessions.iter().map(|view| text(sessions::to_json(&sources.board, view))).collect()
            }
            Topic::Messages => {
                let messages = sources.board.messages();
                let upto = self.hub.state().message;
                let kept = messages.before(upto + 1, MESSAGES, |_| true);
                let oldest_first: Vec<_> = kept.into_iter().rev().collect();
                messages::rows(&oldest_first).into_iter().map(text).collect()
            }
            // It comes each second.
            Topic::Health => Vec::new(),
            Topic::Exchange => self.hub.venue().into_iter().map(Arc::from).collect(),
            Topic::Depth | Topic::Trades => {
                market::whole(&sources.books, topic, symbol).into_iter().collect()
            }
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut state = self.hub.state();
        state.readers -= 1;
        self.topics.iter().for_each(|topic| state.wanted[topic as usize] -= 1);
        state.symbols.watch(None, self.symbol.as_ref());
    }
}
