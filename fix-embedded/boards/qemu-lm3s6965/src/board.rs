//! The board, started.

use cortex_m::Peripherals;
use qemu::{logger, registers::Registers};

use crate::{
    ethernet::{self, Ethernet},
    time_driver, uart,
    uart::Uart1,
};

// SAFETY: the registers of the system control, which only this file touches.
const SYSTEM_CONTROL: Registers = unsafe { Registers::at(0x400F_E000) };
const RIS: usize = 0x50;
const RCC: usize = 0x60;
/// RIS: PLLLRIS.
const PLL_IS_LOCKED: u32 = 1 << 6;
/// RCC: BYPASS.
const BYPASS: u32 = 1 << 11;
/// RCC: SYSDIV of 3 (200 MHz / 4), USESYSDIV, XTAL of 8 MHz; the PLL on, from the main oscillator.
const PLL_50_MHZ: u32 = 3 << 23 | 1 << 22 | 0xE << 6;
/// Run-mode clock gating (RCGC1, RCGC2), and what is used there: Timer 0, UART0, UART1; PHY, MAC, ports A, D and F.
const RCGC1: usize = 0x104;
const RCGC2: usize = 0x108;
const TIMER_AND_UARTS: u32 = 1 << 16 | 0b11;
const ETHERNET_AND_PORTS: u32 = 1 << 30 | 1 << 28 | 0b10_1001;

/// What a program gets of the board, beside [`Uart1`], the serial line for orders.
pub struct Board {
    /// The network.
    pub ethernet: Ethernet,
}

impl Board {
    /// Starts clock, log, serial line and network, before anything that takes time or logs.
    ///
    /// # Panics
    /// If it is called twice.
    pub fn start() -> Self {
        let peripherals = Peripherals::take().expect("started once");
        SYSTEM_CONTROL.write(RCC, PLL_50_MHZ | BYPASS);
        while SYSTEM_CONTROL.read(RIS) & PLL_IS_LOCKED == 0 {}
        SYSTEM_CONTROL.write(RCC, PLL_50_MHZ);
        SYSTEM_CONTROL.write(RCGC1, TIMER_AND_UARTS);
        SYSTEM_CONTROL.write(RCGC2, ETHERNET_AND_PORTS);
        uart::start_log();
        logger::start(uart::log);
        time_driver::start(peripherals.SYST);
        Uart1::start();
        Board { ethernet: ethernet::start() }
    }
}
