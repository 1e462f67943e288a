//! A request's turn: what it means to the order as it is now.

use std::borrow::Cow;

use fix_core::dict::fix44::code;

use super::{
    super::book::{CancelReason, Change, OrderId},
    OrderStates,
    output::{CancelReject, Output, RefusedRequest},
    record::Life,
    request::{Asks, Command, Waiting},
};

/// Why an order is not replaced.
const SUSPENDED: &str = "the order is suspended: it can be cancelled, and replaced once it is resumed";

impl OrderStates {
    /// Decides the oldest request of an order that is not decided: what its book is to do, whose events are to be
    /// [applied](Self::apply) before anything else; or the request is refused, because the order has come to its end since.
    ///
    /// If no request waits, it opens what a bust has added to an order and the book did not take, because it was closed: ask
    /// again when it takes orders.
    pub fn decide(&mut self, id: OrderId, out: &mut Vec<Output>) -> Option<Command> {
        if self.record(id)?.waiting.is_empty() {
            self.reopen(id)?;
        }
        let record = self.record_mut(id)?;
        let (is_to_reopen, is_suspended) = (record.is_to_reopen(), record.suspended.is_some());
        let (owner, cum_qty, is_live) = (record.owner, record.cum_qty(), record.is_live());
        let is_filled = record.life == Life::Live && record.is_filled();
        let waiting = record.waiting.front_mut().filter(|waiting| !waiting.is_decided)?;
        waiting.is_decided = true;
        let asks = waiting.asks;
        let (terms, open) = (&record.terms, record.qty.saturating_sub(cum_qty));
        match asks {
            Asks::New => Some(Command::Enter(terms.order(id, owner, open))),
            // An earlier decision has opened it, or the order has come to its end.
            Asks::Reopen if !is_to_reopen => {
                record.waiting.pop_front();
                self.recount(id);
                None
            }
            Asks::Reopen if is_live => Some(Command::Replace(id, Change::open(open))),
            Asks::Reopen => Some(Command::Enter(terms.reopened(id, owner, open, None))),
            Asks::Cancel if is_live => Some(Command::Cancel(id)),
            Asks::Replace { qty: 0, .. } => {
                self.refuse(id, code::CxlRejReason::OTHER, "OrderQty(38) must be greater than 0", out);
                None
            }
            Asks::Replace { .. } if is_suspended => {
                self.refuse(id, code::CxlRejReason::OTHER, SUSPENDED, out);
                None
            }
            // Down to what has traded, or below it: nothing is left.
            Asks::Replace { qty, .. } if is_live && qty <= cum_qty => Some(Command::Cancel(id)),
            Asks::Replace { qty, price, stop, display_qty, lasts } if is_live => {
                let (open, time_in_force) = (Some(qty - cum_qty), lasts.map(|(time, _)| time));
                Some(Command::Replace(id, Change { price, stop, open, display_qty, time_in_force }))
            }
            // The book has nothing of it that would have to go.
            Asks::Cancel if is_to_reopen || is_suspended => {
                self.cancelled(id, CancelReason::Requested, out);
                None
            }
            Asks::Replace { qty, .. } if is_to_reopen && qty <= cum_qty => {
                self.cancelled(id, CancelReason::Requested, out);
                None
            }
            // More of an order that is filled meanwhile opens it again.
            Asks::Replace { qty, price, lasts, .. } if (is_filled || is_to_reopen) && qty > cum_qty => {
                let order = terms.reopened(id, owner, qty - cum_qty, price);
                let time_in_force = lasts.map_or(order.time_in_force, |(time, _)| time);
                Some(Command::Enter(order.lasting(time_in_force)))
            }
            Asks::Cancel | Asks::Replace { .. } => {
                let reason = code::CxlRejReason::TOO_LATE_TO_CANCEL;
                self.refuse(id, reason, "the order is filled or cancelled", out);
                None
            }
        }
    }

    /// Refuses the request whose turn it is.
    pub(super) fn refuse(
        &mut self,
        id: OrderId,
        reason: code::CxlRejReason,
        text: impl Into<Cow<'static, str>>,
        out: &mut Vec<Output>,
    ) {
        let Some(record) = self.record_mut(id) else { return };
        let Some(waiting) = record.waiting.pop_front() else { return };
        let (response_to, cl_ord_id) = (response_to(&waiting), waiting.cl_ord_id);
        let refused = RefusedRequest { cl_ord_id, response_to, reason, text: text.into() };
        out.push(Output::cancel_reject(CancelReject::of(record, id, refused)));
        self.recount(id);
    }
}

fn response_to(waiting: &Waiting) -> code::CxlRejResponseTo {
    match waiting.asks {
        Asks::Replace { .. } => code::CxlRejResponseTo::ORDER_CANCEL,
        _ => code::CxlRejResponseTo::ORDER_CANCEL_REQUEST,
    }
}
