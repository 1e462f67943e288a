//! The connection between two parties: a socket, or memory where both play in this process.

use std::{
    cell::RefCell,
    collections::VecDeque,
    io,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, ready},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::net::stream::Stream;

/// A connection. Dropping it closes it.
pub(super) enum Link {
    Socket(Box<Stream>),
    Memory(Pipe),
}

/// One end of a connection in memory.
pub(super) struct Pipe {
    shared: Rc<RefCell<[Way; 2]>>,
    /// Which of both ways is written to.
    end: usize,
}

#[derive(Default)]
struct Way {
    bytes: VecDeque<u8>,
    is_closed: bool,
}

impl Pipe {
    /// Both ends.
    pub(super) fn pair() -> (Pipe, Pipe) {
        let shared = Rc::new(RefCell::new([Way::default(), Way::default()]));
        (Pipe { shared: Rc::clone(&shared), end: 0 }, Pipe { shared, end: 1 })
    }

    fn read(&self, into: &mut [u8]) -> Poll<io::Result<usize>> {
        let mut ways = self.shared.borrow_mut();
        let way = &mut ways[1 - self.end];
        if way.bytes.is_empty() {
            return if way.is_closed { Poll::Ready(Ok(0)) } else { Poll::Pending };
        }
        let mut count = 0;
        for (place, byte) in into.iter_mut().zip(&way.bytes) {
            *place = *byte;
            count += 1;
        }
        way.bytes.drain(..count);
        Poll::Ready(Ok(count))
    }

    fn write(&self, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let mut ways = self.shared.borrow_mut();
        if ways[1 - self.end].is_closed {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        ways[self.end].bytes.extend(bytes);
        Poll::Ready(Ok(bytes.len()))
    }
}

impl Drop for Pipe {
    fn drop(&mut self) {
        self.shared.borrow_mut()[self.end].is_closed = true;
    }
}

impl Link {
    /// As `read`: 0 is the end.
    pub(super) fn poll_read(&mut self, cx: &mut Context<'_>, into: &mut [u8]) -> Poll<io::Result<usize>> {
        match self {
            Link::Memory(pipe) => pipe.read(into),
            Link::Socket(stream) => {
                let mut buffer = ReadBuf::new(into);
                ready!(Pin::new(stream.as_mut()).poll_read(cx, &mut buffer))?;
                Poll::Ready(Ok(buffer.filled().len()))
            }
        }
    }

    /// As `write`; what was taken is on its way.
    pub(super) fn poll_write(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self {
            Link::Memory(pipe) => pipe.write(bytes),
            Link::Socket(stream) => {
                let count = ready!(Pin::new(stream.as_mut()).poll_write(cx, bytes))?;
                // Bytes that wait inside go out with the next call, at the latest.
                let _ = Pin::new(stream.as_mut()).poll_flush(cx)?;
                Poll::Ready(Ok(count))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use super::*;

    #[test]
    fn what_one_end_writes_the_other_reads_and_a_dropped_end_is_the_end() {
        let (ours, theirs) = Pipe::pair();
        let (mut ours, mut theirs) = (Link::Memory(ours), Link::Memory(theirs));
        let cx = &mut Context::from_waker(Waker::noop());
        let mut buffer = [0; 4];
        assert!(theirs.poll_read(cx, &mut buffer).is_pending());
        assert!(matches!(ours.poll_write(cx, b"abcdef"), Poll::Ready(Ok(6))));
        assert!(matches!(theirs.poll_read(cx, &mut buffer), Poll::Ready(Ok(4))));
        drop(ours);
        assert!(matches!(theirs.poll_read(cx, &mut buffer), Poll::Ready(Ok(2))));
        assert!(matches!(theirs.poll_read(cx, &mut buffer), Poll::Ready(Ok(0))));
        assert!(matches!(theirs.poll_write(cx, b"x"), Poll::Ready(Err(_))));
    }
}
