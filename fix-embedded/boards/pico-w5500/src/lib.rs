//! The parts of a Raspberry Pi Pico with a W5500, as the gateway of `fix_embedded::app` takes them.
#![no_std]

pub mod board;
pub mod flash;
pub mod gateway;
pub mod switches;
