//! The states of orders by the order state change matrices of FIX 4.4 (Vol. 4, App. D): what a request or an event of the
//! book means to its order, and what is reported of it.
//!
//! It is pure, as the book is: no session, no message, no clock. A request is [taken](OrderStates::enter), which may be
//! acknowledged as pending; it is [decided](OrderStates::decide), at once or after a while, which gives a [`Command`] for the
//! order's book or refuses it; and what the book says of that command, and of all later trades, is
//! [applied](OrderStates::apply). What came between, such as a fill, counts. Quantities and prices are those of the book, but
//! for AvgPx(6), which is a decimal because it lies between ticks.
//!
//! | file | what stands there |
//! |---|---|
//! | `request` `output` | what goes in, what comes out |
//! | `record` | an order: its OrdStatus(39) by precedence, its quantities, its average price |
//! | `intake` | requests: new, cancel, replace, status, mass cancel; ids that are used, known or stale |
//! | `decide` | what a request means to the order when its turn comes |
//! | `apply` | what the book says |
//! | `by_hand` | what the venue does of itself: bust, correct, stop, the end of a day and the next morning |

mod apply;
mod by_hand;
mod decide;
mod intake;
mod output;
mod record;
mod request;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

pub use output::{CancelReject, Output, Report};
pub use request::{Acknowledge, CancelRequest, Command, NewRequest, ReplaceRequest};

use super::book::{OrderId, Owner};
use fix_core::dict::fix44::code;
use record::Record;

/// The orders of a venue, of all sessions. A session is an [`Owner`]; its ClOrdIDs are its own.
#[derive(Debug, Default)]
pub struct OrderStates {
    /// In the order of their numbers, which are their OrderIDs(37).
    orders: Vec<Record>,
    /// Every ClOrdID(11) that was used for an order or for a request about one, by session.
    cl_ord_ids: HashMap<(Owner, String), OrderId>,
    /// Which order an execution belongs to, by ExecID(17).
    trades: HashMap<u64, OrderId>,
    exec_ids: u64,
}

impl OrderStates {
    /// Without orders.
    pub fn new() -> Self {
        OrderStates::default()
    }

    /// Symbol(55) of an order: which book it belongs to.
    pub fn symbol(&self, id: OrderId) -> Option<&str> {
        self.record(id).map(|record| record.terms.symbol.as_str())
    }

    /// The order that a session knows by this ClOrdID(11).
    pub fn known(&self, owner: Owner, cl_ord_id: &str) -> Option<OrderId> {
        self.cl_ord_ids.get(&(owner, cl_ord_id.to_owned())).copied()
    }

    fn record(&self, id: OrderId) -> Option<&Record> {
        self.orders.get(usize::try_from(id.0).ok()?)
    }

    fn record_mut(&mut self, id: OrderId) -> Option<&mut Record> {
        self.orders.get_mut(usize::try_from(id.0).ok()?)
    }

    /// The next ExecID(17).
    fn exec_id(&mut self) -> u64 {
        self.exec_ids += 1;
        self.exec_ids
    }

    /// A report of an order as it is now.
    fn report(&mut self, id: OrderId, exec_type: code::ExecType) -> Option<Report> {
        let exec_id = self.exec_id();
        Some(Report::of(self.record(id)?, id, exec_id, exec_type))
    }
}
