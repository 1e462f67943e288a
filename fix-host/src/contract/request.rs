//! Commands on their way to the engine, and its answers.

use std::sync::Arc;

use tokio::sync::oneshot;

use super::order::OrderCommand;

/// A task for the engine.
#[derive(Debug)]
pub struct Request {
    /// What to do.
    pub task: Task,
    /// Where the answer goes. To drop it says: nobody knows whether it was done.
    pub reply: oneshot::Sender<OrderReply>,
}

impl Request {
    /// Answers. Who no longer waits finds the outcome among the reports.
    pub fn answer(self, reply: OrderReply) {
        let _ = self.reply.send(reply);
    }
}

/// What the engine is asked to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Task {
    /// Send an order or a cancel.
    Send(Arc<OrderCommand>),
    /// An earlier process took this command and did not say what became of it: its sender must know, and it is
    /// not sent again.
    LeftOver(Arc<OrderCommand>),
    /// An operator found out what became of an order whose state is unknown.
    Resolve(Resolution),
    /// What would go out for this command? Nothing is sent, and no number is used.
    Preview(Arc<OrderCommand>),
}

impl Task {
    /// ClOrdID(11) of the order or request that it is about.
    pub fn cl_ord_id(&self) -> &str {
        match self {
            Task::Send(command) | Task::LeftOver(command) | Task::Preview(command) => command.cl_ord_id(),
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
    /// The engine, or the session of the order, ends: it was not sent. In words it is [`STOPPED`].
    Stopped,
    /// What would go out: nothing was sent.
    Preview(Box<Draft>),
    /// Done, and stored: a left-over command or an operator's word.
    Noted,
    /// The engine refuses to do it.
    Rejected {
        /// Why.
        text: String,
    },
}

/// What would go out for a command if it were sent now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// The session that it would go to.
    pub session: String,
    /// The message; its MsgSeqNum(34), SendingTime(52) and what follows from them are those of the moment.
    pub message: Vec<u8>,
    /// What it was held against.
    pub checks: Vec<Check>,
}

/// One rule that a command was held against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// The command keeps to it.
    pub ok: bool,
    /// It is a halt, which refuses all new orders, and no rule of this one.
    pub is_halt: bool,
    /// The rule, and what the command has.
    pub text: String,
}

/// What a sender is told of [`OrderReply::Stopped`].
pub const STOPPED: &str = "the engine is stopping; the order was not sent";

/// There is no answer: the engine took the command and ended before it gave one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the engine stopped before it said whether the order went out; ask the counterparty")]
pub struct NoReply;
