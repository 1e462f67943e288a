//! defmt's frames through a serial line of the board, which QEMU writes into a file. `cargo xtask firmware` decodes them
//! with the ELF.

use core::{
    cell::{Cell, UnsafeCell},
    sync::atomic::{AtomicBool, Ordering},
};

use critical_section::{Mutex, RestoreState};

static SINK: Mutex<Cell<Option<fn(&[u8])>>> = Mutex::new(Cell::new(None));

/// Where the bytes go from now on; what is logged before is lost.
pub fn start(sink: fn(&[u8])) {
    critical_section::with(|section| SINK.borrow(section).set(Some(sink)));
}

#[defmt::global_logger]
struct Logger;

/// What a frame in the making needs, guarded by the critical section that lasts from its begin to its end.
struct Frame {
    encoder: UnsafeCell<defmt::Encoder>,
    restore: Cell<RestoreState>,
    is_open: AtomicBool,
}

// SAFETY: only touched by the methods of `Logger`, between `acquire` and `release`: with interrupts disabled, on one core.
unsafe impl Sync for Frame {}

static FRAME: Frame = Frame {
    encoder: UnsafeCell::new(defmt::Encoder::new()),
    restore: Cell::new(RestoreState::invalid()),
    is_open: AtomicBool::new(false),
};

/// The encoder of the open frame.
///
/// # Safety
/// Only between `acquire` and `release`.
unsafe fn encoder() -> &'static mut defmt::Encoder {
    // SAFETY: interrupts are disabled, and defmt calls one method at a time.
    unsafe { &mut *FRAME.encoder.get() }
}

fn put(bytes: &[u8]) {
    critical_section::with(|section| {
        if let Some(sink) = SINK.borrow(section).get() {
            sink(bytes);
        }
    });
}

// SAFETY: `acquire` to `release` is one critical section on one core.
unsafe impl defmt::Logger for Logger {
    fn acquire() {
        // SAFETY: `release` gives it back.
        let restore = unsafe { critical_section::acquire() };
        // defmt's contract: a logger taken twice must not go on. `faults` makes a line of the panic all the same.
        assert!(!FRAME.is_open.swap(true, Ordering::Relaxed));
        FRAME.restore.set(restore);
        // SAFETY: acquired.
        unsafe { encoder() }.start_frame(put);
    }

    unsafe fn flush() {}

    unsafe fn release() {
        // SAFETY: acquired, as the caller promises.
        unsafe { encoder() }.end_frame(put);
        let restore = FRAME.restore.get();
        FRAME.is_open.store(false, Ordering::Relaxed);
        // SAFETY: the state that `acquire` was given.
        unsafe { critical_section::release(restore) };
    }

    unsafe fn write(bytes: &[u8]) {
        // SAFETY: acquired, as the caller promises.
        unsafe { encoder() }.write(bytes, put);
    }
}

defmt::timestamp!("{=u64:us}", embassy_time::Instant::now().as_micros());
