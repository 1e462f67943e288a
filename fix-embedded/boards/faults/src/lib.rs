//! The end of a board's program: a panic or a fault reaches the log, whatever was going on, and the board starts again. The
//! start after it says once more why the run before ended: who was not there to read the log still learns it.
//!
//! A program takes it instead of a crate with a panic handler: `use faults as _;` is enough for the log. It also calls
//! [`guard`], where its HAL has no such thing, and [`tell_last`], once there is a log.
#![no_std]

mod fault;
#[cfg(not(armv6m))]
mod guard;
mod kept;

use core::{
    cell::Cell,
    panic::PanicInfo,
    sync::atomic::{AtomicU8, Ordering},
};

use cortex_m::peripheral::SCB;
use critical_section::Mutex;
#[cfg(not(armv6m))]
pub use guard::guard;
pub use kept::tell_last;
use kept::{Kept, Why};

/// How long the log may be read before the board starts again, in cycles of the core: a quarter of a second at 400 MHz.
const READ: u32 = 100_000_000;

static END: Mutex<Cell<fn() -> !>> = Mutex::new(Cell::new(start_again));

/// Has the program end by `end` instead of a new start.
pub fn ends_by(end: fn() -> !) {
    critical_section::with(|section| END.borrow(section).set(end));
}

/// The usual end.
pub fn start_again() -> ! {
    // Who comes to grief at each start must not wear anything out by it, and be read.
    cortex_m::asm::delay(READ);
    SCB::sys_reset()
}

/// How far the last line has got.
static LAST_LINE: AtomicU8 = AtomicU8::new(NONE);
const NONE: u8 = 0;
const LOGGING: u8 = 1;
const LOGGING_AGAIN: u8 = 2;

/// Logs why the program ends, and ends it.
///
/// It may be in the midst of a line of the log. A logger that is taken twice must not go on (the contract of
/// `defmt::Logger`): those that there are panic, and that panic comes here again.
fn end(why: Why<'_>) -> ! {
    cortex_m::interrupt::disable();
    // No read-modify-write: Armv6-M has none, and nobody interrupts this.
    let stage = LAST_LINE.load(Ordering::Relaxed);
    LAST_LINE.store(stage.saturating_add(1), Ordering::Relaxed);
    match stage {
        NONE => say(&Kept::keep(why)),
        LOGGING => {
            // SAFETY: the logger is taken by a line that will never be finished: this ends it.
            unsafe { defmt::export::release() };
            // Releasing it may have let them come again.
            cortex_m::interrupt::disable();
            // What it was about, not that the logger was taken.
            if let Some(kept) = Kept::read() {
                say(&kept);
            }
        }
        LOGGING_AGAIN.. => {}
    }
    critical_section::with(|section| END.borrow(section).get())()
}

fn say(kept: &Kept) {
    defmt::error!("{}", kept);
    defmt::flush();
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    end(Why::Panic(info.location()))
}

/// What `defmt::panic!` and the others end with, once they have logged.
#[defmt::panic_handler]
fn logged_panic() -> ! {
    cortex_m::interrupt::disable();
    critical_section::with(|section| END.borrow(section).get())()
}
