//! The only place that touches sockets: one task per session, which owns its engine and its connection.

pub mod acceptor;
pub mod addresses;
mod alarm;
mod at_rest;
pub mod buffer;
pub mod dial;
pub mod driver;
pub mod hosts;
pub mod initiator;
pub mod line;
pub mod listener;
pub mod logon_peek;
pub mod monitor;
pub mod operate;
pub mod proxy;
mod readers;
mod round_trip;
pub mod schedule;
pub mod session_config;
pub mod socket;
pub mod stream;
mod throttle;
pub mod tls;
mod transfer;
