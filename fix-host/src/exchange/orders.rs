//! Order states and the fill rule, without any FIX: what happens to an order, given the market's quotes.
//!
//! A market order fills at once at the far side of the quote. A limit order fills at once where it crosses
//! the quote, at the quote's price; otherwise it rests until a later quote crosses it, or it is replaced by
//! one that does, or it is cancelled. Of a symbol without a quote, a limit order fills at its limit, and a market order
//! is rejected. A session may have 10,000 orders that rest; of the rest, the last 65,536
//! ClOrdIDs are known.

use std::sync::Arc;

use fix_core::{decimal::Decimal, dict::fix44::code};

use super::ledger::Ledger;
use crate::contract::order::Side;

/// A new order as the exchange understands it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderTerms {
    /// ClOrdID(11), unique in this session.
    pub cl_ord_id: Arc<str>,
    /// Symbol(55).
    pub symbol: Arc<str>,
    /// Side(54).
    pub side: Side,
    /// OrderQty(38).
    pub qty: Decimal,
    /// Price(44) of a limit order, `None` for a market order.
    pub limit: Option<Decimal>,
}

/// An order with all that an ExecutionReport says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// The order as entered, or as last replaced; its ClOrdID is that of the last accepted request.
    pub entered: OrderTerms,
    /// OrderID(37).
    pub order_id: Arc<str>,
    /// OrdStatus(39).
    pub ord_status: code::OrdStatus,
    /// CumQty(14).
    pub cum_qty: Decimal,
    /// AvgPx(6).
    pub avg_px: Decimal,
}

impl Order {
    /// LeavesQty(151): what can still trade.
    pub fn leaves_qty(&self) -> Decimal {
        if self.ord_status != code::OrdStatus::NEW {
            return Decimal::ZERO;
        }
        self.entered.qty.checked_sub(self.cum_qty).unwrap_or(Decimal::ZERO)
    }
}

/// ExecType(150) and what belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// 150=0, 39=0
    New,
    /// 150=F, 39=2: the whole quantity at this price.
    Fill(Decimal),
    /// 150=4, 39=4; the OrigClOrdID(41).
    Canceled(Arc<str>),
    /// 150=5, 39=0; the OrigClOrdID(41).
    Replaced(Arc<str>),
    /// 150=8, 39=8, OrdRejReason(103) and Text(58).
    Rejected(code::OrdRejReason, String),
    /// 150=I: the answer to an OrderStatusRequest(H).
    Status,
}

/// One ExecutionReport to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Execution {
    /// The order after this execution.
    pub order: Order,
    /// ExecID(17).
    pub exec_id: String,
    /// What happened.
    pub outcome: Outcome,
}

/// Why a cancel or replace request is refused: CxlRejReason(102).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// 102=0: this order is filled or cancelled already.
    TooLate(Box<Order>),
    /// 102=1
    UnknownOrder,
    /// 102=6
    DuplicateClOrdId,
    /// 102=99: the replacement itself is not good.
    Objection(Box<Order>, String),
}

/// What a symbol is bought and sold at.
#[derive(Debug)]
struct Quoted {
    symbol: Arc<str>,
    bid: Decimal,
    ask: Decimal,
}

/// The orders of one session.
#[derive(Debug)]
pub struct SimulatedExchange {
    id_prefix: String,
    next_id: u64,
    /// By symbol.
    quotes: Vec<Quoted>,
    /// Orders for any other symbol are rejected.
    only_quoted: bool,
    ledger: Ledger,
}

impl SimulatedExchange {
    /// An exchange without orders. `id_prefix` keeps OrderIDs and ExecIDs unique over restarts. `only_quoted`: orders
    /// for a symbol without a quote are rejected.
    pub fn new(id_prefix: impl Into<String>, only_quoted: bool) -> Self {
        SimulatedExchange {
            id_prefix: id_prefix.into(),
            next_id: 0,
            quotes: Vec::new(),
            only_quoted,
            ledger: Ledger::default(),
        }
    }

    /// Takes an order; the executions come in the order in which they are to be reported.
    pub fn enter(&mut self, entered: OrderTerms) -> Vec<Execution> {
        let mut order = Order {
            order_id: self.id('O').into(),
            entered,
            ord_status: code::OrdStatus::NEW,
            cum_qty: Decimal::ZERO,
            avg_px: Decimal::ZERO,
        };
        let used = self.knows(&order.entered.cl_ord_id).then(|| {
            let text = format!("ClOrdID(11) {} was used before", order.entered.cl_ord_id);
            (code::OrdRejReason::DUPLICATE_ORDER, text)
        });
        let full = || {
            let text = format!("{} orders are working already; cancel some first", self.ledger.full()?);
            Some((code::OrdRejReason::ORDER_EXCEEDS_LIMIT, text))
        };
        if let Some((reason, text)) = used.or_else(|| self.objection(&order.entered)).or_else(full) {
            order.ord_status = code::OrdStatus::REJECTED;
            return vec![self.execution(order, Outcome::Rejected(reason, text))];
        }
        let place = self.ledger.add(order.clone());
        let mut executions = vec![self.execution(order, Outcome::New)];
        executions.extend(self.fill_if_crossed(place));
        executions
    }

    /// Cancels the working order `orig_cl_ord_id`, which from then on is known as `cl_ord_id` too.
    ///
    /// # Errors
    /// What the OrderCancelReject(9) says.
    pub fn cancel(&mut self, orig_cl_ord_id: &str, cl_ord_id: &str) -> Result<Execution, Refusal> {
        let (place, _) = self.changeable(orig_cl_ord_id, cl_ord_id)?;
        self.ledger.change(place, cl_ord_id.into(), |order| order.ord_status = code::OrdStatus::CANCELED);
        let order = self.ledger.finish(place, |_| {}).ok_or(Refusal::UnknownOrder)?;
        Ok(self.execution(order, Outcome::Canceled(orig_cl_ord_id.into())))
    }

    /// Replaces the working order `orig_cl_ord_id` by `entered`; it keeps its OrderID, and trades at once if
    /// it crosses the quote now.
    ///
    /// # Errors
    /// What the OrderCancelReject(9) says.
    pub fn replace(&mut self, orig_cl_ord_id: &str, entered: OrderTerms) -> Result<Vec<Execution>, Refusal> {
        let (place, old) = self.changeable(orig_cl_ord_id, &entered.cl_ord_id)?;
        let objection = if (&old.entered.symbol, old.entered.side) == (&entered.symbol, entered.side) {
            self.objection(&entered).map(|(_, text)| text)
        } else {
            Some("Symbol(55) and Side(54) cannot be replaced".into())
        };
        if let Some(text) = objection {
            return Err(Refusal::Objection(Box::new(old.clone()), text));
        }
        let cl_ord_id = Arc::clone(&entered.cl_ord_id);
        let replaced = self.ledger.change(place, cl_ord_id, |order| order.entered = entered);
        let order = replaced.ok_or(Refusal::UnknownOrder)?;
        let mut executions = vec![self.execution(order, Outcome::Replaced(orig_cl_ord_id.into()))];
        executions.extend(self.fill_if_crossed(place));
        Ok(executions)
    }

    /// Tells the state of an order, which does not change by it.
    pub fn status(&mut self, cl_ord_id: &str) -> Option<Execution> {
        let order = self.ledger.find(cl_ord_id)?.1.clone();
        Some(self.execution(order, Outcome::Status))
    }

    /// A new quote; working orders that it crosses are filled, oldest first.
    pub fn quote(&mut self, symbol: &str, bid: Decimal, ask: Decimal) -> Vec<Execution> {
        match self.quoted(symbol) {
            Ok(place) => (self.quotes[place].bid, self.quotes[place].ask) = (bid, ask),
            Err(place) => self.quotes.insert(place, Quoted { symbol: symbol.into(), bid, ask }),
        }
        let working = self.ledger.working_in(symbol);
        working.into_iter().filter_map(|place| self.fill_if_crossed(place)).collect()
    }

    /// A Symbol(55) as text of its own; what is quoted has it already.
    pub fn symbol(&self, symbol: &str) -> Arc<str> {
        match self.quoted(symbol) {
            Ok(place) => Arc::clone(&self.quotes[place].symbol),
            Err(_) => symbol.into(),
        }
    }

    /// True if a new quote can fill an order.
    pub fn has_working(&self) -> bool {
        self.ledger.has_working()
    }

    /// True if an order with this ClOrdID was taken and is not forgotten.
    pub fn knows(&self, cl_ord_id: &str) -> bool {
        self.ledger.knows(cl_ord_id)
    }

    /// An order that can be cancelled or replaced by a request `cl_ord_id`, and its place.
    fn changeable(&self, orig_cl_ord_id: &str, cl_ord_id: &str) -> Result<(u64, &Order), Refusal> {
        if self.knows(cl_ord_id) {
            return Err(Refusal::DuplicateClOrdId);
        }
        let (place, order) = self.ledger.find(orig_cl_ord_id).ok_or(Refusal::UnknownOrder)?;
        if !self.ledger.is_working(place) {
            return Err(Refusal::TooLate(Box::new(order.clone())));
        }
        Ok((place, order))
    }

    /// OrdRejReason(103) and Text(58) if the order cannot be taken.
    fn objection(&self, order: &OrderTerms) -> Option<(code::OrdRejReason, String)> {
        if self.quoted(&order.symbol).is_err() && (self.only_quoted || order.limit.is_none()) {
            let text = match self.only_quoted {
                true => format!("Symbol(55) {} is not traded here", order.symbol),
                false => {
                    let symbol = &order.symbol;
                    format!(
                        "Symbol(55) {symbol} has no quote here that a market order could fill at; give a Price(44)"
                    )
                }
            };
            return Some((code::OrdRejReason::UNKNOWN_SYMBOL, text));
        }
        if !order.qty.is_positive() {
            let text = "OrderQty(38) must be greater than 0".into();
            return Some((code::OrdRejReason::INCORRECT_QUANTITY, text));
        }
        if order.limit.is_some_and(|limit| !limit.is_positive()) {
            return Some((code::OrdRejReason::OTHER, "Price(44) must be greater than 0".into()));
        }
        None
    }

    /// The place of a symbol's quote, or the place that it would have.
    fn quoted(&self, symbol: &str) -> Result<usize, usize> {
        self.quotes.binary_search_by(|quoted| (*quoted.symbol).cmp(symbol))
    }

    /// The price at which the order trades now, if it does.
    fn crossing_price(&self, order: &OrderTerms) -> Option<Decimal> {
        let Ok(place) = self.quoted(&order.symbol) else { return order.limit };
        let Quoted { bid, ask, .. } = self.quotes[place];
        let price = match order.side {
            Side::Buy => ask,
            Side::Sell => bid,
        };
        let crosses = order.limit.is_none_or(|limit| match order.side {
            Side::Buy => limit >= price,
            Side::Sell => limit <= price,
        });
        crosses.then_some(price)
    }

    fn fill_if_crossed(&mut self, place: u64) -> Option<Execution> {
        let price = self.crossing_price(&self.ledger.get(place)?.entered)?;
        let order = self.ledger.finish(place, |order| {
            order.cum_qty = order.entered.qty;
            order.avg_px = price;
            order.ord_status = code::OrdStatus::FILLED;
        })?;
        Some(self.execution(order, Outcome::Fill(price)))
    }

    /// The next ExecID(17).
    pub(super) fn exec_id(&mut self) -> String {
        self.id('E')
    }

    fn execution(&mut self, order: Order, outcome: Outcome) -> Execution {
        Execution { exec_id: self.exec_id(), order, outcome }
    }

    fn id(&mut self, kind: char) -> String {
        self.next_id += 1;
        let mut digits = itoa::Buffer::new();
        let digits = digits.format(self.next_id);
        let mut id = String::with_capacity(self.id_prefix.len() + digits.len() + 2);
        id.push(kind);
        id.push_str(&self.id_prefix);
        id.push('-');
        id.push_str(digits);
        id
    }
}

#[cfg(test)]
mod tests {
    use super::{super::ledger::Limits, *};

    fn dec(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn exchange() -> SimulatedExchange {
        let mut exchange = SimulatedExchange::new("T", false);
        assert!(exchange.quote("5Y", dec("98.492"), dec("98.508")).is_empty());
        exchange
    }

    fn order(id: &str, side: Side, limit: Option<&str>) -> OrderTerms {
        OrderTerms { cl_ord_id: id.into(), symbol: "5Y".into(), side, qty: dec("100"), limit: limit.map(dec) }
    }

    fn outcomes(executions: &[Execution]) -> Vec<Outcome> {
        executions.iter().map(|execution| execution.outcome.clone()).collect()
    }

    #[test]
    fn a_market_order_is_acknowledged_and_filled_at_the_far_side() {
        let executions = exchange().enter(order("1", Side::Buy, None));
        assert_eq!(outcomes(&executions), [Outcome::New, Outcome::Fill(dec("98.508"))]);
        assert_eq!(executions[1].order.cum_qty, dec("100"));
        assert_ne!(executions[0].exec_id, executions[1].exec_id);
        assert_eq!(executions[0].order.order_id, executions[1].order.order_id);
    }

    #[test]
    fn a_symbol_without_a_quote_trades_at_the_limit_or_not_at_all() {
        let entered = |limit| OrderTerms { symbol: "AAPL".into(), ..order("1", Side::Sell, limit) };
        let filled = exchange().enter(entered(Some("187.2")));
        assert_eq!(outcomes(&filled), [Outcome::New, Outcome::Fill(dec("187.2"))]);
        let mut closed = SimulatedExchange::new("T", true);
        for (exchange, limit, says) in [
            (&mut exchange(), None, "has no quote here"),
            (&mut closed, Some("187.2"), "AAPL is not traded here"),
        ] {
            let rejected = outcomes(&exchange.enter(entered(limit)));
            let [Outcome::Rejected(code::OrdRejReason::UNKNOWN_SYMBOL, text)] = &rejected[..] else {
                panic!("{rejected:?}")
            };
            assert!(text.contains(says), "{text}");
        }
    }

    #[test]
    fn a_limit_order_rests_until_the_quote_crosses_it() {
        let mut exchange = exchange();
        assert_eq!(outcomes(&exchange.enter(order("1", Side::Sell, Some("98.60")))), [Outcome::New]);
        assert!(exchange.quote("5Y", dec("98.59"), dec("98.61")).is_empty());
        let filled = exchange.quote("5Y", dec("98.605"), dec("98.62"));
        assert_eq!(outcomes(&filled), [Outcome::Fill(dec("98.605"))]);
        assert!(exchange.quote("5Y", dec("98.70"), dec("98.71")).is_empty(), "filled only once");
    }

    #[test]
    fn a_crossing_limit_order_gets_the_better_price() {
        let executions = exchange().enter(order("1", Side::Buy, Some("99")));
        assert_eq!(executions[1].outcome, Outcome::Fill(dec("98.508")));
    }

    #[test]
    fn cancels_and_their_refusals() {
        let mut exchange = exchange();
        exchange.enter(order("1", Side::Buy, Some("90")));
        exchange.enter(order("2", Side::Buy, None));
        let cancelled = exchange.cancel("1", "1c").unwrap();
        assert_eq!(cancelled.outcome, Outcome::Canceled("1".into()));
        assert_eq!(&*cancelled.order.entered.cl_ord_id, "1c");
        for (orig_cl_ord_id, cl_ord_id, ord_status) in
            [("1", "1d", code::OrdStatus::CANCELED), ("2", "2c", code::OrdStatus::FILLED)]
        {
            match exchange.cancel(orig_cl_ord_id, cl_ord_id) {
                Err(Refusal::TooLate(order)) => assert_eq!(order.ord_status, ord_status),
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(exchange.cancel("9", "9c"), Err(Refusal::UnknownOrder));
        assert_eq!(exchange.cancel("2", "1"), Err(Refusal::DuplicateClOrdId));
    }

    #[test]
    fn a_replaced_order_keeps_its_order_id_and_trades_where_its_new_price_crosses() {
        let mut exchange = exchange();
        let entered = exchange.enter(order("1", Side::Buy, Some("90"))).remove(0);
        let replaced = exchange.replace("1", order("1r", Side::Buy, Some("91"))).unwrap();
        assert_eq!(outcomes(&replaced), [Outcome::Replaced("1".into())]);
        assert_eq!(replaced[0].order.order_id, entered.order.order_id);
        assert_eq!(replaced[0].order.leaves_qty(), dec("100"));
        let crossing = exchange.replace("1r", order("1s", Side::Buy, Some("99"))).unwrap();
        assert_eq!(outcomes(&crossing), [Outcome::Replaced("1r".into()), Outcome::Fill(dec("98.508"))]);
        assert!(matches!(exchange.replace("1", order("1t", Side::Buy, None)), Err(Refusal::TooLate(_))));
    }

    #[test]
    fn a_replacement_changes_neither_side_nor_symbol_and_a_refused_one_nothing() {
        let mut exchange = exchange();
        exchange.enter(order("1", Side::Buy, Some("90")));
        for bad in [
            order("2", Side::Sell, Some("90")),
            OrderTerms { symbol: "2Y".into(), ..order("2", Side::Buy, Some("90")) },
            OrderTerms { qty: Decimal::ZERO, ..order("2", Side::Buy, Some("90")) },
        ] {
            assert!(matches!(exchange.replace("1", bad), Err(Refusal::Objection(..))));
        }
        assert_eq!(exchange.replace("9", order("2", Side::Buy, None)), Err(Refusal::UnknownOrder));
        assert_eq!(exchange.status("1").unwrap().order.entered, order("1", Side::Buy, Some("90")));
    }

    #[test]
    fn the_status_of_an_order_is_told_under_every_cl_ord_id_it_had() {
        let mut exchange = exchange();
        exchange.enter(order("1", Side::Buy, Some("90")));
        exchange.cancel("1", "1c").unwrap();
        for id in ["1", "1c"] {
            let status = exchange.status(id).unwrap();
            assert_eq!(
                (status.outcome, status.order.ord_status),
                (Outcome::Status, code::OrdStatus::CANCELED)
            );
            assert_eq!(status.order.leaves_qty(), Decimal::ZERO);
        }
        assert_eq!(exchange.status("9"), None);
    }

    #[test]
    fn what_is_done_is_forgotten_and_what_works_is_not() {
        let mut exchange = exchange();
        exchange.ledger = Ledger::with_limits(Limits { working: 2, cl_ord_ids: 4 });
        exchange.enter(order("rests", Side::Buy, Some("90")));
        exchange.enter(order("moves", Side::Buy, Some("90")));
        match exchange.enter(order("more", Side::Buy, Some("90"))).as_slice() {
            [
                Execution {
                    outcome: Outcome::Rejected(code::OrdRejReason::ORDER_EXCEEDS_LIMIT, text), ..
                },
            ] => {
                assert_eq!(text, "2 orders are working already; cancel some first");
            }
            other => panic!("{other:?}"),
        }
        exchange.cancel("rests", "gone").unwrap();
        for id in 0..100 {
            assert_eq!(exchange.enter(order(&format!("filled {id}"), Side::Buy, None)).len(), 2);
        }
        exchange.replace("moves", order("moved", Side::Buy, Some("91"))).unwrap();
        for id in 100..200 {
            exchange.enter(order(&format!("filled {id}"), Side::Buy, None));
        }
        assert_eq!(exchange.ledger.size(), (4, 4));
        assert_eq!(exchange.status("rests"), None);
        assert_eq!(exchange.cancel("gone", "x"), Err(Refusal::UnknownOrder));
        assert!(matches!(exchange.cancel("filled 199", "x"), Err(Refusal::TooLate(_))));
        assert_eq!(exchange.cancel("moved", "x").unwrap().outcome, Outcome::Canceled("moved".into()));
    }

    #[test]
    fn older_orders_are_filled_first() {
        let mut exchange = exchange();
        exchange.enter(order("b", Side::Buy, Some("98.4")));
        exchange.enter(order("a", Side::Buy, Some("98.4")));
        let filled = exchange.quote("5Y", dec("98.3"), dec("98.31"));
        let ids: Vec<&str> = filled.iter().map(|fill| &*fill.order.entered.cl_ord_id).collect();
        assert_eq!(ids, ["b", "a"]);
    }

    #[test]
    fn bad_orders_are_rejected_with_a_reason() {
        let mut exchange = exchange();
        exchange.enter(order("1", Side::Buy, None));
        let rejected = |executions: Vec<Execution>| match executions.as_slice() {
            [Execution { outcome: Outcome::Rejected(reason, _), .. }] => *reason,
            other => panic!("{other:?}"),
        };
        assert_eq!(
            rejected(exchange.enter(order("1", Side::Buy, None))),
            code::OrdRejReason::DUPLICATE_ORDER
        );
        let unknown = OrderTerms { symbol: "XX".into(), ..order("2", Side::Buy, None) };
        assert_eq!(rejected(exchange.enter(unknown)), code::OrdRejReason::UNKNOWN_SYMBOL);
        let nothing = OrderTerms { qty: Decimal::ZERO, ..order("3", Side::Buy, None) };
        assert_eq!(rejected(exchange.enter(nothing)), code::OrdRejReason::INCORRECT_QUANTITY);
        assert_eq!(rejected(exchange.enter(order("4", Side::Buy, Some("-1")))), code::OrdRejReason::OTHER);
    }
}
