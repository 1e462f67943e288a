//! The interrupts that the board uses, and the table of all of them.

use cortex_m::{interrupt::InterruptNumber, peripheral::NVIC};

use crate::{lan9118, time_driver, uart};

/// An interrupt, by its number (DAI0385D, "Interrupts").
#[derive(Clone, Copy)]
#[repr(u16)]
pub(crate) enum Interrupt {
    Uart1Receive = 2,
    Uart1Transmit = 3,
    Timer0 = 8,
    Timer1 = 9,
    Ethernet = 13,
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
static __INTERRUPTS: [extern "C" fn(); 32] = {
    let mut table = [unexpected as extern "C" fn(); 32];
    table[Interrupt::Uart1Receive as usize] = uart::on_receive;
    table[Interrupt::Uart1Transmit as usize] = uart::on_transmit;
    table[Interrupt::Timer0 as usize] = time_driver::on_wrap;
    table[Interrupt::Timer1 as usize] = time_driver::on_alarm;
    table[Interrupt::Ethernet as usize] = lan9118::on_interrupt;
    table
};
