//! One order decoded, one report encoded: its flash beyond that of `baseline` is the codec's.
#![no_std]
#![no_main]

use core::hint::black_box;

use cortex_m_rt::entry;
use measure::{
    codec::{ORDER, decode, encode},
    report,
};

#[entry]
fn main() -> ! {
    let mut buffer = [0u8; 512];
    let written = decode(black_box(&ORDER[..])).and_then(|order| {
        let now = order.transact_time?;
        encode(&order, now, black_box(&mut buffer)).ok()
    });
    if black_box(written).is_some() { report::done() } else { report::failed() }
}
