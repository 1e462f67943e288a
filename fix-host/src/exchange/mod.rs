//! The simulated exchange: the counterparty that acknowledges, fills, rests, replaces and cancels orders.

mod application;
mod ledger;
mod market_data;
pub mod orders;
mod report;

pub use application::ExchangeApplication;
