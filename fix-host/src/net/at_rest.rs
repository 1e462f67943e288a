//! A session that rests takes no memory for what it has to say: its buffers go round between the sessions.

use std::{mem::MaybeUninit, pin::Pin, task::Context, task::Poll, time::Duration};

use fix_core::time::Mono;
use tokio::io::{AsyncRead, ReadBuf};

use super::{
    buffer::Buffer,
    driver::{Connection, Ended, SessionTask},
    transfer::Read,
};
use crate::{contract::HostApplication, store::Entries};

/// Bytes read in one go by a session whose buffer was given back.
const AT_ONCE: usize = 4096;
/// A session that was not called for this long gives its buffers back when it has done what it was called for.
const QUIET: Duration = Duration::from_millis(10);
/// Bytes of a buffer that may have been used before its memory is given back to the system.
const IN_USE: usize = 256 * 1024;

/// Whether a connection is at rest.
#[derive(Default)]
pub(super) struct Rested {
    /// When its task was called last.
    last_call: Option<Mono>,
    /// Bytes that the engine's buffer can receive, if it was given back; else 0.
    room: usize,
}

impl Rested {
    pub(super) fn is_at_rest(&self) -> bool {
        self.room > 0
    }
}

impl<S: Entries, A: HostApplication> SessionTask<S, A> {
    /// Gives back what holds nothing.
    pub(super) fn give_back(&mut self, rested: &mut Rested, now: Mono) {
        self.engine.give_back(IN_USE, Buffer::renew);
        if rested.last_call.is_none_or(|last| now.since(last) >= QUIET) {
            rested.room = self.engine.give_back(0, Buffer::release);
        }
        rested.last_call = Some(now);
    }

    /// Reads what there is. The engine's buffer takes memory only if there is something.
    pub(super) fn read_at_rest<T: AsyncRead + Unpin>(
        &mut self,
        connection: &mut Connection<'_, T>,
        context: &mut Context<'_>,
    ) -> Result<Read, Ended> {
        let mut memory = [MaybeUninit::uninit(); AT_ONCE];
        let most = connection.rested.room.min(AT_ONCE);
        let mut buffer = ReadBuf::uninit(&mut memory[..most]);
        let read = Pin::new(&mut connection.stream).poll_read(context, &mut buffer);
        let bytes = buffer.filled();
        match read {
            Poll::Pending => return Ok(Read::Nothing),
            Poll::Ready(Err(error)) => return Err(Ended::Io(error)),
            Poll::Ready(Ok(())) if bytes.is_empty() => return Err(Ended::EndOfStream),
            Poll::Ready(Ok(())) => {}
        }
        self.engine.space()[..bytes.len()].copy_from_slice(bytes);
        connection.rested.room = 0;
        Ok(Read::Some(bytes.len()))
    }
}
