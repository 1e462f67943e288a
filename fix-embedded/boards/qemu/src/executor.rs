//! An executor that idles with WFI. embassy's own idles with WFE, which QEMU answers at once: the emulated board would
//! run at full load, and its virtual time would pass no faster for that.

use core::sync::atomic::{AtomicBool, Ordering};

use embassy_executor::{Spawner, raw};
use static_cell::StaticCell;

use crate::marks::{self, Mark};

/// Some task was woken since the last poll.
static IS_WOKEN: AtomicBool = AtomicBool::new(false);

/// What embassy calls when a task is woken, from the tasks and from interrupts.
#[unsafe(export_name = "__pender")]
fn pender(_: *mut ()) {
    IS_WOKEN.store(true, Ordering::Release);
}

/// Runs the tasks that `begin` spawns, for ever.
///
/// # Panics
/// If it is called twice.
pub fn run(begin: impl FnOnce(Spawner)) -> ! {
    static EXECUTOR: StaticCell<raw::Executor> = StaticCell::new();
    let executor = EXECUTOR.init(raw::Executor::new(core::ptr::null_mut()));
    spawn(begin, executor.spawner());
    loop {
        // SAFETY: this is the only place that polls, and no task comes here.
        unsafe { executor.poll() };
        // An interrupt between the question and WFI must not be slept through: with PRIMASK set it stays pending, and
        // a pending interrupt ends WFI.
        cortex_m::interrupt::free(|_| {
            if !IS_WOKEN.swap(false, Ordering::AcqRel) {
                marks::mark(Mark::Sleep, 0);
                cortex_m::asm::wfi();
                marks::mark(Mark::Wake, 0);
            }
        });
    }
}

/// What `begin` has on the stack goes with it: the frame of [`run`] stays for ever.
#[inline(never)]
fn spawn(begin: impl FnOnce(Spawner), spawner: Spawner) {
    begin(spawner);
}
