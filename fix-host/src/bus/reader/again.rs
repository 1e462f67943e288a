//! What is to be done when a connection has broken and there is a new one.

use redis::{RedisResult, cmd, pipe};

use super::{Reader, batch::Progress};
use crate::bus::{
    connection::Connection,
    keys::{OUTGOING_ORDERS, PROCESSING},
};

impl Reader {
    /// The connection broke while a batch was settled, which is one step: either Redis has it, and says so in
    /// [`PROGRESS`](super::PROGRESS), or it has not, or has lost it, and the batch is still to be settled.
    pub(super) async fn settle_after_reconnect(&mut self, connection: &mut Connection) -> RedisResult<()> {
        let Some(batch) = &self.in_hand else { return Ok(()) };
        if batch.is_settled(Progress::settled(connection).await?.as_deref()) {
            self.in_hand = None;
        }
        self.settle(connection).await
    }

    /// Entries that Redis moved for us while the connection broke: this process never saw them, so they go back
    /// to be taken in their order.
    pub(super) async fn take_back_unseen(&mut self, connection: &mut Connection) -> RedisResult<()> {
        let newest_first: Vec<Vec<u8>> =
            cmd("LRANGE").arg(PROCESSING).arg(0).arg(-1).query_async(connection).await?;
        let held = self.held.as_ref().map(|taken| taken.entries.as_slice()).unwrap_or_default();
        let mut seen: Vec<&Vec<u8>> = held.iter().collect();
        // The oldest of equal entries is the one that was seen.
        let mut unseen: Vec<&Vec<u8>> = Vec::new();
        for entry in newest_first.iter().rev() {
            match seen.iter().position(|one| *one == entry) {
                Some(at) => drop(seen.remove(at)),
                None => unseen.push(entry),
            }
        }
        if unseen.is_empty() {
            return Ok(());
        }
        let mut back = pipe();
        back.atomic();
        for entry in unseen.iter().rev() {
            back.cmd("LREM").arg(PROCESSING).arg(1).arg(entry).ignore();
            back.cmd("RPUSH").arg(OUTGOING_ORDERS).arg(entry).ignore();
        }
        back.query_async(connection).await
    }
}
