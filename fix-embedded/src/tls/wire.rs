//! The encrypted side: whole records in memory, between the connection and embedded-tls.
//!
//! embedded-tls 0.19 loses bytes when a read is given up in the midst of a record, and writes another record under the
//! same nonce when a write is. So it never waits for the network: it is called with whole records, and what it writes
//! goes out from here. It also takes what it should refuse (a handshake in the clear, an empty record), and panics at
//! some of it: a record is looked at before, here while it is sealed and in [`suite`](super::suite) once it is open.

use core::{cell::RefCell, future::poll_fn, task::Poll};

use embedded_io_async::{ErrorKind, ErrorType, Read, Write};
use embedded_tls::TlsError;

use super::{
    fault::Fault,
    suite::{IN_SESSION, MARK},
};

const HEADER: usize = 5;
/// The most bytes of a record behind its header.
const MOST: usize = (1 << 14) + 256;
/// Of AES-GCM, and a byte that says what is inside.
const LEAST_SEALED: usize = 16 + 1;

const CHANGE_CIPHER_SPEC: u8 = 20;
const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;
const SEALED: u8 = 23;

/// What may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// A ServerHello, or an alert, in the clear.
    Hello,
    /// Sealed records, and one ChangeCipherSpec that means nothing.
    Handshake,
    /// As before, without it.
    Sealed,
    /// Sealed records of the session.
    Session,
}

/// A record that comes in.
pub(super) struct Incoming<B: ?Sized> {
    phase: Phase,
    /// Bytes that have come, with the header, and how many of them embedded-tls has.
    filled: usize,
    given: usize,
    /// All of it has come: nothing is given before.
    is_whole: bool,
    bytes: B,
}

impl<const N: usize> Incoming<[u8; N]> {
    pub(super) const fn new() -> Self {
        Incoming { phase: Phase::Hello, filled: 0, given: 0, is_whole: false, bytes: [0; N] }
    }
}

impl Incoming<[u8]> {
    fn restart(&mut self) {
        self.phase = Phase::Hello;
        self.empty();
    }

    fn empty(&mut self) {
        (self.filled, self.given, self.is_whole) = (0, 0, false);
    }

    /// How many bytes are still to come, as far as is known.
    fn missing(&self) -> Result<usize, Fault> {
        let Some((header, _)) = self.bytes.split_first_chunk::<HEADER>() else {
            return Err(Fault::TooLarge(0));
        };
        if let (Some(kind), 1..) = (header.first(), self.filled) {
            self.may_come(*kind)?;
        }
        if self.filled < HEADER {
            return Ok(HEADER - self.filled);
        }
        let [kind, major, _, high, low] = *header;
        let len = usize::from(u16::from_be_bytes([high, low]));
        let least = if kind == SEALED { LEAST_SEALED } else { 1 };
        let is_good = match kind {
            CHANGE_CIPHER_SPEC => len == 1,
            ALERT => len == 2,
            _ => (least..=MOST).contains(&len),
        };
        if major != 3 || !is_good {
            return Err(if self.phase == Phase::Hello { Fault::NotTls } else { Fault::BadRecord });
        }
        if HEADER + len > self.bytes.len() {
            return Err(Fault::TooLarge(len));
        }
        Ok((HEADER + len).saturating_sub(self.filled))
    }

    fn may_come(&self, kind: u8) -> Result<(), Fault> {
        match (self.phase, kind) {
            (Phase::Hello, HANDSHAKE | ALERT)
            | (Phase::Handshake, SEALED | CHANGE_CIPHER_SPEC)
            | (Phase::Sealed | Phase::Session, SEALED) => Ok(()),
            (Phase::Hello, _) => Err(Fault::NotTls),
            (Phase::Handshake | Phase::Sealed | Phase::Session, _) => Err(Fault::BadRecord),
        }
    }

    /// Called when a record is whole.
    fn advance(&mut self) -> Result<(), Fault> {
        if self.phase == Phase::Hello && self.wants_another_hello() {
            return Err(Fault::OtherHello);
        }
        self.is_whole = true;
        self.phase = match (self.phase, self.bytes.first()) {
            (Phase::Hello, _) => Phase::Handshake,
            (Phase::Handshake, Some(&CHANGE_CIPHER_SPEC)) => Phase::Sealed,
            (phase, _) => phase,
        };
        if let (Phase::Session, Some(mark)) = (self.phase, self.bytes.get_mut(MARK)) {
            *mark = IN_SESSION;
        }
        Ok(())
    }

    /// A HelloRetryRequest is a ServerHello with this in place of its random number (RFC 8446, 4.1.3).
    fn wants_another_hello(&self) -> bool {
        const RETRY: [u8; 32] = [
            0xCF, 0x21, 0xAD, 0x74, 0xE5, 0x9A, 0x61, 0x11, 0xBE, 0x1D, 0x8C, 0x02, 0x1E, 0x65, 0xB8, 0x91,
            0xC2, 0xA2, 0x11, 0x16, 0x7A, 0xBB, 0x8C, 0x5E, 0x07, 0x9E, 0x09, 0xE2, 0xC8, 0xA8, 0x33, 0x9C,
        ];
        // Behind the head of the message and its version.
        self.bytes.get(HEADER + 4 + 2..self.filled).is_some_and(|behind| behind.starts_with(&RETRY))
    }

    /// Bytes of the whole record for embedded-tls.
    fn give(&mut self, to: &mut [u8]) -> usize {
        if !self.is_whole {
            return 0;
        }
        let rest = self.bytes.get(self.given..self.filled).unwrap_or_default();
        let count = rest.len().min(to.len());
        for (place, byte) in to.iter_mut().zip(rest) {
            *place = *byte;
        }
        self.given += count;
        count
    }
}

/// A record that goes out.
pub(super) struct Outgoing<B: ?Sized> {
    from: usize,
    to: usize,
    bytes: B,
}

impl<const N: usize> Outgoing<[u8; N]> {
    pub(super) const fn new() -> Self {
        Outgoing { from: 0, to: 0, bytes: [0; N] }
    }
}

impl Outgoing<[u8]> {
    fn put(&mut self, bytes: &[u8]) -> usize {
        let mut count = 0;
        for (place, byte) in self.bytes.get_mut(self.to..).unwrap_or_default().iter_mut().zip(bytes) {
            *place = *byte;
            count += 1;
        }
        self.to += count;
        count
    }
}

/// Both, for embedded-tls to read and write.
#[derive(Clone, Copy)]
pub(super) struct Wire<'w> {
    pub(super) incoming: &'w RefCell<Incoming<[u8]>>,
    pub(super) outgoing: &'w RefCell<Outgoing<[u8]>>,
}

impl Wire<'_> {
    /// A new connection.
    pub(super) fn restart(&self) {
        self.incoming.borrow_mut().restart();
        let mut outgoing = self.outgoing.borrow_mut();
        (outgoing.from, outgoing.to) = (0, 0);
    }

    /// The handshake is over.
    pub(super) fn begin_session(&self) {
        self.incoming.borrow_mut().phase = Phase::Session;
    }

    /// Reads until a record is whole; false at the end of the stream. Given up early, it goes on where it was.
    #[expect(
        clippy::await_holding_refcell_ref,
        reason = "embedded-tls, which has the other end, is not called meanwhile"
    )]
    pub(super) async fn fill(&self, reader: &mut impl Read) -> Result<bool, Fault> {
        let mut incoming = self.incoming.borrow_mut();
        if incoming.is_whole && incoming.given == incoming.filled {
            incoming.empty();
        }
        loop {
            let (missing, filled) = (incoming.missing()?, incoming.filled);
            if missing == 0 {
                incoming.advance()?;
                return Ok(true);
            }
            let room = incoming.bytes.get_mut(filled..filled + missing).unwrap_or_default();
            let count = reader.read(room).await.map_err(line)?;
            if count == 0 {
                return Ok(false);
            }
            incoming.filled += count;
        }
    }

    /// True if nothing waits to go out.
    pub(super) fn is_drained(&self) -> bool {
        let outgoing = self.outgoing.borrow();
        outgoing.from == outgoing.to
    }

    /// Writes what waits. Given up early, it goes on where it was.
    #[expect(
        clippy::await_holding_refcell_ref,
        reason = "embedded-tls, which has the other end, is not called meanwhile"
    )]
    pub(super) async fn drain(&self, writer: &mut impl Write) -> Result<(), Fault> {
        let mut outgoing = self.outgoing.borrow_mut();
        while let Some(rest) = outgoing.bytes.get(outgoing.from..outgoing.to).filter(|rest| !rest.is_empty())
        {
            match writer.write(rest).await.map_err(line)? {
                0 => return Err(Fault::Closed),
                count => outgoing.from += count,
            }
        }
        (outgoing.from, outgoing.to) = (0, 0);
        Ok(())
    }
}

fn line(error: impl embedded_io_async::Error) -> Fault {
    Fault::Line(error.kind())
}

impl ErrorType for Wire<'_> {
    type Error = ErrorKind;
}

impl Read for Wire<'_> {
    /// Never ends while no record is whole: who polls it fills one then.
    async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, ErrorKind> {
        poll_fn(|_| match self.incoming.borrow_mut().give(buffer) {
            0 => Poll::Pending,
            count => Poll::Ready(Ok(count)),
        })
        .await
    }
}

impl Write for Wire<'_> {
    /// Never ends while there is no room: who polls it drains then.
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, ErrorKind> {
        poll_fn(|_| match self.outgoing.borrow_mut().put(bytes) {
            0 => Poll::Pending,
            count => Poll::Ready(Ok(count)),
        })
        .await
    }

    async fn flush(&mut self) -> Result<(), ErrorKind> {
        Ok(())
    }
}

/// What embedded-tls did with what it has: `None` if it needs another record.
pub(super) fn done<T>(
    poll: Poll<Result<T, TlsError>>,
    fault: fn(TlsError) -> Fault,
) -> Result<Option<T>, Fault> {
    match poll {
        Poll::Ready(outcome) => outcome.map(Some).map_err(fault),
        Poll::Pending => Ok(None),
    }
}
