//! The board, started.

use core::sync::atomic::{AtomicBool, Ordering};

use qemu::logger;

use crate::{
    lan9118::{self, Lan9118},
    time_driver, uart,
    uart::Uart1,
    watchdog,
};

/// What a program gets of the board, beside [`Uart1`], the serial line for orders.
pub struct Board {
    /// The network.
    pub ethernet: Lan9118,
}

/// CPUID: the core's part number stands in bits 4 to 15.
const CPUID: *const u32 = 0xE000_ED00 as *const u32;
const CORTEX_M7: u32 = 0xC27;

impl Board {
    /// Starts log, clock, serial line and network, before anything that takes time or logs.
    ///
    /// # Panics
    /// If it is called twice.
    pub fn start() -> Self {
        static IS_STARTED: AtomicBool = AtomicBool::new(false);
        assert!(!IS_STARTED.swap(true, Ordering::Relaxed));
        uart::start_log();
        logger::start(uart::log);
        time_driver::start();
        // SAFETY: a register that may always be read.
        let part = unsafe { CPUID.read_volatile() } >> 4 & 0xFFF;
        // The AN500 image has it elsewhere (DAI0500, "memory map").
        let base = if part == CORTEX_M7 { 0xA000_0000 } else { 0x4020_0000 };
        // SAFETY: where the board's memory map says that the chip is, and this is called once.
        let ethernet = match unsafe { lan9118::start(base) } {
            Ok(ethernet) => ethernet,
            Err(error) => defmt::panic!("{} at {=usize:#x}", error, base),
        };
        Uart1::start();
        qemu::watchdog::found(watchdog::CHIP);
        Board { ethernet }
    }
}
