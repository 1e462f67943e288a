//! The order book of `fix-host/src/exchange/book` beside others, with exchange-core's published mix of requests.

#[path = "../../../src/exchange/book/mod.rs"]
pub mod book;
pub mod engines;
pub mod workload;
