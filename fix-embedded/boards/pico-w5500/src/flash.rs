//! The end of the QSPI flash. Code runs from the same chip: while it is written or erased both cores stand still, but for the
//! few instructions in RAM that do it.

use core::ops::Range;

use embassy_rp::{
    Peri,
    flash::{Async, ERASE_SIZE, Flash},
    peripherals::{DMA_CH2, FLASH},
};

use crate::board::Interrupts;

/// Of a Pico and of a W5500-EVB-Pico: 2 MiB.
pub const LEN: usize = 2 * 1024 * 1024;
const SECTOR: u32 = ERASE_SIZE as u32;
const END: u32 = LEN as u32;

/// Where Username(553) and Password(554) are: the last sector.
pub const SECRETS: u32 = END - SECTOR;
/// What the gateway notes its numbers and orders in: 64 sectors, from 1728 KiB on, where memory.x lets the code end.
pub const GATEWAY: Range<u32> = 1728 * 1024..1728 * 1024 + 64 * SECTOR;
/// The longest that an erase of a sector stops the CPU, in milliseconds: what the data sheet of the W25Q16JV allows.
pub const ERASE_MILLIS: u32 = 400;

/// Offsets count from 0x1000_0000.
pub fn open(flash: Peri<'static, FLASH>, dma: Peri<'static, DMA_CH2>) -> Flash<'static, FLASH, Async, LEN> {
    Flash::new(flash, dma, Interrupts)
}
