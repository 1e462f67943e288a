//! Order states and the fill rule, without any FIX: what happens to an order, given the market's quotes.
//!
//! A market order fills at once at the far side of the quote. A limit order fills at once where it crosses
//! the quote, at the quote's price; otherwise it rests until a later quote crosses it or it is cancelled.

use std::collections::{BTreeMap, HashMap};

use fix_core::decimal::Decimal;

use crate::bus::order::Side;

/// A new order as the exchange understands it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewOrder {
    /// ClOrdID(11), unique in this session.
    pub cl_ord_id: String,
    /// Symbol(55).
    pub symbol: String,
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
    /// The order as entered; its ClOrdID changes with an accepted cancel request.
    pub entered: NewOrder,
    /// OrderID(37).
    pub order_id: String,
    /// CumQty(14).
    pub cum_qty: Decimal,
    /// AvgPx(6).
    pub avg_px: Decimal,
}

/// ExecType(150) and what belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// 150=0, 39=0
    New,
    /// 150=F, 39=2: the whole quantity at this price.
    Fill(Decimal),
    /// 150=4, 39=4; the OrigClOrdID(41).
    Canceled(String),
    /// 150=8, 39=8, OrdRejReason(103) and Text(58).
    Rejected(u32, String),
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

/// Why a cancel request is refused: CxlRejReason(102).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CancelRefusal {
    /// 102=0: the order is filled or cancelled already; OrdStatus(39) of it.
    TooLate(u8),
    /// 102=1
    UnknownOrder,
    /// 102=6
    DuplicateClOrdId,
}

/// The orders of one session.
#[derive(Debug)]
pub struct SimulatedExchange {
    id_prefix: String,
    next_id: u64,
    /// Bid and ask by symbol.
    quotes: HashMap<String, (Decimal, Decimal)>,
    working: BTreeMap<String, Order>,
    /// OrdStatus(39) of orders that are done, by every ClOrdID they had.
    done: HashMap<String, u8>,
}

impl SimulatedExchange {
    /// An exchange without orders. `id_prefix` keeps OrderIDs and ExecIDs unique over restarts.
    pub fn new(id_prefix: impl Into<String>) -> Self {
        SimulatedExchange {
            id_prefix: id_prefix.into(),
            next_id: 0,
            quotes: HashMap::new(),
            working: BTreeMap::new(),
            done: HashMap::new(),
        }
    }

    /// Takes an order; the executions come in the order in which they are to be reported.
    pub fn enter(&mut self, entered: NewOrder) -> Vec<Execution> {
        let order = Order { order_id: self.id("O"), entered, cum_qty: Decimal::ZERO, avg_px: Decimal::ZERO };
        if let Some((reason, text)) = self.objection(&order.entered) {
            return vec![self.execution(order, Outcome::Rejected(reason, text))];
        }
        let mut executions = vec![self.execution(order.clone(), Outcome::New)];
        match self.crossing_price(&order.entered) {
            Some(price) => executions.push(self.fill(order, price)),
            None => {
                self.working.insert(order.entered.cl_ord_id.clone(), order);
            }
        }
        executions
    }

    /// Cancels the working order `orig_cl_ord_id`, which from then on is known as `cl_ord_id` too.
    pub fn cancel(&mut self, orig_cl_ord_id: &str, cl_ord_id: &str) -> Result<Execution, CancelRefusal> {
        if self.knows(cl_ord_id) {
            return Err(CancelRefusal::DuplicateClOrdId);
        }
        let Some(mut order) = self.working.remove(orig_cl_ord_id) else {
            return Err(self
                .done
                .get(orig_cl_ord_id)
                .map_or(CancelRefusal::UnknownOrder, |status| CancelRefusal::TooLate(*status)));
        };
        self.done.insert(orig_cl_ord_id.to_owned(), b'4');
        self.done.insert(cl_ord_id.to_owned(), b'4');
        order.entered.cl_ord_id = cl_ord_id.to_owned();
        Ok(self.execution(order, Outcome::Canceled(orig_cl_ord_id.to_owned())))
    }

    /// A new quote; working orders that it crosses are filled, oldest ClOrdID first.
    pub fn quote(&mut self, symbol: &str, bid: Decimal, ask: Decimal) -> Vec<Execution> {
        self.quotes.insert(symbol.to_owned(), (bid, ask));
        let crossed: Vec<(String, Decimal)> = self
            .working
            .iter()
            .filter(|(_, order)| order.entered.symbol == symbol)
            .filter_map(|(id, order)| Some((id.clone(), self.crossing_price(&order.entered)?)))
            .collect();
        crossed
            .into_iter()
            .filter_map(|(id, price)| self.working.remove(&id).map(|order| self.fill(order, price)))
            .collect()
    }

    /// True if an order with this ClOrdID was ever taken.
    pub fn knows(&self, cl_ord_id: &str) -> bool {
        self.working.contains_key(cl_ord_id) || self.done.contains_key(cl_ord_id)
    }

    /// OrdRejReason(103) and Text(58) if the order cannot be taken.
    fn objection(&self, order: &NewOrder) -> Option<(u32, String)> {
        if self.knows(&order.cl_ord_id) {
            return Some((6, format!("ClOrdID(11) {} was used before", order.cl_ord_id)));
        }
        if !self.quotes.contains_key(&order.symbol) {
            return Some((1, format!("Symbol(55) {} is not traded here", order.symbol)));
        }
        if !order.qty.is_positive() {
            return Some((13, "OrderQty(38) must be greater than 0".into()));
        }
        if order.limit.is_some_and(|limit| !limit.is_positive()) {
            return Some((99, "Price(44) must be greater than 0".into()));
        }
        None
    }

    fn crossing_price(&self, order: &NewOrder) -> Option<Decimal> {
        let (bid, ask) = *self.quotes.get(&order.symbol)?;
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

    fn fill(&mut self, mut order: Order, price: Decimal) -> Execution {
        order.cum_qty = order.entered.qty;
        order.avg_px = price;
        self.done.insert(order.entered.cl_ord_id.clone(), b'2');
        self.execution(order, Outcome::Fill(price))
    }

    fn execution(&mut self, order: Order, outcome: Outcome) -> Execution {
        Execution { exec_id: self.id("E"), order, outcome }
    }

    fn id(&mut self, kind: &str) -> String {
        self.next_id += 1;
        format!("{kind}{}-{}", self.id_prefix, self.next_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dec(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn exchange() -> SimulatedExchange {
        let mut exchange = SimulatedExchange::new("T");
        assert!(exchange.quote("5Y", dec("98.492"), dec("98.508")).is_empty());
        exchange
    }

    fn order(id: &str, side: Side, limit: Option<&str>) -> NewOrder {
        NewOrder { cl_ord_id: id.into(), symbol: "5Y".into(), side, qty: dec("100"), limit: limit.map(dec) }
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
        assert_eq!(cancelled.order.entered.cl_ord_id, "1c");
        assert_eq!(exchange.cancel("1", "1d"), Err(CancelRefusal::TooLate(b'4')));
        assert_eq!(exchange.cancel("2", "2c"), Err(CancelRefusal::TooLate(b'2')));
        assert_eq!(exchange.cancel("9", "9c"), Err(CancelRefusal::UnknownOrder));
        assert_eq!(exchange.cancel("2", "1"), Err(CancelRefusal::DuplicateClOrdId));
    }

    #[test]
    fn bad_orders_are_rejected_with_a_reason() {
        let mut exchange = exchange();
        exchange.enter(order("1", Side::Buy, None));
        let rejected = |executions: Vec<Execution>| match executions.as_slice() {
            [Execution { outcome: Outcome::Rejected(reason, _), .. }] => *reason,
            other => panic!("{other:?}"),
        };
        assert_eq!(rejected(exchange.enter(order("1", Side::Buy, None))), 6);
        let unknown = NewOrder { symbol: "XX".into(), ..order("2", Side::Buy, None) };
        assert_eq!(rejected(exchange.enter(unknown)), 1);
        let nothing = NewOrder { qty: Decimal::ZERO, ..order("3", Side::Buy, None) };
        assert_eq!(rejected(exchange.enter(nothing)), 13);
        assert_eq!(rejected(exchange.enter(order("4", Side::Buy, Some("-1")))), 99);
    }
}
