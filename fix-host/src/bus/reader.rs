//! From Redis to the engine: orders in batches, none lost, none sent twice.
//!
//! A batch is as many orders as wait, up to [`MOST_AT_ONCE`]. All of them are handed to the sessions in their order,
//! which store them together; once each is stored or refused the batch leaves `outgoing_orders_processing` in one
//! step. Meanwhile the next batch is on its way here.

mod batch;
mod counter;
mod leftovers;
mod taker;

use redis::{RedisResult, aio::MultiplexedConnection, cmd, pipe};
use tokio::{
    sync::watch,
    time::{Duration, Instant},
};

pub(super) use self::counter::Counter;
use self::{
    batch::{Batch, Progress},
    taker::{Taken, Taker},
};
use super::{
    halt::HaltKey,
    keys::{EXECUTION_REPORTS, HALT, OUTGOING_ORDERS, PROCESSING, PROGRESS},
    link::{Link, wrong_types},
};

/// The keys that are read and written here, and their types.
const KEYS: &[(&str, &str)] = &[
    (OUTGOING_ORDERS, "list"),
    (PROCESSING, "list"),
    (EXECUTION_REPORTS, "list"),
    (HALT, "string"),
    (PROGRESS, "hash"),
];
/// Orders of one batch at most: as many as a session stores and writes at once.
const MOST_AT_ONCE: usize = 128;
/// How long entries wait at the start for the sessions' first Logon: the usual LogonTimeout.
const FIRST_ATTEMPTS: Duration = Duration::from_secs(10);
/// How often the halt and a stop are looked at meanwhile.
const GLANCE: Duration = Duration::from_millis(500);

/// Takes orders until it is stopped.
pub(super) struct Reader {
    counter: Counter,
    link: Link,
    stop: watch::Receiver<bool>,
    /// It is known what is to be done about leftovers of an earlier process; they are in hand first.
    judged: bool,
    /// Orders are taken.
    started: bool,
    halt: HaltKey,
    taker: Taker,
    /// What was taken and is not handed to the sessions yet.
    held: Option<Taken>,
    /// What was handed to the sessions, and is not known to be settled in Redis.
    in_hand: Option<Batch>,
}

/// The two connections of a reader: one of them mostly waits for orders.
struct Connections {
    taking: MultiplexedConnection,
    settling: MultiplexedConnection,
}

impl Reader {
    pub(super) fn new(counter: Counter, link: Link, stop: watch::Receiver<bool>) -> Self {
        let halt = HaltKey::new(counter.board.halts().clone());
        let taker = Taker::default();
        Reader { counter, link, stop, judged: false, started: false, halt, taker, held: None, in_hand: None }
    }

    /// Runs until `stop`; what was handed to the sessions is finished first, and what was not goes back.
    pub(super) async fn run(mut self) {
        let mut stop = self.stop.clone();
        while let Some(mut connections) = self.connect(&mut stop).await {
            match self.serve(&mut connections).await {
                Ok(()) => return,
                Err(error) => {
                    let wrong = wrong_types(&mut connections.settling, &error, KEYS).await;
                    self.link.failed(&error, wrong, &mut stop).await;
                }
            }
        }
        let left = self.in_hand.as_ref().map_or(0, Batch::len) + self.held.as_ref().map_or(0, Taken::len);
        if left > 0 {
            tracing::warn!(
                "Redis was away at the end: {left} orders stay in {PROCESSING} and are reported at the next start"
            );
        }
    }

    async fn connect(&mut self, stop: &mut watch::Receiver<bool>) -> Option<Connections> {
        let taking = self.link.connect(stop).await?;
        let settling = self.link.connect(stop).await?;
        Some(Connections { taking, settling })
    }

    /// Takes orders until `stop` (`Ok`) or Redis fails.
    async fn serve(&mut self, connections: &mut Connections) -> RedisResult<()> {
        let Connections { taking, settling } = connections;
        self.settle_after_reconnect(settling).await?;
        if self.started {
            self.take_back_unseen(settling).await?;
            // Redis may have come back without its data. What is held is not handed to the engine yet.
            self.counter.note_again();
            self.in_hand = Some(self.counter.batch(Vec::new(), Vec::new()));
            self.settle(settling).await?;
        } else {
            if !self.judged {
                self.in_hand = Some(leftovers::judge(&mut self.counter, settling).await?);
                self.judged = true;
                self.counter.journals.forget();
                self.settle(settling).await?;
            }
            self.wait_for_first_attempts(settling).await?;
            self.started = true;
        }
        loop {
            let is_stopped = *self.stop.borrow();
            let taken = match self.held.take() {
                Some(taken) => taken,
                None if is_stopped => return Ok(()),
                None => self.taker.take(taking).await?,
            };
            // Not before: with a key of the wrong type only this fails, and it would at once and for ever.
            self.link.works();
            if taken.entries.is_empty() {
                self.halt.follow(taken.halt).await;
                continue;
            }
            if is_stopped {
                let mut batch = self.counter.batch(Vec::new(), Vec::new());
                batch.put_back(taken.entries);
                self.in_hand = Some(batch);
                return self.settle(settling).await;
            }
            self.halt.follow(taken.halt.clone()).await;
            if self.counter.is_to_note() {
                self.held = Some(taken);
                self.in_hand = Some(self.counter.batch(Vec::new(), Vec::new()));
                self.settle(settling).await?;
                continue;
            }
            // Neither is dropped half-way: what Redis moves while nobody listens would be in nobody's hand.
            let (settled, next) = tokio::join!(
                self.counter.handle_and_settle(taken.entries, &mut self.in_hand, settling),
                self.taker.take(taking)
            );
            let next = next.map(|next| self.held = Some(next));
            if settled? {
                // The engine takes no more: what was taken behind the batch goes back with it.
                if let (Some(batch), Some(taken)) = (&mut self.in_hand, self.held.take()) {
                    batch.put_back(taken.entries);
                }
                return self.settle(settling).await;
            }
            next?;
        }
    }

    /// Orders that have waited for an engine wait until its sessions have tried to log on, at most for
    /// [`FIRST_ATTEMPTS`]: "no counterparty" is not known before.
    async fn wait_for_first_attempts(&mut self, connection: &mut MultiplexedConnection) -> RedisResult<()> {
        let deadline = Instant::now() + FIRST_ATTEMPTS;
        while !*self.stop.borrow()
            && Instant::now() < deadline
            && !self.counter.board.wait_until_tried(GLANCE).await
        {
            self.halt.follow(cmd("GET").arg(HALT).query_async(connection).await?).await;
        }
        Ok(())
    }

    async fn settle(&mut self, connection: &mut MultiplexedConnection) -> RedisResult<()> {
        self.counter.settle(&mut self.in_hand, connection).await
    }

    /// The connection broke while a batch was settled, which is one step: either Redis has it, and says so in
    /// [`PROGRESS`], or it has not, or has lost it, and the batch is still to be settled.
    async fn settle_after_reconnect(&mut self, connection: &mut MultiplexedConnection) -> RedisResult<()> {
        let Some(batch) = &self.in_hand else { return Ok(()) };
        if batch.is_settled(Progress::settled(connection).await?.as_deref()) {
            self.in_hand = None;
        }
        self.settle(connection).await
    }

    /// Entries that Redis moved for us while the connection broke: this process never saw them, so they go back
    /// to be taken in their order.
    async fn take_back_unseen(&mut self, connection: &mut MultiplexedConnection) -> RedisResult<()> {
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
