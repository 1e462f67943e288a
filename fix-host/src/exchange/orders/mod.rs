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
//! | `listing` | instruments: what ticks and lots are worth |
//! | `terms` | what an order asks for, and how FIX writes it |
//! | `names` `table` `places` | which ids are known, and for how long; where an order is found |
//! | `picture` | an order, as the venue sees it |
//! | `record` | an order: its OrdStatus(39) by precedence, its quantities, its average price |
//! | `intake` | requests: new, cancel, replace, status, mass cancel; ids that are used, known or stale |
//! | `decide` | what a request means to the order when its turn comes |
//! | `apply` | what the book says |
//! | `keep` `restore` | what is kept of orders over a restart of the venue, and orders that an earlier start had |
//! | `by_hand` | what the venue does of itself: bust, correct, stop, the end of a day and the next morning |

mod apply;
mod by_hand;
mod decide;
mod intake;
mod keep;
mod listing;
mod names;
mod output;
mod picture;
mod places;
mod record;
mod request;
mod restore;
mod table;
mod terms;
#[cfg(test)]
mod tests;

use std::{collections::VecDeque, sync::Arc};

pub use apply::ord_rej_reason;
pub use keep::Changed;
pub use listing::{Listing, OffGrid, SecurityId};
pub use output::{CancelReject, Output, Report};
pub use picture::{Execution, Picture};
pub use request::{Acknowledge, CancelRequest, Command, Expires, Lasts, NewRequest, ReplaceRequest};
pub use restore::Restored;
pub use terms::{Echo, Origin, Terms, kind, time_in_force};

use super::book::{OrderId, Owner, Quantity, Side, Ticks};
use fix_core::dict::fix44::code;
use names::Names;
pub use record::State;
pub(in crate::exchange) use record::average;
use record::{Life, Record};
use request::{Asks, Waiting};
use table::Table;

/// How much a session may have.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Orders that can still trade, and requests about orders that wait; of those that wait, twice as many, so that who has all
    /// the orders that he may have can cancel each.
    pub live: usize,
    /// ClOrdIDs(11) of all its orders; more than twice `live`, so that there is always one to forget. Beyond that the oldest are
    /// forgotten, but not those of live orders, and with its last one an order that has ended.
    pub cl_ord_ids: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { live: 10_000, cl_ord_ids: 65_536 }
    }
}

/// The orders of a venue, of all sessions. A session is an [`Owner`]; its ClOrdIDs are its own.
#[derive(Debug, Default)]
pub struct OrderStates {
    limits: Limits,
    orders: Table,
    /// ClOrdIDs(11) of requests about orders, for whoever keeps them.
    requests: keep::Names,
    /// By [`Owner`].
    sessions: Vec<Names>,
    /// Numbers given out so far, as OrderID(37) and as ExecID(17).
    order_ids: u64,
    exec_ids: u64,
    /// The room that the last request needed to wait in: an order that rests keeps none for requests that are answered.
    room: VecDeque<Waiting>,
}

impl OrderStates {
    /// Without orders.
    pub fn new(limits: Limits) -> Self {
        OrderStates { limits, ..OrderStates::default() }
    }

    /// The instrument of an order.
    pub fn listing(&self, id: OrderId) -> Option<&Arc<Listing>> {
        self.record(id).map(|record| &record.terms.listing)
    }

    /// What an order asks for.
    pub fn terms(&self, id: OrderId) -> Option<&Terms> {
        self.record(id).map(|record| &record.terms)
    }

    /// The side of the book that an order is on.
    pub fn side(&self, id: OrderId) -> Option<Side> {
        self.terms(id).map(|terms| terms.side)
    }

    /// True if the order has a limit, and a price that triggers it, as said here.
    pub fn is_of_kind(&self, id: OrderId, has_limit: bool, has_stop: bool) -> bool {
        self.record(id).is_some_and(|record| {
            let terms = &record.terms;
            (terms.limit().is_some(), terms.stop().is_some()) == (has_limit, has_stop)
        })
    }

    /// True if an order shows a part of itself at a time (MaxFloor(111)).
    pub fn shows_a_part(&self, id: OrderId) -> bool {
        self.record(id).is_some_and(|record| record.terms.display_qty > 0)
    }

    /// ClOrdID(11) of an order.
    pub fn cl_ord_id(&self, id: OrderId) -> Option<&Arc<str>> {
        self.record(id).map(|record| &record.cl_ord_id)
    }

    /// Whose order it is.
    pub fn owner(&self, id: OrderId) -> Option<Owner> {
        self.record(id).map(|record| record.owner)
    }

    /// True if an order can trade.
    pub fn is_live(&self, id: OrderId) -> bool {
        self.record(id).is_some_and(Record::is_live)
    }

    /// How many requests about the order are not answered.
    pub fn waiting(&self, id: OrderId) -> usize {
        self.record(id).map_or(0, |record| record.waiting.len())
    }

    /// True if a request about the order waits to be decided.
    pub fn waits(&self, id: OrderId) -> bool {
        self.undecided(id).is_some()
    }

    /// True if the order itself waits to be accepted.
    pub fn waits_as_new(&self, id: OrderId) -> bool {
        self.undecided(id).is_some_and(|waiting| waiting.asks == Asks::New)
    }

    fn undecided(&self, id: OrderId) -> Option<&Waiting> {
        self.record(id)?.waiting.front().filter(|waiting| !waiting.is_decided)
    }

    /// How much of an order its book has, or is to have once it is accepted.
    pub fn open(&self, id: OrderId) -> Quantity {
        match self.record(id) {
            Some(record) if record.life == Life::Pending => record.leaves_qty(),
            Some(record) => record.in_book,
            None => 0,
        }
    }

    /// When an order with 59=6 ends.
    pub fn expires(&self, id: OrderId) -> Option<Expires> {
        self.record(id)?.terms.expires
    }

    /// Price(44) of an order.
    pub fn limit(&self, id: OrderId) -> Option<Ticks> {
        self.record(id)?.terms.limit()
    }

    /// The order that a session knows by this ClOrdID(11).
    pub fn known(&self, owner: Owner, cl_ord_id: &str) -> Option<OrderId> {
        self.sessions.get(owner.0 as usize)?.find(cl_ord_id)
    }

    /// The orders that any session knows by this ClOrdID(11).
    pub fn known_to_any(&self, cl_ord_id: &str) -> impl Iterator<Item = OrderId> {
        self.sessions.iter().filter_map(move |names| names.find(cl_ord_id))
    }

    fn live(&self, owner: Owner) -> usize {
        self.sessions.get(owner.0 as usize).map_or(0, |names| names.live)
    }

    fn names(&mut self, owner: Owner) -> &mut Names {
        let at = owner.0 as usize;
        if self.sessions.len() <= at {
            self.sessions.resize_with(at + 1, Names::default);
        }
        &mut self.sessions[at]
    }

    /// From now on the session knows the order by this ClOrdID too; the oldest ones are forgotten where there are too many.
    fn name(&mut self, owner: Owner, cl_ord_id: Arc<str>, id: OrderId) {
        let most = self.limits.cl_ord_ids;
        self.names(owner).add(cl_ord_id, id);
        while let Some(oldest) = self.names(owner).oldest_beyond(most) {
            let Some(id) = self.known(owner, &oldest) else { continue };
            let is_needed = self.record(id).is_some_and(|record| {
                let is_current = record.cl_ord_id == oldest || record.waits_for(&oldest);
                is_current && record.may_trade()
            });
            if is_needed {
                self.names(owner).keep(oldest);
                continue;
            }
            self.names(owner).remove(&oldest);
            if let Some(record) = self.record_mut(id) {
                record.names -= 1;
                if record.names == 0 {
                    self.orders.remove(id);
                }
            }
        }
    }

    /// Counts an order and what waits about it among what its session has, as it is now.
    fn recount(&mut self, id: OrderId) {
        let Some(record) = self.orders.get_mut(id) else { return };
        let (counts, counted) = (record.to_count(), record.counted);
        if counts != counted {
            record.counted = counts;
            let names = &mut self.sessions[record.owner.0 as usize];
            names.live = names.live - counted + counts;
        }
    }

    fn record(&self, id: OrderId) -> Option<&Record> {
        self.orders.get(id)
    }

    fn record_mut(&mut self, id: OrderId) -> Option<&mut Record> {
        self.orders.get_mut(id)
    }

    /// The next ExecID(17).
    pub fn exec_id(&mut self) -> u64 {
        self.exec_ids += 1;
        self.exec_ids
    }

    /// A report of an order as it is now.
    fn report(&mut self, id: OrderId, exec_type: code::ExecType) -> Option<Report> {
        let exec_id = self.exec_id();
        Some(Report::of(self.record(id)?, id, exec_id, exec_type))
    }
}
