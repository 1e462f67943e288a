//! What the two boards under QEMU share: what no microcontroller has, because here the debugger's semihosting gives it.
//!
//! On hardware the executor is that of embassy, the log goes through the probe (RTT), the flash is the chip's, and
//! parameters stand in the flash. What is different with each board, controller and timer and UART, stands with the board.
#![no_std]

pub mod addressing;
pub mod breaks;
pub mod ethernet;
pub mod executor;
pub mod exit;
pub mod flash;
pub mod gateway;
#[cfg(any(feature = "tls", feature = "udp"))]
mod host_file;
pub mod host_time;
pub mod interrupts;
pub mod logger;
pub mod marks;
pub mod parameters;
pub mod program;
pub mod registers;
mod semihosting;
pub mod serial;
pub mod session;
pub mod stack;
pub mod time;
#[cfg(feature = "tls")]
pub mod tls;
#[cfg(feature = "udp")]
pub mod udp;
pub mod watchdog;
