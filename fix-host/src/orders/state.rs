//! The state of an order: what was last said of it, and what news mean for it.
//!
//! An order is known by every ClOrdID(11) that it had. Once the counterparty has accepted a replacement, the id before
//! is done, `REPLACED`, and the order works on by the id of the request. A request of which that was not said is no
//! order.

use std::{borrow::Cow, fmt, sync::Arc};

use fix_core::{decimal::Decimal, dict::fix44::DICTIONARY, tag};

use super::{Known, Order, Said};
use crate::contract::{
    news::{News, NewsKind, is_ended},
    order::{OrderCommand, Side},
};

/// The longest chain of replacements that is followed.
const LONGEST_CHAIN: usize = 1000;

/// Of how many reports of an order that go back it is known which they were.
const MOST_GOING_BACK: usize = 16;

/// What was last said of an order.
#[derive(Default)]
pub(super) struct LastSaid {
    /// OrderQty(38), where nobody here knows the order itself.
    pub(super) qty: Option<Decimal>,
    pub(super) price: Option<Decimal>,
    pub(super) cum_qty: Option<Decimal>,
    pub(super) leaves_qty: Option<Decimal>,
    pub(super) ord_status: Option<String>,
    /// The last report.
    pub(super) report: Option<InWords>,
    /// The counterparty accepted this replacement.
    pub(super) is_accepted: bool,
    /// The ClOrdID(11) by which it goes now.
    pub(super) replaced_by: Option<String>,
    /// OrderID(37): the counterparty's own name of it.
    pub(super) order_id: Option<Arc<str>>,
    /// The ClOrdID(11) of the report that ended it.
    pub(super) ended_by: Option<Arc<str>>,
    /// ExecID(17) of the last reports that [may go back](News::may_go_back): what comes twice is done once.
    went_back_by: Vec<Box<str>>,
}

/// What a report meant for the orders, by the ids that they go by.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Heard {
    /// It is filled, done for today, canceled or expired.
    pub ended: Option<Arc<str>>,
    /// It went by the first id, and goes by the second now.
    pub replaced: Option<(String, String)>,
    /// It had ended, and is open again: a trade was canceled or corrected.
    pub reopened: Option<Reopened>,
    /// What contradicts what was known, each in one line.
    pub contradictions: Vec<String>,
}

/// An order that is open again.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Reopened {
    /// The ClOrdID(11) by which it goes.
    pub id: Arc<str>,
    pub symbol: String,
    pub side: Side,
}

impl LastSaid {
    fn hear(&mut self, news: &News<'_>) {
        match news.kind {
            NewsKind::OrderCancelReject => {
                self.report = Some(InWords::of(news));
                // OrdStatus(39) in it is the order's, unless there is none (CxlRejReason(102) 1).
                if let Some(status) = news.status().filter(|_| !news.names_unknown_order()) {
                    self.ord_status = Some(status.to_owned());
                }
            }
            NewsKind::ExecutionReport if news.status().is_some() => self.take(news),
            _ => {}
        }
    }

    fn take(&mut self, news: &News<'_>) {
        self.report = Some(InWords::of(news));
        if self.goes_back(news) {
            return;
        }
        let update = |place: &mut Option<Decimal>, said: Option<Decimal>| *place = said.or(*place);
        update(&mut self.qty, news.qty);
        update(&mut self.price, news.price);
        update(&mut self.cum_qty, news.cum_qty);
        update(&mut self.leaves_qty, news.leaves_qty);
        if let Some(status) = news.status() {
            status.clone_into(self.ord_status.get_or_insert_default());
        }
    }

    /// True of an older state than filled, canceled or expired, unless the report [may go back](News::may_go_back) and
    /// comes for the first time. Done for day (3) can be followed by any state: an order that is good till canceled goes on
    /// the next day. And it is no older state: it outranks Filled (FIX 4.4 Vol. 4, precedence of OrdStatus).
    fn goes_back(&self, news: &News<'_>) -> bool {
        let is_over = |status: Option<&str>| is_ended(status) && status != Some("3");
        let may_go_back = news.may_go_back() && !self.is_repeat(news);
        is_over(self.ord_status.as_deref()) && !is_ended(news.status()) && !may_go_back
    }

    /// True if it went back by this report before (PossResend(97), or a counterparty that reports all once more).
    fn is_repeat(&self, news: &News<'_>) -> bool {
        let exec_id = news.exec_id.as_deref();
        exec_id.is_some_and(|exec_id| self.went_back_by.iter().any(|known| **known == *exec_id))
    }

    /// Notes a report that may go back, once.
    fn note_going_back(&mut self, news: &News<'_>) {
        if let Some(exec_id) = news.exec_id.as_deref().filter(|_| news.may_go_back() && !self.is_repeat(news))
        {
            if self.went_back_by.len() == MOST_GOING_BACK {
                self.went_back_by.remove(0);
            }
            self.went_back_by.push(exec_id.into());
        }
    }
}

/// A report in words, which are put together when somebody reads them: `TRADE 100 at 96.25`, `REJECTED: unknown symbol`.
pub(super) struct InWords {
    what: Cow<'static, str>,
    /// LastQty(32) and LastPx(31) of a fill.
    fill: Option<(Decimal, Decimal)>,
    text: Option<Box<str>>,
}

impl InWords {
    fn of(news: &News<'_>) -> Self {
        let code = news.exec_type.as_deref().unwrap_or_default();
        let what = match news.kind {
            NewsKind::OrderCancelReject if news.cxl_rej_response_to.as_deref() == Some("2") => {
                "REPLACE REJECTED".into()
            }
            NewsKind::OrderCancelReject => "CANCEL REJECTED".into(),
            _ => match DICTIONARY.code_name(tag::EXEC_TYPE, code.as_bytes()) {
                Some(name) => Cow::Borrowed(name),
                None => format!("ExecType {code}").into(),
            },
        };
        InWords {
            what,
            fill: news.last_qty.zip(news.last_px).filter(|(qty, _)| qty.is_positive()),
            text: news.text.as_deref().filter(|text| !text.is_empty()).map(Into::into),
        }
    }
}

impl fmt::Display for InWords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.what {
            Cow::Borrowed(name) => f.write_str(&name.replace('_', " "))?,
            Cow::Owned(text) => f.write_str(text)?,
        }
        if let Some((qty, price)) = self.fill {
            write!(f, " {qty} at {price}")?;
        }
        self.text.as_deref().map_or(Ok(()), |text| write!(f, ": {text}"))
    }
}

impl Known {
    /// Notes news with the order that they are about.
    pub(super) fn note(&mut self, news: &News<'_>) -> Heard {
        let mut heard = Heard::default();
        let is_rejected = news.status() == Some("8");
        let by_order_id = || self.order_ids.get(news.order_id.as_deref()?).cloned();
        let is_known = |id: &str| self.orders.contains_key(id);
        // An id of which nothing is known here may be the counterparty's for an order of ours.
        let is_stranger = !is_rejected && !news.ids().any(is_known);
        let stands_for = if is_stranger { by_order_id() } else { None };
        let Some(id) = stands_for.as_deref().or(news.cl_ord_id.as_deref()) else { return heard };
        let command = self.orders.get(id).and_then(|order| order.command.as_deref());
        let original =
            news.orig_cl_ord_id.as_deref().or_else(|| command.and_then(OrderCommand::orig_cl_ord_id));
        let original = original.map(str::to_owned);
        // Rejected as an order, or unknown when asked for: that is said of the request alone.
        let is_request = self.orders.get(id).is_some_and(|order| !order.is_listed());
        if is_request && news.is_report() && is_rejected {
            return heard;
        }
        let has_canceled = is_request && news.is_report() && news.status() == Some("4");
        // In an OrderCancelReject(9), OrdStatus(39) is the order's too.
        let is_over = is_ended(news.status());
        let is_replacement = matches!(command, Some(OrderCommand::Replace(_)));
        let is_new_state = news.is_report() && news.status().is_some();
        // Pending Cancel and Pending Replace, a cancelled order, or a refused request: all said of the order before.
        let is_pending = matches!(news.status(), Some("6" | "E"));
        let is_of_original = !is_new_state || is_pending || matches!(command, Some(OrderCommand::Cancel(_)));
        let target = match &original {
            Some(original) if is_of_original => self.newest(original),
            // Canceled by an id that it had before; what is older says nothing of the order as it is now.
            _ if is_over || news.opens_again() => self.newest(id),
            _ => self.key(id),
        };
        if is_replacement && !is_of_original {
            let id = self.key(id);
            heard.replaced = self.accept(&id, original.as_deref(), &target, news);
        }
        if let Some(request) = self.orders.get_mut(id).filter(|_| has_canceled) {
            request.last.ord_status = Some("4".to_owned());
        }
        self.touch(id);
        self.touch(&target);
        let Some(order) = self.orders.get_mut(&target) else {
            heard.contradictions.extend(fill_of_nobody(news));
            return heard;
        };
        heard.contradictions = order.contradictions(&target, news);
        if let Some(order_id) = news.order_id.as_deref().filter(|_| is_new_state && !is_rejected)
            && order.last.order_id.as_deref() != Some(order_id)
        {
            let order_id: Arc<str> = order_id.into();
            let before = order.last.order_id.replace(Arc::clone(&order_id));
            before.and_then(|before| self.order_ids.remove(&before));
            self.order_ids.insert(order_id, Arc::clone(&target));
        }
        if is_over && news.kind != NewsKind::Other && !news.names_unknown_order() {
            order.last.ended_by = news.cl_ord_id.as_deref().map(|id| match *id == *target {
                true => Arc::clone(&target),
                false => id.into(),
            });
            heard.ended = Some(target);
        } else if news.opens_again() && !order.last.is_repeat(news) {
            heard.reopened = order.open_again(target, news);
        }
        order.last.hear(news);
        order.last.note_going_back(news);
        heard
    }

    /// The counterparty accepted the replacement `id`, which has become the order `target`. The id that the order had
    /// before, with the new one, if it is another.
    fn accept(
        &mut self,
        id: &str,
        original: Option<&str>,
        target: &str,
        news: &News<'_>,
    ) -> Option<(String, String)> {
        if let Some(order) = self.orders.get_mut(id) {
            order.last.is_accepted = true;
        }
        // By an id that it had before: some counterparties take those too.
        let before = original.map(|original| self.newest(original)).filter(|before| **before != *target)?;
        let order = self.orders.get_mut(&before)?;
        order.last.replaced_by = Some(id.to_owned());
        order.last.leaves_qty = Some(Decimal::ZERO);
        // It is the last one of both ids.
        order.last.report = Some(InWords::of(news));
        self.touch(&before);
        Some((before.to_string(), id.to_owned()))
    }

    /// The id by which an order goes now.
    fn newest(&self, cl_ord_id: &str) -> Arc<str> {
        let mut id = cl_ord_id;
        for _ in 0..LONGEST_CHAIN {
            match self.orders.get_key_value(id) {
                Some((_, Order { last: LastSaid { replaced_by: Some(next), .. }, .. })) => id = next,
                Some((key, _)) => return Arc::clone(key),
                None => break,
            }
        }
        id.into()
    }

    /// The id as the order keeps it.
    fn key(&self, cl_ord_id: &str) -> Arc<str> {
        self.orders.get_key_value(cl_ord_id).map_or_else(|| cl_ord_id.into(), |(key, _)| Arc::clone(key))
    }
}

/// A fill of an order that is not known here, in one line.
fn fill_of_nobody(news: &News<'_>) -> Option<String> {
    let qty = news.last_qty.filter(|qty| qty.is_positive())?;
    let is_fill = news.is_report() && news.exec_type.as_deref() == Some("F");
    let id = news.cl_ord_id.as_deref().unwrap_or_default().escape_debug();
    is_fill.then(|| format!("a fill of {qty} has ClOrdID(11) {id}, of which nothing is known here"))
}

impl Order {
    /// What a report says of this order that cannot be true if all else is.
    fn contradictions(&self, cl_ord_id: &str, news: &News<'_>) -> Vec<String> {
        if !news.is_report() {
            return Vec::new();
        }
        let mut found = Vec::new();
        let id = cl_ord_id.escape_debug();
        if self.last.goes_back(news) {
            let (state, said) = (self.state(), status_name(news.status().unwrap_or_default()));
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
            differs("Symbol(55)", command.symbol(), news.symbol.as_deref());
            differs("Side(54)", command.side().name(), news.side.as_deref());
        }
        let order = self.command.as_deref().and_then(OrderCommand::order);
        let qty = news.qty.or(self.last.qty).or(order.map(|order| order.qty));
        if let Some((cum, qty)) = news.cum_qty.zip(qty).filter(|(cum, qty)| cum > qty) {
            found.push(format!(
                "order {id} has OrderQty(38) {qty}, and a report says CumQty(14) {cum}: overfilled"
            ));
        }
        if let Some(leaves) = news.leaves_qty.filter(|leaves| *leaves < Decimal::ZERO) {
            found.push(format!("a report on order {id} says LeavesQty(151) {leaves}, below 0"));
        }
        found
    }

    /// The order is open by this report. What it is, if it had ended.
    fn open_again(&mut self, id: Arc<str>, news: &News<'_>) -> Option<Reopened> {
        let had_ended = is_ended(self.last.ord_status.as_deref());
        if self.said != Said::Closed || !had_ended || !self.is_listed() || self.last.replaced_by.is_some() {
            return None;
        }
        self.said = Said::Something;
        self.is_end_shown = false;
        self.last.ended_by = None;
        let command = self.command.as_deref();
        let side = || Side::from_name(news.side.as_deref()?);
        let symbol = command.map(OrderCommand::symbol).or(news.symbol.as_deref())?.to_owned();
        let side = command.map(OrderCommand::side).or_else(side)?;
        Some(Reopened { id, symbol, side })
    }

    pub(super) fn is_done(&self) -> bool {
        self.last.replaced_by.is_some() || matches!(self.said, Said::Closed | Said::Withdrawn)
    }

    pub(super) fn is_listed(&self) -> bool {
        match self.command.as_deref() {
            Some(OrderCommand::Cancel(_)) => false,
            Some(OrderCommand::Replace(_)) => self.last.is_accepted,
            Some(OrderCommand::New(_)) | None => true,
        }
    }

    /// OrdStatus(39) by its name, or what is known in place of it.
    pub(super) fn state(&self) -> String {
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
