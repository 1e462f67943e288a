//! FIX 4.4 tag-value codec and session state machine.
//!
//! `no_std`, allocation-free, free of `unsafe`, clocks and I/O: the caller owns every byte buffer and
//! passes the time in. The modules are one path, each ignorant of the next: [`wire`] knows no message,
//! [`msg`] knows no session, [`session`] knows no socket; the engine is the whole path.
#![no_std]
#![forbid(unsafe_code)]

#[cfg(test)]
extern crate std;

pub mod decimal;
pub mod dict;
pub mod engine;
pub mod msg;
pub mod pre_trade;
pub mod session;
pub mod store;
pub mod tag;
pub mod time;
pub mod wire;
