//! The simulated exchange: the counterparty that acknowledges, fills, rests, replaces and cancels orders. Each session
//! has orders of its own; all of them meet on the [`floor`].

mod application;
pub mod book;
pub mod floor;
mod ledger;
mod market_data;
pub mod orders;
mod report;
pub mod securities;
pub mod states;
#[cfg(test)]
mod wire;

pub use application::ExchangeApplication;
