//! The only I/O loop: moves bytes between one stream and one engine, and wakes it when it asks to be.

use std::{
    future::{Future, poll_fn},
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use fix_core::{
    engine::{Engine, Step},
    session::{
        application::{Application, Outbox},
        state::CloseReason,
    },
    store::{MessageStore, StoreError},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    sync::mpsc,
    time::{Instant, Sleep},
};

use super::tls;
use crate::clock::Clock;

/// An application that also takes commands from other tasks, between two messages.
pub trait HostApplication: Application {
    /// What other tasks may ask of it.
    type Command: Send;

    /// Carries out one command; called whether logged on or not.
    fn command(&mut self, command: Self::Command, out: &mut dyn Outbox);

    /// False while the application cannot take more messages: then nothing is read from the socket, and the
    /// counterparty is held back by TCP instead of a message being lost here.
    fn is_ready(&mut self) -> bool {
        true
    }

    /// Answers a command that came too late: the session is stopping.
    fn refuse(command: Self::Command);
}

/// What a session task can be told, whatever it is doing.
#[derive(Debug)]
pub enum Control {
    /// Send Logout with this Text(58).
    Logout(Option<String>),
    /// Logout if logged on, then end the task.
    Stop,
}

/// Why a connection ended.
#[derive(Debug, thiserror::Error)]
pub enum Ended {
    /// The engine asked for it.
    #[error("connection closed: {0}")]
    Closed(CloseReason),
    /// The counterparty closed the stream.
    #[error("the counterparty closed the connection")]
    EndOfStream,
    /// The stream failed.
    #[error("the connection failed: {}", tls::explain(.0))]
    Io(io::Error),
    /// The task was told to stop, and the counterparty did not answer the Logout in time.
    #[error("stopped; the counterparty did not answer our Logout")]
    Stopped,
}

/// The core's engine with buffers on the heap, made once per session.
pub type HostEngine<S, A> = Engine<Box<[u8]>, S, A>;

/// One session's task: its engine and the channels through which others reach it.
pub struct Session<S, A: HostApplication> {
    engine: HostEngine<S, A>,
    clock: Clock,
    commands: mpsc::Receiver<A::Command>,
    control: mpsc::Receiver<Control>,
    /// Set by [`Control::Stop`], or when all senders of it are gone: when to give up waiting for the Logout.
    stop_by: Option<Instant>,
}

impl<S: MessageStore, A: HostApplication> Session<S, A> {
    /// A session that is not connected yet, and the way to control it. `commands` are held back while the
    /// counterparty does not read.
    pub fn new(
        engine: HostEngine<S, A>,
        clock: Clock,
        commands: mpsc::Receiver<A::Command>,
    ) -> (Self, mpsc::Sender<Control>) {
        let (control, receiver) = mpsc::channel(4);
        (Session { engine, clock, commands, control: receiver, stop_by: None }, control)
    }

    /// Ends the session for good: commands that still wait are refused, and the store is flushed.
    ///
    /// # Errors
    /// The store's.
    pub fn finish(mut self) -> Result<(), StoreError> {
        self.commands.close();
        while let Ok(command) = self.commands.try_recv() {
            A::refuse(command);
        }
        self.engine.store_mut().flush()
    }

    /// The engine.
    pub fn engine(&mut self) -> &mut HostEngine<S, A> {
        &mut self.engine
    }

    /// True once the task shall end.
    pub fn is_stopping(&self) -> bool {
        self.stop_by.is_some()
    }

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

    /// Carries out commands while there is no connection, until `until` is done; true if the task shall stop.
    pub async fn idle(&mut self, until: impl Future<Output = ()>) -> bool {
        tokio::pin!(until);
        while !self.is_stopping() {
            tokio::select! {
                () = &mut until => break,
                control = self.control.recv() => self.obey(control),
                Some(command) = self.commands.recv() => self.carry_out(command),
            }
        }
        self.is_stopping()
    }

    fn turn<T: AsyncRead + AsyncWrite + Unpin>(
        &mut self,
        stream: &mut T,
        first: &mut &[u8],
        mut sleep: Pin<&mut Sleep>,
        context: &mut Context<'_>,
    ) -> Turn {
        let mut wake_at = self.stop_by;
        let mut writable = true;
        match self.engine.poll(self.clock.now()) {
            Step::Close(reason) => return Turn::Ended(Ended::Closed(reason)),
            Step::Write(bytes) => match Pin::new(&mut *stream).poll_write(context, bytes) {
                Poll::Ready(Ok(count)) => {
                    self.engine.sent(count);
                    return Turn::Again;
                }
                Poll::Ready(Err(error)) => return Turn::Ended(Ended::Io(error)),
                // The counterparty does not read; go on reading from it, or both would wait for ever.
                Poll::Pending => writable = false,
            },
            Step::Wait(until) => {
                // TLS may still hold a part of what it took.
                if let Poll::Ready(Err(error)) = Pin::new(&mut *stream).poll_flush(context) {
                    return Turn::Ended(Ended::Io(error));
                }
                let until = until.map(|until| Instant::from_std(self.clock.instant(until)));
                wake_at = wake_at.into_iter().chain(until).min();
            }
        }
        if !self.is_stopping()
            && let Poll::Ready(control) = self.control.poll_recv(context)
        {
            self.obey(control);
            return Turn::Again;
        }
        if writable && let Poll::Ready(Some(command)) = self.commands.poll_recv(context) {
            self.carry_out(command);
            return Turn::Again;
        }
        if self.engine.application_mut().is_ready() {
            if let Some(turn) = self.read(stream, first, context) {
                return turn;
            }
        } else {
            let soon = Instant::now() + NOT_READY_PAUSE;
            wake_at = Some(wake_at.map_or(soon, |at| at.min(soon)));
        }
        let Some(wake_at) = wake_at else { return Turn::Pending };
        if sleep.deadline() != wake_at {
            sleep.as_mut().reset(wake_at);
        }
        match sleep.poll(context) {
            Poll::Pending => Turn::Pending,
            Poll::Ready(()) if self.stop_by.is_some_and(|by| by <= Instant::now()) => {
                Turn::Ended(Ended::Stopped)
            }
            Poll::Ready(()) => Turn::Again,
        }
    }

    /// Reads what there is; `None` if there is nothing, or no room for it.
    fn read<T: AsyncRead + Unpin>(
        &mut self,
        stream: &mut T,
        first: &mut &[u8],
        context: &mut Context<'_>,
    ) -> Option<Turn> {
        let space = self.engine.space();
        if space.is_empty() {
            // Frames wait for room in the output; the write that is pending wakes us.
            return None;
        }
        let count = if first.is_empty() {
            let mut buffer = ReadBuf::new(space);
            match Pin::new(stream).poll_read(context, &mut buffer) {
                Poll::Pending => return None,
                Poll::Ready(Err(error)) => return Some(Turn::Ended(Ended::Io(error))),
                Poll::Ready(Ok(())) if buffer.filled().is_empty() => {
                    return Some(Turn::Ended(Ended::EndOfStream));
                }
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
        Some(Turn::Again)
    }

    fn carry_out(&mut self, command: A::Command) {
        let now = self.clock.now();
        self.engine.with_application(now, |application, out| application.command(command, out));
    }

    fn obey(&mut self, control: Option<Control>) {
        let now = self.clock.now();
        let text = match control {
            Some(Control::Logout(text)) => text,
            Some(Control::Stop) | None => {
                self.stop_by = Some(Instant::now() + STOP_PATIENCE);
                None
            }
        };
        self.engine.logout(now, text.as_deref());
    }
}

/// How long a closing connection may take to send its last bytes.
const LINGER: Duration = Duration::from_millis(300);

/// How long a stopping session waits for the counterparty's Logout; the program is to end within 2 s.
const STOP_PATIENCE: Duration = Duration::from_millis(1200);

/// When an application that was not ready is asked again.
const NOT_READY_PAUSE: Duration = Duration::from_millis(20);

enum Turn {
    Again,
    Pending,
    Ended(Ended),
}
