//! The only I/O loop: moves bytes between one stream and one engine, and wakes it when it asks to be.

use std::{
    future::{Future, poll_fn},
    io,
    pin::Pin,
    task::{Context, Poll},
};

use fix_core::{
    engine::{Engine, Step},
    session::{Application, CloseReason, Outbox},
    store::MessageStore,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    sync::mpsc,
    time::{Instant, Sleep},
};

use super::clock::Clock;

/// An application that also takes commands from other tasks, between two messages.
pub trait HostApplication: Application {
    /// What other tasks may ask of it.
    type Command: Send;

    /// Carries out one command; called whether logged on or not.
    fn command(&mut self, command: Self::Command, out: &mut dyn Outbox);
}

/// What a session task can be told.
pub enum Control<C> {
    /// For the application.
    Application(C),
    /// Send Logout, and stay out until told otherwise.
    Logout(Option<String>),
    /// Logout if logged on, then end the task.
    Stop,
}

/// Why a connection ended.
#[derive(Debug)]
pub enum Ended {
    /// The engine asked for it.
    Closed(CloseReason),
    /// The counterparty closed the stream.
    EndOfStream,
    /// The stream failed.
    Io(io::Error),
}

/// What the driver needs to know about one session's task.
pub struct Session<S, A: HostApplication> {
    /// The whole FIX path.
    pub engine: Engine<S, A>,
    /// Where other tasks talk to this session.
    pub control: mpsc::Receiver<Control<A::Command>>,
    /// Set by [`Control::Stop`] or when all senders are gone.
    pub stopping: bool,
    /// The clocks.
    pub clock: Clock,
}

impl<S: MessageStore, A: HostApplication> Session<S, A> {
    /// Serves one connection to its end. `first` are bytes that were already read from it.
    pub async fn serve<T: AsyncRead + AsyncWrite + Unpin>(&mut self, mut stream: T, first: &[u8]) -> Ended {
        self.engine.connected(self.clock.now());
        let mut first = first;
        let mut sleep = Box::pin(tokio::time::sleep_until(Instant::now()));
        let ended = poll_fn(|context| {
            loop {
                match self.turn(&mut stream, &mut first, sleep.as_mut(), context) {
                    Turn::Again => {}
                    Turn::Pending => return Poll::Pending,
                    Turn::Ended(ended) => return Poll::Ready(ended),
                }
            }
        })
        .await;
        self.engine.disconnected(self.clock.now());
        if matches!(ended, Ended::Closed(_)) {
            // The last bytes (a Logout) must reach the counterparty before the socket goes.
            let _ = tokio::time::timeout(LINGER, tokio::io::AsyncWriteExt::shutdown(&mut stream)).await;
        }
        ended
    }

    /// Carries out commands while there is no connection, until `until`; true if the task shall stop.
    pub async fn idle(&mut self, until: impl Future<Output = ()>) -> bool {
        tokio::pin!(until);
        while !self.stopping {
            tokio::select! {
                () = &mut until => break,
                control = self.control.recv() => self.obey(control),
            }
        }
        self.stopping
    }

    fn turn<T: AsyncRead + AsyncWrite + Unpin>(
        &mut self,
        stream: &mut T,
        first: &mut &[u8],
        mut sleep: Pin<&mut Sleep>,
        context: &mut Context<'_>,
    ) -> Turn {
        let now = self.clock.now();
        match self.engine.poll(now) {
            Step::Close(reason) => return Turn::Ended(Ended::Closed(reason)),
            Step::Write(bytes) => match Pin::new(&mut *stream).poll_write(context, bytes) {
                Poll::Ready(Ok(count)) => {
                    self.engine.sent(count);
                    return Turn::Again;
                }
                Poll::Ready(Err(error)) => return Turn::Ended(Ended::Io(error)),
                // The counterparty does not read; go on reading from it, or both would wait for ever.
                Poll::Pending => {}
            },
            Step::Wait(None) => {}
            Step::Wait(Some(until)) => {
                let until = Instant::from_std(self.clock.instant(until));
                if sleep.deadline() != until {
                    sleep.as_mut().reset(until);
                }
                if sleep.as_mut().poll(context).is_ready() {
                    return Turn::Again;
                }
            }
        }
        if let Poll::Ready(control) = self.control.poll_recv(context)
            && !self.stopping
        {
            self.obey(control);
            return Turn::Again;
        }
        self.read(stream, first, context)
    }

    fn read<T: AsyncRead + Unpin>(&mut self, stream: &mut T, first: &mut &[u8], context: &mut Context<'_>) -> Turn {
        let space = self.engine.space();
        if space.is_empty() {
            // Frames wait for room in the output; the write that is pending wakes us.
            return Turn::Pending;
        }
        let count = if first.is_empty() {
            let mut buffer = ReadBuf::new(space);
            match Pin::new(stream).poll_read(context, &mut buffer) {
                Poll::Pending => return Turn::Pending,
                Poll::Ready(Err(error)) => return Turn::Ended(Ended::Io(error)),
                Poll::Ready(Ok(())) if buffer.filled().is_empty() => return Turn::Ended(Ended::EndOfStream),
                Poll::Ready(Ok(())) => buffer.filled().len(),
            }
        } else {
            let count = first.len().min(space.len());
            let (head, rest) = first.split_at(count);
            space[..count].copy_from_slice(head);
            *first = rest;
            count
        };
        self.engine.received(self.clock.now(), count);
        Turn::Again
    }

    fn obey(&mut self, control: Option<Control<A::Command>>) {
        let now = self.clock.now();
        match control {
            Some(Control::Application(command)) => {
                self.engine.with_application(now, |application, out| application.command(command, out));
            }
            Some(Control::Logout(text)) => self.engine.logout(now, text.as_deref()),
            Some(Control::Stop) | None => {
                self.stopping = true;
                self.engine.logout(now, None);
            }
        }
    }
}

/// How long a closing connection may take to send its last bytes.
const LINGER: std::time::Duration = std::time::Duration::from_millis(500);

enum Turn {
    Again,
    Pending,
    Ended(Ended),
}
