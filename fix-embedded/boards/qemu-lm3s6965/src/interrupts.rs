//! The interrupts that the board uses, and the table of all of them.

use cortex_m::{interrupt::InterruptNumber, peripheral::NVIC};

use crate::{ethernet, time_driver, uart};

/// An interrupt, by its number (table 2-9).
#[derive(Clone, Copy)]
#[repr(u16)]
pub(crate) enum Interrupt {
    Uart1 = 6,
    Timer0A = 19,
    Ethernet = 42,
}

// SAFETY: the numbers are those of the board's table, and stay.
unsafe impl InterruptNumber for Interrupt {
    fn number(self) -> u16 {
        self as u16
    }
}

impl Interrupt {
    /// Lets it come. What was pending before is forgotten.
    pub(crate) fn enable(self) {
        NVIC::unpend(self);
        // SAFETY: its handler stands in the table below, and nobody relies on its staying masked.
        unsafe { NVIC::unmask(self) };
    }
}

/// One that is never enabled. If it comes all the same, the board is another one than we think.
extern "C" fn unexpected() {
    defmt::panic!("an interrupt that nobody enabled");
}

#[unsafe(link_section = ".vector_table.interrupts")]
#[unsafe(no_mangle)]
#[used]
static __INTERRUPTS: [extern "C" fn(); 43] = {
    let mut table = [unexpected as extern "C" fn(); 43];
    table[Interrupt::Uart1 as usize] = uart::on_interrupt;
    table[Interrupt::Timer0A as usize] = time_driver::on_alarm;
    table[Interrupt::Ethernet as usize] = ethernet::on_interrupt;
    table
};
