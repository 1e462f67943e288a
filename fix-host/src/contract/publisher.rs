//! What the engine says to the outside.

use std::{pin::Pin, sync::Arc};

use super::{SessionView, price::Snapshot, report::Report};
use crate::store::Position;

/// Hears how far a consumer has come with the entries of one session's store.
pub trait Told: Send + Sync {
    /// The consumer has the report of the entry at `position`, and all before it.
    fn told(&self, position: Position);
}

/// Whom to tell that the report of an entry has arrived.
#[derive(Clone)]
pub struct Receipt {
    /// The session's.
    pub told: Arc<dyn Told>,
    /// The entry.
    pub position: Position,
}

/// The outgoing side of the mailbox. No method blocks, so the engine can call them between two socket
/// operations; [`Publisher::room`] is where it waits when a queue is full.
pub trait Publisher: Send + Sync {
    /// Shows the report of a store's entry to whoever reads this process.
    fn show(&self, report: Arc<Report>);

    /// Hands the report of a store's entry to the consumer outside, in order with all others, once more than once
    /// if need be: `receipt` is used when it has arrived. True also where there is no such consumer; false if there
    /// is no room, and the store must keep it.
    fn try_deliver(&self, report: &Report, receipt: Receipt) -> bool;

    /// True if [`try_deliver`](Self::try_deliver) would take a report.
    fn has_room(&self) -> bool;

    /// Publishes an answer to an order that is in no store, in order with all others.
    ///
    /// # Errors
    /// [`NotPublished`] gives the report back: the queue is full, or closed for good.
    fn try_report(&self, report: Report) -> Result<(), NotPublished>;

    /// Waits until a report will be taken (or the queue is closed).
    fn room(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;

    /// Publishes the state of a session. Only the latest counts.
    fn session(&self, view: SessionView);

    /// Publishes prices, as is done each second. Only the latest count.
    fn prices(&self, snapshot: Arc<Snapshot>);

    /// Shows prices that moved within the second to whoever reads this process as they move. The consumer outside has them
    /// with the next [`prices`](Self::prices).
    fn moved(&self, snapshot: Arc<Snapshot>);
}

/// A report that was not taken.
#[derive(Debug, PartialEq, thiserror::Error)]
pub enum NotPublished {
    /// The queue is full: wait for [`Publisher::room`].
    #[error("the queue of reports is full")]
    Full(Box<Report>),
    /// The mailbox is closed.
    #[error("the mailbox is closed")]
    Closed(Box<Report>),
}

/// Publishes a report, waiting for room where there is none.
///
/// # Errors
/// [`NotPublished::Closed`].
pub async fn report(publisher: &dyn Publisher, report: Report) -> Result<(), NotPublished> {
    let mut report = report.with_process_id();
    loop {
        match publisher.try_report(report) {
            Err(NotPublished::Full(back)) => report = *back,
            other => return other,
        }
        publisher.room().await;
    }
}
