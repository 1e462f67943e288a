//! The checks of one scope, and what they remember.

use super::{
    limits::{Limits, WithoutPrice, is_notional_above, is_outside_band},
    rate::Rate,
    refusal::Refusal,
};
use crate::{decimal::Decimal, time::Mono};

/// What is about to be sent. A cancel is never checked: it only makes the risk smaller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Request {
    /// NewOrderSingle(D).
    New,
    /// OrderCancelReplaceRequest(G): checked as a new order, but the number of open orders stays.
    Replace,
}

/// What the checks look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct OrderValues {
    /// Which request it is.
    pub request: Request,
    /// OrderQty(38).
    pub order_qty: Decimal,
    /// Price(44); `None` for an order that takes any price. Of a stop order that is all: StopPx(99) is no
    /// price to trade at.
    pub price: Option<Decimal>,
    /// The last price of the symbol that the counterparty quoted or filled at; `None` before the first. Never a
    /// simulated one.
    pub last_price: Option<Decimal>,
}

/// The limits of one scope, with the counts that two of them need.
#[derive(Clone, Debug, Default)]
pub struct Gate {
    limits: Limits,
    rate: Rate,
    open: u32,
}

impl Gate {
    /// A gate that has seen no order yet.
    pub fn new(limits: Limits) -> Self {
        Gate { limits, ..Gate::default() }
    }

    /// The limits.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Orders that are working.
    pub fn open_orders(&self) -> u32 {
        self.open
    }

    /// Whether the order may pass. It is not counted yet: another gate may refuse it.
    ///
    /// # Errors
    /// [`Refusal`]: the first limit that it is beyond.
    #[inline]
    pub fn check(&mut self, order: &OrderValues, now: Mono) -> Result<(), Refusal> {
        match self.first_fault(order, now) {
            None => Ok(()),
            Some(fault) => Err(self.refusal(fault, order)),
        }
    }

    fn first_fault(&mut self, order: &OrderValues, now: Mono) -> Option<Fault> {
        let limits = &self.limits;
        if !order.order_qty.is_positive() {
            return Some(Fault::NoQuantity);
        }
        if limits.max_order_qty.is_some_and(|limit| order.order_qty > limit) {
            return Some(Fault::OrderQty);
        }
        if let Some(limit) = limits.max_notional {
            match order.price.or(order.last_price) {
                Some(price) if is_notional_above(price, order.order_qty, limit) => {
                    return Some(Fault::Notional);
                }
                None if limits.without_price == WithoutPrice::Refuse => return Some(Fault::PriceUnknown),
                _ => {}
            }
        }
        if let (Some(limit), Some(price)) = (limits.price_band, order.price) {
            // Of a last price of zero nothing is a percentage.
            match order.last_price.filter(|last| !last.is_zero()) {
                Some(last) if is_outside_band(price, last, limit) => return Some(Fault::PriceBand),
                None if limits.without_price == WithoutPrice::Refuse => return Some(Fault::PriceUnknown),
                _ => {}
            }
        }
        if limits.max_open_orders.is_some_and(|limit| self.open >= limit) && order.request == Request::New {
            return Some(Fault::OpenOrders);
        }
        let rate = &mut self.rate;
        if limits.max_orders_per_second.is_some_and(|limit| rate.in_last_second(now) >= limit) {
            return Some(Fault::OrdersPerSecond);
        }
        None
    }

    /// The fault with its limit and value. Apart, so that an order that passes pays nothing for it.
    #[cold]
    fn refusal(&self, fault: Fault, order: &OrderValues) -> Refusal {
        let (limits, order_qty) = (&self.limits, order.order_qty);
        let price = order.price.or(order.last_price).unwrap_or_default();
        match fault {
            Fault::NoQuantity => Refusal::OrderQtyNotPositive { value: order_qty },
            Fault::OrderQty => {
                Refusal::OrderQty { limit: limits.max_order_qty.unwrap_or_default(), value: order_qty }
            }
            Fault::Notional => {
                Refusal::Notional { limit: limits.max_notional.unwrap_or_default(), price, order_qty }
            }
            Fault::PriceBand => Refusal::PriceBand {
                limit: limits.price_band.unwrap_or_default(),
                price,
                last_price: order.last_price.unwrap_or_default(),
            },
            Fault::PriceUnknown => Refusal::PriceUnknown,
            Fault::OpenOrders => {
                Refusal::OpenOrders { limit: limits.max_open_orders.unwrap_or_default(), open: self.open }
            }
            Fault::OrdersPerSecond => {
                Refusal::OrdersPerSecond { limit: limits.max_orders_per_second.unwrap_or_default() }
            }
        }
    }

    /// The order was sent.
    #[inline]
    pub fn sent(&mut self, request: Request, now: Mono) {
        if self.limits.max_orders_per_second.is_some() {
            self.rate.count(now);
        }
        if request == Request::New {
            self.open = self.open.saturating_add(1);
        }
    }

    /// An order of this scope is no longer working: filled, cancelled, expired, rejected.
    #[inline]
    pub fn closed(&mut self) {
        self.open = self.open.saturating_sub(1);
    }

    /// After a restart: `open` orders are known to be working.
    pub fn set_open_orders(&mut self, open: u32) {
        self.open = open;
    }
}

/// Which limit an order is beyond.
#[derive(Clone, Copy)]
enum Fault {
    NoQuantity,
    OrderQty,
    Notional,
    PriceBand,
    PriceUnknown,
    OpenOrders,
    OrdersPerSecond,
}
