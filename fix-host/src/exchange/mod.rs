//! The simulated exchange: the counterparty that acknowledges, fills, rests and cancels orders.

mod application;
mod market_data;
pub mod orders;

pub use application::ExchangeApplication;
