//! Which order each MsgSeqNum(34) stands for, to know the order that a Reject or a gap fill is about.

use std::{collections::BTreeMap, sync::Arc};

use fix_core::{tag, wire::field::Fields};

use crate::orders::MOST_ORDERS;

/// The orders among the messages that one session sent since its numbers last began at 1.
#[derive(Default)]
pub(super) struct Sent {
    orders: BTreeMap<u64, SentOrder>,
}

/// A message that carries an order.
pub(super) struct SentOrder {
    pub cl_ord_id: Arc<str>,
    /// Some bytes of it may have been given to a socket.
    pub may_be_out: bool,
    /// It was sent more than once, or before this process began.
    pub may_be_repeated: bool,
}

impl Sent {
    /// An order that an earlier process sent, or meant to.
    pub(super) fn remember(&mut self, number: u64, cl_ord_id: String) {
        self.insert(
            number,
            SentOrder { cl_ord_id: cl_ord_id.into(), may_be_out: true, may_be_repeated: true },
        );
    }

    /// An order was stored under `number`, and is not visible for writing yet.
    pub(super) fn add(&mut self, number: u64, cl_ord_id: Arc<str>) {
        self.insert(number, SentOrder { cl_ord_id, may_be_out: false, may_be_repeated: false });
    }

    fn insert(&mut self, number: u64, order: SentOrder) {
        self.orders.insert(number, order);
        if self.orders.len() > MOST_ORDERS {
            self.orders.pop_first();
        }
    }

    /// A message with this number is given to the socket; `again` if not for the first time.
    pub(super) fn written(&mut self, number: u64, again: bool) {
        if let Some(order) = self.orders.get_mut(&number) {
            order.may_be_out = true;
            order.may_be_repeated |= again;
        }
    }

    /// The order that was sent as this number.
    pub(super) fn get(&self, number: u64) -> Option<&SentOrder> {
        self.orders.get(&number)
    }

    /// The latest message that carried the order of this ClOrdID(11).
    pub(super) fn latest_of(&self, cl_ord_id: &str) -> Option<&SentOrder> {
        self.orders.values().rev().find(|order| *order.cl_ord_id == *cl_ord_id)
    }

    /// Takes the orders with numbers from `begin` up to, not including, `next`: the counterparty will not ask for
    /// them again.
    pub(super) fn take(&mut self, begin: u64, next: u64) -> Vec<SentOrder> {
        let mut taken = self.orders.split_off(&begin);
        self.orders.append(&mut taken.split_off(&next.max(begin)));
        taken.into_values().collect()
    }

    /// Takes all orders: the numbers begin again. Some of them may still be on their way to the socket.
    pub(super) fn take_all(&mut self) -> Vec<SentOrder> {
        let all = std::mem::take(&mut self.orders).into_values();
        all.map(|order| SentOrder { may_be_out: true, ..order }).collect()
    }

    /// Takes the orders that were written before: our numbers have begun again with the message that is written now.
    pub(super) fn take_written(&mut self) -> Vec<SentOrder> {
        self.orders.extract_if(.., |_, order| order.may_be_out).map(|(_, order)| order).collect()
    }
}

/// MsgSeqNum(34) of an order's message, and whether PossDupFlag(43) says that it is sent again: they stand in the header,
/// in front of the order's ClOrdID(11).
pub(super) fn number_of_order(message: &[u8]) -> (Option<u64>, bool) {
    let (mut number, mut again) = (None, false);
    for field in Fields::new(message).valid().take_while(|field| field.tag != tag::CL_ORD_ID) {
        match field.tag {
            tag::MSG_SEQ_NUM => {
                number = std::str::from_utf8(field.value).ok().and_then(|text| text.parse().ok())
            }
            tag::POSS_DUP_FLAG => again = field.value == b"Y",
            _ => {}
        }
    }
    (number, again)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_given_to_a_socket_is_out_and_what_was_not_is_not() {
        let mut sent = Sent::default();
        sent.remember(2, "OLD".into());
        for (number, id) in [(5, "WRITTEN"), (6, "HELD"), (7, "LATER")] {
            sent.add(number, id.into());
        }
        sent.written(5, false);
        assert!(sent.get(5).unwrap().may_be_out && !sent.get(5).unwrap().may_be_repeated);
        let taken: Vec<_> =
            sent.take(1, 7).into_iter().map(|order| (order.cl_ord_id, order.may_be_out)).collect();
        assert_eq!(taken, [("OLD".into(), true), ("WRITTEN".into(), true), ("HELD".into(), false)]);
        assert!(sent.get(6).is_none());
        assert!(!sent.get(7).unwrap().may_be_out);
        sent.written(7, true);
        assert!(sent.get(7).unwrap().may_be_repeated && sent.get(7).unwrap().may_be_out);
    }
}
