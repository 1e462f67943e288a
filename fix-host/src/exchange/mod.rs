//! The simulated exchange: the counterparty that acknowledges, fills, rests, replaces and cancels orders. All its sessions
//! trade with each other, and with its own quotes, in the [`venue`]; they meet on the [`floor`].

mod application;
pub mod book;
mod by_hand;
pub mod floor;
pub mod ids;
pub mod journal;
mod market_data;
pub mod orders;
pub mod packed;
pub mod profile;
mod say;
pub mod securities;
pub mod venue;
#[cfg(test)]
mod wire;

pub use application::{ExchangeApplication, QuoteRules, SessionRules};
pub use book::SelfMatch;
pub use venue::{AtLimit, InParts, Rules};
