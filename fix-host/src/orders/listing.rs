//! The orders as they are listed: what was asked for, and what was last said of each.
//!
//! An order is listed by every ClOrdID(11) that it had. Once the counterparty has accepted a replacement, the id before
//! is done, `REPLACED`, and the order works on by the id of the request. A request of which that was not said is no
//! order.

use std::sync::Arc;

use fix_core::{decimal::Decimal, dict::fix44::DICTIONARY, tag};
use serde_json::{Map, Value};

use super::{Known, Order, Orders, Said};
use crate::contract::{number, order::OrderCommand, report::Report};

/// The longest chain of replacements that is followed.
const LONGEST_CHAIN: usize = 1000;

/// Which orders are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// All that are known.
    All,
    /// Those that can still trade, as far as is known.
    Working,
    /// The others.
    Done,
}

/// What was last said of an order.
#[derive(Default)]
pub(super) struct LastSaid {
    /// OrderQty(38), where nobody here knows the order itself.
    qty: Option<Decimal>,
    price: Option<Decimal>,
    cum_qty: Option<Decimal>,
    leaves_qty: Option<Decimal>,
    ord_status: Option<String>,
    /// The last report in words.
    report: Option<String>,
    /// The counterparty accepted this replacement.
    is_accepted: bool,
    /// The ClOrdID(11) by which it goes now.
    replaced_by: Option<String>,
    /// OrderID(37): the counterparty's own name of it.
    pub(super) order_id: Option<String>,
    /// The ClOrdID(11) of the report that ended it.
    pub(super) ended_by: Option<String>,
}

/// What a report meant for the orders, by the ids that they go by.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Heard {
    /// It is filled, done for today, canceled or expired.
    pub ended: Option<String>,
    /// It went by the first id, and goes by the second now.
    pub replaced: Option<(String, String)>,
    /// What contradicts what was known, each in one line.
    pub contradictions: Vec<String>,
}

impl LastSaid {
    fn take(&mut self, report: &Report) {
        self.report = Some(in_words(report));
        if self.goes_back(report) {
            return;
        }
        let update = |place: &mut Option<Decimal>, key| *place = report.decimal(key).or(*place);
        update(&mut self.qty, "qty");
        update(&mut self.price, "price");
        update(&mut self.cum_qty, "cumQty");
        update(&mut self.leaves_qty, "leavesQty");
        if let Some(status) = report.word("ordStatus") {
            self.ord_status = Some(status.to_owned());
        }
    }

    /// True of an older state than filled, canceled or expired, unless a trade is canceled or corrected, or the
    /// counterparty restates the order (ExecType(150) H, G, D).
    fn goes_back(&self, report: &Report) -> bool {
        let is_over = |status: Option<&str>| matches!(status, Some("2" | "4" | "C"));
        let may_go_back = matches!(report.word("execType"), Some("D" | "G" | "H"));
        is_over(self.ord_status.as_deref()) && !is_over(report.word("ordStatus")) && !may_go_back
    }
}

/// `TRADE 100 at 96.25`, `REJECTED: unknown symbol`.
fn in_words(report: &Report) -> String {
    let name =
        |tag, value: &str| DICTIONARY.code_name(tag, value.as_bytes()).map(|name| name.replace('_', " "));
    let code = report.word("execType").unwrap_or_default();
    let mut words = match report.word("msgType") {
        Some("9") if report.word("cxlRejResponseTo") == Some("2") => "REPLACE REJECTED".to_owned(),
        Some("9") => "CANCEL REJECTED".to_owned(),
        _ => name(tag::EXEC_TYPE, code).unwrap_or_else(|| format!("ExecType {code}")),
    };
    if let (Some(qty), Some(price)) = (report.decimal("lastQty"), report.decimal("lastPx"))
        && qty.is_positive()
    {
        words.push_str(&format!(" {qty} at {price}"));
    }
    if let Some(text) = report.text().filter(|text| !text.is_empty()) {
        words.push_str(&format!(": {text}"));
    }
    words
}

impl Known {
    /// Notes a report with the order that it is about.
    pub(super) fn note(&mut self, report: &Report) -> Heard {
        let mut heard = Heard::default();
        let is_rejected = report.word("ordStatus") == Some("8");
        let by_order_id = || self.order_ids.get(report.word("orderID")?).cloned();
        let is_known = |id: &str| self.orders.contains_key(id);
        let ids = [report.cl_ord_id(), report.orig_cl_ord_id()];
        // An id of which nothing is known here may be the counterparty's for an order of ours.
        let is_stranger = !is_rejected && !ids.into_iter().flatten().any(is_known);
        let stands_for = if is_stranger { by_order_id() } else { None };
        let Some(id) = stands_for.as_deref().or(report.cl_ord_id()) else { return heard };
        let command = self.orders.get(id).and_then(|order| order.command.as_deref());
        let original = report.orig_cl_ord_id().or_else(|| command.and_then(OrderCommand::orig_cl_ord_id));
        let original = original.map(str::to_owned);
        // Rejected as an order, or unknown when asked for: that is said of the request alone.
        let is_request = self.orders.get(id).is_some_and(|order| !order.is_listed());
        if is_request && report.word("msgType") == Some("8") && report.word("ordStatus") == Some("8") {
            return heard;
        }
        // In an OrderCancelReject(9), OrdStatus(39) is the order's too.
        let is_over = matches!(report.word("ordStatus"), Some("2" | "3" | "4" | "C"));
        let is_replacement = matches!(command, Some(OrderCommand::Replace(_)));
        let is_new_state = report.word("msgType") == Some("8") && report.word("ordStatus").is_some();
        // Pending Cancel and Pending Replace, a cancelled order, or a refused request: all said of the order before.
        let is_pending = matches!(report.word("ordStatus"), Some("6" | "E"));
        let is_of_original = !is_new_state || is_pending || matches!(command, Some(OrderCommand::Cancel(_)));
        let target = match &original {
            Some(original) if is_of_original => self.newest(original),
            // Canceled by an id that it had before; what is older says nothing of the order as it is now.
            _ if is_over => self.newest(id),
            _ => id.to_owned(),
        };
        if is_replacement && !is_of_original {
            if let Some(order) = self.orders.get_mut(id) {
                order.last.is_accepted = true;
            }
            // By an id that it had before: some counterparties take those too.
            let before = original.map(|original| self.newest(&original)).filter(|before| *before != target);
            if let Some((before, order)) = before.and_then(|id| Some((id.clone(), self.orders.get_mut(&id)?)))
            {
                order.last.replaced_by = Some(id.to_owned());
                order.last.leaves_qty = Some(Decimal::ZERO);
                heard.replaced = Some((before, id.to_owned()));
            }
        }
        let Some(order) = self.orders.get_mut(&target) else {
            heard.contradictions.extend(fill_of_nobody(report));
            return heard;
        };
        heard.contradictions = order.contradictions(&target, report);
        if let Some(order_id) = report.word("orderID").filter(|_| is_new_state && !is_rejected)
            && order.last.order_id.as_deref() != Some(order_id)
        {
            let before = order.last.order_id.replace(order_id.to_owned());
            before.and_then(|before| self.order_ids.remove(&before));
            self.order_ids.insert(order_id.to_owned(), target.clone());
        }
        if is_over && matches!(report.word("msgType"), Some("8" | "9")) && !report.names_unknown_order() {
            order.last.ended_by = report.cl_ord_id().map(str::to_owned);
            heard.ended = Some(target);
        }
        match report.word("msgType") {
            Some("9") => {
                order.last.report = Some(in_words(report));
                // OrdStatus(39) in it is the order's, unless there is none (CxlRejReason(102) 1).
                if let Some(status) = report.word("ordStatus").filter(|_| !report.names_unknown_order()) {
                    order.last.ord_status = Some(status.to_owned());
                }
            }
            Some("8") if is_new_state => order.last.take(report),
            _ => {}
        }
        heard
    }

    /// The id by which an order goes now.
    fn newest(&self, cl_ord_id: &str) -> String {
        let mut id = cl_ord_id;
        for _ in 0..LONGEST_CHAIN {
            match self.orders.get(id).and_then(|order| order.last.replaced_by.as_deref()) {
                Some(next) => id = next,
                None => break,
            }
        }
        id.to_owned()
    }
}

/// A fill of an order that is not known here, in one line.
fn fill_of_nobody(report: &Report) -> Option<String> {
    let qty = report.decimal("lastQty").filter(|qty| qty.is_positive())?;
    let is_fill = report.word("msgType") == Some("8") && report.word("execType") == Some("F");
    let id = report.cl_ord_id().unwrap_or_default().escape_debug();
    is_fill.then(|| format!("a fill of {qty} has ClOrdID(11) {id}, of which nothing is known here"))
}

impl Order {
    /// What a report says of this order that cannot be true if all else is.
    fn contradictions(&self, cl_ord_id: &str, report: &Report) -> Vec<String> {
        if report.word("msgType") != Some("8") {
            return Vec::new();
        }
        let mut found = Vec::new();
        let id = cl_ord_id.escape_debug();
        if self.last.goes_back(report) {
            let (state, said) = (self.state(), status_name(report.word("ordStatus").unwrap_or_default()));
            found.push(format!(
                "order {id} is {state}, and a report says {said} after that: it stays {state}"
            ));
        }
        let mut differs = |field: &str, ours: &str, theirs: Option<&str>| {
            if let Some(theirs) = theirs.filter(|theirs| *theirs != ours) {
                let theirs = theirs.escape_debug();
                found.push(format!("order {id} has {field} {ours}, and a report on it says {theirs}"));
            }
        };
        if let Some(command) = &self.command {
            differs("Symbol(55)", command.symbol(), report.word("symbol"));
            differs("Side(54)", command.side().name(), report.word("side"));
        }
        let order = self.command.as_deref().and_then(OrderCommand::order);
        let qty = report.decimal("qty").or(self.last.qty).or(order.map(|order| order.qty));
        if let Some((cum, qty)) = report.decimal("cumQty").zip(qty).filter(|(cum, qty)| cum > qty) {
            found.push(format!(
                "order {id} has OrderQty(38) {qty}, and a report says CumQty(14) {cum}: overfilled"
            ));
        }
        if let Some(leaves) = report.decimal("leavesQty").filter(|leaves| *leaves < Decimal::ZERO) {
            found.push(format!("a report on order {id} says LeavesQty(151) {leaves}, below 0"));
        }
        found
    }

    fn is_done(&self) -> bool {
        self.last.replaced_by.is_some() || matches!(self.said, Said::Closed | Said::Withdrawn)
    }

    fn is_listed(&self) -> bool {
        match self.command.as_deref() {
            Some(OrderCommand::Cancel(_)) => false,
            Some(OrderCommand::Replace(_)) => self.last.is_accepted,
            Some(OrderCommand::New(_)) | None => true,
        }
    }

    /// OrdStatus(39) by its name, or what is known in place of it.
    fn state(&self) -> String {
        let status = self.last.ord_status.as_deref();
        match (self.said, status) {
            _ if self.last.replaced_by.is_some() => "REPLACED".to_owned(),
            (Said::Unknown, _) => "UNKNOWN".to_owned(),
            (_, Some(status)) => status_name(status),
            (Said::Nothing, None) => "SENT".to_owned(),
            (Said::Something, None) => "REPORTED".to_owned(),
            (Said::Closed | Said::Withdrawn, None) => "REJECTED".to_owned(),
        }
    }

    /// As JSON, in the keys of orders and reports.
    fn to_json(&self, cl_ord_id: &str) -> Map<String, Value> {
        let mut row = Map::new();
        let mut put =
            |key: &str, value: Option<Value>| row.extend(value.map(|value| (key.to_owned(), value)));
        let number = |value: Option<Decimal>| value.map(|value| Value::Number(number::json(value)));
        let (command, last) = (self.command.as_deref(), &self.last);
        let order = command.and_then(OrderCommand::order);
        put("clOrdID", Some(cl_ord_id.into()));
        put("origClOrdID", command.and_then(OrderCommand::orig_cl_ord_id).map(Value::from));
        put("session", Some((*self.session).into()));
        put("symbol", command.map(|command| command.symbol().into()));
        put("side", command.map(|command| command.side().name().into()));
        put("qty", number(last.qty.or(order.map(|order| order.qty))));
        put("cumQty", number(last.cum_qty));
        put("leavesQty", number(last.leaves_qty));
        put("ordType", order.map(|order| order.ord_type.name().into()));
        put("price", number(last.price.or(order.and_then(|order| order.ord_type.price()))));
        put("stopPx", number(order.and_then(|order| order.ord_type.stop_px())));
        put("timeInForce", order.and_then(|order| order.time_in_force).map(|time| time.name().into()));
        let ends = order.and_then(|order| order.time_in_force?.expire_time());
        put("expireTime", ends.map(|time| Value::Number(number::unix_seconds(time))));
        put("account", order.and_then(|order| order.account.as_deref()).map(Value::from));
        put("state", Some(self.state().into()));
        put("working", Some((!self.is_done()).into()));
        put("replacedBy", last.replaced_by.as_deref().map(Value::from));
        put("lastReport", last.report.as_deref().map(Value::from));
        row
    }
}

/// `NEW`, or `OrdStatus %` of a code that FIX 4.4 does not have.
fn status_name(status: &str) -> String {
    match DICTIONARY.code_name(tag::ORD_STATUS, status.as_bytes()) {
        Some(name) => name.to_owned(),
        // Of FIX 4.2.
        None if status == "5" => "REPLACED".to_owned(),
        None => format!("OrdStatus {}", status.escape_debug()),
    }
}

impl Orders {
    /// The newest orders, at most `limit`, newest first, in the keys of orders and reports.
    pub fn list(&self, which: Which, limit: usize) -> Vec<Value> {
        // Row by row: the sessions need the list too.
        self.ids(which, limit).iter().filter_map(|id| self.get(id)).collect()
    }

    fn ids(&self, which: Which, limit: usize) -> Vec<String> {
        let known = self.known();
        let newest_first = known.claims.iter().rev().filter(|(claim, id)| known.is_held(*claim, id));
        let orders = newest_first.filter_map(|(_, id)| Some((id, known.orders.get(id)?)));
        let listed = orders.filter(|(_, order)| match which {
            Which::All => order.is_listed(),
            Which::Working => order.is_listed() && !order.is_done(),
            Which::Done => order.is_listed() && order.is_done(),
        });
        listed.take(limit).map(|(id, _)| id.clone()).collect()
    }

    /// The orders and requests whose state is unknown, oldest first.
    pub fn list_unknown(&self) -> Vec<Value> {
        let ids: Vec<(String, Arc<str>)> = self.all_unknown();
        ids.iter().filter_map(|(id, _)| self.get(id)).collect()
    }

    /// One order or request.
    pub fn get(&self, cl_ord_id: &str) -> Option<Value> {
        let known = self.known();
        known.orders.get(cl_ord_id).map(|order| Value::Object(order.to_json(cl_ord_id)))
    }
}

#[cfg(test)]
mod tests;
