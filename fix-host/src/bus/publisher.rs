//! The engine's side of the outgoing keys.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use tokio::sync::{mpsc, watch};

use crate::{
    contract::{
        SessionView,
        price::Snapshot,
        publisher::{NotPublished, Publisher, Receipt},
        report::Report,
    },
    observe::Board,
};

/// Reports that may wait while Redis is away.
pub const QUEUE_CAPACITY: usize = 65_536;

/// A report on its way to Redis.
pub(super) struct Queued {
    pub(super) json: String,
    /// Of the report of a store's entry; the others are in no store.
    pub(super) receipt: Option<Receipt>,
}

/// Publishes on the [`Board`] at once, and in Redis as soon as it is there.
#[derive(Clone)]
pub struct RedisPublisher {
    board: Board,
    queue: mpsc::Sender<Queued>,
    pending: Arc<AtomicUsize>,
    logged_on: Arc<watch::Sender<bool>>,
    up: Arc<AtomicBool>,
}

/// The writer's ends of a publisher.
pub(super) struct Outbox {
    pub(super) queue: mpsc::Receiver<Queued>,
    /// Reports that are in no store, taken by the publisher and not yet known to be in Redis.
    pub(super) pending: Arc<AtomicUsize>,
    pub(super) logged_on: watch::Receiver<bool>,
    pub(super) prices: watch::Receiver<Option<Arc<Snapshot>>>,
}

impl RedisPublisher {
    pub(super) fn new(board: Board) -> (Self, Outbox) {
        let (queue, receiver) = mpsc::channel(QUEUE_CAPACITY);
        let pending = Arc::new(AtomicUsize::new(0));
        let logged_on = watch::Sender::new(board.is_logged_on());
        let outbox = Outbox {
            queue: receiver,
            pending: Arc::clone(&pending),
            logged_on: logged_on.subscribe(),
            prices: board.watch_prices(),
        };
        (RedisPublisher { board, queue, pending, logged_on: Arc::new(logged_on), up: Arc::default() }, outbox)
    }

    /// True while Redis takes what is written to it.
    pub fn is_up(&self) -> bool {
        self.up.load(Ordering::Relaxed)
    }

    pub(super) fn up(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.up)
    }

    /// Reports that wait in memory for Redis; more wait in the stores.
    pub fn queued(&self) -> usize {
        QUEUE_CAPACITY - self.queue.capacity()
    }

    /// Reports that are in no store, and not yet in Redis.
    pub fn pending(&self) -> usize {
        self.pending.load(Ordering::Relaxed)
    }
}

impl Publisher for RedisPublisher {
    fn show(&self, report: Arc<Report>) {
        self.board.put_report(report);
    }

    fn try_deliver(&self, report: &Report, receipt: Receipt) -> bool {
        let Ok(permit) = self.queue.try_reserve() else { return false };
        permit.send(Queued { json: report.to_json(), receipt: Some(receipt) });
        true
    }

    fn has_room(&self) -> bool {
        self.queue.capacity() > 0
    }

    fn try_report(&self, report: Report) -> Result<(), NotPublished> {
        let permit = match self.queue.try_reserve() {
            Ok(permit) => permit,
            Err(mpsc::error::TrySendError::Full(())) => return Err(NotPublished::Full(Box::new(report))),
            Err(mpsc::error::TrySendError::Closed(())) => {
                return Err(NotPublished::Closed(Box::new(report)));
            }
        };
        self.pending.fetch_add(1, Ordering::Relaxed);
        permit.send(Queued { json: report.to_json(), receipt: None });
        self.board.put_report(Arc::new(report));
        Ok(())
    }

    fn room(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(async {
            // The permit is given back at once; a closed queue shows at the next report.
            let _ = self.queue.reserve().await;
        })
    }

    fn session(&self, view: SessionView) {
        self.board.put_session(view);
        let logged_on = self.board.is_logged_on();
        self.logged_on.send_if_modified(|old| std::mem::replace(old, logged_on) != logged_on);
    }

    fn prices(&self, snapshot: Arc<Snapshot>) {
        self.board.put_prices(snapshot);
    }
}
