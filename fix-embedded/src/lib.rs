//! The board-free part of the firmware: everything that is not a pin or a clock source.
//!
//! [`net::serve`] is the same loop as the Linux host's driver: it moves bytes between one stream and one
//! [engine](fix_core::flight::Recorded) and wakes it when it asks to be. [`config::Gateway`] is what a gateway is told once,
//! [`board`] what a board must provide. Nothing here allocates.
#![no_std]
#![forbid(unsafe_code)]

#[cfg(test)]
extern crate std;

pub mod app;
pub mod back_off;
pub mod board;
pub mod book;
mod bytes;
pub mod clock;
pub mod config;
mod desk;
#[cfg(feature = "embassy-net")]
pub mod dns;
mod duty;
pub mod flash;
pub mod intake;
mod log;
pub mod memory;
pub mod net;
pub mod recorder;
pub mod reports;
pub mod schedule;
#[cfg(feature = "udp-intake")]
pub mod sealed;
pub mod secrets;
mod stop;
pub mod store;
#[cfg(feature = "embassy-net")]
pub mod tcp;
pub mod time;
#[cfg(feature = "tls")]
pub mod tls;
#[cfg(feature = "embassy-net")]
pub mod udp;
#[cfg(feature = "udp-intake")]
pub mod udp_intake;
