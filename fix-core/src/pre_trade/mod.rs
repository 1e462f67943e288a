//! Pre-trade checks: whether an order may be sent at all, asked before it gets a MsgSeqNum(34).
//!
//! A [`Gate`] holds the [`Limits`] of one scope, a session or a symbol, and what it must remember for them. An
//! order passes when every gate on its way lets it pass; only then each of them is told that it was
//! [`sent`](Gate::sent). Integers only, bounded time, no memory beside the gate: the same code guards a
//! desk's server and a board.
//!
//! ```
//! use fix_core::{
//!     decimal::Decimal,
//!     pre_trade::{Gate, Limits, OrderValues, Refusal, Request},
//!     time::Mono,
//! };
//!
//! let mut gate = Gate::new(Limits { max_order_qty: Some(Decimal::from(100)), ..Limits::default() });
//! let order = |qty| OrderValues {
//!     request: Request::New,
//!     order_qty: Decimal::from(qty),
//!     price: None,
//!     last_price: None,
//! };
//! assert_eq!(gate.check(&order(100), Mono::from_millis(0)), Ok(()));
//! gate.sent(Request::New, Mono::from_millis(0));
//!
//! let refusal = gate.check(&order(500), Mono::from_millis(1)).unwrap_err();
//! assert_eq!(refusal.to_string(), "OrderQty(38) 500 is above the limit of 100");
//! # assert!(matches!(refusal, Refusal::OrderQty { .. }));
//! ```

mod gate;
mod limits;
mod rate;
mod refusal;
#[cfg(test)]
mod tests;

pub use gate::{Gate, OrderValues, Request};
pub use limits::{BasisPoints, Limits, WithoutPrice};
pub use refusal::Refusal;
