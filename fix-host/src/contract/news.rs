//! What an ExecutionReport or OrderCancelReject says of an order, read once for all who judge it.

use std::borrow::Cow;

use fix_core::{
    decimal::Decimal,
    dict::fix44::{DICTIONARY, code},
    msg::{message::Message, msg_type::MsgType},
    tag,
};
use serde_json::{Map, Value};

use super::{number, order::Side};

/// The fields that tell of an order: of a message of the counterparty's, or of a report of our own. Codes are as on the
/// wire, but for the side.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct News<'m> {
    /// Which message it is.
    pub kind: NewsKind,
    /// ClOrdID(11).
    pub cl_ord_id: Option<Cow<'m, str>>,
    /// OrigClOrdID(41).
    pub orig_cl_ord_id: Option<Cow<'m, str>>,
    /// OrderID(37).
    pub order_id: Option<Cow<'m, str>>,
    /// ExecID(17).
    pub exec_id: Option<Cow<'m, str>>,
    /// ExecType(150).
    pub exec_type: Option<Cow<'m, str>>,
    /// OrdStatus(39).
    pub ord_status: Option<Cow<'m, str>>,
    /// OrdRejReason(103).
    pub ord_rej_reason: Option<code::OrdRejReason>,
    /// CxlRejReason(102).
    pub cxl_rej_reason: Option<code::CxlRejReason>,
    /// CxlRejResponseTo(434).
    pub cxl_rej_response_to: Option<Cow<'m, str>>,
    /// Symbol(55).
    pub symbol: Option<Cow<'m, str>>,
    /// Side(54) by its name; its code if FIX 4.4 has none for it.
    pub side: Option<Cow<'m, str>>,
    /// OrderQty(38).
    pub qty: Option<Decimal>,
    /// Price(44).
    pub price: Option<Decimal>,
    /// LastQty(32).
    pub last_qty: Option<Decimal>,
    /// LastPx(31).
    pub last_px: Option<Decimal>,
    /// CumQty(14).
    pub cum_qty: Option<Decimal>,
    /// LeavesQty(151).
    pub leaves_qty: Option<Decimal>,
    /// Text(58).
    pub text: Option<Cow<'m, str>>,
}

/// Which message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NewsKind {
    /// 35=8
    ExecutionReport,
    /// 35=9
    OrderCancelReject,
    /// Any other, which changes no order.
    #[default]
    Other,
}

/// What news mean for the working orders of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkingChange {
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
    /// Of a message of the counterparty's, in one pass.
    pub fn of_message(message: &Message<'m>) -> Self {
        let kind = match message.msg_type() {
            MsgType::EXECUTION_REPORT => NewsKind::ExecutionReport,
            MsgType::ORDER_CANCEL_REJECT => NewsKind::OrderCancelReject,
            _ => NewsKind::Other,
        };
        let mut news = News { kind, ..News::default() };
        for field in message.body_fields() {
            let text = || Some(String::from_utf8_lossy(field.value));
            let decimal = || Decimal::parse(field.value).ok();
            let number = || std::str::from_utf8(field.value).ok()?.parse::<i32>().ok();
            // What comes twice counts as it comes first.
            match field.tag {
                tag::CL_ORD_ID => news.cl_ord_id = news.cl_ord_id.take().or_else(text),
                tag::ORIG_CL_ORD_ID => news.orig_cl_ord_id = news.orig_cl_ord_id.take().or_else(text),
                tag::ORDER_ID => news.order_id = news.order_id.take().or_else(text),
                tag::EXEC_ID => news.exec_id = news.exec_id.take().or_else(text),
                tag::EXEC_TYPE => news.exec_type = news.exec_type.take().or_else(text),
                tag::ORD_STATUS => news.ord_status = news.ord_status.take().or_else(text),
                tag::ORD_REJ_REASON => {
                    news.ord_rej_reason = news.ord_rej_reason.or_else(|| number().map(code::OrdRejReason))
                }
                tag::CXL_REJ_REASON => {
                    news.cxl_rej_reason = news.cxl_rej_reason.or_else(|| number().map(code::CxlRejReason))
                }
                tag::CXL_REJ_RESPONSE_TO => {
                    news.cxl_rej_response_to = news.cxl_rej_response_to.take().or_else(text);
                }
                tag::SYMBOL => news.symbol = news.symbol.take().or_else(text),
                tag::SIDE => {
                    let name = DICTIONARY.code_name(field.tag, field.value);
                    news.side = news.side.take().or_else(|| name.map(Cow::Borrowed).or_else(text));
                }
                tag::ORDER_QTY => news.qty = news.qty.or_else(decimal),
                tag::PRICE => news.price = news.price.or_else(decimal),
                tag::LAST_QTY => news.last_qty = news.last_qty.or_else(decimal),
                tag::LAST_PX => news.last_px = news.last_px.or_else(decimal),
                tag::CUM_QTY => news.cum_qty = news.cum_qty.or_else(decimal),
                tag::LEAVES_QTY => news.leaves_qty = news.leaves_qty.or_else(decimal),
                tag::TEXT => news.text = news.text.take().or_else(text),
                _ => {}
            }
        }
        news
    }

    /// Of a report in JSON, by its keys.
    pub fn of_fields(fields: &'m Map<String, Value>) -> Self {
        let text = |key| fields.get(key).and_then(Value::as_str).map(Cow::Borrowed);
        let decimal =
            |key| fields.get(key).and_then(Value::as_number).and_then(|number| number::decimal(number).ok());
        let number =
            |key| fields.get(key).and_then(Value::as_i64).and_then(|value| i32::try_from(value).ok());
        News {
            kind: match fields.get("msgType").and_then(Value::as_str) {
                Some("8") => NewsKind::ExecutionReport,
                Some("9") => NewsKind::OrderCancelReject,
                _ => NewsKind::Other,
            },
            cl_ord_id: text("clOrdID"),
            orig_cl_ord_id: text("origClOrdID"),
            order_id: text("orderID"),
            exec_id: text("execID"),
            exec_type: text("execType"),
            ord_status: text("ordStatus"),
            ord_rej_reason: number("ordRejReason").map(code::OrdRejReason),
            cxl_rej_reason: number("cxlRejReason").map(code::CxlRejReason),
            cxl_rej_response_to: text("cxlRejResponseTo"),
            symbol: text("symbol"),
            side: text("side"),
            qty: decimal("qty"),
            price: decimal("price"),
            last_qty: decimal("lastQty"),
            last_px: decimal("lastPx"),
            cum_qty: decimal("cumQty"),
            leaves_qty: decimal("leavesQty"),
            text: text("text"),
        }
    }

    /// The ids by which the order may be known: ClOrdID(11) first.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        [self.cl_ord_id.as_deref(), self.orig_cl_ord_id.as_deref()].into_iter().flatten()
    }

    /// OrdStatus(39).
    pub fn status(&self) -> Option<&str> {
        self.ord_status.as_deref()
    }

    /// True of an ExecutionReport.
    pub fn is_report(&self) -> bool {
        self.kind == NewsKind::ExecutionReport
    }

    /// True if the counterparty knows no order by the OrigClOrdID(41): CxlRejReason(102) is 1.
    pub fn names_unknown_order(&self) -> bool {
        self.cxl_rej_reason == Some(code::CxlRejReason::UNKNOWN_ORDER)
    }

    /// True when after this nothing more will happen to `cl_ord_id`, which is one of its ids: an order, or a cancel or
    /// replace request.
    pub fn is_final_for(&self, cl_ord_id: &str) -> bool {
        let is_of_it = self.cl_ord_id.as_deref() == Some(cl_ord_id);
        match (self.kind, self.status()) {
            // Our refusal of another request that had the same id. (The counterparty's own names OrderID and OrdStatus.)
            (NewsKind::ExecutionReport, _)
                if self.order_id.is_none()
                    && self.ord_rej_reason == Some(code::OrdRejReason::DUPLICATE_ORDER) =>
            {
                false
            }
            (NewsKind::OrderCancelReject, None)
                if self.cxl_rej_reason == Some(code::CxlRejReason::DUPLICATE_CL_ORD_ID) =>
            {
                false
            }
            // Replaced: it goes on by the ClOrdID(11) of the request, and nothing more comes under the one before.
            (NewsKind::ExecutionReport, status)
                if [self.exec_type.as_deref(), status].contains(&Some("5")) && !is_of_it =>
            {
                true
            }
            // Some counterparties reject a request so, or say that they do not know it: its order goes on.
            (NewsKind::ExecutionReport, Some("8")) => is_of_it,
            (NewsKind::ExecutionReport, status) => is_ended(status),
            // A refused cancel ends the request and leaves the order alone.
            (NewsKind::OrderCancelReject, _) => is_of_it,
            (NewsKind::Other, _) => false,
        }
    }

    /// True of a report after which an order may be as it was before its end: a trade is canceled (bust) or corrected, or
    /// the counterparty restates the order (ExecType(150) H, G, D).
    pub fn may_go_back(&self) -> bool {
        self.is_report() && matches!(self.exec_type.as_deref(), Some("D" | "G" | "H"))
    }

    /// True of such a report if by it the order is open, whatever was said before.
    pub fn opens_again(&self) -> bool {
        let is_open = matches!(self.status(), Some("0" | "1" | "5" | "6" | "7" | "9" | "A" | "E"));
        let has_rest = self.leaves_qty.is_none_or(Decimal::is_positive);
        self.may_go_back() && is_open && has_rest
    }

    /// What it means for the orders that count as working at the counterparty: for those, what is not known there has
    /// ended, whatever became of it, and what is refused as a duplicate has not.
    pub fn change(&self) -> WorkingChange {
        match (self.kind, self.status()) {
            (NewsKind::OrderCancelReject, status) if is_ended(status) => WorkingChange::Ended,
            (NewsKind::OrderCancelReject, Some("8")) if self.names_unknown_order() => WorkingChange::Ended,
            (NewsKind::OrderCancelReject, _) => WorkingChange::RequestRefused,
            (NewsKind::ExecutionReport, Some("8"))
                if self.ord_rej_reason == Some(code::OrdRejReason::DUPLICATE_ORDER) =>
            {
                WorkingChange::Nothing
            }
            // Some counterparties reject a request so: its order works on.
            (NewsKind::ExecutionReport, Some("8")) if self.orig_cl_ord_id.is_some() => {
                WorkingChange::RequestRefused
            }
            (NewsKind::ExecutionReport, status) if is_ended(status) || status == Some("8") => {
                WorkingChange::Ended
            }
            (NewsKind::ExecutionReport, _) if self.exec_type.as_deref() == Some("5") => {
                WorkingChange::Replaced
            }
            _ => WorkingChange::Nothing,
        }
    }

    /// ClOrdID(11) and OrigClOrdID(41) of a replacement.
    pub fn replacement(&self) -> Option<(&str, &str)> {
        self.cl_ord_id.as_deref().zip(self.orig_cl_ord_id.as_deref())
    }

    /// Symbol(55) and LastPx(31) of a fill.
    pub fn fill(&self) -> Option<(&str, Decimal)> {
        // 1 and 2 are what FIX 4.4 calls F, with counterparties that speak as in FIX 4.2.
        let is_fill = matches!(self.exec_type.as_deref(), Some("F" | "1" | "2"))
            && self.last_qty.is_some_and(|qty| qty.is_positive());
        self.symbol.as_deref().zip(self.last_px).filter(|_| is_fill)
    }

    /// Id, Symbol(55) and Side(54) of an order that works, of which only this is known.
    pub fn stranger(&self) -> Option<(&str, &str, Side)> {
        let is_request = matches!(self.status(), Some("6" | "E"));
        let original = self.orig_cl_ord_id.as_deref().filter(|_| is_request);
        let id = original.or(self.cl_ord_id.as_deref())?;
        let (symbol, side) = (self.symbol.as_deref()?, Side::from_name(self.side.as_deref()?)?);
        (self.is_report() && self.change() != WorkingChange::Ended).then_some((id, symbol, side))
    }
}

/// True of an OrdStatus(39) with which an order has ended: Filled, Done for day, Canceled, Expired (FIX 4.4 Vol. 6). Rejected
/// is not among them: some counterparties reject a request so, and its order goes on.
pub(crate) fn is_ended(ord_status: Option<&str>) -> bool {
    matches!(ord_status, Some("2" | "3" | "4" | "C"))
}

#[cfg(test)]
pub(crate) mod tests;
