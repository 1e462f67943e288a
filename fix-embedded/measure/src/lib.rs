//! The two messages of the benchmarks on a Cortex-M4: what is decoded, what is encoded, and the counter.
#![no_std]

pub mod codec;
pub mod counter;
pub mod report;
