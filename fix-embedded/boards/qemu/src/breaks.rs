//! The ways a program breaks, on purpose: a test sees that each reaches the log and ends the run.

use core::{hint::black_box, mem::MaybeUninit};

use embassy_time::Timer;

use crate::parameters::Parameters;

/// Breaks the program as the parameter `breaks` says: `panic`, `fault`, `overflow` of the stack; or `panic-in-log` and
/// `overflow-in-log`, in the midst of a line of the log. Without the parameter, does nothing. If the parameter `again` is 1
/// the program starts again after it, as on a board, and is not broken a second time.
///
/// # Panics
/// If it is to.
pub fn as_asked(parameters: Parameters) {
    if faults::tell_last() {
        return;
    }
    if parameters.get("again", 0u8) == 1 {
        faults::ends_by(faults::start_again);
    }
    match parameters.text("breaks") {
        None => {}
        Some("panic") => panic!(),
        Some("fault") => cortex_m::asm::udf(),
        Some("overflow") => _ = black_box(overflow(0)),
        Some("panic-in-log") => defmt::info!("in the midst of {}", Broken(|| panic!())),
        Some("overflow-in-log") => defmt::info!("in the midst of {}", Broken(|| _ = black_box(overflow(0)))),
        Some(other) => defmt::panic!("breaks={=str}: no such way", other),
    }
}

/// Says that the program has hung already, in memory that a new start leaves as it is.
#[unsafe(link_section = ".uninit.breaks")]
static mut HAS_HUNG: MaybeUninit<u32> = MaybeUninit::uninit();
const HAS: u32 = 0x4A06_4A06;

/// Hangs the program once, so many milliseconds after its start, if the parameter `hang` says so: no task runs any more,
/// only interrupts.
pub async fn later(parameters: Parameters) {
    let millis = parameters.get("hang", 0);
    // SAFETY: a number, which only this function reads and writes.
    let has_hung = unsafe { (&raw const HAS_HUNG).cast::<u32>().read_volatile() } == HAS;
    if millis == 0 || has_hung {
        return;
    }
    Timer::after_millis(millis).await;
    // SAFETY: as above.
    unsafe { (&raw mut HAS_HUNG).cast::<u32>().write_volatile(HAS) };
    defmt::info!("hangs");
    loop {
        cortex_m::asm::nop();
    }
}

/// Calls itself until the stack is full.
#[inline(never)]
fn overflow(depth: u32) -> u32 {
    if black_box(depth) == u32::MAX { depth } else { black_box(overflow(depth + 1)) }
}

/// What breaks the program when it is logged.
struct Broken(fn());

impl defmt::Format for Broken {
    fn format(&self, _: defmt::Formatter<'_>) {
        self.0();
    }
}
