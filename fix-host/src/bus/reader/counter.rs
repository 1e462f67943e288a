//! Where entries are handed to the engine, and its answers come back.

use std::{collections::VecDeque, sync::Arc};

use redis::{FromRedisValue, RedisResult, Value};
use tokio::sync::oneshot;

use super::{
    batch::{Batch, Note, Outcome, Progress},
    left::Left,
    taker::Signs,
};
use crate::{
    bus::{
        connection::{Connection, transaction},
        keys::OUTGOING_ORDERS,
    },
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
    /// This engine has settled a batch since it connected.
    has_settled: bool,
    /// Another engine takes orders from this Redis: what one notes of its journals says nothing of the other's orders.
    is_one_of_two: bool,
    pub(super) left: Arc<Left>,
}

/// Entries that the engine has, those first whose answer is waited for first.
pub(super) struct HandedOver {
    waiting: VecDeque<Submitted>,
}

/// What became of an entry.
pub(super) enum Answered {
    /// The engine's word; `None` if it ended without one.
    Said(Arc<OrderCommand>, Option<OrderReply>),
    /// It did not come so far.
    Over(Outcome),
}

/// An entry that was handed over.
enum Submitted {
    /// The engine has it.
    Waiting(Arc<OrderCommand>, oneshot::Receiver<OrderReply>),
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
        let (batches, marks_age, has_settled, is_one_of_two) = (0, None, false, false);
        let left = Arc::default();
        Counter {
            intake,
            orders,
            board,
            journals,
            sends_left_over,
            engine,
            batches,
            marks_age,
            has_settled,
            is_one_of_two,
            left,
        }
    }

    /// Hands the entries to the engine in their order.
    pub(super) fn hand_over(&self, entries: &[Vec<u8>]) -> HandedOver {
        crash_point("orders-taken");
        let waiting = entries.iter().map(|entry| self.submit(entry)).collect();
        crash_point("orders-handed-over");
        HandedOver { waiting }
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
        let command = Arc::new(command);
        let reply = self.intake.hand_over(Task::Send(Arc::clone(&command)));
        Submitted::Waiting(command, reply)
    }

    pub(super) fn outcome(&self, answered: Answered) -> Outcome {
        let (command, reply) = match answered {
            Answered::Said(command, reply) => (command, reply),
            Answered::Over(outcome) => return outcome,
        };
        let command = &*command;
        match reply {
            Some(OrderReply::Accepted { .. } | OrderReply::Noted | OrderReply::Preview(_)) => {
                Outcome::Done(None)
            }
            Some(OrderReply::SimMode { text, .. } | OrderReply::Rejected { text }) => {
                self.answer(Report::not_sent(command, &text))
            }
            // It was not sent, and waits as one does that comes later.
            Some(OrderReply::Stopped) => Outcome::PutBack,
            Some(OrderReply::Duplicate { text }) => self.answer(Report::duplicate(command, &text)),
            None => {
                tracing::error!("{}: {NoReply}", command.cl_ord_id());
                self.answer(Report::state_unknown_of(command, &NoReply.to_string()))
            }
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
        let age = marks_age();
        let note = match self.marks_age == Some(age) {
            true => Note::AsIs,
            false => Note::Anew(self.journals.noted()),
        };
        self.marks_age = Some(age);
        self.next_batch(entries, outcomes, note)
    }

    /// Entries that go back while the engine has others, of which some may be sent already: where the journals are now
    /// says nothing of those.
    pub(super) fn batch_that_goes_back(&mut self, entries: Vec<Vec<u8>>) -> Batch {
        let mut batch = self.next_batch(Vec::new(), Vec::new(), Note::AsIs);
        batch.put_back(entries);
        batch
    }

    fn next_batch(&mut self, entries: Vec<Vec<u8>>, outcomes: Vec<Outcome>, note: Note) -> Batch {
        self.batches += 1;
        let note = if self.is_one_of_two { Note::Nothing } else { note };
        Batch::new(entries, outcomes, Progress::new(&self.engine, self.batches, note))
    }

    /// True if the journals have begun anew, or grown much, since they were noted: an order that is handed over now may
    /// be looked for in vain after a crash.
    pub(super) fn is_to_note(&self) -> bool {
        !self.is_one_of_two && self.marks_age != Some(marks_age())
    }

    /// True if this was read after all that is settled here: nothing was waited for since.
    pub(super) fn is_fresh(&self, signs: &Signs) -> bool {
        let settled = signs.settled.as_deref().and_then(|settled| settled.split_once('/'));
        settled.is_some_and(|(engine, batch)| engine == self.engine && batch.parse() == Ok(self.batches))
    }

    /// True if the engine that noted its journals last is another one, which lives: its note does not hold for an order
    /// that is handed over here, and the next batch takes it away.
    pub(super) fn meets_another(&mut self, engine: Option<&str>) -> bool {
        let is_another = engine.is_some_and(|engine| engine != self.engine);
        if is_another {
            self.met_another();
        }
        is_another
    }

    /// True for the first time.
    fn met_another(&mut self) -> bool {
        if std::mem::replace(&mut self.is_one_of_two, true) {
            return false;
        }
        tracing::error!(
            "another engine takes orders from this Redis too: each order goes to one of them by chance, and after a \
             crash neither knows what became of the other's; give each a Redis database of its own"
        );
        true
    }

    /// There is a new connection: the next batch notes the journals again. A Redis that came back with older data says
    /// that an engine of those days settled last, which is no sign that it lives.
    pub(super) fn note_again(&mut self) {
        self.marks_age = None;
        self.has_settled = false;
    }

    /// Does in Redis, in one step, what is due for the batch in hand.
    pub(super) async fn settle(
        &mut self,
        in_hand: &mut Option<Batch>,
        connection: &mut Connection,
    ) -> RedisResult<()> {
        while let Some(batch) = in_hand.as_ref() {
            let settling = connection.put(&batch.settling());
            connection.write().await?;
            self.settled(in_hand, connection.read(settling).await?)?;
        }
        Ok(())
    }

    /// What the `answers` say to the step that settles the batch in hand.
    pub(super) fn settled(&mut self, in_hand: &mut Option<Batch>, answers: Vec<Value>) -> RedisResult<()> {
        let results = transaction(answers)?;
        *in_hand = None;
        let before: Option<String> =
            results.into_iter().next().map(FromRedisValue::from_redis_value).transpose()?.flatten();
        let before = before.as_deref().and_then(|settled| settled.split_once('/')).map(|(engine, _)| engine);
        if self.has_settled && before.is_some_and(|engine| engine != self.engine) && self.met_another() {
            // At once: there may be no next batch for long, and what this one has noted does not hold.
            *in_hand = Some(self.next_batch(Vec::new(), Vec::new(), Note::Nothing));
        }
        self.has_settled = true;
        Ok(())
    }
}

impl HandedOver {
    /// What became of the next entry; `None` when all were asked for. May be dropped half-way.
    pub(super) async fn next(&mut self) -> Option<Answered> {
        let reply = match self.waiting.front_mut()? {
            Submitted::Waiting(_, reply) => reply.await.ok(),
            Submitted::Over(_) => None,
        };
        Some(match self.waiting.pop_front()? {
            Submitted::Waiting(command, _) => Answered::Said(command, reply),
            Submitted::Over(outcome) => Answered::Over(outcome),
        })
    }
}
