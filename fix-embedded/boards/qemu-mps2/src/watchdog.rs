//! The watchdog (CMSDK APB watchdog, DDI0479D, 4.5). Its first end is an NMI, in which the core stays; the second one resets.

use qemu::{registers::Registers, watchdog::Chip};

// SAFETY: the watchdog of the board, which only this file touches.
const WATCHDOG: Registers = unsafe { Registers::at(0x4000_8000) };

const LOAD: usize = 0x0;
const CONTROL: usize = 0x8;
/// Any value clears the interrupt, and counts from LOAD again.
const CLEAR: usize = 0xC;
const LOCK: usize = 0xC00;
/// Counts and interrupts, and resets.
const ON: u32 = 0b11;
const KEY: u32 = 0x1ACC_E551;
/// Of its clock, the board's.
const HZ: u32 = 25_000_000;

/// This board's.
pub(crate) const CHIP: Chip = Chip { start, feed };

fn start(seconds: u32) {
    WATCHDOG.write(LOCK, KEY);
    // In two ends.
    WATCHDOG.write(LOAD, (seconds * (HZ / 2)).max(1));
    WATCHDOG.write(CONTROL, ON);
}

fn feed() {
    WATCHDOG.write(CLEAR, 1);
}
