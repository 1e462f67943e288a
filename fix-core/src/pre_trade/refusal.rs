//! Why an order is not sent.

use core::fmt;

use super::limits::BasisPoints;
use crate::decimal::Decimal;

/// The first limit that an order is beyond, with the value that is. Its text is what the sender of the order is
/// told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Refusal {
    /// OrderQty(38) is not above zero.
    OrderQtyNotPositive {
        /// OrderQty(38) of the order.
        value: Decimal,
    },
    /// OrderQty(38) is above [`max_order_qty`](super::Limits::max_order_qty).
    OrderQty {
        /// The limit.
        limit: Decimal,
        /// OrderQty(38) of the order.
        value: Decimal,
    },
    /// Price times quantity is above [`max_notional`](super::Limits::max_notional).
    Notional {
        /// The limit.
        limit: Decimal,
        /// Price(44), or the last price for an order that has none.
        price: Decimal,
        /// OrderQty(38) of the order.
        order_qty: Decimal,
    },
    /// Price(44) is outside of [`price_band`](super::Limits::price_band).
    PriceBand {
        /// The limit.
        limit: BasisPoints,
        /// Price(44) of the order.
        price: Decimal,
        /// The price that it was held against.
        last_price: Decimal,
    },
    /// A price is needed for a check, and none is known ([`WithoutPrice`](super::WithoutPrice)).
    PriceUnknown,
    /// There were [`max_orders_per_second`](super::Limits::max_orders_per_second) in the last second.
    OrdersPerSecond {
        /// The limit.
        limit: u32,
    },
    /// [`max_open_orders`](super::Limits::max_open_orders) orders are working.
    OpenOrders {
        /// The limit.
        limit: u32,
        /// Orders that are working.
        open: u32,
    },
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::OrderQtyNotPositive { value } => write!(f, "OrderQty(38) {value} is not above zero"),
            Refusal::OrderQty { limit, value } => {
                write!(f, "OrderQty(38) {value} is above the limit of {limit}")
            }
            Refusal::Notional { limit, price, order_qty } => {
                write!(f, "notional {price} x {order_qty} is above the limit of {limit}")
            }
            Refusal::PriceBand { limit, price, last_price } => write!(
                f,
                "Price(44) {price} is more than {}.{:02} % away from the last price, {last_price}",
                limit.0 / 100,
                limit.0 % 100
            ),
            Refusal::PriceUnknown => f.write_str("no price is known to hold the order against"),
            Refusal::OrdersPerSecond { limit } => {
                write!(f, "the limit of {limit} orders a second is reached")
            }
            Refusal::OpenOrders { limit, open } => {
                write!(f, "{open} orders are open, and the limit is {limit}")
            }
        }
    }
}

impl core::error::Error for Refusal {}
