//! The board as the mailbox of one process: nothing to install, read through the HTTP API.

use std::{future, pin::Pin, sync::Arc};

use super::Board;
use crate::contract::{
    SessionView,
    price::Snapshot,
    publisher::{NotPublished, Publisher, Receipt},
    report::Report,
};

/// There is always room: the board forgets the oldest report instead.
impl Publisher for Board {
    fn show(&self, report: Arc<Report>) {
        self.put_report(report);
    }

    fn try_deliver(&self, _report: &Report, _receipt: Receipt) -> bool {
        true
    }

    fn has_room(&self) -> bool {
        true
    }

    fn try_report(&self, report: Report) -> Result<(), NotPublished> {
        self.put_report(Arc::new(report));
        Ok(())
    }

    fn room(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(future::ready(()))
    }

    fn session(&self, view: SessionView) {
        self.put_session(view);
    }

    fn prices(&self, snapshot: Arc<Snapshot>) {
        self.put_prices(snapshot);
    }

    fn moved(&self, snapshot: Arc<Snapshot>) {
        self.move_prices(snapshot);
    }
}
