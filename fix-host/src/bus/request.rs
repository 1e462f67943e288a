//! Commands on their way to the engine, and its answers.

use std::sync::Arc;

use fix_core::time::UtcTimestamp;
use tokio::sync::{mpsc, oneshot};

use crate::desk::Orders;

use super::{
    order::{CancelOrder, OrderCommand, ReplaceOrder},
    order_error::OrderError,
    parse::{OrderRules, Read, read_cancel, read_order, read_replace},
};

/// Commands that may wait for the engine; beyond that, senders wait.
pub const REQUEST_CAPACITY: usize = 1024;

/// A task for the engine.
#[derive(Debug)]
pub struct Request {
    /// What to do.
    pub task: Task,
    /// Where the answer goes. To drop it says: nobody knows whether it was done.
    pub reply: oneshot::Sender<OrderReply>,
}

/// What the engine is asked to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Task {
    /// Send an order or a cancel.
    Send(OrderCommand),
    /// An earlier process took this command and did not say what became of it: its sender must know, and it is
    /// not sent again.
    LeftOver(OrderCommand),
    /// An operator found out what became of an order whose state is unknown.
    Resolve(Resolution),
}

impl Task {
    /// ClOrdID(11) of the order or request that it is about.
    pub fn cl_ord_id(&self) -> &str {
        match self {
            Task::Send(command) | Task::LeftOver(command) => command.cl_ord_id(),
            Task::Resolve(resolution) => &resolution.cl_ord_id,
        }
    }
}

/// What an operator found out about an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolution {
    /// ClOrdID(11).
    pub cl_ord_id: String,
    /// What became of it.
    pub fate: Fate,
    /// How the operator knows; goes into the report.
    pub note: String,
}

/// How an order can have ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It was executed.
    Filled,
    /// It was taken, and cancelled.
    Canceled,
    /// It was refused, or the counterparty never had it.
    Rejected,
}

impl Fate {
    /// All of them.
    pub const ALL: [Fate; 3] = [Fate::Filled, Fate::Canceled, Fate::Rejected];

    /// Its word in JSON and on the command line, in small letters.
    pub fn name(self) -> &'static str {
        match self {
            Fate::Filled => "filled",
            Fate::Canceled => "canceled",
            Fate::Rejected => "rejected",
        }
    }

    /// OrdStatus(39).
    pub fn ord_status(self) -> &'static str {
        match self {
            Fate::Filled => "2",
            Fate::Canceled => "4",
            Fate::Rejected => "8",
        }
    }
}

/// The engine's answer to a command. What the counterparty makes of it comes later, as reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OrderReply {
    /// Stored and on its way to the counterparty.
    Accepted {
        /// ClOrdID(11).
        cl_ord_id: String,
        /// MsgSeqNum(34) of the message that carries it.
        msg_seq_num: u64,
    },
    /// There is no counterparty; the order was not sent and will not be.
    SimMode {
        /// ClOrdID(11).
        cl_ord_id: String,
        /// What to tell the client.
        text: String,
    },
    /// The ClOrdID(11) is another order's, sent or on its way: this one was not sent, and that one is as it was.
    Duplicate {
        /// What to tell the client.
        text: String,
    },
    /// Done, and stored: a left-over command or an operator's word.
    Noted,
    /// The engine refuses to do it.
    Rejected {
        /// Why.
        text: String,
    },
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoReply {
    /// The engine takes no more commands; this one was not sent.
    #[error("the engine is stopping; the order was not sent")]
    Stopped,
    /// The engine took the command and ended before it answered.
    #[error("the engine stopped before it said whether the order went out; ask the counterparty")]
    Unknown,
}

/// The way in for commands, shared by all who bring some. Clones lead to the same engine.
#[derive(Clone)]
pub struct Intake {
    orders: Orders,
    requests: mpsc::Sender<Request>,
    rules: Arc<OrderRules>,
}

/// A way in, and the engine's end of it; `orders` are those that the engine knows.
pub fn intake(rules: OrderRules, orders: Orders) -> (Intake, mpsc::Receiver<Request>) {
    let (requests, receiver) = mpsc::channel(REQUEST_CAPACITY);
    (Intake { orders, requests, rules: Arc::new(rules) }, receiver)
}

impl Intake {
    /// True if an order or a request has this ClOrdID(11).
    pub fn is_in_use(&self, cl_ord_id: &str) -> bool {
        self.orders.session_of(cl_ord_id).is_some()
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

    /// Hands a task to the engine and waits for its answer; while the engine is busy with
    /// [`REQUEST_CAPACITY`] others, this waits too.
    ///
    /// # Errors
    /// [`NoReply`] when the engine ends.
    pub async fn submit(&self, task: Task) -> Result<OrderReply, NoReply> {
        let (reply, answer) = oneshot::channel();
        self.requests.send(Request { task, reply }).await.map_err(|_| NoReply::Stopped)?;
        answer.await.map_err(|_| NoReply::Unknown)
    }
}
