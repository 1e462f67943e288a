//! From Redis to the engine: one order at a time, none lost, none sent twice.

use std::{sync::Arc, time::Duration};

use redis::{RedisResult, aio::MultiplexedConnection, cmd, pipe};
use tokio::{sync::watch, time::Instant};

use super::{
    halt::HaltKey,
    keys::{EXECUTION_REPORTS, HALT, OUTGOING_ORDERS, PROCESSING},
    link::{Link, wrong_types},
    writer::push_reports,
};
use crate::{
    clock::utc_now,
    contract::{
        intake::Intake,
        parse::Read,
        report::{LEFT_OVER, Report},
        request::{NoReply, OrderReply, Task},
    },
    observe::Board,
    orders::Orders,
};

/// The keys that are read and written here, and their types.
const KEYS: &[(&str, &str)] =
    &[(OUTGOING_ORDERS, "list"), (PROCESSING, "list"), (EXECUTION_REPORTS, "list"), (HALT, "string")];
/// How long Redis holds a BLMOVE open; a stop is noticed that fast.
const BLOCK_SECONDS: &str = "0.5";
/// How long entries wait at the start for the sessions' first Logon: the usual LogonTimeout.
const FIRST_ATTEMPTS: Duration = Duration::from_secs(10);
/// How often the halt and a stop are looked at meanwhile.
const GLANCE: Duration = Duration::from_millis(500);

/// Takes orders until it is stopped.
pub(super) struct Reader {
    intake: Intake,
    orders: Orders,
    board: Board,
    link: Link,
    stop: watch::Receiver<bool>,
    /// Leftovers of an earlier process were dealt with.
    started: bool,
    halt: HaltKey,
    /// The entry in hand, and what is to be done about it in Redis.
    in_hand: Option<(Vec<u8>, Outcome)>,
}

/// What became of an entry.
enum Outcome {
    /// Handled; an answer that did not come from the counterparty goes along.
    Done(Option<String>),
    /// Not handled: the next engine shall have it first.
    PutBack,
}

impl Reader {
    pub(super) fn new(
        (intake, orders): (Intake, Orders),
        board: Board,
        link: Link,
        stop: watch::Receiver<bool>,
    ) -> Self {
        let halt = HaltKey::new(board.halts().clone());
        Reader { intake, orders, board, link, stop, started: false, halt, in_hand: None }
    }

    /// Runs until `stop`; an order already taken is finished first.
    pub(super) async fn run(mut self) {
        let mut stop = self.stop.clone();
        while let Some(mut connection) = self.link.connect(&mut stop).await {
            match self.serve(&mut connection).await {
                Ok(()) => return,
                Err(error) => {
                    let wrong = wrong_types(&mut connection, &error, KEYS).await;
                    self.link.failed(&error, wrong, &mut stop).await;
                }
            }
        }
        if self.in_hand.is_some() {
            tracing::warn!(
                "Redis was away at the end: one order stays in {PROCESSING} and is reported at the next start"
            );
        }
    }

    /// Takes orders until `stop` (`Ok`) or Redis fails.
    async fn serve(&mut self, connection: &mut MultiplexedConnection) -> RedisResult<()> {
        self.settle_after_reconnect(connection).await?;
        if self.started {
            take_back_unseen(connection).await?;
        } else {
            self.report_leftovers(connection).await?;
            self.wait_for_first_attempts(connection).await?;
            self.started = true;
        }
        while !*self.stop.borrow() {
            // Never dropped half-way: what Redis moves while nobody listens would be in nobody's hand.
            // The halt is looked at behind the order, so that one that was set before an order holds for it.
            let (entry, halt): (Option<Vec<u8>>, Option<Vec<u8>>) = pipe()
                .cmd("BLMOVE")
                .arg(OUTGOING_ORDERS)
                .arg(PROCESSING)
                .arg("RIGHT")
                .arg("LEFT")
                .arg(BLOCK_SECONDS)
                .cmd("GET")
                .arg(HALT)
                .query_async(connection)
                .await?;
            // Not before: with a key of the wrong type only this fails, and it would at once and for ever.
            self.link.works();
            self.halt.follow(halt).await;
            let Some(entry) = entry else { continue };
            let outcome = self.handle(&entry).await;
            let stopped = matches!(outcome, Outcome::PutBack);
            self.in_hand = Some((entry, outcome));
            self.settle(connection).await?;
            if stopped {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Orders that have waited for an engine wait until its sessions have tried to log on, at most for
    /// [`FIRST_ATTEMPTS`]: "no counterparty" is not known before.
    async fn wait_for_first_attempts(&mut self, connection: &mut MultiplexedConnection) -> RedisResult<()> {
        let deadline = Instant::now() + FIRST_ATTEMPTS;
        while !*self.stop.borrow() && Instant::now() < deadline && !self.board.wait_until_tried(GLANCE).await
        {
            self.halt.follow(cmd("GET").arg(HALT).query_async(connection).await?).await;
        }
        Ok(())
    }

    async fn handle(&mut self, entry: &[u8]) -> Outcome {
        let command = match self.intake.read(entry, utc_now()) {
            Ok(Read { command, notes }) => {
                for note in notes {
                    tracing::warn!(order = command.cl_ord_id(), "{OUTGOING_ORDERS}: {note}");
                }
                command
            }
            Err(error) => {
                tracing::warn!("{OUTGOING_ORDERS}: an entry was refused: {error}");
                let is_in_use =
                    error.cl_ord_id.as_deref().is_some_and(|id| self.orders.session_of(id).is_some());
                let report = Report::malformed(&error, is_in_use);
                // Without an id only the entry itself tells its producer which one it is.
                return self.answer(if error.cl_ord_id.is_some() {
                    report
                } else {
                    report.with_entry(entry)
                });
            }
        };
        match self.intake.submit(Task::Send(command.clone())).await {
            Ok(OrderReply::Accepted { .. } | OrderReply::Noted) => Outcome::Done(None),
            Ok(OrderReply::SimMode { text, .. } | OrderReply::Rejected { text }) => {
                self.answer(Report::not_sent(&command, &text))
            }
            Ok(OrderReply::Duplicate { text }) => self.answer(Report::duplicate(&command, &text)),
            Err(NoReply::Stopped) => Outcome::PutBack,
            Err(error @ NoReply::Unknown) => {
                tracing::error!("{}: {error}", command.cl_ord_id());
                self.answer(Report::state_unknown_of(&command, &error.to_string()))
            }
        }
    }

    /// Our own answer: on the board now, in Redis together with the end of the entry.
    fn answer(&self, report: Report) -> Outcome {
        let report = report.with_process_id();
        let json = report.to_json();
        self.board.put_report(Arc::new(report));
        Outcome::Done(Some(json))
    }

    /// Does in Redis, in one step, what is due for the entry in hand.
    async fn settle(&mut self, connection: &mut MultiplexedConnection) -> RedisResult<()> {
        let Some((entry, outcome)) = &self.in_hand else { return Ok(()) };
        let mut pipe = pipe();
        pipe.atomic();
        match outcome {
            Outcome::Done(None) => {}
            Outcome::Done(Some(answer)) => {
                push_reports(&mut pipe, &[answer]);
            }
            Outcome::PutBack => {
                pipe.cmd("RPUSH").arg(OUTGOING_ORDERS).arg(entry).ignore();
            }
        }
        pipe.cmd("LREM").arg(PROCESSING).arg(1).arg(entry).ignore();
        pipe.query_async::<()>(connection).await?;
        self.in_hand = None;
        Ok(())
    }

    /// The connection broke while the entry in hand was settled. Is the entry still there, it was not done;
    /// is it gone, either it was done, or Redis came back without its data and the answer is still owed.
    async fn settle_after_reconnect(&mut self, connection: &mut MultiplexedConnection) -> RedisResult<()> {
        let Some((entry, outcome)) = &self.in_hand else { return Ok(()) };
        if position(connection, PROCESSING, entry).await?.is_some() {
            return self.settle(connection).await;
        }
        if let Outcome::Done(Some(answer)) = outcome
            && position(connection, EXECUTION_REPORTS, answer.as_bytes()).await?.is_none()
        {
            push_reports(pipe().atomic(), &[answer]).query_async::<()>(connection).await?;
        }
        self.in_hand = None;
        Ok(())
    }

    /// Entries that an earlier process took and did not answer.
    async fn report_leftovers(&self, connection: &mut MultiplexedConnection) -> RedisResult<()> {
        loop {
            let oldest: Option<Vec<u8>> =
                cmd("LINDEX").arg(PROCESSING).arg(-1).query_async(connection).await?;
            let Some(entry) = oldest else { return Ok(()) };
            let report = match self.intake.read(&entry, utc_now()) {
                // A session that knows the order reports what is to be reported, and asks for it.
                Ok(Read { command, .. }) => match self.intake.submit(Task::LeftOver(command.clone())).await {
                    Ok(OrderReply::Noted) => None,
                    _ => Some(Report::state_unknown_of(&command, LEFT_OVER).with_process_id()),
                },
                Err(error) => Some(Report::state_unknown(error.cl_ord_id, LEFT_OVER).with_process_id()),
            };
            let mut pipe = pipe();
            pipe.atomic();
            if let Some(report) = &report {
                tracing::warn!(order = report.cl_ord_id().unwrap_or("without an id"), "{LEFT_OVER}");
                push_reports(&mut pipe, &[&report.to_json()]);
            }
            pipe.cmd("LREM").arg(PROCESSING).arg(-1).arg(&entry).ignore();
            pipe.query_async::<()>(connection).await?;
            if let Some(report) = report {
                self.board.put_report(Arc::new(report));
            }
        }
    }
}

async fn position(
    connection: &mut MultiplexedConnection,
    list: &str,
    entry: &[u8],
) -> RedisResult<Option<u64>> {
    cmd("LPOS").arg(list).arg(entry).query_async(connection).await
}

/// Entries that Redis moved for us while the connection broke: this process never saw them, so they go back
/// to be taken in their order.
async fn take_back_unseen(connection: &mut MultiplexedConnection) -> RedisResult<()> {
    loop {
        let moved: Option<Vec<u8>> = cmd("LMOVE")
            .arg(PROCESSING)
            .arg(OUTGOING_ORDERS)
            .arg("LEFT")
            .arg("RIGHT")
            .query_async(connection)
            .await?;
        if moved.is_none() {
            return Ok(());
        }
    }
}
