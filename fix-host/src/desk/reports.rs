//! From the entries of the session's store to those who read reports: the HTTP history and Redis.
//!
//! The store is the queue. Every entry is handed over once it is on disk, in order, live and after a restart alike;
//! where Redis hangs its place in the store is kept, and the HTTP history goes on.

use std::{
    collections::{BTreeSet, VecDeque},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use fix_core::{
    dict::Dictionary,
    msg::{message::Message, msg_type::MsgType},
    store::StoreError,
    wire::frame::{Scan, scan},
};
use tokio::sync::mpsc;

use super::{DeskCommand, pre_trade::PreTrade};
use crate::{
    contract::{
        news::News,
        publisher::{Publisher, Receipt, Told},
        report::{REPORT_HISTORY, Report},
        report_id::ReportId,
    },
    orders::{MOST_ORDERS, Orders},
    store::{Consumer, Content, Entries, Entry, Position},
};

/// Entries looked at after a restart for what was said of the orders: a few for each order that is remembered.
const LOOK_BACK: usize = 4 * MOST_ORDERS;

/// The reports of one session.
pub(super) struct Reports {
    publisher: Arc<dyn Publisher>,
    dictionary: &'static Dictionary,
    session: Arc<str>,
    /// Up to here the HTTP history has them.
    shown: Position,
    /// Up to here they were handed to Redis; `None` without one.
    delivered: Option<Position>,
    /// The last entry that is a report.
    last: Position,
    /// Up to here Redis is known to have them.
    progress: Arc<Progress>,
    /// What the store knows of that.
    noted: Position,
    /// Reports of our own on their way to the store.
    own: VecDeque<String>,
    /// The one that is being stored.
    current: String,
}

/// How far Redis has come. Waking the session's task makes it known to the store.
struct Progress {
    position: AtomicU64,
    /// The session's task was woken, and has not looked since.
    is_told: AtomicBool,
    wake: mpsc::WeakSender<DeskCommand>,
}

impl Told for Progress {
    fn told(&self, position: Position) {
        self.position.fetch_max(position.get(), Ordering::Release);
        // Is the queue full, the task is about to run anyway.
        if !self.is_told.swap(true, Ordering::AcqRel)
            && let Some(commands) = self.wake.upgrade()
        {
            drop(commands.try_send(DeskCommand::Wake));
        }
    }
}

impl Reports {
    /// `delivers`: there is a Redis.
    pub(super) fn new(
        session: &str,
        publisher: Arc<dyn Publisher>,
        dictionary: &'static Dictionary,
        delivers: bool,
        wake: mpsc::WeakSender<DeskCommand>,
    ) -> Self {
        Reports {
            publisher,
            dictionary,
            session: session.into(),
            shown: Position::START,
            delivered: delivers.then_some(Position::START),
            last: Position::START,
            progress: Arc::new(Progress {
                position: AtomicU64::new(0),
                is_told: AtomicBool::new(false),
                wake,
            }),
            noted: Position::START,
            own: VecDeque::new(),
            current: String::new(),
        }
    }

    /// A report of our own: it is published once the store has it.
    pub(super) fn say(&mut self, report: &Report) {
        self.own.push_back(report.to_json());
    }

    /// The next report of our own for the store.
    pub(super) fn next_own(&mut self) -> Option<&[u8]> {
        self.current = self.own.pop_front()?;
        Some(self.current.as_bytes())
    }

    /// Goes on where an earlier process ended: the history and what was said of the orders are as they were.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(super) fn open(
        &mut self,
        store: &mut dyn Entries,
        orders: &Orders,
        pre_trade: &mut PreTrade,
    ) -> Result<(), StoreError> {
        let (mut at, mut buffer) = (store.before_last(LOOK_BACK), Vec::new());
        let history = store.before_last(REPORT_HISTORY);
        while let Some(entry) = store.next_entry(at, &mut buffer)? {
            at = entry.position;
            let is_shown = at > history;
            match entry.content {
                Content::Received { message, .. } => {
                    let Some(message) = self.execution_report(message) else { continue };
                    let news = News::of_message(&message);
                    pre_trade.heard_before(&news, |id| orders.session_of(id).is_some());
                    // Of an order of which nothing more is to come, only what is shown counts, and what may open it again.
                    if !is_shown && !news.may_go_back() && !news.ids().any(|id| orders.awaits_news(id)) {
                        continue;
                    }
                    pre_trade.follow_order(&orders.heard(&news));
                }
                Content::Own { report, .. } => {
                    let Some(report) = Report::from_json(report) else { continue };
                    orders.said_before(&report, &self.session);
                    pre_trade.said(&report);
                }
            }
            self.last = at;
            if let Some(report) = self.report(&entry) {
                orders.shown(&report);
                if is_shown {
                    self.publisher.show(Arc::new(report));
                }
            }
        }
        self.shown = at;
        let told = store.told_up_to(Consumer::Redis);
        self.progress.position.store(told.get(), Ordering::Relaxed);
        self.noted = told;
        if let Some(delivered) = &mut self.delivered {
            *delivered = told;
        }
        Ok(())
    }

    /// Where to read on in the store: what Redis lacks first, if it has room.
    pub(super) fn read_on_after(&self) -> Position {
        match self.delivered {
            Some(delivered) if delivered < self.shown && self.publisher.has_room() => delivered,
            _ => self.shown,
        }
    }

    /// True while Redis lacks reports that others have seen.
    pub(super) fn lags(&self) -> bool {
        self.delivered.is_some_and(|delivered| delivered < self.shown)
    }

    /// Publishes an entry to those who have not seen it.
    pub(super) fn publish(&mut self, entry: &Entry<'_>, orders: &Orders) {
        let report = self.report(entry);
        // A reader that has all before it gets this one now; one that lags is served from the store later.
        let is_next = !self.lags() || entry.position <= self.shown;
        if let Some(delivered) =
            self.delivered.as_mut().filter(|delivered| is_next && **delivered < entry.position)
        {
            let receipt = Receipt { told: Arc::clone(&self.progress) as _, position: entry.position };
            if report.as_ref().is_none_or(|report| self.publisher.try_deliver(report, receipt)) {
                *delivered = entry.position;
            }
        }
        if entry.position > self.shown {
            self.shown = entry.position;
            if let Some(report) = report {
                self.last = entry.position;
                let report = Arc::new(report);
                self.publisher.show(Arc::clone(&report));
                orders.shown(&report);
            }
        }
    }

    /// How far Redis has come, if the store does not know yet.
    pub(super) fn news_of_progress(&mut self) -> Option<Position> {
        if self.progress.is_told.load(Ordering::Relaxed) {
            self.progress.is_told.swap(false, Ordering::AcqRel);
        }
        let position = Position::from(self.progress.position.load(Ordering::Relaxed));
        (position > std::mem::replace(&mut self.noted, position)).then_some(position)
    }

    /// True if Redis is not known to have all reports.
    pub(super) fn is_any_due(&self) -> bool {
        self.delivered.is_some() && self.progress.position.load(Ordering::Relaxed) < self.last.get()
    }

    /// How many reports Redis is not known to have, and the orders that they are about.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(super) fn due(&self, store: &mut dyn Entries) -> Result<(usize, BTreeSet<String>), StoreError> {
        let (mut reports, mut orders, mut buffer) = (0, BTreeSet::new(), Vec::new());
        let mut at = Position::from(self.progress.position.load(Ordering::Relaxed));
        while let Some(entry) = store.next_entry(at, &mut buffer)? {
            at = entry.position;
            if let Some(report) = self.report(&entry) {
                reports += 1;
                orders.extend(report.cl_ord_id().map(str::to_owned));
            }
        }
        Ok((reports, orders))
    }

    /// The report that an entry is; `None` for other messages: what they mean for an order is said in a report of
    /// our own.
    fn report(&self, entry: &Entry<'_>) -> Option<Report> {
        match entry.content {
            Content::Received { epoch, msg_seq_num, message } => {
                let message = self.execution_report(message)?;
                let id = ReportId::Received(Arc::clone(&self.session), epoch, msg_seq_num);
                Some(Report::from_message(&message, self.dictionary).with_id(id))
            }
            Content::Own { number, report } => {
                Some(Report::from_json(report)?.with_id(ReportId::Own(Arc::clone(&self.session), number)))
            }
        }
    }

    /// The message, if it is an ExecutionReport or OrderCancelReject.
    fn execution_report<'m>(&self, message: &'m [u8]) -> Option<Message<'m>> {
        let Scan::Frame(frame, _) = scan(message, message.len()) else { return None };
        let message = Message::parse_with(frame, self.dictionary.extra_data_pairs).ok()?;
        let is_report =
            matches!(message.msg_type(), MsgType::EXECUTION_REPORT | MsgType::ORDER_CANCEL_REJECT);
        is_report.then_some(message)
    }
}
