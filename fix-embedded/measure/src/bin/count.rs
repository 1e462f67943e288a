//! Prints the instructions of each direction.
#![no_std]
#![no_main]

use core::hint::black_box;

use cortex_m_rt::entry;
use cortex_m_semihosting::hprintln;
use measure::{
    codec::{ORDER, decode, encode, is_frame, is_message},
    counter::Counter,
    report,
};

const TIMES: u32 = 100;

#[entry]
fn main() -> ! {
    let Some((order, now)) = decode(ORDER).and_then(|order| Some((order, order.transact_time?))) else {
        report::failed()
    };
    let mut buffer = [0u8; 512];
    let Ok(len) = encode(&order, now, &mut buffer) else { report::failed() };
    let counter = Counter::start();
    let decoding = counter.instructions(TIMES, || _ = black_box(decode(black_box(&ORDER[..]))));
    let framing = counter.instructions(TIMES, || _ = black_box(is_frame(black_box(&ORDER[..]))));
    let walking = counter.instructions(TIMES, || _ = black_box(is_message(black_box(&ORDER[..]))));
    let encoding = counter.instructions(TIMES, || {
        _ = black_box(encode(black_box(&order), now, black_box(&mut buffer)));
    });
    hprintln!("decode {} bytes: {} instructions", ORDER.len(), decoding);
    hprintln!("  of which framing, BodyLength and CheckSum verified: {} instructions", framing);
    hprintln!("  that and walking the fields: {} instructions", walking);
    hprintln!("encode {} bytes: {} instructions", len, encoding);
    report::done()
}
