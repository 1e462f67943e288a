//! A serial line by interrupts, over any UART that gives and takes bytes.

use core::{convert::Infallible, future::poll_fn, marker::PhantomData, task::Poll};

use embassy_sync::{blocking_mutex::raw::CriticalSectionRawMutex, pipe::Pipe, waitqueue::AtomicWaker};
use embedded_io_async::{ErrorType, Read, Write};

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
    received: Pipe<CriticalSectionRawMutex, 256>,
    writer: AtomicWaker,
}

impl Line {
    /// Nothing received.
    pub const fn new() -> Self {
        Line { received: Pipe::new(), writer: AtomicWaker::new() }
    }

    /// Takes what the UART holds, as long as there is room for it.
    pub fn on_receive<U: Uart>(&self) {
        critical_section::with(|_| {
            while self.received.free_capacity() > 0 {
                let Some(byte) = U::take() else { return };
                // There was room, and nobody else writes.
                _ = self.received.try_write(&[byte]);
            }
        });
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
        let count = U::line().received.read(buffer).await;
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
