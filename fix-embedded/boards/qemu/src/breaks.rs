//! The ways a program breaks, on purpose: a test sees that each reaches the log and ends the run.

use core::hint::black_box;

use crate::parameters::Parameters;

/// Breaks the program as the parameter `breaks` says: `panic`, `fault`, `overflow` of the stack, or `log`, which overflows it
/// in the midst of a line of the log. Without the parameter, does nothing.
///
/// # Panics
/// If it is to.
pub fn as_asked(parameters: Parameters) {
    match parameters.text("breaks") {
        None => {}
        Some("panic") => panic!(),
        Some("fault") => cortex_m::asm::udf(),
        Some("overflow") => _ = black_box(overflow(0)),
        Some("log") => defmt::info!("in the midst of {}", Deep),
        Some(other) => defmt::panic!("breaks={=str}: no such way", other),
    }
}

/// Calls itself until the stack is full.
#[inline(never)]
fn overflow(depth: u32) -> u32 {
    if black_box(depth) == u32::MAX { depth } else { black_box(overflow(depth + 1)) }
}

/// What overflows the stack when it is logged.
struct Deep;

impl defmt::Format for Deep {
    fn format(&self, _: defmt::Formatter<'_>) {
        black_box(overflow(0));
    }
}
