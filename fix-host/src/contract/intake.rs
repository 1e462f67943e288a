//! The way in for commands, whoever brings them: read, placed with a session at once, and answered later.

use std::sync::Arc;

use fix_core::time::UtcTimestamp;
use tokio::sync::{mpsc, oneshot};

use super::{
    order::{CancelOrder, OrderCommand, ReplaceOrder},
    order_error::OrderError,
    parse::{OrderRules, Read, read_cancel, read_order, read_replace},
    request::{NoReply, OrderReply, Request, Task},
};

/// Commands that may wait for one session; one more is refused.
pub const REQUEST_CAPACITY: usize = 1024;

/// Who places commands with the sessions.
pub trait Placing: Send + Sync {
    /// Hands a request to its session, or answers it. Waits for nobody.
    fn place(&self, request: Request);
}

/// The way in for commands, shared by all who bring some. Clones lead to the same engine.
#[derive(Clone)]
pub struct Intake {
    sessions: Arc<dyn Placing>,
    rules: Arc<OrderRules>,
}

/// A way in whose requests wait in a queue, at most [`REQUEST_CAPACITY`] of them, and the other end of it.
pub fn intake(rules: OrderRules) -> (Intake, mpsc::Receiver<Request>) {
    let (requests, receiver) = mpsc::channel(REQUEST_CAPACITY);
    (Intake::new(rules, Arc::new(requests)), receiver)
}

impl Placing for mpsc::Sender<Request> {
    fn place(&self, request: Request) {
        match self.try_send(request) {
            Ok(()) => {}
            Err(mpsc::error::TrySendError::Closed(request)) => request.answer(OrderReply::Stopped),
            Err(mpsc::error::TrySendError::Full(request)) => {
                request.answer(OrderReply::Rejected { text: "too many orders are waiting; not sent".into() });
            }
        }
    }
}

impl Intake {
    /// A way in to `sessions`, for orders that keep to `rules`.
    pub fn new(rules: OrderRules, sessions: Arc<dyn Placing>) -> Self {
        Intake { sessions, rules: Arc::new(rules) }
    }

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

    /// Hands a task to the engine. Tasks of one session are done in the order in which they are handed over. The
    /// answer comes later; an error of the receiver is [`NoReply`].
    pub fn hand_over(&self, task: Task) -> oneshot::Receiver<OrderReply> {
        let (reply, answer) = oneshot::channel();
        self.sessions.place(Request { task, reply });
        answer
    }

    /// [Hands over](Self::hand_over) a task and waits for its answer.
    ///
    /// # Errors
    /// [`NoReply`].
    pub async fn submit(&self, task: Task) -> Result<OrderReply, NoReply> {
        self.hand_over(task).await.map_err(|_| NoReply)
    }
}
