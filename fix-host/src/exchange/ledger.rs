//! The orders of one session, within bounds: what can still trade is always here, what is done for as long as
//! there is room.

use std::collections::{BTreeSet, HashMap, VecDeque};

use super::orders::Order;

/// How much a session may have.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Orders that can still trade.
    pub working: usize,
    /// ClOrdIDs(11) of all orders; more than `working`, so that there is always one to forget.
    pub cl_ord_ids: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { working: 10_000, cl_ord_ids: 65_536 }
    }
}

/// The orders of one session by every ClOrdID they ever had. The oldest ClOrdIDs are forgotten where there are
/// too many, and with its last one a done order: a request for it then finds no such order.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    limits: Limits,
    /// By age.
    orders: HashMap<u64, Order>,
    by_cl_ord_id: HashMap<String, u64>,
    /// All ClOrdIDs, oldest first.
    cl_ord_ids: VecDeque<String>,
    /// The orders that can still trade.
    working: BTreeSet<u64>,
    next: u64,
}

impl Ledger {
    /// True if an order with this ClOrdID is here.
    pub(super) fn knows(&self, cl_ord_id: &str) -> bool {
        self.by_cl_ord_id.contains_key(cl_ord_id)
    }

    /// How many orders can trade at most, if there are so many.
    pub(super) fn full(&self) -> Option<usize> {
        (self.working.len() >= self.limits.working).then_some(self.limits.working)
    }

    /// Takes a working order. Returns its place.
    pub(super) fn add(&mut self, order: Order) -> u64 {
        let place = self.next;
        self.next += 1;
        let cl_ord_id = order.entered.cl_ord_id.clone();
        self.orders.insert(place, order);
        self.working.insert(place);
        self.name(place, cl_ord_id);
        place
    }

    /// Changes a working order, which has the new ClOrdID `cl_ord_id` from then on. Returns it as it is now.
    pub(super) fn change(
        &mut self,
        place: u64,
        cl_ord_id: &str,
        change: impl FnOnce(&mut Order),
    ) -> Option<Order> {
        let order = self.orders.get_mut(&place)?;
        change(order);
        cl_ord_id.clone_into(&mut order.entered.cl_ord_id);
        let order = order.clone();
        self.name(place, cl_ord_id.to_owned());
        Some(order)
    }

    /// Changes a working order, which trades no more from then on. Returns it as it is now.
    pub(super) fn finish(&mut self, place: u64, change: impl FnOnce(&mut Order)) -> Option<Order> {
        self.working.remove(&place);
        let order = self.orders.get_mut(&place)?;
        change(order);
        Some(order.clone())
    }

    /// The order with this ClOrdID, and its place.
    pub(super) fn find(&self, cl_ord_id: &str) -> Option<(u64, &Order)> {
        let place = *self.by_cl_ord_id.get(cl_ord_id)?;
        Some((place, self.orders.get(&place)?))
    }

    /// The order at a place.
    pub(super) fn get(&self, place: u64) -> Option<&Order> {
        self.orders.get(&place)
    }

    /// True if the order can still trade.
    pub(super) fn is_working(&self, place: u64) -> bool {
        self.working.contains(&place)
    }

    /// The orders of `symbol` that can still trade, oldest first.
    pub(super) fn working_in(&self, symbol: &str) -> Vec<u64> {
        let is_of = |place: &u64| self.get(*place).is_some_and(|order| order.entered.symbol == symbol);
        self.working.iter().copied().filter(is_of).collect()
    }

    fn name(&mut self, place: u64, cl_ord_id: String) {
        self.by_cl_ord_id.insert(cl_ord_id.clone(), place);
        self.cl_ord_ids.push_back(cl_ord_id);
        while self.cl_ord_ids.len() > self.limits.cl_ord_ids {
            let Some(oldest) = self.cl_ord_ids.pop_front() else { break };
            let Some(place) = self.by_cl_ord_id.get(&oldest).copied() else { continue };
            let is_last = self.get(place).is_some_and(|order| order.entered.cl_ord_id == oldest);
            if is_last && self.is_working(place) {
                self.cl_ord_ids.push_back(oldest);
                continue;
            }
            self.by_cl_ord_id.remove(&oldest);
            if is_last {
                self.orders.remove(&place);
            }
        }
    }
}

#[cfg(test)]
impl Ledger {
    pub(super) fn with_limits(limits: Limits) -> Self {
        Ledger { limits, ..Ledger::default() }
    }

    /// ClOrdIDs and orders.
    pub(super) fn size(&self) -> (usize, usize) {
        (self.by_cl_ord_id.len(), self.orders.len())
    }
}
