//! Requests about many orders.

use std::sync::Arc;

use super::{Output, Venue, request::Named};
use crate::exchange::{
    book::{CancelReason, OrderId, Owner, Side},
    orders,
};

/// Which orders a request means.
#[derive(Clone, Copy, Debug)]
pub struct Meant<'a> {
    /// Those for one instrument, or `None`: for all.
    pub instrument: Option<Named<'a>>,
    /// Those of one side, or `None`: of both.
    pub side: Option<Side>,
}

impl Venue {
    /// Cancels all that are meant, each of which is reported; their ClOrdIDs(11) and numbers. `None`: no such instrument.
    pub fn cancel_all(
        &mut self,
        owner: Owner,
        meant: Meant<'_>,
        out: &mut Vec<Output>,
    ) -> Option<Vec<(Arc<str>, OrderId)>> {
        let mut cancelled = Vec::new();
        let place = self.place(meant)?;
        for id in self.orders.of_session(owner, place, meant.side) {
            cancelled.extend(self.orders.cl_ord_id(id).map(|name| (Arc::clone(name), id)));
            self.cancel_unasked(id, out);
        }
        Some(cancelled)
    }

    /// Cancels the order that a session knows by this ClOrdID(11), if something of it is open.
    pub fn cancel_known(&mut self, owner: Owner, cl_ord_id: &str, out: &mut Vec<Output>) {
        if let Some(id) = self.orders.known(owner, cl_ord_id) {
            self.cancel_unasked(id, out);
        }
    }

    /// Tells how each order that is meant stands. `None`: no such instrument.
    pub fn status_of_all(&mut self, owner: Owner, meant: Meant<'_>) -> Option<Vec<orders::Report>> {
        let place = self.place(meant)?;
        let ids = self.orders.of_session(owner, place, meant.side);
        Some(ids.into_iter().filter_map(|id| self.orders.status_of(id)).collect())
    }

    /// Cancels an order that its session did not ask to cancel.
    pub(super) fn cancel_unasked(&mut self, id: OrderId, out: &mut Vec<Output>) {
        let Some(place) = self.orders.listing(id).map(|listing| listing.place) else { return };
        if self.orders.end_open(id, CancelReason::Requested, &mut self.told) {
            return self.settle(place, out);
        }
        if let Some(market) = self.markets.get_mut(place).filter(|_| self.orders.is_live(id)) {
            market.book.cancel(id, &mut self.events);
            self.settle(place, out);
        }
    }

    /// Where the instrument that is meant stands, `Some(None)` if all are; `None`: no such instrument.
    fn place(&self, meant: Meant<'_>) -> Option<Option<usize>> {
        match meant.instrument {
            Some(named) => Some(Some(self.find(named)?)),
            None => Some(None),
        }
    }
}
