//! The Linux host of the FIX engine: everything that feeds `fix-core` time and bytes.
//!
//! The rooms meet in `contract`: `bus`, `market`, `exchange` and `web` never import `net`; nothing imports `cli`, and only
//! `cli` imports `conformance` and `scenario`.

pub mod bus;
pub mod cli;
pub mod clock;
pub mod config;
pub mod conformance;
pub mod contract;
mod cores;
mod crash;
pub mod desk;
pub mod dictionary;
pub mod exchange;
pub mod exit;
pub mod firmware;
pub mod flight;
mod from_environment;
pub mod halt;
pub mod histogram;
pub mod load;
pub mod log;
pub mod market;
pub mod net;
pub mod observe;
mod open_files;
pub mod orders;
mod page;
pub mod scenario;
pub mod service;
pub mod store;
mod taken;
pub mod web;

pub use contract::HostApplication;
pub use service::host::Host;

/// The snippets of the pages at the top are compiled.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
#[doc = include_str!("../../ARCHITECTURE.md")]
struct Pages;
