//! What is to be done when a connection has broken and there is a new one.

use std::time::Duration;

use redis::{RedisResult, cmd, pipe};
use tokio::time::Instant;

use super::{Reader, batch::Progress};
use crate::bus::{
    connection::{Connection, Name},
    keys::{OUTGOING_ORDERS, PROCESSING},
};

/// How long a connection that could not be ended may move entries: Redis reads at once what had reached it, and notices
/// then that the connection is closed.
const MAY_MOVE: Duration = Duration::from_secs(10);

/// Connections that broke. What they asked for may still be on its way: a Redis that was stopped for a while moves
/// entries for somebody who has gone.
#[derive(Default)]
pub(super) struct Earlier {
    names: Vec<Name>,
    /// Until then one that could not be ended may move entries.
    may_move_until: Option<Instant>,
}

impl Earlier {
    pub(super) fn add(&mut self, connection: Connection) {
        match connection.into_name() {
            Some(name) => self.names.push(name),
            None => self.could_not_be_ended(),
        }
    }

    /// Has Redis forget what they asked for and it has not done yet.
    pub(super) async fn end(&mut self, connection: &mut Connection) -> RedisResult<()> {
        while let Some(name) = self.names.last() {
            let mut kill = cmd("CLIENT");
            kill.arg(&["KILL", "ID", &name.id, "ADDR", &name.addr]);
            match kill.query_async::<()>(connection).await {
                Ok(()) => {}
                // An account may be forbidden to.
                Err(error) if error.code().is_some() => self.could_not_be_ended(),
                Err(error) => return Err(error),
            }
            self.names.pop();
        }
        Ok(())
    }

    /// True while entries may be moved for somebody who has gone.
    pub(super) fn may_still_move(&mut self) -> bool {
        self.may_move_until = self.may_move_until.filter(|until| Instant::now() < *until);
        self.may_move_until.is_some()
    }

    fn could_not_be_ended(&mut self) {
        self.may_move_until = Some(Instant::now() + MAY_MOVE);
    }
}

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
