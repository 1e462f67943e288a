//! Puts the parts together: what runs when a subcommand runs.

pub(crate) mod cause;
pub mod demo;
pub mod dictionaries;
mod dynamic;
mod earlier;
pub mod engine;
pub mod error;
pub mod exchange;
mod extras;
pub mod host;
pub mod hosted;
mod http;
pub mod load;
mod open_files;
pub mod preflight;
pub mod profile;
pub mod router;
pub mod runner;
pub mod session;
pub mod settings;
pub mod shutdown;
pub mod store;
mod traded;
