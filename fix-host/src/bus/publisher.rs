//! What the engine says to the outside.

use std::{pin::Pin, sync::Arc};

use super::report::Report;
use crate::{market::Snapshot, observe::SessionView};

/// The outgoing side of the mailbox. No method blocks, so the engine can call them between two socket
/// operations; [`Publisher::room`] is where it waits when a queue is full.
pub trait Publisher: Send + Sync {
    /// Publishes an answer to an order, in order with all others.
    ///
    /// # Errors
    /// [`NotPublished`] gives the report back: the queue is full, or closed for good.
    fn try_report(&self, report: Report) -> Result<(), NotPublished>;

    /// Waits until a report will be taken (or the queue is closed).
    fn room(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;

    /// Publishes the state of a session. Only the latest counts.
    fn session(&self, view: SessionView);

    /// Publishes prices. Only the latest count.
    fn prices(&self, snapshot: Arc<Snapshot>);
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
pub async fn report(publisher: &dyn Publisher, mut report: Report) -> Result<(), NotPublished> {
    loop {
        match publisher.try_report(report) {
            Err(NotPublished::Full(back)) => report = *back,
            other => return other,
        }
        publisher.room().await;
    }
}
