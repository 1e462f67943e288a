//! Bank 2 of the internal flash. Code runs from bank 1, so the CPU goes on while bank 2 is written or erased.

use core::ops::Range;

use embassy_stm32::{
    Peri, bind_interrupts,
    flash::{Async, Flash, InterruptHandler},
    peripherals,
};

bind_interrupts!(struct Interrupts {
    FLASH => InterruptHandler;
});

/// Of a sector.
const SECTOR: u32 = 128 * 1024;
/// Where bank 2 begins, from the begin of the flash.
const BANK_2: u32 = 8 * SECTOR;

/// What the gateway notes its numbers and orders in: the first two sectors of bank 2.
pub const GATEWAY: Range<u32> = BANK_2..BANK_2 + 2 * SECTOR;
/// Where Username(553) and Password(554) are: the last sector of bank 2.
pub const SECRETS: u32 = BANK_2 + 7 * SECTOR;
/// The longest that an erase of a sector keeps the session waiting, in milliseconds: what ST's data sheet allows where a
/// byte is erased at a time, which is what embassy-stm32 leaves the chip at after a write.
pub const ERASE_MILLIS: u32 = 4_000;

/// Offsets count from 0x0800_0000.
pub fn open(flash: Peri<'static, peripherals::FLASH>) -> Flash<'static, Async> {
    Flash::new(flash, Interrupts)
}
