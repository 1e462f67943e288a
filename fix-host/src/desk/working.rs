//! The orders of one session that are working: sent, and nothing said that they ended.

use std::{collections::BTreeMap, sync::Arc};

use foldhash::HashMap;

use crate::{contract::order::Side, orders::MOST_ORDERS};

/// Working orders by the ClOrdID(11) that the counterparty knows them by.
#[derive(Default)]
pub(super) struct Working {
    orders: HashMap<Arc<str>, WorkingOrder>,
    /// Their ids in the order in which they were sent.
    by_age: BTreeMap<u64, Arc<str>>,
    next: u64,
}

/// An order that is working.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct WorkingOrder {
    /// Symbol(55).
    pub symbol: String,
    /// Side(54).
    pub side: Side,
    /// A cancel request for it is on its way.
    pub cancel_asked: bool,
    age: u64,
}

impl Working {
    /// An order is sent. An id that is known stays what it is. Beyond [`MOST_ORDERS`] the oldest is forgotten, and
    /// returned.
    pub(super) fn open(
        &mut self,
        cl_ord_id: impl Into<Arc<str>>,
        symbol: &str,
        side: Side,
    ) -> Option<WorkingOrder> {
        let cl_ord_id = cl_ord_id.into();
        if self.orders.contains_key(&cl_ord_id) {
            return None;
        }
        let age = self.next;
        self.next += 1;
        let order = WorkingOrder { symbol: symbol.to_owned(), side, cancel_asked: false, age };
        self.orders.insert(Arc::clone(&cl_ord_id), order);
        self.by_age.insert(age, cl_ord_id);
        if self.orders.len() <= MOST_ORDERS {
            return None;
        }
        let oldest = self.by_age.first_key_value().map(|(_, id)| id.clone())?;
        self.end(&oldest)
    }

    /// The order ended; `None` if no such order was working.
    pub(super) fn end(&mut self, cl_ord_id: &str) -> Option<WorkingOrder> {
        let order = self.orders.remove(cl_ord_id)?;
        self.by_age.remove(&order.age);
        Some(order)
    }

    /// The counterparty accepted a replacement: the order goes by its id from now on.
    pub(super) fn rename(&mut self, from: &str, to: &str) {
        if self.orders.contains_key(to) {
            return;
        }
        if let Some(order) = self.orders.remove(from) {
            let to: Arc<str> = to.into();
            self.by_age.insert(order.age, Arc::clone(&to));
            self.orders.insert(to, WorkingOrder { cancel_asked: false, ..order });
        }
    }

    /// A cancel request for the order is on its way, or was refused.
    pub(super) fn set_cancel_asked(&mut self, cl_ord_id: &str, is_asked: bool) {
        if let Some(order) = self.orders.get_mut(cl_ord_id) {
            order.cancel_asked = is_asked;
        }
    }

    pub(super) fn get(&self, cl_ord_id: &str) -> Option<&WorkingOrder> {
        self.orders.get(cl_ord_id)
    }

    /// Their ids, the oldest first.
    pub(super) fn ids(&self) -> impl Iterator<Item = &str> {
        self.by_age.values().map(AsRef::as_ref)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_is_forgotten_and_a_replaced_order_keeps_its_age() {
        let mut working = Working::default();
        assert_eq!(working.open("A", "X", Side::Buy), None);
        working.open("B", "X", Side::Sell);
        working.rename("A", "A2");
        assert_eq!(working.ids().collect::<Vec<_>>(), ["A2", "B"]);
        for number in 0..MOST_ORDERS - 2 {
            assert_eq!(working.open(number.to_string(), "X", Side::Buy), None);
        }
        assert!(working.open("ONE MORE", "X", Side::Buy).is_some());
        assert!(working.get("A2").is_none() && working.get("B").is_some());
        assert!(working.end("B").is_some() && working.end("B").is_none());
    }
}
