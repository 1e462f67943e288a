//! Pre-trade checks of one session: the limits of its configuration, and the orders and prices that they need.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use fix_core::{
    decimal::Decimal,
    pre_trade::{Gate, Limits, OrderValues, Refusal, Request},
    time::Mono,
};

use super::working::{Working, WorkingOrder};
use crate::{
    config::PreTradeSettings,
    contract::{
        news::{News, WorkingChange},
        order::{NewOrder, OrderCommand},
        report::Report,
    },
    orders::{Heard, Reopened},
};

/// Symbols whose last price is known at most.
const MOST_PRICES: usize = 65_536;

/// What an order is held against.
#[derive(Clone, Copy)]
enum Reference {
    /// The last price in the counterparty's market data.
    Said,
    LastFill,
}

/// What is checked of a command.
pub(super) struct Checked<'c> {
    pub request: Request,
    pub symbol: &'c str,
    pub qty: Decimal,
    pub price: Option<Decimal>,
}

impl<'c> Checked<'c> {
    /// `None` of a cancel, which only makes the risk smaller.
    pub(super) fn of(command: &'c OrderCommand) -> Option<Self> {
        match command {
            OrderCommand::New(order) => Some(Checked::order(Request::New, order)),
            OrderCommand::Replace(replace) => Some(Checked::order(Request::Replace, &replace.order)),
            OrderCommand::Cancel(_) => None,
        }
    }

    fn order(request: Request, order: &'c NewOrder) -> Self {
        Checked { request, symbol: &order.symbol, qty: order.qty, price: order.ord_type.price() }
    }
}

/// The gates of one session, and its working orders.
pub(super) struct PreTrade {
    settings: PreTradeSettings,
    /// What counts all orders of the session.
    session: Gate,
    /// By symbol, of those that have limits of their own; [`others`](Self::others) for all else.
    symbols: HashMap<String, Gate>,
    others: Gate,
    /// The price of the last fill, by symbol; kept if a limit needs it.
    last_prices: Option<HashMap<String, Decimal>>,
    pub(super) working: Working,
    /// While an earlier process's reports are read: orders that they end.
    ended_before: HashSet<String>,
}

impl PreTrade {
    pub(super) fn new(settings: PreTradeSettings) -> Self {
        let own = settings.limits;
        let session = Limits {
            max_orders_per_second: own.max_orders_per_second,
            max_open_orders: own.max_open_orders,
            ..Limits::default()
        };
        let others = Limits { max_orders_per_second: None, max_open_orders: None, ..own };
        let of_symbol = |limits: &Limits| Limits {
            max_order_qty: limits.max_order_qty.or(own.max_order_qty),
            max_notional: limits.max_notional.or(own.max_notional),
            price_band: limits.price_band.or(own.price_band),
            ..*limits
        };
        let needs_price = |limits: &Limits| limits.max_notional.is_some() || limits.price_band.is_some();
        let is_price_needed = needs_price(&own) || settings.by_symbol.values().any(needs_price);
        let symbols = settings.by_symbol.iter();
        PreTrade {
            session: Gate::new(session),
            symbols: symbols.map(|(symbol, own)| (symbol.clone(), Gate::new(of_symbol(own)))).collect(),
            others: Gate::new(others),
            last_prices: is_price_needed.then(HashMap::new),
            working: Working::default(),
            ended_before: HashSet::new(),
            settings,
        }
    }

    /// Whether an order or a replacement may be sent; if not, what its sender is told.
    /// `said` is the counterparty's last price of the symbol in its market data; it goes before the last fill.
    pub(super) fn check(
        &mut self,
        order: &Checked<'_>,
        said: Option<Decimal>,
        now: Mono,
    ) -> Result<(), String> {
        let last_price = said.or_else(|| self.last_fill(order.symbol));
        let values =
            OrderValues { request: order.request, order_qty: order.qty, price: order.price, last_price };
        let symbol = self.symbols.get_mut(order.symbol).unwrap_or(&mut self.others);
        let refusal = match symbol.check(&values, now) {
            Err(refusal) => Some((refusal, true)),
            Ok(()) => self.session.check(&values, now).err().map(|refusal| (refusal, false)),
        };
        match refusal {
            None => Ok(()),
            Some((refusal, is_symbols)) => {
                let reference = if said.is_some() { Reference::Said } else { Reference::LastFill };
                Err(self.text(refusal, order, reference, is_symbols))
            }
        }
    }

    /// What stands for orders of a symbol alone, and the open orders that there may be with those that there are, of the
    /// session and of the symbol.
    pub(super) fn limits_of(&self, symbol: &str) -> (&Limits, Vec<(u32, u32)>) {
        let gate = self.symbols.get(symbol).unwrap_or(&self.others);
        let counted = [&self.session, gate];
        let open =
            counted.iter().filter_map(|gate| Some((gate.limits().max_open_orders?, gate.open_orders())));
        (gate.limits(), open.collect())
    }

    /// The price of the last fill, if a limit needs it.
    pub(super) fn last_fill(&self, symbol: &str) -> Option<Decimal> {
        self.last_prices.as_ref()?.get(symbol).copied()
    }

    /// The command was sent.
    pub(super) fn sent(&mut self, command: &OrderCommand, id: &Arc<str>, now: Mono) {
        if let Some(order) = Checked::of(command) {
            self.session.sent(order.request, now);
            self.gate(order.symbol).sent(order.request, now);
        }
        self.follow(command, id);
    }

    /// An earlier process sent the command. It is counted when all is known: see [`opened`](Self::opened).
    pub(super) fn remember(&mut self, command: &OrderCommand) {
        self.follow(command, &command.cl_ord_id().into());
    }

    fn follow(&mut self, command: &OrderCommand, id: &Arc<str>) {
        match command {
            OrderCommand::New(order) => {
                let forgotten = self.working.open(Arc::clone(id), &order.symbol, order.side);
                self.closed(forgotten);
            }
            OrderCommand::Cancel(cancel) => self.working.set_cancel_asked(&cancel.orig_cl_ord_id, true),
            // The order is renamed once the counterparty has accepted it.
            OrderCommand::Replace(_) => {}
        }
    }

    /// The counterparty said something, which means `heard` for the orders. True if from now on a working order goes by
    /// another id, or one works again that had ended.
    pub(super) fn heard(&mut self, news: &News<'_>, heard: &Heard) -> bool {
        self.take(news);
        self.follow_order(heard);
        news.change() == WorkingChange::Replaced || heard.replaced.is_some() || heard.reopened.is_some()
    }

    /// The counterparty said this to an earlier process. Of orders that are known by their message, what it means comes
    /// by [`follow_order`](Self::follow_order) too.
    pub(super) fn heard_before(&mut self, news: &News<'_>, is_known: impl Fn(&str) -> bool) {
        if news.opens_again() && !news.ids().any(is_known) {
            for id in news.ids() {
                self.ended_before.remove(id);
            }
        }
        let (change, replaced) = (news.change(), news.replacement());
        if change == WorkingChange::Ended {
            self.ended_before.extend(news.ids().map(str::to_owned));
        } else if let Some((id, symbol, side)) = news.stranger()
            && !news.ids().any(|id| self.ended_before.contains(id) || self.working.get(id).is_some())
        {
            // A reset of the numbers took the message away that was sent.
            self.working.open(id, symbol, side);
        }
        if let Some((_, original)) = replaced.filter(|_| change == WorkingChange::Replaced) {
            // Said once more, it is not another order.
            self.ended_before.insert(original.to_owned());
        }
        self.take(news);
    }

    /// All that an earlier process heard is read.
    pub(super) fn opened(&mut self) {
        self.ended_before = HashSet::new();
        self.count_open();
    }

    fn take(&mut self, news: &News<'_>) {
        if let (Some(prices), Some((symbol, price))) = (&mut self.last_prices, news.fill()) {
            let has_room = prices.len() < MOST_PRICES;
            match prices.get_mut(symbol) {
                Some(last) => *last = price,
                None if has_room => drop(prices.insert(symbol.to_owned(), price)),
                None => {}
            }
        }
        match news.change() {
            WorkingChange::Nothing => {}
            WorkingChange::Ended => news.ids().for_each(|id| self.end(id)),
            WorkingChange::Replaced => {
                if let Some((id, original)) = news.replacement() {
                    self.working.rename(original, id);
                }
            }
            WorkingChange::RequestRefused => {
                news.ids().for_each(|id| self.working.set_cancel_asked(id, false))
            }
        }
    }

    /// What was heard of an order that goes by another id than the message has, by that of a replacement, or that is open
    /// again.
    pub(super) fn follow_order(&mut self, heard: &Heard) {
        if let Some((before, id)) = &heard.replaced {
            self.working.rename(before, id);
        }
        if let Some(id) = &heard.ended {
            self.end(id);
        }
        if let Some(order) = &heard.reopened {
            self.open_again(order);
        }
    }

    fn open_again(&mut self, order: &Reopened) {
        self.working.open(Arc::clone(&order.id), &order.symbol, order.side);
        self.count_open();
    }

    /// We said this of an order ourselves, now or in an earlier process.
    pub(super) fn said(&mut self, report: &Report) {
        if let Some(id) = report.cl_ord_id().filter(|id| report.is_final_for(id)) {
            self.end(id);
            if let Some(original) = report.orig_cl_ord_id() {
                // Of a cancel that never went out, or was rejected: the order works on.
                self.working.set_cancel_asked(original, false);
            }
        }
    }

    fn end(&mut self, cl_ord_id: &str) {
        let ended = self.working.end(cl_ord_id);
        self.closed(ended);
    }

    fn closed(&mut self, order: Option<WorkingOrder>) {
        if let Some(order) = order {
            self.session.closed();
            self.gate(&order.symbol).closed();
        }
    }

    fn gate(&mut self, symbol: &str) -> &mut Gate {
        self.symbols.get_mut(symbol).unwrap_or(&mut self.others)
    }

    /// The gates count what is working now.
    fn count_open(&mut self) {
        let mut by_symbol = HashMap::<&str, u32>::new();
        for id in self.working.ids() {
            if let Some(order) = self.working.get(id) {
                *by_symbol.entry(&order.symbol).or_default() += 1;
            }
        }
        self.session.set_open_orders(by_symbol.values().sum());
        for (symbol, gate) in &mut self.symbols {
            gate.set_open_orders(by_symbol.get(symbol.as_str()).copied().unwrap_or_default());
        }
    }

    /// What the sender is told: the key, its value, and what the order has.
    fn text(&self, refusal: Refusal, order: &Checked<'_>, reference: Reference, is_symbols: bool) -> String {
        let own = self.settings.by_symbol.get(order.symbol);
        // A limit of the symbol's own stands in place of the session's.
        let key = |name: &str, is_own: bool| match is_own {
            true => format!("{name}.{}", order.symbol),
            false => name.to_owned(),
        };
        let has = |limit: fn(&Limits) -> bool| own.is_some_and(limit);
        let what = match order.request {
            Request::New => "the order",
            Request::Replace => "the replacement",
        };
        let why = match refusal {
            Refusal::OrderQty { limit, value } => {
                let key = key("MaxOrderQty", has(|limits| limits.max_order_qty.is_some()));
                format!("{key} is {limit}, {what} has {value}")
            }
            Refusal::Notional { limit, price, order_qty } => {
                let key = key("MaxOrderNotional", has(|limits| limits.max_notional.is_some()));
                let value =
                    price.checked_mul(order_qty).map(|value| format!("{value}, ")).unwrap_or_default();
                let source = match reference {
                    _ if order.price.is_some() => "",
                    Reference::Said => ", the counterparty's last price",
                    Reference::LastFill => ", the price of the last fill",
                };
                format!("{key} is {limit}, {what} has {value}{order_qty} at {price}{source}")
            }
            Refusal::PriceBand { limit, price, last_price } => {
                let key = key("PriceBandPercent", has(|limits| limits.price_band.is_some()));
                let limit = Decimal::new(limit.0.into(), 2).normalized();
                let said = match reference {
                    Reference::Said => "the counterparty's last price is",
                    Reference::LastFill => "the last fill was at",
                };
                format!("{key} is {limit}, {what} has {price}, and {said} {last_price}")
            }
            Refusal::PriceUnknown => {
                let key = match order.price {
                    Some(_) => key("PriceBandPercent", has(|limits| limits.price_band.is_some())),
                    None => key("MaxOrderNotional", has(|limits| limits.max_notional.is_some())),
                };
                format!(
                    "{key} is set, neither a price of the counterparty nor a fill of {} is known on this session that \
                     {what} could be held against, and OrdersWithoutReferencePrice is refuse: let such orders go with \
                     OrdersWithoutReferencePrice=pass, or have prices with MarketData=subscribe",
                    order.symbol
                )
            }
            Refusal::OrdersPerSecond { limit } => {
                let key = key("MaxOrdersPerSecond", is_symbols);
                format!("{key} is {limit}, and so many were sent within a second")
            }
            Refusal::OpenOrders { limit, open } => {
                format!("{} is {limit}, and {open} orders are open", key("MaxOpenOrders", is_symbols))
            }
            other => other.to_string(),
        };
        format!("{why}; not sent")
    }
}

#[cfg(test)]
mod tests;
