//! The messages of the benchmarks on a Cortex-M4, a session that sends and gets them, and the counter.
#![no_std]

pub mod codec;
pub mod counter;
pub mod gateway;
pub mod report;
