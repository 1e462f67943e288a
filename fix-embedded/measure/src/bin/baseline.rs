//! The same program without the codec: what the flash of the other one is compared with.
#![no_std]
#![no_main]

use core::hint::black_box;

use cortex_m_rt::entry;
use measure::{codec::ORDER, report};

#[entry]
fn main() -> ! {
    let mut buffer = [0u8; 512];
    black_box(&mut buffer);
    if black_box(&ORDER[..]).is_empty() { report::failed() } else { report::done() }
}
