//! What comes back: one entry of `execution_reports`.

use std::{
    fmt,
    sync::{
        Arc, LazyLock,
        atomic::{AtomicU64, Ordering},
    },
};

use fix_core::{
    decimal::Decimal,
    dict::{Dictionary, fix44::code},
    msg::{message::Message, msg_type::MsgType},
    tag,
    time::UtcTimestamp,
};
use serde_json::{Map, Value, json};

use super::{
    fix_dict::fix_to_dict,
    news::{News, is_ended},
    number,
    order::{CancelOrder, NewOrder, OrdType, OrderCommand, ReplaceOrder, Side},
    order_error::{Asked, OrderError},
    received::Received,
    report_id::ReportId,
    request::Resolution,
};
use crate::clock::utc_now;

/// Reports that whoever reads this process finds again, at most.
pub const REPORT_HISTORY: usize = 10_000;

/// Characters of an entry without an id that are shown.
const SHOWN_ENTRY: usize = 500;

/// What is said of an order that an earlier process left in Redis.
pub(crate) const LEFT_OVER: &str = "state unknown: the engine ended while it handled this order, which may or may not have \
                                    been sent; ask the counterparty before sending it again";

/// What is said of an order that an earlier process took, and is known not to have sent.
pub(crate) const LEFT_UNSENT: &str = "not sent: the engine ended before it sent this order, and its journal shows that it did \
                                      not; send it again if it is still wanted";

/// An answer to an order: a message of the counterparty, or our own word where none was asked.
#[derive(Clone)]
pub struct Report {
    cl_ord_id: Option<Arc<str>>,
    orig_cl_ord_id: Option<Arc<str>>,
    content: Content,
}

#[derive(Clone)]
enum Content {
    Dict(Map<String, Value>),
    Received(Received),
}

impl PartialEq for Report {
    fn eq(&self, other: &Self) -> bool {
        self.cl_ord_id == other.cl_ord_id
            && self.orig_cl_ord_id == other.orig_cl_ord_id
            && self.fields() == other.fields()
    }
}

/// The dict, which holds no secrets.
impl fmt::Debug for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Report").field(self.fields()).finish()
    }
}

impl Report {
    /// A message of the counterparty, usually an ExecutionReport or OrderCancelReject.
    pub fn from_message(message: &Message<'_>, dictionary: &'static Dictionary) -> Self {
        let (mut cl_ord_id, mut orig_cl_ord_id) = (None, None);
        let (mut answers_status_request, mut says_status, mut may_end_or_open) = (false, false, false);
        for field in message.body_fields() {
            let text = || Some(String::from_utf8_lossy(field.value).into());
            match field.tag {
                tag::CL_ORD_ID => cl_ord_id = cl_ord_id.or_else(text),
                tag::ORIG_CL_ORD_ID => orig_cl_ord_id = orig_cl_ord_id.or_else(text),
                tag::EXEC_TYPE => {
                    answers_status_request |= field.value == b"I";
                    may_end_or_open |= matches!(field.value, b"5" | b"D" | b"G" | b"H");
                }
                tag::ORD_STATUS => {
                    says_status = true;
                    may_end_or_open |= matches!(field.value, b"5" | b"8");
                    may_end_or_open |= is_ended(std::str::from_utf8(field.value).ok());
                }
                _ => {}
            }
        }
        let content = match message.msg_type() {
            MsgType::EXECUTION_REPORT => {
                let is_state_unknown = answers_status_request && !says_status;
                Content::Received(Received::new(message, dictionary, (is_state_unknown, may_end_or_open)))
            }
            _ => Content::Dict(fix_to_dict(message, dictionary)),
        };
        Report { cl_ord_id, orig_cl_ord_id, content }
    }

    /// The engine did not send `command`, and why.
    pub fn not_sent(command: &OrderCommand, text: &str) -> Self {
        match command {
            OrderCommand::New(order) => Self::order_not_sent(order, text),
            OrderCommand::Cancel(cancel) => Self::cancel_not_sent(cancel, text),
            OrderCommand::Replace(replace) => Self::replace_not_sent(replace, text),
        }
    }

    /// `command` has the ClOrdID(11) of another order, and was not sent. OrdRejReason(103) or CxlRejReason(102)
    /// says so; of the other order this says nothing, so it [is not final](Self::is_final_for) for the id.
    pub fn duplicate(command: &OrderCommand, text: &str) -> Self {
        let mut report = Self::not_sent(command, text);
        match command {
            OrderCommand::New(_) => report.set(ORD_REJ_REASON, code::OrdRejReason::DUPLICATE_ORDER.0),
            OrderCommand::Cancel(_) | OrderCommand::Replace(_) => {
                report.set(CXL_REJ_REASON, code::CxlRejReason::DUPLICATE_CL_ORD_ID.0);
            }
        }
        report
    }

    /// An entry that is no order. `is_in_use` if another order has its ClOrdID(11): of that this says nothing, as with
    /// [`duplicate`](Self::duplicate).
    pub fn malformed(error: &OrderError, is_in_use: bool) -> Self {
        let (original, is_replace) = match &*error.asked {
            Asked::New => return Self::malformed_order(error, is_in_use),
            Asked::Cancel(original) => (original, false),
            Asked::Replace(original) => (original, true),
        };
        let mut report = Report {
            cl_ord_id: error.cl_ord_id.as_deref().map(Into::into),
            orig_cl_ord_id: original.as_deref().map(Into::into),
            content: Content::Dict(Map::new()),
        };
        report.set("msgType", "9");
        report.set_cl_ord_id();
        if let Some(original) = original {
            report.set("origClOrdID", original.as_str());
        }
        report.set_known(error);
        if is_replace {
            report.set("cxlRejResponseTo", "2");
        }
        // The id of the order itself is that of another order, too.
        let is_in_use = is_in_use || (original.is_some() && *original == error.cl_ord_id);
        let reason = match is_in_use {
            true => code::CxlRejReason::DUPLICATE_CL_ORD_ID,
            false => code::CxlRejReason::OTHER,
        };
        report.set(CXL_REJ_REASON, reason.0);
        report.finish("OrderCancelReject")
    }

    /// The same with the beginning of the `entry` itself, so that its producer knows it again.
    pub fn with_entry(mut self, entry: &[u8]) -> Self {
        let shown: String = String::from_utf8_lossy(entry).chars().take(SHOWN_ENTRY).collect();
        self.set("entry", shown);
        self
    }

    fn malformed_order(error: &OrderError, is_in_use: bool) -> Self {
        let mut report = Self::rejected(error.cl_ord_id.clone());
        report.set_known(error);
        if is_in_use {
            report.set(ORD_REJ_REASON, code::OrdRejReason::DUPLICATE_ORDER.0);
        }
        report.finish("ExecutionReport")
    }

    fn set_known(&mut self, error: &OrderError) {
        error.known.iter().for_each(|(key, value)| self.set(key, value.clone()));
        self.set("text", error.to_string());
    }

    /// The order `cl_ord_id`, of which nothing more is known here, is rejected, and why.
    pub fn rejected_order(cl_ord_id: &str, text: &str) -> Self {
        let mut report = Self::rejected(Some(cl_ord_id.to_owned()));
        report.set("text", text);
        report.finish("ExecutionReport")
    }

    /// The counterparty rejected a message about the order `cl_ord_id`. That changes nothing for the order, of
    /// which other things were said before: it [is not final](Self::is_final_for).
    pub fn reject(cl_ord_id: &str, text: &str) -> Self {
        let mut report = Report {
            cl_ord_id: Some(cl_ord_id.into()),
            orig_cl_ord_id: None,
            content: Content::Dict(Map::new()),
        };
        report.set("msgType", "3");
        report.set_cl_ord_id();
        report.set("text", text);
        report.finish("Reject")
    }

    /// An order of which nobody here knows whether it went out: not rejected, not accepted, to be asked for.
    pub fn state_unknown(cl_ord_id: Option<String>, text: &str) -> Self {
        let cl_ord_id = cl_ord_id.map(Into::into);
        let mut report = Report { cl_ord_id, orig_cl_ord_id: None, content: Content::Dict(Map::new()) };
        report.set("msgType", "8");
        report.set_cl_ord_id();
        // ExecType I, Order Status; an OrdStatus that says "unknown" does not exist, so there is none.
        report.set("execType", "I");
        report.set("text", text);
        report.finish("ExecutionReport")
    }

    /// As [`state_unknown`](Self::state_unknown), with what is known of the order.
    pub fn state_unknown_of(command: &OrderCommand, text: &str) -> Self {
        let mut report = Self::state_unknown(Some(command.cl_ord_id().to_owned()), text);
        match command {
            OrderCommand::New(order) => report.set_order(order),
            OrderCommand::Cancel(cancel) => {
                report.orig_cl_ord_id = Some(cancel.orig_cl_ord_id.as_str().into());
                report.set_cancel(cancel);
            }
            OrderCommand::Replace(replace) => report.set_replace(replace),
        }
        report
    }

    /// An operator's word of what became of an order whose state was unknown.
    pub fn resolved(resolution: &Resolution, command: Option<&OrderCommand>) -> Self {
        let text = format!("resolved by an operator: {}", resolution.note);
        let mut report = match command {
            Some(command) => Self::state_unknown_of(command, &text),
            None => Self::state_unknown(Some(resolution.cl_ord_id.clone()), &text),
        };
        report.set("ordStatus", resolution.fate.ord_status());
        report
    }

    /// A report of our own as it stands in a store.
    pub fn from_json(json: &[u8]) -> Option<Self> {
        let fields: Map<String, Value> = serde_json::from_slice(json).ok()?;
        let text = |key| fields.get(key).and_then(Value::as_str).map(Into::into);
        let (cl_ord_id, orig_cl_ord_id) = (text("clOrdID"), text("origClOrdID"));
        Some(Report { cl_ord_id, orig_cl_ord_id, content: Content::Dict(fields) })
    }

    /// The report with an id by which a reader sees a repeat.
    #[must_use]
    pub fn with_id(mut self, report_id: ReportId) -> Self {
        match &mut self.content {
            Content::Received(received) => received.set_id(report_id),
            Content::Dict(_) => self.set(REPORT_ID, report_id.to_string()),
        }
        self
    }

    /// A report that is in no store has an id of this process.
    #[must_use]
    pub fn with_process_id(self) -> Self {
        static PROCESS: LazyLock<String> = LazyLock::new(|| {
            let now = utc_now();
            format!("{:x}{:08x}{:04x}", now.unix_seconds(), now.subsec_nanos(), rand::random::<u16>())
        });
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        self.with_id(ReportId::OfProcess(&PROCESS, number))
    }

    /// ClOrdID(11), where there is one.
    pub fn cl_ord_id(&self) -> Option<&str> {
        self.cl_ord_id.as_deref()
    }

    /// OrigClOrdID(41), where there is one.
    pub fn orig_cl_ord_id(&self) -> Option<&str> {
        self.orig_cl_ord_id.as_deref()
    }

    /// The ids that it is filed under, each once.
    pub(crate) fn ids(&self) -> impl Iterator<Item = &Arc<str>> {
        let original = self.orig_cl_ord_id.as_ref().filter(|orig| Some(*orig) != self.cl_ord_id.as_ref());
        self.cl_ord_id.iter().chain(original)
    }

    /// Text(58), where there is one.
    pub fn text(&self) -> Option<&str> {
        self.word("text")
    }

    /// A value that is text, by its key.
    pub fn word(&self, key: &str) -> Option<&str> {
        self.fields().get(key).and_then(Value::as_str)
    }

    /// A value that is a number, by its key.
    pub fn decimal(&self, key: &str) -> Option<Decimal> {
        self.fields().get(key).and_then(Value::as_number).and_then(|number| number::decimal(number).ok())
    }

    /// The command that [`state_unknown_of`](Self::state_unknown_of) was made of, as far as it is in there.
    pub fn to_command(&self) -> Option<OrderCommand> {
        let (text, decimal) = (|key| self.word(key), |key| self.decimal(key));
        let (cl_ord_id, symbol) = (self.cl_ord_id()?.to_owned(), text("symbol")?.to_owned());
        let (session, side, transact_time) = (None, Side::from_name(text("side")?)?, utc_now());
        let qty: Option<Decimal> = decimal("qty");
        let order = |cl_ord_id, symbol, qty| NewOrder {
            session: None,
            cl_ord_id,
            symbol,
            side,
            qty,
            ord_type: OrdType::of_prices(decimal("price"), decimal("stopPx")),
            time_in_force: None,
            account: None,
            transact_time,
            fields: Map::new(),
        };
        Some(match (self.orig_cl_ord_id().map(str::to_owned), qty) {
            (Some(orig_cl_ord_id), Some(qty)) => {
                OrderCommand::Replace(ReplaceOrder { orig_cl_ord_id, order: order(cl_ord_id, symbol, qty) })
            }
            (Some(orig), None) => OrderCommand::Cancel(CancelOrder {
                session,
                orig_cl_ord_id: orig,
                cl_ord_id,
                symbol,
                side,
                transact_time,
            }),
            (None, qty) => OrderCommand::New(order(cl_ord_id, symbol, qty?)),
        })
    }

    /// The dict.
    pub fn fields(&self) -> &Map<String, Value> {
        match &self.content {
            Content::Dict(fields) => fields,
            Content::Received(received) => received.dict(),
        }
    }

    /// The same for one reader: where it is not there yet, it is not kept in memory for as long as the report is.
    pub fn to_fields(&self) -> Map<String, Value> {
        match &self.content {
            Content::Dict(fields) => fields.clone(),
            Content::Received(received) => received.to_dict(),
        }
    }

    /// When the counterparty sent it: SendingTime(52) of an ExecutionReport(8); `None` of any other report.
    pub fn sending_time(&self) -> Option<UtcTimestamp> {
        match &self.content {
            Content::Received(received) => received.sending_time(),
            Content::Dict(_) => None,
        }
    }

    /// `avgPx` and `execRefID` of an ExecutionReport(8), where it has AvgPx(6) and ExecRefID(19): what people are shown
    /// beside the [fields](Self::fields).
    pub fn further(&self) -> Map<String, Value> {
        match &self.content {
            Content::Received(received) => received.further(),
            Content::Dict(_) => Map::new(),
        }
    }

    /// The dict as JSON text.
    pub fn to_json(&self) -> String {
        match &self.content {
            Content::Received(received) => received.to_json(),
            // Writing a dict of JSON cannot fail.
            Content::Dict(dict) => serde_json::to_string(dict).unwrap_or_default(),
        }
    }

    /// True when after this report nothing more will happen to the order or cancel request `cl_ord_id`.
    pub fn is_final_for(&self, cl_ord_id: &str) -> bool {
        self.concerns(cl_ord_id) && self.news().is_final_for(cl_ord_id)
    }

    fn concerns(&self, cl_ord_id: &str) -> bool {
        [self.cl_ord_id(), self.orig_cl_ord_id()].contains(&Some(cl_ord_id))
    }

    /// False if by it nothing [ends](Self::is_final_for) and nothing [is open again](News::opens_again). Known without
    /// reading the report again.
    pub(crate) fn may_end_or_open(&self) -> bool {
        match &self.content {
            Content::Received(received) => received.may_end_or_open,
            Content::Dict(_) => true,
        }
    }

    /// What it says of its order.
    pub fn news(&self) -> News<'_> {
        match &self.content {
            Content::Dict(fields) => News::of_fields(fields),
            Content::Received(received) => received.news(),
        }
    }

    /// True of [`state_unknown`](Self::state_unknown) and what is made of it: our word that we do not know.
    pub fn is_state_unknown(&self) -> bool {
        let fields = match &self.content {
            Content::Received(received) => return received.is_state_unknown,
            Content::Dict(fields) => fields,
        };
        let is = |key, value: &str| fields.get(key).and_then(Value::as_str) == Some(value);
        is("msgType", "8") && is("execType", "I") && !fields.contains_key("ordStatus")
    }

    fn order_not_sent(order: &NewOrder, text: &str) -> Self {
        let mut report = Self::rejected(Some(order.cl_ord_id.clone()));
        report.set_order(order);
        report.set("cumQty", 0);
        report.set("leavesQty", 0);
        report.set("text", text);
        report.finish("ExecutionReport")
    }

    fn cancel_not_sent(cancel: &CancelOrder, text: &str) -> Self {
        let mut report = Report {
            cl_ord_id: Some(cancel.cl_ord_id.as_str().into()),
            orig_cl_ord_id: Some(cancel.orig_cl_ord_id.as_str().into()),
            content: Content::Dict(Map::new()),
        };
        report.set("msgType", "9");
        report.set_cl_ord_id();
        report.set_cancel(cancel);
        report.set("text", text);
        report.finish("OrderCancelReject")
    }

    /// OrderCancelReject(9) with CxlRejResponseTo(434) 2, as a counterparty refuses an OrderCancelReplaceRequest(G).
    fn replace_not_sent(replace: &ReplaceOrder, text: &str) -> Self {
        let mut report = Report {
            cl_ord_id: Some(replace.order.cl_ord_id.as_str().into()),
            orig_cl_ord_id: None,
            content: Content::Dict(Map::new()),
        };
        report.set("msgType", "9");
        report.set_cl_ord_id();
        report.set_replace(replace);
        report.set("cxlRejResponseTo", "2");
        report.set("text", text);
        report.finish("OrderCancelReject")
    }

    fn rejected(cl_ord_id: Option<String>) -> Self {
        let cl_ord_id = cl_ord_id.map(Into::into);
        let mut report = Report { cl_ord_id, orig_cl_ord_id: None, content: Content::Dict(Map::new()) };
        report.set("msgType", "8");
        report.set_cl_ord_id();
        report.set("execType", "8");
        report.set("ordStatus", "8");
        report
    }

    fn set_order(&mut self, order: &NewOrder) {
        self.set("symbol", order.symbol.as_str());
        self.set("side", order.side.name());
        self.set("qty", number::json(order.qty));
        if let Some(price) = order.ord_type.price() {
            self.set("price", number::json(price));
        }
        if let Some(stop_px) = order.ord_type.stop_px() {
            self.set("stopPx", number::json(stop_px));
        }
    }

    fn set_replace(&mut self, replace: &ReplaceOrder) {
        self.orig_cl_ord_id = Some(replace.orig_cl_ord_id.as_str().into());
        self.set("origClOrdID", replace.orig_cl_ord_id.as_str());
        self.set_order(&replace.order);
    }

    fn set_cancel(&mut self, cancel: &CancelOrder) {
        self.set("origClOrdID", cancel.orig_cl_ord_id.as_str());
        self.set("symbol", cancel.symbol.as_str());
        self.set("side", cancel.side.name());
    }

    fn set(&mut self, key: &str, value: impl Into<Value>) {
        if let Content::Received(received) = &self.content {
            self.content = Content::Dict(received.dict().clone());
        }
        if let Content::Dict(fields) = &mut self.content {
            fields.insert(key.to_owned(), value.into());
        }
    }

    fn set_cl_ord_id(&mut self) {
        if let Some(id) = self.cl_ord_id.clone() {
            self.set("clOrdID", &*id);
        }
    }

    fn finish(mut self, kind: &str) -> Self {
        self.set("_type", json!(kind));
        self
    }
}

/// By which a reader sees that a report came before: every report reaches him once at least.
pub(super) const REPORT_ID: &str = "reportId";
/// OrdRejReason(103) of our own refusals.
const ORD_REJ_REASON: &str = "ordRejReason";
/// CxlRejReason(102) of our own refusals and of the counterparty's.
const CXL_REJ_REASON: &str = "cxlRejReason";

/// True if by these reports, the oldest first, nothing more will happen to `cl_ord_id`.
pub fn end_is_said<R: AsRef<Report>>(reports: &[R], cl_ord_id: &str) -> bool {
    let newest_first = reports.iter().rev().map(AsRef::as_ref);
    let mut telling = newest_first.filter(|report| report.may_end_or_open() && report.concerns(cl_ord_id));
    let is_end = telling.find_map(|report| match report.news() {
        news if news.is_final_for(cl_ord_id) => Some(true),
        news => (report.cl_ord_id() == Some(cl_ord_id) && news.opens_again()).then_some(false),
    });
    is_end.unwrap_or(false)
}

#[cfg(test)]
mod tests;
