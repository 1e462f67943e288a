//! The serial lines (PL011): UART0 for the log, UART1 for orders.

use qemu::{
    registers::Registers,
    serial::{Line, Uart},
};

use crate::interrupts::Interrupt;

// SAFETY: two UARTs of the board, which only this file touches.
const UART0: Registers = unsafe { Registers::at(0x4000_C000) };
// SAFETY: as above.
const UART1: Registers = unsafe { Registers::at(0x4000_D000) };

const UARTDR: usize = 0x00;
const UARTFR: usize = 0x18;
const UARTIBRD: usize = 0x24;
const UARTFBRD: usize = 0x28;
const UARTLCRH: usize = 0x2C;
const UARTCTL: usize = 0x30;
const UARTIM: usize = 0x38;
const UARTICR: usize = 0x44;

/// UARTFR: RXFE, TXFF.
const RECEIVE_EMPTY: u32 = 1 << 4;
const TRANSMIT_FULL: u32 = 1 << 5;
/// UARTLCRH: WLEN of 8 bits. FEN stays off: an interrupt for each byte, and none that stays below a level.
const EIGHT_BITS: u32 = 3 << 5;
/// UARTCTL: UARTEN, TXE, RXE.
const BOTH_ON: u32 = 1 | 1 << 8 | 1 << 9;
/// UARTIM, UARTICR: RXIM, TXIM.
const RECEIVE: u32 = 1 << 4;
const TRANSMIT: u32 = 1 << 5;
/// 50 MHz / (16 * 27.125) is 115,207 baud.
const DIVISOR: (u32, u32) = (27, 8);

static LINE: Line = Line::new();

fn start(uart: Registers) {
    uart.write(UARTCTL, 0);
    uart.write(UARTIBRD, DIVISOR.0);
    uart.write(UARTFBRD, DIVISOR.1);
    uart.write(UARTLCRH, EIGHT_BITS);
    uart.write(UARTCTL, BOTH_ON);
}

/// Makes UART0 ready for [`log`].
pub(crate) fn start_log() {
    start(UART0);
}

/// Writes to UART0 and waits for each byte to be taken.
pub(crate) fn log(bytes: &[u8]) {
    for byte in bytes {
        while UART0.read(UARTFR) & TRANSMIT_FULL != 0 {}
        UART0.write(UARTDR, u32::from(*byte));
    }
}

/// The line for orders.
pub struct Uart1;

impl Uart1 {
    /// Starts it.
    pub(crate) fn start() {
        start(UART1);
        UART1.write(UARTIM, RECEIVE | TRANSMIT);
        Interrupt::Uart1.enable();
    }
}

impl Uart for Uart1 {
    fn line() -> &'static Line {
        &LINE
    }

    fn take() -> Option<u8> {
        let is_there = UART1.read(UARTFR) & RECEIVE_EMPTY == 0;
        is_there.then(|| UART1.read(UARTDR) as u8)
    }

    fn put(byte: u8) -> bool {
        let has_room = UART1.read(UARTFR) & TRANSMIT_FULL == 0;
        if has_room {
            UART1.write(UARTDR, u32::from(byte));
        }
        has_room
    }
}

pub(crate) extern "C" fn on_interrupt() {
    UART1.write(UARTICR, RECEIVE | TRANSMIT);
    LINE.on_receive::<Uart1>();
    LINE.on_transmit();
}
