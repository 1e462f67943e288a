//! From Redis to the engine: orders in batches, none lost, none sent twice.
//!
//! A batch is as many orders as wait, up to [`MOST_AT_ONCE`]. All of them are handed to the sessions in their order,
//! which store them together; once each is stored or refused the batch leaves `outgoing_orders_processing` in one
//! step. Meanwhile the next batch comes if it is known to wait, and the halt and a stop are looked at. An order that
//! comes alone costs two round trips: one that brings it, asked for together with the end of the one before it, and one of
//! the reports' writer.

mod again;
mod batch;
mod counter;
mod glance;
mod left;
mod leftovers;
mod pace;
mod taker;

use std::sync::Arc;

use redis::{RedisResult, cmd};
use tokio::{
    sync::watch,
    time::{Duration, Instant},
};

pub use self::left::LeftBehind;
use self::{
    batch::{Batch, Outcome},
    glance::Glance,
    pace::Pace,
    taker::{Signs, Taken, Taker},
};
pub(super) use self::{counter::Counter, left::Left};
use super::{
    connection::Connection,
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
    glance: Glance,
    taker: Taker,
    /// What was taken and is not handed to the sessions yet.
    held: Option<Taken>,
    /// What was handed to the sessions, and is not known to be settled in Redis.
    in_hand: Option<Batch>,
    pace: Pace,
}

impl Reader {
    /// `pushed`: when reports were pushed last.
    pub(super) fn new(
        counter: Counter,
        link: Link,
        stop: watch::Receiver<bool>,
        pushed: watch::Receiver<Option<Instant>>,
    ) -> Self {
        Reader {
            halt: HaltKey::new(counter.board.halts().clone()),
            counter,
            link,
            stop,
            judged: false,
            started: false,
            glance: Glance::new(),
            taker: Taker::default(),
            held: None,
            in_hand: None,
            pace: Pace::new(pushed),
        }
    }

    /// What stays in Redis if the reader is ended before it has run to its end.
    pub(super) fn left(&self) -> Arc<Left> {
        Arc::clone(&self.counter.left)
    }

    /// Runs until `stop`; what was handed to the sessions is finished first, and what was not goes back.
    pub(super) async fn run(mut self) {
        let mut stop = self.stop.clone();
        while let Some(mut connection) = self.link.connect(&mut stop).await {
            match self.serve(&mut connection).await {
                Ok(()) => return,
                Err(error) => {
                    let wrong = wrong_types(&mut connection, &error, KEYS).await;
                    drop(connection);
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

    /// Takes orders until `stop` (`Ok`) or Redis fails.
    async fn serve(&mut self, connection: &mut Connection) -> RedisResult<()> {
        self.settle_after_reconnect(connection).await?;
        if self.started {
            self.take_back_unseen(connection).await?;
            // Redis may have come back without its data. What is held is not handed to the engine yet.
            self.counter.note_again();
            self.in_hand = Some(self.counter.batch(Vec::new(), Vec::new()));
            self.settle(connection).await?;
        } else {
            if !self.judged {
                self.in_hand = Some(leftovers::judge(&mut self.counter, connection).await?);
                self.judged = true;
                self.counter.journals.forget();
                self.settle(connection).await?;
            }
            self.wait_for_first_attempts(connection).await?;
            self.started = true;
        }
        while let Some(entries) = self.next_entries(connection).await? {
            if !entries.is_empty() && self.handle(entries, connection).await? {
                // The engine takes no more.
                self.put_held_back();
                break;
            }
        }
        self.settle(connection).await
    }

    /// What may be handed to the engine now, which may be nothing yet; `None` after a stop, with what goes back in hand.
    async fn next_entries(&mut self, connection: &mut Connection) -> RedisResult<Option<Vec<Vec<u8>>>> {
        let is_stopped = *self.stop.borrow();
        if self.held.is_none() && !is_stopped {
            let taken = self.settle_and_take(connection).await?;
            self.held = Some(taken);
        }
        // Not before: with a key of the wrong type only this fails, and it would at once and for ever.
        self.link.works();
        if is_stopped {
            self.put_held_back();
            return Ok(None);
        }
        // Redis may fail before they are handed over.
        let is_any = self.held.as_ref().is_some_and(|taken| taken.len() > 0);
        if !is_any && self.link.may_still_act() {
            self.take_back_unseen(connection).await?;
        }
        // Once: whoever resets journals all the time must not hold up orders, and an old note says too little, never
        // too much.
        if is_any && self.in_hand.is_none() && self.counter.is_to_note() {
            self.in_hand = Some(self.counter.batch(Vec::new(), Vec::new()));
        }
        // What waited behind a batch has an old tale of the halt.
        let fresh = match &mut self.held {
            Some(taken) if self.in_hand.is_none() => {
                taken.signs.take().filter(|signs| self.counter.is_fresh(signs))
            }
            _ => None,
        };
        let signs = match fresh {
            Some(signs) => signs,
            None => self.settle_and_look(connection).await?,
        };
        if self.counter.meets_another(signs.engine.as_deref()) {
            self.in_hand = Some(self.counter.batch(Vec::new(), Vec::new()));
            self.settle(connection).await?;
        }
        self.halt.follow(signs.halt).await;
        Ok(Some(self.held.take().map(|taken| taken.entries).unwrap_or_default()))
    }

    /// Settles what is in hand and waits a moment for an entry, asked for in one write.
    async fn settle_and_take(&mut self, connection: &mut Connection) -> RedisResult<Taken> {
        let settling = self.in_hand.as_ref().map(|batch| connection.put(&batch.settling()));
        let taking = connection.put(&self.taker.ask(true));
        connection.write().await?;
        let mut settled = Ok(());
        if let Some(count) = settling {
            settled = self.counter.settled(&mut self.in_hand, connection.read(count).await?);
            crash_point("orders-settled");
        }
        self.counter.left.are(0, self.not_settled());
        let taken = self.taker.taken(connection.read(taking).await?);
        if let Err(error) = settled {
            // Nobody else knows of them.
            self.held = taken.ok().filter(|taken| taken.len() > 0);
            return Err(error);
        }
        taken
    }

    /// Settles what is in hand and sees what others say, asked for in one write.
    async fn settle_and_look(&mut self, connection: &mut Connection) -> RedisResult<Signs> {
        if let Some(batch) = &self.in_hand {
            let settling = connection.put(&batch.settling());
            let looking = connection.put(&Signs::ask());
            connection.write().await?;
            let settled = connection.read(settling).await?;
            let signs = Signs::seen(connection.read(looking).await?);
            self.counter.settled(&mut self.in_hand, settled)?;
            crash_point("orders-settled");
            self.counter.left.are(0, self.not_settled());
            if self.in_hand.is_none() {
                return signs;
            }
            self.settle(connection).await?;
        }
        Signs::look(connection).await
    }

    /// Hands the entries to the engine, takes the next ones meanwhile if they are known to wait, and has in hand what
    /// became of these. True if the engine takes no more.
    async fn handle(&mut self, entries: Vec<Vec<u8>>, connection: &mut Connection) -> RedisResult<bool> {
        self.counter.left.are(entries.len(), 0);
        self.pace.begin();
        let mut handed_over = self.counter.hand_over(&entries);
        let mut outcomes = Vec::with_capacity(entries.len());
        let taken = self.take_more(connection).await;
        self.counter.left.are(entries.len(), self.held.as_ref().map_or(0, Taken::len));
        self.glance.begin();
        let stopped = stopped(self.stop.clone());
        tokio::pin!(stopped);
        loop {
            tokio::select! {
                biased;
                answered = handed_over.next() => match answered {
                    Some(answered) => outcomes.push(self.counter.outcome(answered)),
                    None => break,
                },
                () = &mut stopped, if self.held.is_some() => {
                    let held = self.held.take().map(|taken| taken.entries).unwrap_or_default();
                    put_back(&mut self.counter, held, connection).await;
                    self.counter.left.are(entries.len(), 0);
                }
                () = self.glance.is_due() => {
                    if let Some(signs) = self.glance.look(connection, &self.link).await {
                        self.halt.follow(signs.halt).await;
                    }
                }
            }
        }
        crash_point("orders-answered");
        let is_over = outcomes.iter().any(|outcome| matches!(outcome, Outcome::PutBack));
        let is_sent = outcomes.iter().all(|outcome| matches!(outcome, Outcome::Done(None)));
        self.in_hand = Some(self.counter.batch(entries, outcomes));
        self.counter.left.are(0, self.not_settled());
        taken?;
        // An answer of our own goes out with the end of its entry.
        if is_sent && self.held.is_none() {
            self.pace.let_reports_go_first().await;
        }
        Ok(is_over)
    }

    /// Takes what is known to wait. What is not there is not waited for: the batch before it is to be settled.
    async fn take_more(&mut self, connection: &mut Connection) -> RedisResult<()> {
        if self.taker.knows_of_more() && !*self.stop.borrow() {
            let taking = connection.put(&self.taker.ask(false));
            connection.write().await?;
            let taken = self.taker.taken(connection.read(taking).await?)?;
            self.held = (taken.len() > 0).then_some(taken);
        }
        Ok(())
    }

    /// What is held goes back, behind what is in hand.
    fn put_held_back(&mut self) {
        let Some(taken) = self.held.take() else { return };
        let counter = &mut self.counter;
        let batch = self.in_hand.get_or_insert_with(|| counter.batch(Vec::new(), Vec::new()));
        batch.put_back(taken.entries);
    }

    /// Orders that have waited for an engine wait until its sessions have tried to log on, at most for
    /// [`FIRST_ATTEMPTS`]: "no counterparty" is not known before.
    async fn wait_for_first_attempts(&mut self, connection: &mut Connection) -> RedisResult<()> {
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

    async fn settle(&mut self, connection: &mut Connection) -> RedisResult<()> {
        self.counter.left.are(0, self.not_settled());
        self.counter.settle(&mut self.in_hand, connection).await
    }
}

/// Until a stop.
async fn stopped(mut stop: watch::Receiver<bool>) {
    if stop.wait_for(|is_stopped| *is_stopped).await.is_err() {
        // Nobody is left who could say so.
        std::future::pending::<()>().await;
    }
}

/// Puts entries back that nobody handled, in a step of its own, while the engine has others.
async fn put_back(counter: &mut Counter, entries: Vec<Vec<u8>>, connection: &mut Connection) {
    let count = entries.len();
    let mut batch = Some(counter.batch_that_goes_back(entries));
    // Not tried again: whether Redis has done it is not known then, and twice would be two orders of one.
    if let Err(error) = counter.settle(&mut batch, connection).await {
        tracing::warn!(
            "Redis did not take {count} orders back: {error}; those still in {PROCESSING} are judged at the next start"
        );
    }
}
