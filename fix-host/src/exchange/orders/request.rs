//! What sessions ask for, and what the book is told then.

use std::sync::Arc;

use fix_core::time::{LocalMktDate, UtcTimestamp};

use super::{
    super::book::{Change, NewOrder, OrderId, Quantity, Ticks, TimeInForce},
    terms::Terms,
};

/// A NewOrderSingle(D) in the book's terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRequest {
    /// ClOrdID(11).
    pub cl_ord_id: Arc<str>,
    /// What it asks for.
    pub terms: Terms,
    /// OrderQty(38).
    pub qty: Quantity,
    /// PossResend(97): what is here already is told once more, and never traded again.
    pub poss_resend: bool,
}

/// An OrderCancelRequest(F).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CancelRequest {
    /// ClOrdID(11) of the request.
    pub cl_ord_id: Arc<str>,
    /// OrigClOrdID(41): the last ClOrdID of the order that was not refused.
    pub orig_cl_ord_id: Arc<str>,
}

/// An OrderCancelReplaceRequest(G).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplaceRequest {
    /// ClOrdID(11) of the request, and of the order once it is replaced.
    pub cl_ord_id: Arc<str>,
    /// OrigClOrdID(41), as of a cancellation.
    pub orig_cl_ord_id: Arc<str>,
    /// OrderQty(38): the whole quantity, what has traded included.
    pub qty: Quantity,
    /// Price(44); `None` leaves it.
    pub price: Option<Ticks>,
    /// StopPx(99); `None` leaves it.
    pub stop: Option<Ticks>,
    /// MaxFloor(111); `None` leaves it.
    pub display_qty: Option<Quantity>,
    /// TimeInForce(59), with the end of an order with 59=6; `None` leaves both.
    pub lasts: Option<Lasts>,
}

/// How long an order is to last.
pub type Lasts = (TimeInForce, Option<Expires>);

/// The end of an order with 59=6.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expires {
    /// ExpireTime(126).
    At(UtcTimestamp),
    /// ExpireDate(432): the end of that day.
    On(LocalMktDate),
}

/// Whether a request is acknowledged before it is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acknowledge {
    /// No: the answer follows at once.
    Not,
    /// By an ExecutionReport with 39=A, 6 or E.
    AsPending,
}

/// What the book of the order's symbol is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// [`Book::enter`](super::super::book::Book::enter)
    Enter(NewOrder),
    /// [`Book::cancel`](super::super::book::Book::cancel)
    Cancel(OrderId),
    /// [`Book::replace`](super::super::book::Book::replace)
    Replace(OrderId, Change),
}

/// A request that is taken and not answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Waiting {
    pub(super) asks: Asks,
    /// ClOrdID(11) of the request.
    pub(super) cl_ord_id: Arc<str>,
    /// It was acknowledged as pending.
    pub(super) is_pending: bool,
    /// The book was told.
    pub(super) is_decided: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asks {
    New,
    Cancel,
    Replace {
        qty: Quantity,
        price: Option<Ticks>,
        stop: Option<Ticks>,
        display_qty: Option<Quantity>,
        lasts: Option<Lasts>,
    },
    /// The venue's own change: what it opens again after a bust, of which nothing more is reported.
    Reopen,
}
