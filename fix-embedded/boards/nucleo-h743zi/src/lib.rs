//! The parts of ST's NUCLEO-H743ZI, as the gateway of `fix_embedded::app` takes them.
#![no_std]

pub mod board;
pub mod flash;
pub mod gateway;
pub mod switches;
