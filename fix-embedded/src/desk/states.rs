//! What reports say of the orders that are working.

use fix_core::{Decimal, Message, tag};
use heapless::String;

use super::Desk;
use crate::{
    book::{Asks, ClOrdId},
    memory::change,
};

impl<const MESSAGES: usize, const BYTES: usize, const ORDERS: usize, const USED: usize>
    Desk<'_, MESSAGES, BYTES, ORDERS, USED>
{
    /// An ExecutionReport(8).
    pub(super) fn executed(&mut self, message: &Message<'_>) {
        let last_px =
            message.optional::<Decimal>(tag::LAST_PX).ok().flatten().filter(|price| !price.is_zero());
        if let Some((symbol, price)) = message.get(tag::SYMBOL).zip(last_px) {
            self.traded(symbol, price);
        }
        let id = message.get(tag::CL_ORD_ID).unwrap_or_default();
        let orig = message.get(tag::ORIG_CL_ORD_ID).unwrap_or_default();
        let status = message.get(tag::ORD_STATUS).unwrap_or_default();
        let exec_type = message.get(tag::EXEC_TYPE).unwrap_or_default();
        let book = &mut change(self.state).book;
        let named = if book.find(id).is_some() { id } else { orig };
        // Filled, done for the day, canceled, replaced by nothing we know, rejected, expired.
        if matches!(status, b"2" | b"3" | b"4" | b"8" | b"C") {
            book.close(named);
        } else if let Some(order) = book.find(named) {
            let old = order.id.clone();
            if order.asked.is_empty() || order.asked.as_bytes() == id {
                order.asks = Asks::Answered;
            }
            if let Ok(Some(cum_qty)) = message.optional(tag::CUM_QTY) {
                order.cum_qty = cum_qty;
            }
            if let [status] = status {
                order.status = *status;
            }
            if exec_type == b"5" {
                order.asked.clear();
                if let Ok(Some(order_qty)) = message.optional(tag::ORDER_QTY) {
                    order.order_qty = order_qty;
                }
                if let Some(id) = core::str::from_utf8(id).ok().and_then(|id| ClOrdId::try_from(id).ok()) {
                    order.id = id;
                }
                let new = order.id.clone();
                book.renamed(&old, &new);
            }
        }
    }

    /// An OrderCancelReject(9): the order goes on as it was.
    pub(super) fn cancel_rejected(&mut self, message: &Message<'_>) {
        let id = message.get(tag::CL_ORD_ID).unwrap_or_default();
        let book = &mut change(self.state).book;
        if let Some(order) = book.find(id).filter(|order| order.asked.as_bytes() == id) {
            order.asked.clear();
            order.asks = Asks::Answered;
        }
    }

    /// A BusinessMessageReject(j) of an order: it never began to work.
    pub(super) fn business_rejected(&mut self, message: &Message<'_>) {
        let id = message.get(tag::BUSINESS_REJECT_REF_ID).unwrap_or_default();
        if message.get(tag::REF_MSG_TYPE) == Some(b"D") {
            change(self.state).book.close(id);
        }
    }

    fn traded(&mut self, symbol: &[u8], price: Decimal) {
        let Some(symbol) = core::str::from_utf8(symbol).ok().and_then(|symbol| String::try_from(symbol).ok())
        else {
            return;
        };
        let prices = &mut *self.last_prices.borrow_mut();
        if prices.len() == prices.capacity() && !prices.contains_key(&symbol) {
            // An order of a symbol that is forgotten is checked as one whose price is not known.
            let other = prices.keys().next().cloned();
            if let Some(other) = other {
                prices.remove(&other);
            }
        }
        let _ = prices.insert(symbol, price);
    }
}
