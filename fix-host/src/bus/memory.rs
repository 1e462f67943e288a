//! The mailbox inside one process: nothing to install, read through the HTTP API.

use std::{future, pin::Pin, sync::Arc};

use super::{
    publisher::{NotPublished, Publisher, Receipt},
    report::Report,
};
use crate::{
    market::Snapshot,
    observe::{Board, SessionView},
};

/// Publishes on the [`Board`], which always has room: it forgets the oldest report instead.
#[derive(Clone, Debug)]
pub struct MemoryPublisher {
    board: Board,
}

impl MemoryPublisher {
    /// Publishes on `board`.
    pub fn new(board: Board) -> Self {
        MemoryPublisher { board }
    }
}

impl Publisher for MemoryPublisher {
    fn show(&self, report: Arc<Report>) {
        self.board.put_report(report);
    }

    fn try_deliver(&self, _report: &Report, _receipt: Receipt) -> bool {
        true
    }

    fn has_room(&self) -> bool {
        true
    }

    fn try_report(&self, report: Report) -> Result<(), NotPublished> {
        self.board.put_report(Arc::new(report));
        Ok(())
    }

    fn room(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(future::ready(()))
    }

    fn session(&self, view: SessionView) {
        self.board.put_session(view);
    }

    fn prices(&self, snapshot: Arc<Snapshot>) {
        self.board.put_prices(snapshot);
    }
}
