//! The simulated exchange: the counterparty that acknowledges, fills, rests and cancels orders.

pub mod orders;

pub use orders::{Execution, Outcome, SimulatedExchange};
