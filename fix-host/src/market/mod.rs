//! The market-data simulator: a seeded random walk per instrument, in exact decimals.
//!
//! Pure but for [`load`] and [`replay`], which read files, and [`feed`], its clockwork: no clock. Whoever owns a [`Market`] decides when it ticks.

mod book;
mod counterparty;
pub mod feed;
mod file;
mod instrument;
pub mod replay;
mod simulator;
mod table;

pub use book::{Book, BookEntry, TOP_OF_BOOK};
pub use counterparty::{CounterpartyPrices, SessionPrices};
pub use file::{default_instruments, load};
pub use instrument::Instrument;
pub use simulator::{Market, Quote, VWAP_DECIMALS};
pub use table::TableError;
