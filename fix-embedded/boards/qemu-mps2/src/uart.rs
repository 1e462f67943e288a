//! The serial lines (CMSDK APB UART, DDI0479D, 4.3): UART0 for the log, UART1 for orders.

use qemu::{
    marks::{self, Mark},
    registers::Registers,
    serial::{Line, Uart},
};

use crate::interrupts::Interrupt;

// SAFETY: two UARTs of the board, which only this file touches.
const UART0: Registers = unsafe { Registers::at(0x4000_4000) };
// SAFETY: as above.
const UART1: Registers = unsafe { Registers::at(0x4000_5000) };

const DATA: usize = 0x0;
const STATE: usize = 0x4;
const CTRL: usize = 0x8;
/// INTSTATUS when read, INTCLEAR when written.
const INT: usize = 0xC;
const BAUDDIV: usize = 0x10;

const STATE_TRANSMIT_FULL: u32 = 1;
const STATE_RECEIVE_FULL: u32 = 1 << 1;
const CTRL_TRANSMIT: u32 = 1;
const CTRL_RECEIVE: u32 = 1 << 1;
const CTRL_TRANSMIT_INTERRUPT: u32 = 1 << 2;
const CTRL_RECEIVE_INTERRUPT: u32 = 1 << 3;
/// UART1 while nobody waits for room.
const WITHOUT_TRANSMIT_INTERRUPT: u32 = CTRL_TRANSMIT | CTRL_RECEIVE | CTRL_RECEIVE_INTERRUPT;
const INT_TRANSMIT: u32 = 1;
const INT_RECEIVE: u32 = 1 << 1;
/// The smallest divisor that the UART allows: 1.5 Mbit/s.
const FASTEST: u32 = 16;

static LINE: Line = Line::new();

/// Makes UART0 ready for [`log`].
pub(crate) fn start_log() {
    UART0.write(BAUDDIV, FASTEST);
    UART0.write(CTRL, CTRL_TRANSMIT);
}

/// Writes to UART0 and waits for each byte to be taken.
pub(crate) fn log(bytes: &[u8]) {
    for byte in bytes {
        while UART0.read(STATE) & STATE_TRANSMIT_FULL != 0 {}
        UART0.write(DATA, u32::from(*byte));
    }
}

/// The line for orders.
pub struct Uart1;

impl Uart1 {
    /// Starts it.
    pub(crate) fn start() {
        UART1.write(BAUDDIV, FASTEST);
        UART1.write(CTRL, WITHOUT_TRANSMIT_INTERRUPT);
        Interrupt::Uart1Receive.enable();
        Interrupt::Uart1Transmit.enable();
    }
}

impl Uart for Uart1 {
    fn line() -> &'static Line {
        &LINE
    }

    fn take() -> Option<u8> {
        let is_there = UART1.read(STATE) & STATE_RECEIVE_FULL != 0;
        let byte = is_there.then(|| UART1.read(DATA) as u8);
        if byte == Some(b'\n') {
            marks::mark(Mark::LineIn, 0);
        }
        byte
    }

    fn put(byte: u8) -> bool {
        let has_room = UART1.read(STATE) & STATE_TRANSMIT_FULL == 0;
        if has_room {
            UART1.write(DATA, u32::from(byte));
            if byte == b'\n' {
                marks::mark(Mark::LineOut, 0);
            }
        } else {
            // Only now: otherwise an interrupt would follow each byte, though nobody waits for it.
            UART1.write(CTRL, WITHOUT_TRANSMIT_INTERRUPT | CTRL_TRANSMIT_INTERRUPT);
        }
        has_room
    }
}

pub(crate) extern "C" fn on_receive() {
    UART1.write(INT, INT_RECEIVE);
    LINE.on_receive::<Uart1>();
}

pub(crate) extern "C" fn on_transmit() {
    UART1.write(CTRL, WITHOUT_TRANSMIT_INTERRUPT);
    UART1.write(INT, INT_TRANSMIT);
    LINE.on_transmit();
}
