//! The only place that touches sockets: one task per session, which owns its engine and its connection.

pub mod addresses;
pub use crate::clock;
pub mod dial;
pub mod hosts;
pub mod logon_peek;
pub mod proxy;
pub mod socket;
pub mod stream;
pub mod tls;
