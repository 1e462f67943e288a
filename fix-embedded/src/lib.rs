//! The board-free part of the firmware: everything that is not a pin or a clock source.
//!
//! [`net::serve`] is the same loop as the Linux host's driver: it moves bytes between one stream and one
//! [`fix_core::engine::Engine`] and wakes it when it asks to be. Nothing here allocates.
#![no_std]
#![forbid(unsafe_code)]

pub mod clock;
pub mod net;
