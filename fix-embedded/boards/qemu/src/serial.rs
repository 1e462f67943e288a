//! A serial line by interrupts, over any UART that gives and takes bytes.

use core::{cell::RefCell, convert::Infallible, future::poll_fn, marker::PhantomData, task::Poll};

use critical_section::Mutex;
use embassy_sync::waitqueue::AtomicWaker;
use embedded_io_async::{ErrorType, Read, Write};
use heapless::Deque;

/// Bytes that wait for the reader.
const ROOM: usize = 256;
/// So many wake it, whether a line ends with them or not: few are left to be worked on when it does.
const MANY: usize = 16;

/// A UART whose receive interrupt calls [`Line::on_receive`] and whose transmit interrupt [`Line::on_transmit`].
pub trait Uart: 'static {
    /// What is kept of the line.
    fn line() -> &'static Line;

    /// The oldest byte received, if there is one. Its interrupt comes again with the next byte that arrives.
    fn take() -> Option<u8>;

    /// Sends `byte`; false if there is no room. The transmit interrupt then comes when there is.
    fn put(byte: u8) -> bool;
}

/// What is kept between interrupts and tasks.
pub struct Line {
    /// Received bytes that wait for the reader. While it is full the UART holds its bytes, and QEMU the sender.
    received: Mutex<RefCell<Deque<u8, ROOM>>>,
    reader: AtomicWaker,
    writer: AtomicWaker,
}

impl Line {
    /// Nothing received.
    pub const fn new() -> Self {
        let received = Mutex::new(RefCell::new(Deque::new()));
        Line { received, reader: AtomicWaker::new(), writer: AtomicWaker::new() }
    }

    /// Takes what the UART holds, as long as there is room for it. The reader is woken at the end of a line: woken by each
    /// byte, all that waits with it would look each time whether there is something for it.
    pub fn on_receive<U: Uart>(&self) {
        critical_section::with(|section| {
            let mut received = self.received.borrow_ref_mut(section);
            let mut wakes = false;
            while !received.is_full()
                && let Some(byte) = U::take()
            {
                // There was room.
                _ = received.push_back(byte);
                wakes |= byte == b'\n' || received.len() >= MANY;
            }
            if wakes {
                self.reader.wake();
            }
        });
    }

    /// Takes out what has been received, as far as `buffer` has room for it; `None` while there is nothing.
    fn take(&self, buffer: &mut [u8]) -> Option<usize> {
        critical_section::with(|section| {
            let mut received = self.received.borrow_ref_mut(section);
            let mut count = 0;
            for slot in buffer.iter_mut() {
                let Some(byte) = received.pop_front() else { break };
                *slot = byte;
                count += 1;
            }
            (count > 0 || buffer.is_empty()).then_some(count)
        })
    }

    /// There is room again.
    pub fn on_transmit(&self) {
        self.writer.wake();
    }
}

impl Default for Line {
    fn default() -> Self {
        Self::new()
    }
}

/// What the line receives.
pub struct Reader<U>(PhantomData<U>);

/// What the line sends.
pub struct Writer<U>(PhantomData<U>);

/// Both directions of a UART that is started.
pub fn split<U: Uart>() -> (Reader<U>, Writer<U>) {
    (Reader(PhantomData), Writer(PhantomData))
}

impl<U> ErrorType for Reader<U> {
    type Error = Infallible;
}

impl<U: Uart> Read for Reader<U> {
    async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Infallible> {
        let count = poll_fn(|cx| {
            U::line().reader.register(cx.waker());
            U::line().take(buffer).map_or(Poll::Pending, Poll::Ready)
        })
        .await;
        // A byte that had no room brings no interrupt again.
        U::line().on_receive::<U>();
        Ok(count)
    }
}

impl<U> ErrorType for Writer<U> {
    type Error = Infallible;
}

impl<U: Uart> Write for Writer<U> {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        poll_fn(|cx| {
            U::line().writer.register(cx.waker());
            let count = bytes.iter().take_while(|byte| U::put(**byte)).count();
            if count > 0 || bytes.is_empty() { Poll::Ready(Ok(count)) } else { Poll::Pending }
        })
        .await
    }

    async fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}
