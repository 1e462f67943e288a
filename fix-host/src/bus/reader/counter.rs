//! Where entries are handed to the engine, and its answers come back.

use std::sync::Arc;

use redis::{RedisResult, aio::MultiplexedConnection};
use tokio::sync::oneshot;

use super::batch::{Batch, Outcome, Progress};
use crate::{
    bus::keys::OUTGOING_ORDERS,
    clock::utc_now,
    contract::{
        intake::Intake,
        order::OrderCommand,
        order_error::OrderError,
        parse::Read,
        report::Report,
        request::{NoReply, OrderReply, Task},
    },
    crash::crash_point,
    observe::Board,
    orders::{Journals, Orders, marks_age},
};

/// Hands entries to the engine.
pub(in crate::bus) struct Counter {
    pub(super) intake: Intake,
    pub(super) orders: Orders,
    pub(super) board: Board,
    pub(super) journals: Journals,
    /// What was left over and not sent is sent.
    pub(super) sends_left_over: bool,
    /// Tells this process from others in Redis.
    engine: String,
    /// Batches that were handled.
    batches: u64,
    /// The age of the marks that were noted last.
    marks_age: Option<u64>,
    /// This engine has settled a batch.
    has_settled: bool,
}

/// An entry that was handed over.
enum Submitted {
    /// The engine has it.
    Waiting(OrderCommand, oneshot::Receiver<OrderReply>),
    /// It did not come so far.
    Over(Outcome),
}

impl Counter {
    pub(in crate::bus) fn new(
        intake: Intake,
        orders: Orders,
        board: Board,
        journals: Journals,
        sends_left_over: bool,
    ) -> Self {
        let engine = format!("{:016x}", rand::random::<u64>());
        let (batches, marks_age, has_settled) = (0, None, false);
        Counter { intake, orders, board, journals, sends_left_over, engine, batches, marks_age, has_settled }
    }

    /// Hands the entries to the engine in their order, and settles in Redis what became of them. True, and not settled,
    /// if the engine takes no more.
    pub(super) async fn handle_and_settle(
        &mut self,
        entries: Vec<Vec<u8>>,
        in_hand: &mut Option<Batch>,
        connection: &mut MultiplexedConnection,
    ) -> RedisResult<bool> {
        crash_point("orders-taken");
        let outcomes = self.handle(&entries).await;
        crash_point("orders-answered");
        let is_stopped = outcomes.iter().any(|outcome| matches!(outcome, Outcome::PutBack));
        *in_hand = Some(self.batch(entries, outcomes));
        if !is_stopped {
            self.settle(in_hand, connection).await?;
            crash_point("orders-settled");
        }
        Ok(is_stopped)
    }

    /// Hands the entries to the engine; the answers are waited for when all are handed over.
    async fn handle(&self, entries: &[Vec<u8>]) -> Vec<Outcome> {
        let submitted: Vec<Submitted> = entries.iter().map(|entry| self.submit(entry)).collect();
        crash_point("orders-handed-over");
        let mut outcomes = Vec::with_capacity(entries.len());
        for submitted in submitted {
            outcomes.push(match submitted {
                Submitted::Waiting(command, reply) => self.outcome(&command, reply.await),
                Submitted::Over(outcome) => outcome,
            });
        }
        outcomes
    }

    fn submit(&self, entry: &[u8]) -> Submitted {
        let command = match self.intake.read(entry, utc_now()) {
            Ok(Read { command, notes }) => {
                for note in notes {
                    tracing::warn!(order = command.cl_ord_id(), "{OUTGOING_ORDERS}: {note}");
                }
                command
            }
            Err(error) => return Submitted::Over(self.refuse(&error, entry)),
        };
        match self.intake.hand_over(Task::Send(command.clone())) {
            Ok(reply) => Submitted::Waiting(command, reply),
            Err(NoReply::Stopped) => Submitted::Over(Outcome::PutBack),
            Err(error @ NoReply::Unknown) => Submitted::Over(self.unknown(&command, error)),
        }
    }

    fn outcome(
        &self,
        command: &OrderCommand,
        reply: Result<OrderReply, oneshot::error::RecvError>,
    ) -> Outcome {
        match reply {
            Ok(OrderReply::Accepted { .. } | OrderReply::Noted) => Outcome::Done(None),
            Ok(OrderReply::SimMode { text, .. } | OrderReply::Rejected { text }) => {
                self.answer(Report::not_sent(command, &text))
            }
            Ok(OrderReply::Duplicate { text }) => self.answer(Report::duplicate(command, &text)),
            Err(_) => self.unknown(command, NoReply::Unknown),
        }
    }

    /// Answers an entry that is no order.
    pub(super) fn refuse(&self, error: &OrderError, entry: &[u8]) -> Outcome {
        tracing::warn!("{OUTGOING_ORDERS}: an entry was refused: {error}");
        let is_in_use = error.cl_ord_id.as_deref().is_some_and(|id| self.orders.session_of(id).is_some());
        let report = Report::malformed(error, is_in_use);
        // Without an id only the entry itself tells its producer which one it is.
        self.answer(if error.cl_ord_id.is_some() { report } else { report.with_entry(entry) })
    }

    fn unknown(&self, command: &OrderCommand, error: NoReply) -> Outcome {
        tracing::error!("{}: {error}", command.cl_ord_id());
        self.answer(Report::state_unknown_of(command, &error.to_string()))
    }

    /// Our own answer: on the board now, in Redis together with the end of the entry.
    pub(super) fn answer(&self, report: Report) -> Outcome {
        let report = report.with_process_id();
        let json = report.to_json();
        self.board.put_report(Arc::new(report));
        Outcome::Done(Some(json))
    }

    /// What became of entries. Nothing else was handed to the engine that is not settled: so what is noted of the journals
    /// holds for all that is taken later.
    pub(super) fn batch(&mut self, entries: Vec<Vec<u8>>, outcomes: Vec<Outcome>) -> Batch {
        self.batches += 1;
        let age = marks_age();
        let noted = (self.marks_age != Some(age)).then(|| self.journals.noted());
        self.marks_age = Some(age);
        Batch::new(entries, outcomes, Progress::new(&self.engine, self.batches, noted.as_ref()))
    }

    /// True if the journals have begun anew, or grown much, since they were noted: an order that is handed over now may
    /// be looked for in vain after a crash.
    pub(super) fn is_to_note(&self) -> bool {
        self.marks_age != Some(marks_age())
    }

    /// The next batch notes the journals again.
    pub(super) fn note_again(&mut self) {
        self.marks_age = None;
    }

    /// Does in Redis, in one step, what is due for the batch in hand.
    pub(super) async fn settle(
        &mut self,
        in_hand: &mut Option<Batch>,
        connection: &mut MultiplexedConnection,
    ) -> RedisResult<()> {
        let Some(batch) = in_hand.as_ref() else { return Ok(()) };
        let (before,): (Option<String>,) = batch.settling().query_async(connection).await?;
        *in_hand = None;
        let before = before.as_deref().and_then(|settled| settled.split_once('/')).map(|(engine, _)| engine);
        if self.has_settled && before.is_some_and(|engine| engine != self.engine) {
            tracing::error!(
                "another engine takes orders from this Redis too: each order goes to one of them by chance, and after a \
                 crash neither knows what became of the other's; give each a Redis database of its own"
            );
        }
        self.has_settled = true;
        Ok(())
    }
}
