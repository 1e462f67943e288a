//! The orders of one session that are working: sent, and nothing said that they ended.

use std::collections::{BTreeMap, HashMap};

use fix_core::{
    decimal::Decimal,
    dict::fix44::code::{CxlRejReason, ExecType, OrdRejReason, OrdStatus},
    msg::msg_type::MsgType,
    tag,
    wire::field::Fields,
};

use crate::{contract::order::Side, orders::MOST_ORDERS};

/// Working orders by the ClOrdID(11) that the counterparty knows them by.
#[derive(Default)]
pub(super) struct Working {
    orders: HashMap<String, WorkingOrder>,
    /// Their ids in the order in which they were sent.
    by_age: BTreeMap<u64, String>,
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
    pub(super) fn open(&mut self, cl_ord_id: &str, symbol: &str, side: Side) -> Option<WorkingOrder> {
        if self.orders.contains_key(cl_ord_id) {
            return None;
        }
        let age = self.next;
        self.next += 1;
        let order = WorkingOrder { symbol: symbol.to_owned(), side, cancel_asked: false, age };
        self.orders.insert(cl_ord_id.to_owned(), order);
        self.by_age.insert(age, cl_ord_id.to_owned());
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
            self.by_age.insert(order.age, to.to_owned());
            self.orders.insert(to.to_owned(), WorkingOrder { cancel_asked: false, ..order });
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
    pub(super) fn ids(&self) -> impl Iterator<Item = &String> {
        self.by_age.values()
    }
}

/// What a message of the counterparty's says about an order, read from its bytes in one pass.
pub(super) struct News<'m> {
    msg_type: MsgType,
    cl_ord_id: Option<&'m str>,
    orig_cl_ord_id: Option<&'m str>,
    ord_status: OrdStatus,
    exec_type: ExecType,
    ord_rej_reason: Option<OrdRejReason>,
    cxl_rej_reason: Option<CxlRejReason>,
    last_qty: Option<Decimal>,
    last_px: Option<Decimal>,
    symbol: Option<&'m str>,
    side: Option<Side>,
}

/// What news mean for the working orders.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// None of the ids ended, or changed.
    Nothing,
    /// The order with one of the ids ended.
    Ended,
    /// The order goes by its ClOrdID(11) now, no longer by OrigClOrdID(41).
    Replaced,
    /// A cancel or replace request was refused, and the order works on.
    RequestRefused,
}

impl<'m> News<'m> {
    /// `None` unless it is an ExecutionReport or OrderCancelReject.
    pub(super) fn read(message: &'m [u8]) -> Option<Self> {
        let mut news = News {
            msg_type: MsgType::HEARTBEAT,
            cl_ord_id: None,
            orig_cl_ord_id: None,
            ord_status: OrdStatus::default(),
            exec_type: ExecType::default(),
            ord_rej_reason: None,
            cxl_rej_reason: None,
            last_qty: None,
            last_px: None,
            symbol: None,
            side: None,
        };
        for field in Fields::new(message).valid() {
            let text = std::str::from_utf8(field.value).ok();
            let byte = || field.value.first().copied().unwrap_or_default();
            let decimal = || Decimal::parse(field.value).ok();
            let number = || text.and_then(|text| text.parse().ok());
            match field.tag {
                tag::MSG_TYPE => news.msg_type = MsgType::from_bytes(field.value)?,
                tag::CL_ORD_ID => news.cl_ord_id = text,
                tag::ORIG_CL_ORD_ID => news.orig_cl_ord_id = text,
                tag::ORD_STATUS => news.ord_status = OrdStatus(byte()),
                tag::EXEC_TYPE => news.exec_type = ExecType(byte()),
                tag::ORD_REJ_REASON => news.ord_rej_reason = number().map(OrdRejReason),
                tag::CXL_REJ_REASON => news.cxl_rej_reason = number().map(CxlRejReason),
                tag::LAST_QTY => news.last_qty = decimal(),
                tag::LAST_PX => news.last_px = decimal(),
                tag::SYMBOL => news.symbol = text,
                tag::SIDE => news.side = [Side::Buy, Side::Sell].into_iter().find(|s| Some(s.code()) == text),
                _ => {}
            }
        }
        let tells = matches!(news.msg_type, MsgType::EXECUTION_REPORT | MsgType::ORDER_CANCEL_REJECT);
        tells.then_some(news)
    }

    /// The ids by which the order may be known: ClOrdID(11) first.
    pub(super) fn ids(&self) -> impl Iterator<Item = &'m str> + use<'m> {
        [self.cl_ord_id, self.orig_cl_ord_id].into_iter().flatten()
    }

    /// ClOrdID(11) and OrigClOrdID(41) of a replacement.
    pub(super) fn replacement(&self) -> Option<(&'m str, &'m str)> {
        self.cl_ord_id.zip(self.orig_cl_ord_id)
    }

    pub(super) fn change(&self) -> Change {
        if self.msg_type == MsgType::ORDER_CANCEL_REJECT {
            // "Unknown order" says that it does not work there, whatever became of it.
            let is_unknown = self.cxl_rej_reason == Some(CxlRejReason::UNKNOWN_ORDER);
            return match self.ord_status {
                OrdStatus::FILLED | OrdStatus::DONE_FOR_DAY | OrdStatus::CANCELED | OrdStatus::EXPIRED => {
                    Change::Ended
                }
                OrdStatus::REJECTED if is_unknown => Change::Ended,
                _ => Change::RequestRefused,
            };
        }
        match self.ord_status {
            // The refusal of another order that had the same id.
            OrdStatus::REJECTED if self.ord_rej_reason == Some(OrdRejReason::DUPLICATE_ORDER) => {
                Change::Nothing
            }
            // Some counterparties reject a request so: its order works on.
            OrdStatus::REJECTED if self.orig_cl_ord_id.is_some() => Change::RequestRefused,
            OrdStatus::FILLED
            | OrdStatus::DONE_FOR_DAY
            | OrdStatus::CANCELED
            | OrdStatus::REJECTED
            | OrdStatus::EXPIRED => Change::Ended,
            _ if self.exec_type == ExecType::REPLACED => Change::Replaced,
            _ => Change::Nothing,
        }
    }

    /// Symbol(55) and LastPx(31) of a fill.
    pub(super) fn fill(&self) -> Option<(&'m str, Decimal)> {
        // 1 and 2 are what FIX 4.4 calls F, with counterparties that speak as in FIX 4.2.
        let is_fill =
            matches!(self.exec_type, ExecType::TRADE | ExecType(b'1' | b'2')) && self.last_qty?.is_positive();
        self.symbol.zip(self.last_px).filter(|_| is_fill)
    }

    /// Id, Symbol(55) and Side(54) of an order that works, of which only this is known.
    pub(super) fn stranger(&self) -> Option<(&'m str, &'m str, Side)> {
        let is_request = matches!(self.ord_status, OrdStatus::PENDING_CANCEL | OrdStatus::PENDING_REPLACE);
        let id = if is_request { self.orig_cl_ord_id.or(self.cl_ord_id) } else { self.cl_ord_id };
        let is_report = self.msg_type == MsgType::EXECUTION_REPORT;
        Some((id?, self.symbol?, self.side?)).filter(|_| is_report && self.change() != Change::Ended)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(fields: &str) -> Option<Change> {
        News::read(fields.replace('|', "\x01").as_bytes()).map(|news| news.change())
    }

    #[test]
    fn what_the_counterparty_says_ends_an_order_or_not() {
        for (fields, want) in [
            ("35=8|11=A|39=0|150=0|", Change::Nothing),
            ("35=8|11=A|39=1|150=F|", Change::Nothing),
            ("35=8|11=A|39=2|150=F|", Change::Ended),
            ("35=8|11=C|41=A|39=6|150=6|", Change::Nothing),
            ("35=8|11=C|41=A|39=4|150=4|", Change::Ended),
            ("35=8|11=B|41=A|39=0|150=5|", Change::Replaced),
            // Reduced to what was executed: replaced, and filled by it.
            ("35=8|11=B|41=A|39=2|150=5|", Change::Ended),
            ("35=8|11=A|39=8|150=8|103=6|", Change::Nothing),
            ("35=8|11=A|39=8|150=8|", Change::Ended),
            ("35=8|11=R|41=A|39=8|150=8|", Change::RequestRefused),
            ("35=9|11=C|41=A|39=0|102=0|", Change::RequestRefused),
            ("35=9|11=C|41=A|39=2|102=0|", Change::Ended),
            ("35=9|11=C|41=A|39=8|102=1|", Change::Ended),
        ] {
            assert_eq!(change(fields), Some(want), "{fields}");
        }
        assert_eq!(change("35=D|11=A|"), None);
    }

    #[test]
    fn only_a_fill_has_a_price() {
        let price = |fields: &str| {
            let fields = fields.replace('|', "\x01");
            let news = News::read(fields.as_bytes()).unwrap();
            news.fill().map(|(symbol, price)| format!("{symbol} {price}"))
        };
        assert_eq!(price("35=8|55=AAPL|150=F|31=187.20|32=5|").as_deref(), Some("AAPL 187.20"));
        assert_eq!(price("35=8|55=AAPL|150=0|31=0|32=0|"), None);
        assert_eq!(price("35=8|55=AAPL|150=F|31=187.20|32=0|"), None);
    }

    #[test]
    fn the_oldest_is_forgotten_and_a_replaced_order_keeps_its_age() {
        let mut working = Working::default();
        assert_eq!(working.open("A", "X", Side::Buy), None);
        working.open("B", "X", Side::Sell);
        working.rename("A", "A2");
        assert_eq!(working.ids().collect::<Vec<_>>(), ["A2", "B"]);
        for number in 0..MOST_ORDERS - 2 {
            assert_eq!(working.open(&number.to_string(), "X", Side::Buy), None);
        }
        assert!(working.open("ONE MORE", "X", Side::Buy).is_some());
        assert!(working.get("A2").is_none() && working.get("B").is_some());
        assert!(working.end("B").is_some() && working.end("B").is_none());
    }
}
