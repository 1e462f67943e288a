//! The market-data simulator: a seeded random walk per instrument, in exact decimals.
//!
//! Pure: no clock, no I/O. Whoever owns a [`Market`] decides when it ticks.

mod instrument;
mod simulator;

pub use instrument::{DEFAULT_INSTRUMENTS, Instrument};
pub use simulator::{Market, Quote, Snapshot, VWAP_DECIMALS};
