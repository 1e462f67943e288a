//! The orders of one session, within bounds: what can still trade is always here, what is done for as long as
//! there is room.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, VecDeque},
    hash::{BuildHasherDefault, Hasher},
    sync::Arc,
};

use fix_core::dict::fix44::code;

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
    orders: HashMap<u64, Order, BuildHasherDefault<PlaceHasher>>,
    by_cl_ord_id: HashMap<Arc<str>, u64>,
    /// All ClOrdIDs, oldest first.
    cl_ord_ids: VecDeque<Arc<str>>,
    /// The orders that can still trade, by symbol.
    working: BTreeMap<Arc<str>, BTreeSet<u64>>,
    working_len: usize,
    next: u64,
}

/// Places are counted: multiplied by a large odd number they are spread well enough.
#[derive(Debug, Default)]
struct PlaceHasher(u64);

impl Hasher for PlaceHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u64(self.0 ^ u64::from(*byte)));
    }

    fn write_u64(&mut self, place: u64) {
        self.0 = place.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
}

impl Ledger {
    /// True if an order with this ClOrdID is here.
    pub(super) fn knows(&self, cl_ord_id: &str) -> bool {
        self.by_cl_ord_id.contains_key(cl_ord_id)
    }

    /// How many orders can trade at most, if there are so many.
    pub(super) fn full(&self) -> Option<usize> {
        (self.working_len >= self.limits.working).then_some(self.limits.working)
    }

    /// Takes a working order. Returns its place.
    pub(super) fn add(&mut self, order: Order) -> u64 {
        let place = self.next;
        self.next += 1;
        let cl_ord_id = Arc::clone(&order.entered.cl_ord_id);
        match self.working.get_mut(&order.entered.symbol) {
            Some(places) => drop(places.insert(place)),
            None => drop(self.working.insert(Arc::clone(&order.entered.symbol), BTreeSet::from([place]))),
        }
        self.working_len += 1;
        self.orders.insert(place, order);
        self.name(place, cl_ord_id);
        place
    }

    /// Changes a working order, which has the new ClOrdID `cl_ord_id` from then on. Returns it as it is now.
    pub(super) fn change(
        &mut self,
        place: u64,
        cl_ord_id: Arc<str>,
        change: impl FnOnce(&mut Order),
    ) -> Option<Order> {
        let order = self.orders.get_mut(&place)?;
        change(order);
        order.entered.cl_ord_id = Arc::clone(&cl_ord_id);
        let order = order.clone();
        self.name(place, cl_ord_id);
        Some(order)
    }

    /// Changes a working order, which trades no more from then on. Returns it as it is now.
    pub(super) fn finish(&mut self, place: u64, change: impl FnOnce(&mut Order)) -> Option<Order> {
        let order = self.orders.get_mut(&place)?;
        if let Some(places) = self.working.get_mut(&order.entered.symbol)
            && places.remove(&place)
        {
            self.working_len -= 1;
            if places.is_empty() {
                self.working.remove(&order.entered.symbol);
            }
        }
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
        self.get(place).is_some_and(|order| order.ord_status == code::OrdStatus::NEW)
    }

    /// True if any order can still trade.
    pub(super) fn has_working(&self) -> bool {
        self.working_len > 0
    }

    /// The orders of `symbol` that can still trade, oldest first.
    pub(super) fn working_in(&self, symbol: &str) -> Vec<u64> {
        self.working.get(symbol).into_iter().flatten().copied().collect()
    }

    fn name(&mut self, place: u64, cl_ord_id: Arc<str>) {
        self.by_cl_ord_id.insert(Arc::clone(&cl_ord_id), place);
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
