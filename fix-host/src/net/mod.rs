//! The only place that touches sockets: one task per session, which owns its engine and its connection.

pub use crate::clock;
pub mod logon_peek;
