//! QEMU's MPS2 boards: `mps2-an385` (Cortex-M3), `mps2-an386` (Cortex-M4F) and `mps2-an500` (Cortex-M7), all at 25 MHz,
//! with Arm's CMSDK timers and UARTs and an SMSC LAN9118. One image runs on all three.
#![no_std]

pub mod board;
mod interrupts;
pub mod lan9118;
pub mod time_driver;
pub mod uart;
mod watchdog;
