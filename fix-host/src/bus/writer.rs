//! From the queue to Redis: reports in order, status and prices as they are now.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use redis::{Pipeline, RedisResult, pipe};
use tokio::{sync::watch, time::Instant};

use super::{
    connection::Connection,
    keys::{
        EXECUTION_REPORTS, MARKET_DATA, MARKET_DATA_SNAPSHOT, MARKET_DATA_STREAM, REPORTS_CAP, SESSION_STATUS,
    },
    link::{Link, wrong_types},
    publisher::{Outbox, Queued},
};
use crate::{
    contract::{publisher::Receipt, session_view::status_word},
    crash::crash_point,
    observe::changes::Change,
};

/// How long what is true at this moment stays in Redis: an engine that was killed, or cannot reach Redis, reads as
/// unknown after it.
const EXPIRY_MILLIS: u32 = 5_000;
/// How often the status is written again.
const REFRESH: Duration = Duration::from_secs(1);

/// The keys that are written here, and their types. What SET replaces may be of any.
const KEYS: &[(&str, &str)] = &[(EXECUTION_REPORTS, "list")];

/// Reports written in one round trip.
const BATCH: usize = 128;

/// Writes until it is told to finish and its queue is empty.
pub(super) struct Writer {
    outbox: Outbox,
    link: Link,
    finish: watch::Receiver<bool>,
    /// Reports taken from the queue and not yet known to be in Redis, oldest first.
    batch: Vec<Queued>,
    /// The batch was sent and the answer got lost: it may be in Redis already.
    maybe_written: bool,
    /// The status that was last written.
    logged_on: bool,
    /// Is told when reports were pushed.
    pushed: watch::Sender<Option<Instant>>,
}

impl Writer {
    /// `pushed` is told when reports were pushed.
    pub(super) fn new(
        outbox: Outbox,
        link: Link,
        finish: watch::Receiver<bool>,
        pushed: watch::Sender<Option<Instant>>,
    ) -> Self {
        Writer { outbox, link, finish, batch: Vec::new(), maybe_written: false, logged_on: false, pushed }
    }

    /// Runs until finished; with Redis away it tries on, so the caller bounds the time.
    pub(super) async fn run(mut self) {
        // Finishing needs Redis too: only the caller's deadline ends the tries to connect.
        let (_never, mut no_stop) = watch::channel(false);
        while let Some(mut connection) = self.link.connect(&mut no_stop).await {
            match self.serve(&mut connection).await {
                Ok(()) => return,
                Err(error) => {
                    let wrong = wrong_types(&mut connection, &error, KEYS).await;
                    self.link.failed(&error, wrong, &mut no_stop).await;
                }
            }
        }
    }

    /// Writes until all is written (`Ok`) or Redis fails.
    async fn serve(&mut self, connection: &mut Connection) -> RedisResult<()> {
        self.write_status(connection).await?;
        // Not before: with a list of the wrong type only this fails, and it would at once and for ever.
        self.write_batch(connection).await?;
        self.link.works();
        let mut refresh = tokio::time::interval(REFRESH);
        refresh.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            self.write_batch(connection).await?;
            if *self.finish.borrow() {
                self.outbox.queue.close();
            }
            tokio::select! {
                biased;
                // Before the reports: a long run of them must not make a live engine read as dead.
                _ = refresh.tick() => self.write_status(connection).await?,
                taken = self.outbox.queue.recv_many(&mut self.batch, BATCH) => if taken == 0 {
                    return self.write_last_status(connection).await;
                },
                () = self.outbox.sessions.until(|change| matches!(change, Change::Session(_))) => {
                    if self.outbox.board.is_logged_on() != self.logged_on {
                        self.write_status(connection).await?;
                    }
                }
                () = self.outbox.prices.until(|change| matches!(change, Change::Prices)) => {
                    self.write_prices(connection).await?;
                }
                Ok(()) = self.finish.changed() => {}
            }
        }
    }

    async fn write_batch(&mut self, connection: &mut Connection) -> RedisResult<()> {
        if self.batch.is_empty() {
            return Ok(());
        }
        if !(self.maybe_written && self.is_written(connection).await?) {
            self.maybe_written = true;
            crash_point("reports-taken");
            let reports: Vec<&str> = self.batch.iter().map(|queued| queued.json.as_str()).collect();
            // The reports are one command: all of them are there, or none.
            push_reports(&mut pipe(), &reports).query_async::<()>(connection).await?;
        }
        self.maybe_written = false;
        self.pushed.send_replace(Some(Instant::now()));
        crash_point("reports-pushed");
        let answers = self.batch.iter().filter(|queued| queued.receipt.is_none()).count();
        self.outbox.pending.fetch_sub(answers, Ordering::Relaxed);
        tell(self.batch.drain(..).filter_map(|queued| queued.receipt));
        Ok(())
    }

    /// True when the newest entries of the list are this batch: it was written in one step or not at all.
    async fn is_written(&self, connection: &mut Connection) -> RedisResult<bool> {
        let last = self.batch.len().saturating_sub(1);
        let newest: Vec<Vec<u8>> =
            redis::cmd("LRANGE").arg(EXECUTION_REPORTS).arg(0).arg(last).query_async(connection).await?;
        Ok(newest.iter().map(Vec::as_slice).eq(self.batch.iter().rev().map(|queued| queued.json.as_bytes())))
    }

    async fn write_status(&mut self, connection: &mut Connection) -> RedisResult<()> {
        self.logged_on = self.outbox.board.is_logged_on();
        let mut set = redis::cmd("SET");
        set.arg(SESSION_STATUS).arg(status_word(self.logged_on)).arg("PX").arg(EXPIRY_MILLIS);
        set.query_async(connection).await
    }

    /// An engine that has ended in order is logged off until another one starts: that does not expire.
    async fn write_last_status(&mut self, connection: &mut Connection) -> RedisResult<()> {
        if self.outbox.board.is_logged_on() {
            return self.write_status(connection).await;
        }
        redis::cmd("SET").arg(SESSION_STATUS).arg(status_word(false)).query_async(connection).await
    }

    async fn write_prices(&mut self, connection: &mut Connection) -> RedisResult<()> {
        let Some(snapshot) = self.outbox.board.prices() else { return Ok(()) };
        let json = snapshot.to_json().to_string();
        let mut pipe = pipe();
        pipe.cmd("SET").arg(MARKET_DATA_SNAPSHOT).arg(&json).arg("PX").arg(EXPIRY_MILLIS).ignore();
        for channel in [MARKET_DATA, MARKET_DATA_STREAM] {
            pipe.cmd("PUBLISH").arg(channel).arg(&json).ignore();
        }
        pipe.query_async(connection).await
    }
}

/// Tells each session of the last of its reports: that one stands for all before it.
fn tell(receipts: impl Iterator<Item = Receipt>) {
    let mut receipts = receipts.peekable();
    while let Some(receipt) = receipts.next() {
        let is_last = receipts.peek().is_none_or(|next| !Arc::ptr_eq(&next.told, &receipt.told));
        if is_last {
            receipt.told.told(receipt.position);
        }
    }
}

/// Adds reports, oldest first, to the capped list.
pub(super) fn push_reports<'p>(pipe: &'p mut Pipeline, reports: &[&str]) -> &'p mut Pipeline {
    pipe.cmd("LPUSH").arg(EXECUTION_REPORTS).arg(reports).ignore();
    pipe.cmd("LTRIM").arg(EXECUTION_REPORTS).arg(0).arg(REPORTS_CAP - 1).ignore()
}
