//! A connection whose counterparty has proved who it is.

use core::cell::RefCell;

use embassy_futures::poll_once;
use embedded_io_async::{ErrorType, Read, Write};
use embedded_tls::{TlsConnection, TlsError};

use super::{
    fault::Fault,
    suite::Suite,
    wire::{Wire, done},
};
use crate::{board::Connection, intake::line::crc};

type Inside<'c> = TlsConnection<'c, Wire<'c>, Suite>;

/// A connection over TLS.
pub struct Sealed<'c, C> {
    inner: C,
    /// `None` once it has said goodbye.
    tls: RefCell<Option<Inside<'c>>>,
    wire: Wire<'c>,
    unsaid: Option<Unsaid>,
}

/// What was sealed by a write that was given up before it could say so: the next one has to begin with the same bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Unsaid {
    count: usize,
    sum: u16,
}

impl<'c, C: Connection> Sealed<'c, C> {
    pub(super) fn new(inner: C, tls: Inside<'c>, wire: Wire<'c>) -> Self {
        Sealed { inner, tls: RefCell::new(Some(tls)), wire, unsaid: None }
    }
}

impl<'c, C: Connection> Connection for Sealed<'c, C> {
    type Error = Fault;
    type Reader<'r>
        = SealedReader<'r, 'c, C::Reader<'r>>
    where
        Self: 'r;
    type Writer<'r>
        = SealedWriter<'r, 'c, C::Writer<'r>>
    where
        Self: 'r;

    fn split(&mut self) -> (Self::Reader<'_>, Self::Writer<'_>) {
        let Sealed { inner, tls, wire, unsaid } = self;
        let (reader, writer) = inner.split();
        let (tls, wire) = (&*tls, *wire);
        (SealedReader { inner: reader, tls, wire }, SealedWriter { inner: writer, tls, wire, unsaid })
    }

    /// Says by a close_notify that nothing is missing.
    async fn finish(&mut self) {
        let wire = self.wire;
        {
            let (_, mut writer) = self.inner.split();
            // What fails now fails on a connection that is over.
            if wire.drain(&mut writer).await.is_ok() {
                if let Some(tls) = self.tls.take() {
                    let _ = poll_once(tls.close());
                }
                let _ = wire.drain(&mut writer).await;
            }
        }
        self.inner.finish().await;
    }
}

/// What the counterparty says. A read that is given up takes no byte.
pub struct SealedReader<'r, 'c, R> {
    inner: R,
    tls: &'r RefCell<Option<Inside<'c>>>,
    wire: Wire<'c>,
}

impl<R> ErrorType for SealedReader<'_, '_, R> {
    type Error = Fault;
}

impl<R: Read> Read for SealedReader<'_, '_, R> {
    async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Fault> {
        loop {
            {
                let mut tls = self.tls.borrow_mut();
                let Some(tls) = tls.as_mut() else { return Ok(0) };
                if let Some(count) = done(poll_once(tls.read(buffer)).map(closed), Fault::in_session)? {
                    return Ok(count);
                }
            }
            if !self.wire.fill(&mut self.inner).await? {
                return Ok(0);
            }
        }
    }
}

/// A close_notify is the end of the stream.
fn closed(outcome: Result<usize, TlsError>) -> Result<usize, TlsError> {
    match outcome {
        Err(TlsError::ConnectionClosed | TlsError::MissingHandshake) => Ok(0),
        other => other,
    }
}

/// What we say.
pub struct SealedWriter<'r, 'c, W> {
    inner: W,
    tls: &'r RefCell<Option<Inside<'c>>>,
    wire: Wire<'c>,
    unsaid: &'r mut Option<Unsaid>,
}

impl<W> ErrorType for SealedWriter<'_, '_, W> {
    type Error = Fault;
}

impl<W: Write> Write for SealedWriter<'_, '_, W> {
    /// A write that is given up may have sealed bytes, because nothing can be sealed twice. The next one, which begins
    /// with the same bytes because nobody was told that they are written, sends the rest of them and says so.
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, Fault> {
        if bytes.is_empty() {
            return Ok(0);
        }
        let unsaid = match *self.unsaid {
            Some(unsaid) if unsaid.sum == sum(bytes, unsaid.count) => unsaid,
            Some(_) => return Err(Fault::OtherWrite),
            None => {
                self.wire.drain(&mut self.inner).await?;
                self.seal(bytes)?
            }
        };
        *self.unsaid = Some(unsaid);
        self.wire.drain(&mut self.inner).await?;
        *self.unsaid = None;
        Ok(unsaid.count)
    }

    async fn flush(&mut self) -> Result<(), Fault> {
        self.wire.drain(&mut self.inner).await?;
        self.inner.flush().await.map_err(|error| Fault::Line(embedded_io_async::Error::kind(&error)))
    }
}

impl<W> SealedWriter<'_, '_, W> {
    /// As many of `bytes` as a record holds.
    fn seal(&mut self, bytes: &[u8]) -> Result<Unsaid, Fault> {
        let mut tls = self.tls.borrow_mut();
        let Some(tls) = tls.as_mut() else { return Err(Fault::Ended) };
        let sealing = async {
            let count = tls.write(bytes).await?;
            tls.flush().await?;
            Ok(count)
        };
        // There is room for a record, so it is never left in its midst.
        let count = done(poll_once(sealing), Fault::in_session)?.ok_or(Fault::BadRecord)?;
        Ok(Unsaid { count, sum: sum(bytes, count) })
    }
}

fn sum(bytes: &[u8], count: usize) -> u16 {
    crc(bytes.get(..count).unwrap_or_default())
}
