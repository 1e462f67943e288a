//! Bank 2 of the internal flash. Code runs from bank 1, so the CPU goes on while bank 2 is written or erased.

use core::{
    arch::asm,
    ops::Range,
    sync::atomic::{Ordering, compiler_fence},
};

use cortex_m::peripheral::SCB;
use embassy_stm32::{
    Peri, bind_interrupts,
    flash::{self, Async, Error, Flash, InterruptHandler},
    pac, peripherals,
};
use embedded_storage_async::nor_flash::{ErrorType, NorFlash, ReadNorFlash};

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

/// The flash. Offsets count from 0x0800_0000.
pub struct ChipFlash(Flash<'static, Async>);

impl ChipFlash {
    /// The chip's.
    pub fn new(flash: Peri<'static, peripherals::FLASH>) -> Self {
        ChipFlash(Flash::new(flash, Interrupts))
    }
}

impl ErrorType for ChipFlash {
    type Error = Error;
}

impl ReadNorFlash for ChipFlash {
    const READ_SIZE: usize = <Flash<'static, Async> as ReadNorFlash>::READ_SIZE;

    /// A word that a power cut tore reads as whatever the bus gives: its reader's check sums tell that.
    async fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), Error> {
        let read = without_bus_faults(|| self.0.blocking_read(offset, bytes));
        forget_errors();
        read
    }

    fn capacity(&self) -> usize {
        flash::FLASH_SIZE
    }
}

impl NorFlash for ChipFlash {
    const WRITE_SIZE: usize = <Flash<'static, Async> as NorFlash>::WRITE_SIZE;
    const ERASE_SIZE: usize = <Flash<'static, Async> as NorFlash>::ERASE_SIZE;

    async fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), Error> {
        forget_errors();
        self.0.write(offset, bytes).await
    }

    async fn erase(&mut self, from: u32, to: u32) -> Result<(), Error> {
        forget_errors();
        self.0.erase(from, to).await
    }
}

/// A note that was being written when the power went has words whose ECC does not fit, and to read one is a bus fault: the
/// board would never start again. While `read` runs such a fault is ignored, which the core does at the priority of
/// FAULTMASK only (Armv7-M, CCR.BFHFNMIGN).
fn without_bus_faults<T>(read: impl FnOnce() -> T) -> T {
    const BFHFNMIGN: u32 = 1 << 8;
    // SAFETY: with FAULTMASK set nobody else runs, so nobody else changes the register. The fence and the barriers keep the
    // reads of the flash, and their faults, between the two.
    unsafe {
        asm!("cpsid f");
        let control = &(*SCB::PTR).ccr;
        control.modify(|bits| bits | BFHFNMIGN);
        cortex_m::asm::dsb();
        cortex_m::asm::isb();
        compiler_fence(Ordering::SeqCst);
        let value = read();
        compiler_fence(Ordering::SeqCst);
        cortex_m::asm::dsb();
        control.modify(|bits| bits & !BFHFNMIGN);
        cortex_m::asm::isb();
        asm!("cpsie f");
        value
    }
}

/// What went wrong before is no fault of the next operation: a corrected bit, a torn word that was read, an access that the
/// core made ahead of its program. These flags are cleared in FLASH_CCR only, which embassy-stm32 0.6 leaves alone.
fn forget_errors() {
    pac::FLASH.bank(1).ccr().write(|flags| {
        flags.set_clr_rdperr(true);
        flags.set_clr_rdserr(true);
        flags.set_clr_sneccerr(true);
        flags.set_clr_dbeccerr(true);
        flags.set_clr_wrperr(true);
        flags.set_clr_pgserr(true);
        flags.set_clr_strberr(true);
        flags.set_clr_incerr(true);
        flags.set_clr_operr(true);
    });
}
