//! The bytes of one connection on their way: from the stream into the engine, and from the engine to the stream.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use fix_core::{
    engine::Step,
    session::state::CloseReason,
    time::{Mono, Now},
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::driver::{Connection, Ended, SessionTask, earlier};
use crate::{contract::HostApplication, store::Entries};

/// Bytes read in one go.
const AT_ONCE: usize = 64 * 1024;

impl<S: Entries, A: HostApplication> SessionTask<S, A> {
    /// Lets the engine work, writes what it has to say, and tells the application what is in the store.
    pub(super) fn write<T: AsyncWrite + Unpin>(
        &mut self,
        connection: &mut Connection<'_, T>,
        now: Now,
        context: &mut Context<'_>,
    ) -> Written {
        let written = self.poll_and_write(connection, now, context);
        // The engine has flushed the store, unless that is why it ends.
        if !matches!(written, Written::Ended(Ended::Closed(CloseReason::Store(_)))) {
            self.engine.application_mut().persisted();
        }
        written
    }

    fn poll_and_write<T: AsyncWrite + Unpin>(
        &mut self,
        connection: &mut Connection<'_, T>,
        now: Now,
        context: &mut Context<'_>,
    ) -> Written {
        let stream = Pin::new(&mut connection.stream);
        match self.engine.poll(now) {
            Step::Close(reason) => Written::Ended(Ended::Closed(reason)),
            Step::Write(bytes) => match stream.poll_write(context, bytes) {
                Poll::Ready(Ok(count)) => {
                    let is_whole = count == bytes.len();
                    self.engine.sent(count);
                    connection.blocked_since = None;
                    if is_whole { Written::Whole } else { Written::Some }
                }
                Poll::Ready(Err(error)) => Written::Ended(Ended::Io(error)),
                // The counterparty does not read; go on reading from it, or both would wait for ever.
                Poll::Pending => {
                    let since = *connection.blocked_since.get_or_insert(now.mono);
                    match self.send_timeout {
                        Some(patience) if now.mono.since(since) >= patience => {
                            Written::Ended(Ended::NotReading(patience))
                        }
                        patience => {
                            let give_up_at = patience.map(|patience| since.after(patience));
                            Written::Blocked(earlier(give_up_at, self.engine.deadline(now)))
                        }
                    }
                }
            },
            Step::Wait(until) => flush(stream, until, context),
        }
    }

    /// All was written that there was. Looks whether more has come meanwhile, and if not, how long to wait; `None` if there
    /// is more to do: of a message that comes alone, one turn is all.
    pub(super) fn settle_down<T: AsyncRead + AsyncWrite + Unpin>(
        &mut self,
        connection: &mut Connection<'_, T>,
        read: Read,
        now: Now,
        context: &mut Context<'_>,
    ) -> Result<Option<(Read, Written)>, Ended> {
        let read = match read {
            Read::Some(_) if connection.is_slice_over => return Ok(None),
            Read::Some(_) => self.read_on(connection, context)?,
            other => other,
        };
        if !matches!(read, Read::Nothing) || !self.engine.is_settled() {
            return Ok(None);
        }
        let due = self.engine.deadline(now);
        Ok(Some((read, flush(Pin::new(&mut connection.stream), due, context))))
    }

    /// Reads what there is, and tells the engine.
    pub(super) fn read_on<T: AsyncRead + Unpin>(
        &mut self,
        connection: &mut Connection<'_, T>,
        context: &mut Context<'_>,
    ) -> Result<Read, Ended> {
        let read = self.read(connection, context)?;
        if let Read::Some(count) = read {
            self.engine.received(count);
        }
        Ok(read)
    }

    /// Reads what there is into the engine's buffer.
    fn read<T: AsyncRead + Unpin>(
        &mut self,
        connection: &mut Connection<'_, T>,
        context: &mut Context<'_>,
    ) -> Result<Read, Ended> {
        if !self.engine.application_mut().is_ready() {
            return Ok(Read::NotReady);
        }
        if connection.rested.is_at_rest() {
            return self.read_at_rest(connection, context);
        }
        let space = self.engine.space();
        if space.is_empty() {
            return Ok(Read::NoRoom);
        }
        // What a burst of small messages fills stays small; a large message comes in several reads.
        let most = space.len().min(AT_ONCE);
        let space = &mut space[..most];
        if !connection.first.is_empty() {
            let count = connection.first.len().min(space.len());
            let (head, rest) = connection.first.split_at(count);
            space[..count].copy_from_slice(head);
            connection.first = rest;
            return Ok(Read::Some(count));
        }
        let mut buffer = ReadBuf::new(space);
        match Pin::new(&mut connection.stream).poll_read(context, &mut buffer) {
            Poll::Pending => Ok(Read::Nothing),
            Poll::Ready(Err(error)) => Err(Ended::Io(error)),
            Poll::Ready(Ok(())) if buffer.filled().is_empty() => Err(Ended::EndOfStream),
            Poll::Ready(Ok(())) => Ok(Read::Some(buffer.filled().len())),
        }
    }
}

/// Nothing is left to write. Bytes that the stream took may still be inside (TLS records).
fn flush<T: AsyncWrite>(stream: Pin<&mut T>, due: Option<Mono>, context: &mut Context<'_>) -> Written {
    match stream.poll_flush(context) {
        Poll::Ready(Err(error)) => Written::Ended(Ended::Io(error)),
        Poll::Ready(Ok(())) | Poll::Pending => Written::All(due),
    }
}

/// What came from the counterparty.
#[derive(Clone, Copy)]
pub(super) enum Read {
    /// So many bytes.
    Some(usize),
    /// Nothing; more wakes the task.
    Nothing,
    /// Frames wait for room in the output. The write that is pending wakes the task.
    NoRoom,
    /// The application takes no more for now.
    NotReady,
}

/// How the engine's output went.
pub(super) enum Written {
    /// Nothing is left; the engine has something to do at this moment.
    All(Option<Mono>),
    /// The counterparty takes no more; when it is given up.
    Blocked(Option<Mono>),
    /// All that was handed out was written; there may be more.
    Whole,
    /// Some of it was written.
    Some,
    Ended(Ended),
}
