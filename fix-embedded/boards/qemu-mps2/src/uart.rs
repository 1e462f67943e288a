//! The serial lines (CMSDK APB UART, DDI0479D, 4.3): UART0 for the log, UART1 for orders.

use core::{convert::Infallible, future::poll_fn, task::Poll};

use embassy_sync::{blocking_mutex::raw::CriticalSectionRawMutex, pipe::Pipe, waitqueue::AtomicWaker};
use embedded_io_async::{ErrorType, Read, Write};

use crate::{interrupts::Interrupt, registers::Registers};

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
const INT_TRANSMIT: u32 = 1;
const INT_RECEIVE: u32 = 1 << 1;
/// The smallest divisor that the UART allows: 1.5 Mbit/s.
const FASTEST: u32 = 16;

/// Received bytes that wait for the reader. While it is full the UART holds its byte, and QEMU the sender.
static RECEIVED: Pipe<CriticalSectionRawMutex, 256> = Pipe::new();
static WRITER: AtomicWaker = AtomicWaker::new();

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

/// UART1, both directions.
pub struct Uart1(());

impl Uart1 {
    /// Starts it. Called once, by the board.
    pub(crate) fn start() -> Self {
        UART1.write(BAUDDIV, FASTEST);
        UART1.write(CTRL, CTRL_TRANSMIT | CTRL_RECEIVE | CTRL_TRANSMIT_INTERRUPT | CTRL_RECEIVE_INTERRUPT);
        Interrupt::Uart1Receive.enable();
        Interrupt::Uart1Transmit.enable();
        Uart1(())
    }

    /// The two directions, for tasks of their own.
    pub fn split(self) -> (Reader, Writer) {
        (Reader(()), Writer(()))
    }
}

/// What UART1 receives.
pub struct Reader(());

/// What UART1 sends.
pub struct Writer(());

/// Takes what the UART holds, as long as there is room for it.
fn drain() {
    critical_section::with(|_| {
        while UART1.read(STATE) & STATE_RECEIVE_FULL != 0 && RECEIVED.free_capacity() > 0 {
            let byte = UART1.read(DATA) as u8;
            // There was room, and nobody else writes.
            _ = RECEIVED.try_write(&[byte]);
        }
    });
}

pub(crate) extern "C" fn on_receive() {
    UART1.write(INT, INT_RECEIVE);
    drain();
}

pub(crate) extern "C" fn on_transmit() {
    UART1.write(INT, INT_TRANSMIT);
    WRITER.wake();
}

impl ErrorType for Reader {
    type Error = Infallible;
}

impl Read for Reader {
    async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Infallible> {
        let count = RECEIVED.read(buffer).await;
        // A byte that had no room brings no interrupt again.
        drain();
        Ok(count)
    }
}

impl ErrorType for Writer {
    type Error = Infallible;
}

impl Write for Writer {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        if bytes.is_empty() {
            return Ok(0);
        }
        poll_fn(|cx| {
            WRITER.register(cx.waker());
            let mut count = 0;
            for byte in bytes {
                if UART1.read(STATE) & STATE_TRANSMIT_FULL != 0 {
                    break;
                }
                UART1.write(DATA, u32::from(*byte));
                count += 1;
            }
            if count > 0 { Poll::Ready(Ok(count)) } else { Poll::Pending }
        })
        .await
    }

    async fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}
