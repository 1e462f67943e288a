//! What a board is told of a session: a Rust file for its source, and a blob of secrets for its flash.
//!
//! A board has no files, no time zones and no XML. `fix-host firmware-config` takes a session of a `.cfg` as the host reads it,
//! refuses by name what a board cannot do, and writes the rest as a `const` of `fix_embedded::config::Gateway`, with the
//! schedule as UTC moments. Passwords and private keys never stand in it.

mod board;
mod keys;
mod provision;
mod rust;
mod tls;

pub use board::{Address, BoardSettings, Cancels, DeadMan, Net};
pub use keys::{Judged, is_of_the_host, judge};
pub use provision::{ProvisionError, blob};
pub use rust::{RustError, source};
pub use tls::BoardTls;
