//! Runs every probe on opaque input. That this program links is the proof: a probe from which a panic can be
//! reached leaves a reference to a symbol that does not exist, and its name is in the linker's message.

#[macro_use]
mod macros;
mod flight;
mod numbers;
mod probes;

use std::hint::black_box;

fn main() {
    let mut out = [0; 4096];
    for (name, probe) in probes::ALL.iter().chain(numbers::ALL).chain(flight::ALL) {
        let count =
            black_box(probe)(black_box(b"8=FIX.4.4\x019=5\x0135=0\x0110=163\x01"), black_box(&mut out));
        println!("{name}: no path to a panic (returned {count})");
    }
}
