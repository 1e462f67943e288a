//! The market-data simulator: a seeded random walk per instrument, in exact decimals.
//!
//! Pure but for [`load`], which reads a file: no clock. Whoever owns a [`Market`] decides when it ticks.

mod book;
mod counterparty;
mod file;
mod instrument;
mod price;
mod simulator;

pub use book::{Book, BookEntry};
pub use counterparty::{CounterpartyPrices, SessionPrices};
pub use file::{InstrumentsError, MAX_SYMBOL_CHARS, default_instruments, load};
pub use instrument::Instrument;
pub use price::{Price, Snapshot, Source};
pub use simulator::{Market, Quote, VWAP_DECIMALS};
