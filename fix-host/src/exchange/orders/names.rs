//! The ClOrdIDs of a session, within bounds: those of orders that live are here for ever, those of others for as long as
//! there is room.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

use foldhash::fast::RandomState;

use super::super::book::OrderId;

/// Every ClOrdID(11) that a session used for an order or for a request about one.
#[derive(Debug, Default)]
pub(super) struct Names {
    orders: HashMap<Arc<str>, OrderId, RandomState>,
    /// All of them, the oldest first.
    by_age: VecDeque<Arc<str>>,
    /// Its orders that can still trade, and the requests that wait.
    pub(super) live: usize,
}

impl Names {
    pub(super) fn find(&self, cl_ord_id: &str) -> Option<OrderId> {
        self.orders.get(cl_ord_id).copied()
    }

    /// Adds one that is not there.
    pub(super) fn add(&mut self, cl_ord_id: Arc<str>, id: OrderId) {
        self.orders.insert(Arc::clone(&cl_ord_id), id);
        self.by_age.push_back(cl_ord_id);
    }

    /// Takes one out.
    pub(super) fn remove(&mut self, cl_ord_id: &str) {
        self.orders.remove(cl_ord_id);
    }

    /// The oldest one, if there are more than `most`; it is to be [removed](Self::remove) or [kept](Self::keep).
    pub(super) fn oldest_beyond(&mut self, most: usize) -> Option<Arc<str>> {
        if self.by_age.len() > most { self.by_age.pop_front() } else { None }
    }

    /// Puts one that is still needed back, as the newest.
    pub(super) fn keep(&mut self, cl_ord_id: Arc<str>) {
        self.by_age.push_back(cl_ord_id);
    }
}
