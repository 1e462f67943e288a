//! From Redis to the engine: orders in batches, none lost, none sent twice.
//!
//! A batch is as many orders as wait, up to [`MOST_AT_ONCE`]. All of them are handed to the sessions in their order,
//! which store them together; once each is stored or refused the batch leaves `outgoing_orders_processing` in one
//! step. Meanwhile the next batch is on its way here, and the halt and a stop are looked at.

mod batch;
mod counter;
mod left;
mod leftovers;
mod taker;

use std::{pin::pin, sync::Arc};

use redis::{RedisResult, aio::MultiplexedConnection, cmd, pipe};
use tokio::{
    sync::watch,
    time::{Duration, Instant, MissedTickBehavior, interval_at},
};

pub use self::left::LeftBehind;
use self::{
    batch::{Batch, Outcome, Progress},
    taker::{Signs, Taken, Taker},
};
pub(super) use self::{counter::Counter, left::Left};
use super::{
    halt::HaltKey,
    keys::{EXECUTION_REPORTS, HALT, OUTGOING_ORDERS, PROCESSING, PROGRESS},
    link::{Link, wrong_types},
};
use crate::crash::crash_point;

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
/// How often the halt is looked at while something else is waited for.
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

    /// What stays in Redis if the reader is ended before it has run to its end.
    pub(super) fn left(&self) -> Arc<Left> {
        Arc::clone(&self.counter.left)
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
        let left = self.not_settled();
        if left > 0 {
            tracing::warn!(
                "Redis was away at the end: {left} orders stay in {PROCESSING} and are judged at the next start"
            );
        }
    }

    fn not_settled(&self) -> usize {
        self.in_hand.as_ref().map_or(0, Batch::len) + self.held.as_ref().map_or(0, Taken::len)
    }

    async fn connect(&mut self, stop: &mut watch::Receiver<bool>) -> Option<Connections> {
        let taking = self.link.connect(stop).await?;
        let settling = self.link.connect(stop).await?;
        Some(Connections { taking, settling })
    }

    /// Takes orders until `stop` (`Ok`) or Redis fails.
    async fn serve(&mut self, connections: &mut Connections) -> RedisResult<()> {
        let settling = &mut connections.settling;
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
            self.counter.left.are(0, self.not_settled());
            let Some(entries) = self.next_entries(connections).await? else { break };
            if !entries.is_empty() && self.handle(entries, connections).await? {
                // The engine takes no more: what was taken behind the batch goes back with it.
                if let (Some(batch), Some(taken)) = (&mut self.in_hand, self.held.take()) {
                    batch.put_back(taken.entries);
                }
                break;
            }
        }
        self.settle(&mut connections.settling).await
    }

    /// What may be handed to the engine now, which may be nothing yet; `None` after a stop, with what goes back in hand.
    async fn next_entries(&mut self, connections: &mut Connections) -> RedisResult<Option<Vec<Vec<u8>>>> {
        let Connections { taking, settling } = connections;
        let is_stopped = *self.stop.borrow();
        let taken = match self.held.take() {
            Some(taken) => taken,
            None if is_stopped => return Ok(None),
            None => self.taker.take(taking).await?,
        };
        // Not before: with a key of the wrong type only this fails, and it would at once and for ever.
        self.link.works();
        if is_stopped {
            let mut batch = self.counter.batch(Vec::new(), Vec::new());
            batch.put_back(taken.entries);
            self.in_hand = Some(batch);
            return Ok(None);
        }
        // Redis may fail before they are handed over.
        let is_any = !taken.entries.is_empty();
        self.held = Some(taken);
        // Once: whoever resets journals all the time must not hold up orders, and an old note says too little, never
        // too much.
        if is_any && self.counter.is_to_note() {
            self.in_hand = Some(self.counter.batch(Vec::new(), Vec::new()));
            self.settle(settling).await?;
        }
        // What waited behind a batch has an old tale of the halt.
        let signs = match &self.held {
            Some(taken) if self.counter.is_fresh(&taken.signs) => taken.signs.clone(),
            _ => Signs::look(settling).await?,
        };
        if self.counter.meets_another(signs.engine.as_deref()) {
            self.in_hand = Some(self.counter.batch(Vec::new(), Vec::new()));
            self.settle(settling).await?;
        }
        self.halt.follow(signs.halt).await;
        Ok(Some(self.held.take().map(|taken| taken.entries).unwrap_or_default()))
    }

    /// Hands the entries to the engine, takes the next ones meanwhile, and settles in Redis what became of these. True,
    /// and not settled, if the engine takes no more.
    async fn handle(&mut self, entries: Vec<Vec<u8>>, connections: &mut Connections) -> RedisResult<bool> {
        let Connections { taking, settling } = connections;
        self.counter.left.are(entries.len(), 0);
        let mut handed_over = self.counter.hand_over(&entries);
        let mut outcomes = Vec::with_capacity(entries.len());
        // Not dropped half-way: what Redis moves while nobody listens would be in nobody's hand.
        let mut next = pin!(self.taker.take(taking));
        let mut taken = None;
        let mut glances = interval_at(Instant::now() + GLANCE, GLANCE);
        glances.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                answered = handed_over.next() => match answered {
                    Some(answered) => outcomes.push(self.counter.outcome(answered)),
                    None => break,
                },
                next = &mut next, if taken.is_none() => {
                    taken = Some(next.map(|taken| keep(&mut self.held, taken)));
                    self.counter.left.are(entries.len(), self.held.as_ref().map_or(0, Taken::len));
                }
                () = stopped(self.stop.clone()), if self.held.is_some() => {
                    let held = self.held.take().map(|taken| taken.entries).unwrap_or_default();
                    put_back(&mut self.counter, held, settling).await;
                    self.counter.left.are(entries.len(), 0);
                }
                _ = glances.tick() => {
                    // If Redis fails, so does what is settled behind this.
                    if let Ok(signs) = Signs::look(settling).await {
                        self.halt.follow(signs.halt).await;
                    }
                }
            }
        }
        crash_point("orders-answered");
        let is_over = outcomes.iter().any(|outcome| matches!(outcome, Outcome::PutBack));
        self.counter.left.are(0, entries.len() + self.held.as_ref().map_or(0, Taken::len));
        self.in_hand = Some(self.counter.batch(entries, outcomes));
        let settled = async {
            if !is_over {
                self.counter.settle(&mut self.in_hand, settling).await?;
                crash_point("orders-settled");
            }
            RedisResult::Ok(())
        };
        let taken = match taken {
            Some(taken) => {
                settled.await?;
                taken
            }
            None => {
                let (settled, next) = tokio::join!(settled, next);
                let taken = next.map(|taken| keep(&mut self.held, taken));
                settled?;
                taken
            }
        };
        if is_over { Ok(true) } else { taken.map(|()| false) }
    }

    /// Orders that have waited for an engine wait until its sessions have tried to log on, at most for
    /// [`FIRST_ATTEMPTS`]: "no counterparty" is not known before.
    async fn wait_for_first_attempts(&mut self, connection: &mut MultiplexedConnection) -> RedisResult<()> {
        let deadline = Instant::now() + FIRST_ATTEMPTS;
        while !*self.stop.borrow() && Instant::now() < deadline {
            let is_tried = tokio::select! {
                () = stopped(self.stop.clone()) => return Ok(()),
                is_tried = self.counter.board.wait_until_tried(GLANCE) => is_tried,
            };
            if is_tried {
                break;
            }
            self.halt.follow(cmd("GET").arg(HALT).query_async(connection).await?).await;
        }
        Ok(())
    }

    async fn settle(&mut self, connection: &mut MultiplexedConnection) -> RedisResult<()> {
        self.counter.left.are(0, self.not_settled());
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

/// Until a stop.
async fn stopped(mut stop: watch::Receiver<bool>) {
    if stop.wait_for(|is_stopped| *is_stopped).await.is_err() {
        // Nobody is left who could say so.
        std::future::pending::<()>().await;
    }
}

/// What was taken is held until it is its turn.
fn keep(held: &mut Option<Taken>, taken: Taken) {
    *held = (!taken.entries.is_empty()).then_some(taken);
}

/// Puts entries back that nobody handled, in a step of its own, while the engine has others.
async fn put_back(counter: &mut Counter, entries: Vec<Vec<u8>>, connection: &mut MultiplexedConnection) {
    let count = entries.len();
    let mut batch = Some(counter.batch_that_goes_back(entries));
    // Not tried again: whether Redis has done it is not known then, and twice would be two orders of one.
    if let Err(error) = counter.settle(&mut batch, connection).await {
        tracing::warn!(
            "Redis did not take {count} orders back: {error}; those still in {PROCESSING} are judged at the next start"
        );
    }
}
