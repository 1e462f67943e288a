//! What a session conformance runner plays against: an acceptor that echoes, and an initiator. Only `cli` imports it.

mod acceptor;
mod client;
mod echo;
mod session;

pub use acceptor::serve;
pub use client::connect;
