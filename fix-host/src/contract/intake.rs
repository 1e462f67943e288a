//! The way in for commands: a bounded queue with an answer to each, whoever brings them.

use std::sync::Arc;

use fix_core::time::UtcTimestamp;
use tokio::sync::{mpsc, oneshot};

use super::{
    order::{CancelOrder, OrderCommand, ReplaceOrder},
    order_error::OrderError,
    parse::{OrderRules, Read, read_cancel, read_order, read_replace},
    request::{NoReply, OrderReply, Request, Task},
};

/// Commands that may wait for the engine; beyond that, senders wait.
pub const REQUEST_CAPACITY: usize = 1024;

/// The way in for commands, shared by all who bring some. Clones lead to the same engine.
#[derive(Clone)]
pub struct Intake {
    requests: mpsc::Sender<Request>,
    rules: Arc<OrderRules>,
}

/// A way in, and the engine's end of it.
pub fn intake(rules: OrderRules) -> (Intake, mpsc::Receiver<Request>) {
    let (requests, receiver) = mpsc::channel(REQUEST_CAPACITY);
    (Intake { requests, rules: Arc::new(rules) }, receiver)
}

impl Intake {
    /// Reads a command in JSON.
    ///
    /// # Errors
    /// [`OrderError`], see [`read_order`].
    pub fn read(&self, json: &[u8], received: UtcTimestamp) -> Result<Read<OrderCommand>, OrderError> {
        read_order(json, &self.rules, received)
    }

    /// Reads a cancel in JSON, whose `type` may be left out.
    ///
    /// # Errors
    /// [`OrderError`], see [`read_cancel`].
    pub fn read_cancel(&self, json: &[u8], received: UtcTimestamp) -> Result<Read<CancelOrder>, OrderError> {
        read_cancel(json, &self.rules, received)
    }

    /// Reads a replace request in JSON, whose `type` may be left out.
    ///
    /// # Errors
    /// [`OrderError`], see [`read_replace`].
    pub fn read_replace(
        &self,
        json: &[u8],
        received: UtcTimestamp,
    ) -> Result<Read<ReplaceOrder>, OrderError> {
        read_replace(json, &self.rules, received)
    }

    /// Hands a task to the engine; while that is busy with [`REQUEST_CAPACITY`] others, this waits too. The answer
    /// comes later; an error of the receiver is [`NoReply::Unknown`].
    ///
    /// # Errors
    /// [`NoReply::Stopped`] when the engine ends.
    pub async fn hand_over(&self, task: Task) -> Result<oneshot::Receiver<OrderReply>, NoReply> {
        let (reply, answer) = oneshot::channel();
        self.requests.send(Request { task, reply }).await.map_err(|_| NoReply::Stopped)?;
        Ok(answer)
    }

    /// [Hands over](Self::hand_over) a task and waits for its answer.
    ///
    /// # Errors
    /// [`NoReply`] when the engine ends.
    pub async fn submit(&self, task: Task) -> Result<OrderReply, NoReply> {
        self.hand_over(task).await?.await.map_err(|_| NoReply::Unknown)
    }
}
