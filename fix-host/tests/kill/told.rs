//! What the session of a killed exchange was told of its orders, and whatever contradicts it.

use std::collections::{BTreeMap, HashMap, HashSet};

use fix_core::{
    decimal::Decimal,
    msg::message::Message,
    tag::{self, Tag},
};

/// How an order stands, by its last report.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct State {
    /// OrdStatus(39).
    status: String,
    /// OrderQty(38).
    qty: Decimal,
    /// CumQty(14).
    cum_qty: Decimal,
    /// LeavesQty(151).
    leaves_qty: Decimal,
}

impl State {
    fn of(report: &Message<'_>) -> Self {
        State {
            status: text(report, tag::ORD_STATUS),
            qty: number(report, tag::ORDER_QTY),
            cum_qty: number(report, tag::CUM_QTY),
            leaves_qty: number(report, tag::LEAVES_QTY),
        }
    }

    fn is_live(&self) -> bool {
        matches!(self.status.as_str(), "0" | "1")
    }
}

/// An order, by all of its reports.
#[derive(Clone, Debug, Default)]
pub(crate) struct Order {
    /// ClOrdID(11) of the last accepted request.
    pub(crate) cl_ord_id: String,
    /// Symbol(55).
    pub(crate) symbol: String,
    /// Side(54).
    pub(crate) side: String,
    state: State,
    /// The sum of LastQty(32) over its executions.
    executed: Decimal,
    /// It was told of since it was asked about.
    has_changed: bool,
}

/// All that was told, and asked.
#[derive(Debug, Default)]
pub(crate) struct Told {
    /// By OrderID(37).
    orders: BTreeMap<String, Order>,
    /// OrderIDs(37) by each ClOrdID(11) that stood for the order.
    names: HashMap<String, String>,
    exec_ids: HashSet<String>,
    /// ClOrdIDs(11) of requests without an answer.
    pub(crate) unanswered: HashSet<String>,
    /// OrdStatusReqIDs(790) of questions without an answer.
    pub(crate) asked: HashSet<String>,
    /// How many orders were found to stand as they were told.
    pub(crate) confirmed: usize,
    /// How many executions were told.
    pub(crate) executions: usize,
    /// What must not be.
    pub(crate) faults: Vec<String>,
}

impl Told {
    /// Takes an ExecutionReport(8).
    pub(crate) fn report(&mut self, report: &Message<'_>) {
        let exec_id = text(report, tag::EXEC_ID);
        if !self.exec_ids.insert(exec_id.clone()) {
            self.fault(report, "an ExecID(17) that was used before");
        }
        let (cl_ord_id, order_id) = (text(report, tag::CL_ORD_ID), text(report, tag::ORDER_ID));
        let exec_type = text(report, tag::EXEC_TYPE);
        if exec_type == "8" {
            self.unanswered.remove(&cl_ord_id);
            if text(report, tag::ORD_REJ_REASON) == "6" {
                self.fault(report, "an order that was sent once is refused as sent twice");
            }
            return;
        }
        if let Some(id) = report.get(tag::ORD_STATUS_REQ_ID) {
            self.asked.remove(&String::from_utf8_lossy(id).into_owned());
            return self.confirm(&order_id, report);
        }
        self.unanswered.remove(&cl_ord_id);
        self.apply(order_id, cl_ord_id, &exec_type, report);
    }

    /// An answer to a question: the order stands as its other reports say.
    fn confirm(&mut self, order_id: &str, report: &Message<'_>) {
        match self.orders.get(order_id) {
            Some(order) if order.state == State::of(report) => self.confirmed += 1,
            other => {
                let told = format!("it was told to be {other:?}");
                self.fault(report, &told);
            }
        }
    }

    fn apply(&mut self, order_id: String, cl_ord_id: String, exec_type: &str, report: &Message<'_>) {
        let state = State::of(report);
        let known = self.names.insert(cl_ord_id.clone(), order_id.clone());
        if known.is_some_and(|known| known != order_id) {
            self.fault(report, "another OrderID(37) for the same ClOrdID(11)");
        }
        let orig = report.get(tag::ORIG_CL_ORD_ID).map(|orig| String::from_utf8_lossy(orig).into_owned());
        if orig.is_some_and(|orig| self.names.get(&orig).is_some_and(|known| *known != order_id)) {
            self.fault(report, "another OrderID(37) for the same OrigClOrdID(41)");
        }
        let is_new = !self.orders.contains_key(&order_id);
        if exec_type == "0" && !is_new {
            self.fault(report, "an OrderID(37) that was used before");
        }
        let order = self.orders.entry(order_id).or_default();
        if exec_type == "F" {
            let last_qty = number(report, tag::LAST_QTY);
            order.executed = order.executed.checked_add(last_qty).expect("a sum");
            self.executions += 1;
        }
        let left = if state.is_live() { state.qty.checked_sub(state.cum_qty) } else { Some(Decimal::ZERO) };
        let adds_up = state.cum_qty == order.executed && left == Some(state.leaves_qty);
        let (symbol, side) = (text(report, tag::SYMBOL), text(report, tag::SIDE));
        let executed = order.executed;
        *order = Order { cl_ord_id, symbol, side, state, executed, has_changed: true };
        if !adds_up {
            self.fault(report, &format!("quantities do not add up: {executed} executed"));
        }
    }

    /// Takes an OrderCancelReject(9), which says how the order stands.
    pub(crate) fn cancel_reject(&mut self, reject: &Message<'_>) {
        self.unanswered.remove(&text(reject, tag::CL_ORD_ID));
        let order = self.orders.get(&text(reject, tag::ORDER_ID));
        if order.is_none_or(|order| order.state.status != text(reject, tag::ORD_STATUS)) {
            let told = format!("it was told to be {order:?}");
            self.fault(reject, &told);
        }
    }

    pub(crate) fn fault(&mut self, message: &Message<'_>, what: &str) {
        let shown = String::from_utf8_lossy(message.frame().bytes()).replace('\x01', "|");
        self.faults.push(format!("{what}: {shown}"));
    }

    /// Orders that can be cancelled and replaced.
    pub(crate) fn live(&self) -> Vec<Order> {
        self.orders.values().filter(|order| order.state.is_live()).cloned().collect()
    }

    /// Orders to ask about: all, or those that live or were told of since this was called last.
    pub(crate) fn orders_to_ask(&mut self, all: bool) -> Vec<Order> {
        let orders = self.orders.values_mut();
        let orders = orders.filter(|order| all || order.has_changed || order.state.is_live());
        orders
            .map(|order| Order { has_changed: std::mem::take(&mut order.has_changed), ..order.clone() })
            .collect()
    }

    /// What was bought and what was sold by all orders.
    pub(crate) fn traded(&self) -> [Decimal; 2] {
        ["1", "2"].map(|side| {
            let of_side = self.orders.values().filter(|order| order.side == side);
            of_side.fold(Decimal::ZERO, |sum, order| sum.checked_add(order.executed).expect("a sum"))
        })
    }

    /// How many orders there were.
    pub(crate) fn orders(&self) -> usize {
        self.orders.len()
    }
}

fn text(message: &Message<'_>, tag: Tag) -> String {
    message.get(tag).map(|value| String::from_utf8_lossy(value).into_owned()).unwrap_or_default()
}

fn number(message: &Message<'_>, tag: Tag) -> Decimal {
    text(message, tag).parse().unwrap_or_default()
}
