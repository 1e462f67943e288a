//! Entries that an earlier process took and did not answer.

use std::sync::Arc;

use redis::{RedisResult, cmd};
use serde_json::{Map, Value};

use super::{
    batch::{Batch, Outcome, Progress},
    counter::Counter,
};
use crate::{
    bus::{connection::Connection, keys::PROCESSING},
    clock::utc_now,
    contract::{
        order::OrderCommand,
        order_error::OrderError,
        parse::Read,
        report::{LEFT_OVER, LEFT_UNSENT, Report},
        request::{OrderReply, Task},
    },
    orders::{Fate, Noted},
};

/// All of them, oldest first, each with what is to be done about it.
pub(super) async fn judge(counter: &mut Counter, connection: &mut Connection) -> RedisResult<Batch> {
    let noted = Progress::noted(connection).await?;
    let mut entries: Vec<Vec<u8>> =
        cmd("LRANGE").arg(PROCESSING).arg(0).arg(-1).query_async(connection).await?;
    entries.reverse();
    counter.left.are(entries.len(), 0);
    let mut outcomes = Vec::with_capacity(entries.len());
    for entry in &entries {
        outcomes.push(match counter.intake.read(entry, utc_now()) {
            Ok(Read { command, .. }) => judge_order(counter, command.into(), &noted).await,
            Err(error) => judge_unread(counter, &error, entry, &noted),
        });
    }
    Ok(counter.batch(entries, outcomes))
}

/// An entry that is no order by the rules of this process; those of the one that took it may have been others. A request
/// that leaves symbol and side to its order is none either while that is not sent.
fn judge_unread(counter: &Counter, error: &OrderError, entry: &[u8], noted: &Noted) -> Outcome {
    let fate = match &error.cl_ord_id {
        Some(id) => counter.journals.fate_of_id(id, noted),
        // What is no JSON object was never an order.
        None if serde_json::from_slice::<Map<String, Value>>(entry).is_err() => Fate::NeverSent,
        None => Fate::Unknown,
    };
    match fate {
        Fate::NeverSent if counter.sends_left_over => Outcome::PutBack,
        Fate::NeverSent => counter.refuse(error, entry),
        Fate::Stored => Outcome::Done(None),
        Fate::Unknown => {
            tracing::warn!(order = error.cl_ord_id.as_deref().unwrap_or("without an id"), "{LEFT_OVER}");
            counter.answer(Report::state_unknown(error.cl_ord_id.clone(), LEFT_OVER))
        }
    }
}

async fn judge_order(counter: &Counter, command: Arc<OrderCommand>, noted: &Noted) -> Outcome {
    let order = command.cl_ord_id().to_owned();
    let is_known = counter.orders.session_of(&order).is_some();
    match counter.journals.fate(&command, noted) {
        // Sent, or about to be: its session reports what is to be reported.
        Fate::Stored => return Outcome::Done(None),
        Fate::NeverSent if !is_known && counter.sends_left_over => {
            tracing::warn!(order, "the engine ended before it sent this order: it is sent now");
            return Outcome::PutBack;
        }
        Fate::NeverSent if !is_known => {
            tracing::warn!(order, "{LEFT_UNSENT}");
            return counter.answer(Report::not_sent(&command, LEFT_UNSENT));
        }
        Fate::NeverSent | Fate::Unknown => {}
    }
    // A session that knows the order reports what is to be reported, and asks for it.
    match counter.intake.submit(Task::LeftOver(Arc::clone(&command))).await {
        Ok(OrderReply::Noted) => Outcome::Done(None),
        _ => {
            tracing::warn!(order, "{LEFT_OVER}");
            counter.answer(Report::state_unknown_of(&command, LEFT_OVER))
        }
    }
}
