//! The engine's side of the outgoing keys.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::sync::mpsc;

use crate::{
    contract::{
        SessionView,
        price::Snapshot,
        publisher::{NotPublished, Publisher, Receipt},
        report::Report,
    },
    observe::{Board, changes::Follower},
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
}

/// The writer's ends of a publisher.
pub(super) struct Outbox {
    pub(super) queue: mpsc::Receiver<Queued>,
    /// Reports that are in no store, taken by the publisher and not yet known to be in Redis.
    pub(super) pending: Arc<AtomicUsize>,
    pub(super) board: Board,
    /// Each for one kind of change.
    pub(super) sessions: Follower,
    pub(super) prices: Follower,
}

impl RedisPublisher {
    pub(super) fn new(board: Board) -> (Self, Outbox) {
        let (queue, receiver) = mpsc::channel(QUEUE_CAPACITY);
        let pending = Arc::new(AtomicUsize::new(0));
        let (sessions, prices) = (board.changes().follow(), board.changes().follow());
        let pending_too = Arc::clone(&pending);
        let outbox = Outbox { queue: receiver, pending: pending_too, board: board.clone(), sessions, prices };
        (RedisPublisher { board, queue, pending }, outbox)
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
    }

    fn prices(&self, snapshot: Arc<Snapshot>) {
        self.board.put_prices(snapshot);
    }

    fn moved(&self, snapshot: Arc<Snapshot>) {
        self.board.move_prices(snapshot);
    }
}
