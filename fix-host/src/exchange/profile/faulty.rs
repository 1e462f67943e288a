//! A connection with faults on purpose: what the engine writes goes through a [`Tamper`], what comes in is read slowly.

use std::{
    io,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, ready},
    time::Duration,
};

use fix_core::wire::frame::{Scan, scan};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep, sleep_until},
};

use super::tamper::{Tamper, Written};

/// The largest message that is looked at; what is larger goes through as it is.
const LARGEST: usize = 1 << 20;
/// Bytes that wait to be written, from which on no more are taken.
const FULL: usize = 64 * 1024;
/// Bytes that are read at once.
const READ: usize = 2048;

/// Who has the faults, for the log.
#[derive(Clone, Debug)]
pub struct Whose {
    /// The session.
    pub session: String,
    /// The profile.
    pub profile: String,
}

/// A connection with faults.
pub struct Faulty<S> {
    stream: S,
    tamper: Arc<Mutex<Tamper>>,
    whose: Whose,
    /// Bytes of a message that is not all there yet.
    partial: Vec<u8>,
    /// What is to be written, and how much of it was.
    out: Vec<u8>,
    written: usize,
    state: State,
    slow: Option<Slow>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    /// Nothing more is written.
    Silent,
    /// It ends once what waits is written.
    Cut,
}

/// Reads so many bytes a second.
struct Slow {
    bytes_per_second: u64,
    next: Pin<Box<Sleep>>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Faulty<S> {
    /// `stream` with the faults of `tamper`, and, if it is said, read so many bytes a second.
    pub fn new(stream: S, tamper: Arc<Mutex<Tamper>>, slow: Option<u64>, whose: Whose) -> Self {
        let slow = slow.map(|bytes_per_second| Slow {
            bytes_per_second: bytes_per_second.max(1),
            next: Box::pin(sleep_until(Instant::now())),
        });
        let (partial, out, written, state) = (Vec::new(), Vec::new(), 0, State::Open);
        Faulty { stream, tamper, whose, partial, out, written, state, slow }
    }

    /// Takes bytes of the engine apart into messages, and keeps what is to be written of them.
    fn take(&mut self, bytes: &[u8]) {
        self.partial.extend_from_slice(bytes);
        let mut at = 0;
        while self.state == State::Open && at < self.partial.len() {
            let rest = &self.partial[at..];
            let len = match scan(rest, LARGEST) {
                Scan::Frame(_, len) => len,
                Scan::Partial => break,
                // Not ours to judge.
                Scan::Garbled(_, len) => {
                    self.out.extend_from_slice(&rest[..len]);
                    at += len;
                    continue;
                }
            };
            let message = &rest[..len];
            let (written, fault) = self.tamper.lock().unwrap_or_else(PoisonError::into_inner).write(message);
            if let Some(fault) = fault {
                let (session, profile) = (&self.whose.session, &self.whose.profile);
                let number = number(message);
                tracing::warn!(
                    session,
                    "on purpose, by venue profile {profile}: message {number} sent: {fault}"
                );
            }
            match written {
                Written::All(bytes) => self.out.extend_from_slice(&bytes),
                Written::Nothing => {}
                Written::Cut(bytes) => {
                    self.out.extend_from_slice(&bytes);
                    self.state = State::Cut;
                }
                Written::HalfOpen => self.state = State::Silent,
            }
            at += len;
        }
        if self.state == State::Open {
            self.partial.drain(..at);
        } else {
            self.partial.clear();
        }
    }

    /// Writes what waits.
    fn poll_drain(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.written < self.out.len() {
            let count = ready!(Pin::new(&mut self.stream).poll_write(context, &self.out[self.written..]))?;
            if count == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.written += count;
        }
        self.out.clear();
        self.written = 0;
        if self.state == State::Cut {
            let cut =
                io::Error::new(io::ErrorKind::ConnectionAborted, "cut on purpose, by the venue profile");
            return Poll::Ready(Err(cut));
        }
        Poll::Ready(Ok(()))
    }
}

/// MsgSeqNum(34), for the log.
fn number(message: &[u8]) -> String {
    let field = message.split(|byte| *byte == 1).find_map(|field| field.strip_prefix(b"34="));
    String::from_utf8_lossy(field.unwrap_or(b"?")).into_owned()
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Faulty<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        // The engine has given these bytes away: nobody else comes back for them.
        if let Poll::Ready(Err(error)) = this.poll_drain(context) {
            return Poll::Ready(Err(error));
        }
        let Some(slow) = &mut this.slow else { return Pin::new(&mut this.stream).poll_read(context, buffer) };
        ready!(slow.next.as_mut().poll(context));
        let mut bytes = [0; READ];
        // A tenth of a second's.
        let most = usize::try_from(slow.bytes_per_second / 10).unwrap_or(READ).clamp(1, READ);
        let mut part = ReadBuf::new(&mut bytes[..most.min(buffer.remaining())]);
        ready!(Pin::new(&mut this.stream).poll_read(context, &mut part))?;
        let count = part.filled().len() as u64;
        buffer.put_slice(part.filled());
        slow.next
            .as_mut()
            .reset(Instant::now() + Duration::from_micros(count * 1_000_000 / slow.bytes_per_second));
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Faulty<S> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let drained = this.poll_drain(context)?;
        if drained.is_pending() && this.out.len() >= FULL {
            return Poll::Pending;
        }
        this.take(bytes);
        // What cannot be written now is when the stream is read or written again.
        let _ = this.poll_drain(context)?;
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.poll_drain(context))?;
        Pin::new(&mut this.stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.poll_drain(context))?;
        Pin::new(&mut this.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests;
