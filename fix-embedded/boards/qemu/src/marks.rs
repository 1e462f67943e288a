//! Marks of moments, for who counts instructions: written into a file of the host, so that they take no memory of the board
//! and little of its time. Without the parameter `marks` there are none.
//!
//! A mark is eight bytes: what happened, a zero, how many bytes it was about (two, little-endian), and SysTick's count
//! (four), of which 24 bits count and which runs down.

use core::{
    cell::Cell,
    sync::atomic::{AtomicBool, Ordering},
};

use cortex_m_semihosting::nr::open;
use critical_section::Mutex;

use crate::{registers::Registers, semihosting::HostFile};

// SAFETY: SysTick of every Cortex-M3 and above (ARMv7-M, B3.3), which only this file touches.
const SYSTICK: Registers = unsafe { Registers::at(0xE000_E010) };
const CONTROL: usize = 0x0;
const RELOAD: usize = 0x4;
const CURRENT: usize = 0x8;
/// CONTROL: counts, with the processor's clock, without an interrupt.
const ON: u32 = 0b101;
const MOST: u32 = 0xFF_FFFF;

/// What happened.
#[derive(Clone, Copy)]
#[repr(u8)]
pub enum Mark {
    /// The last byte of a line was taken from the UART.
    LineIn = b'L',
    /// The last byte of a line was given to the UART.
    LineOut = b'O',
    /// A frame is about to be taken from the MAC.
    Received = b'R',
    /// The last byte of a frame was given to the MAC.
    Sent = b'S',
    /// The core sleeps from now on.
    Sleep = b'z',
    /// The core slept until now.
    Wake = b'w',
}

/// Tested first: who counts nothing pays a load and a branch.
static IS_ON: AtomicBool = AtomicBool::new(false);
static FILE: Mutex<Cell<Option<HostFile>>> = Mutex::new(Cell::new(None));

/// Marks go into the file at `path` from now on.
pub fn start(path: &str) {
    match HostFile::open(path, open::RW_TRUNC_BINARY) {
        Ok(file) => critical_section::with(|section| FILE.borrow(section).set(Some(file))),
        Err(error) => defmt::panic!("{=str}: {}", path, error),
    }
    SYSTICK.write(RELOAD, MOST);
    SYSTICK.write(CURRENT, 0);
    SYSTICK.write(CONTROL, ON);
    IS_ON.store(true, Ordering::Relaxed);
}

/// Marks this moment.
pub fn mark(what: Mark, bytes: usize) {
    if !IS_ON.load(Ordering::Relaxed) {
        return;
    }
    let [ticks @ .., _] = SYSTICK.read(CURRENT).to_le_bytes();
    let [low, high, ..] = bytes.to_le_bytes();
    let mark = [what as u8, 0, low, high, ticks[0], ticks[1], ticks[2], 0];
    critical_section::with(|section| {
        let file = FILE.borrow(section);
        if let Some(mut open) = file.take() {
            if open.write(&mark).is_err() {
                defmt::panic!("a mark could not be written");
            }
            file.set(Some(open));
        }
    });
}
