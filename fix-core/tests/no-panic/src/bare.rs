//! The same probes without a standard library and without a panic handler that exists: this program links for
//! a microcontroller only if nothing in it can reach a panic, behind dynamic calls too.
#![no_std]
#![no_main]

#[macro_use]
mod macros;
mod flight;
mod numbers;
mod probes;

use core::{hint::black_box, panic::PanicInfo};

unsafe extern "C" {
    /// Defined nowhere. A linker error that names it means: a path to a panic is in the program.
    fn a_path_to_a_panic_is_in_the_program() -> !;
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    // SAFETY: a program in which this could be called does not link.
    unsafe { a_path_to_a_panic_is_in_the_program() }
}

/// The linker's entry point; never run.
#[unsafe(no_mangle)]
pub extern "C" fn _start() -> usize {
    static mut OUT: [u8; 4096] = [0; 4096];
    // SAFETY: the only reference to it.
    let out = unsafe { &mut *(&raw mut OUT) };
    let mut sum = 0;
    for (_, probe) in
        black_box(probes::ALL).iter().chain(black_box(numbers::ALL)).chain(black_box(flight::ALL))
    {
        sum ^= probe(black_box(b"8=FIX.4.4\x01"), out);
    }
    black_box(sum)
}
