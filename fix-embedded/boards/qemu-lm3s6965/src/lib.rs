//! QEMU's `lm3s6965evb`: a Stellaris LM3S6965 (Cortex-M3, 50 MHz, 256 KiB of flash, 64 KiB of RAM) with its own Ethernet
//! controller and PL011 UARTs. Register names are those of its data sheet (Luminary DS-LM3S6965).
#![no_std]

pub mod board;
pub mod ethernet;
mod interrupts;
pub mod time_driver;
pub mod uart;
