//! The only I/O loop: moves bytes between one stream and one engine, and wakes it when it asks to be.

use std::{
    future::{Future, poll_fn},
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use fix_core::{
    flight::Recorded,
    session::{PeerText, state::CloseReason},
    store::StoreError,
    time::Mono,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::mpsc,
    time::Instant,
};

use super::{
    alarm::Alarm,
    at_rest::Rested,
    buffer::Buffer,
    line::Line,
    monitor::Monitor,
    readers::Rest,
    round_trip::RoundTrip,
    tls,
    transfer::{Read, Written},
};
use crate::{
    clock::Clock,
    config::ScheduleSettings,
    contract::{
        HostApplication,
        control::{CONTROL_CAPACITY, Control},
    },
    flight::FileTape,
    store::Entries,
};

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
    /// The counterparty has read nothing for this long.
    #[error(
        "disconnected as a slow consumer: the counterparty read nothing for {} s (SocketSendTimeout)",
        .0.as_secs_f64()
    )]
    NotReading(Duration),
    /// An operator keeps the session out: the connection was not served.
    #[error("refused: an operator logged this session out")]
    KeptOut,
    /// The task was told to stop, and the counterparty did not answer the Logout in time.
    #[error("stopped; the counterparty did not answer our Logout")]
    Stopped,
}

impl Ended {
    /// With the text of the counterparty's Logout, as long as it is, and with what is known beside it.
    pub fn told(&self, logout_text: Option<&str>, cause: Option<&str>) -> String {
        let mut told = match self {
            Ended::Closed(CloseReason::LogonRefused(_)) => {
                CloseReason::LogonRefused(PeerText::NONE).to_string()
            }
            other => other.to_string(),
        };
        if let Some(text) = logout_text {
            told.push_str(&format!(": \"{text}\""));
        }
        if let Some(cause) = cause {
            told.push_str(&format!(": {cause}"));
        }
        told
    }
}

/// The core's engine with the host's buffers, made once per session, and recorded if there is a tape.
pub type HostEngine<S, A> = Recorded<Buffer, S, A, Option<FileTape>>;

/// One session's task: its engine and the channels through which others reach it.
pub struct SessionTask<S, A: HostApplication> {
    pub(super) engine: HostEngine<S, A>,
    pub(super) clock: Clock,
    pub(super) commands: mpsc::Receiver<A::Command>,
    pub(super) control: mpsc::Receiver<Control>,
    pub(super) monitor: Monitor,
    /// Set by [`Control::Stop`], or when all senders of it are gone: when to give up waiting for the Logout.
    pub(super) stop_by: Option<Instant>,
    /// What the store failed with: nothing is sent or received after that.
    pub(super) failure: Option<StoreError>,
    /// The entry that is being handed to the application.
    pub(super) entry: Vec<u8>,
    /// An operator wants it connected now, not after the pause.
    pub(super) hurried: bool,
    /// What the engine's schedule is made of, and when it is made again; `None`: it is always open.
    pub(super) calendar: Option<Box<(ScheduleSettings, Mono)>>,
    /// True while a connection is served.
    is_connected: Arc<AtomicBool>,
    /// How long the counterparty may read nothing while there is something to send; `None`: for ever.
    pub(super) send_timeout: Option<Duration>,
    /// What measures how long the counterparty takes to answer.
    pub(super) round_trip: Option<Box<RoundTrip>>,
    /// What stands between it and its connections.
    pub(super) line: Option<Arc<dyn Line>>,
}

/// What belongs to one connection.
pub(super) struct Connection<'a, T> {
    pub(super) stream: T,
    /// Bytes that were already read from it.
    pub(super) first: &'a [u8],
    alarm: Alarm,
    /// Since when the counterparty takes no bytes.
    pub(super) blocked_since: Option<Mono>,
    /// What was already asked in this call of the task and will wake it: one message makes several turns.
    asked: Asked,
    /// When this call of the task began, and whether it has lasted long enough for now.
    slice_began: Option<Mono>,
    pub(super) is_slice_over: bool,
    /// Commands wait for those that other tasks are about to bring.
    waits_for_more: bool,
    pub(super) rested: Rested,
}

/// The channels that were found empty.
#[derive(Default)]
struct Asked {
    control: bool,
    commands: bool,
}

impl<S: Entries, A: HostApplication> SessionTask<S, A> {
    /// A session that is not connected yet, and the way to control it. `commands` are held back while the
    /// counterparty does not read.
    pub fn new(
        engine: HostEngine<S, A>,
        clock: Clock,
        commands: mpsc::Receiver<A::Command>,
        monitor: Monitor,
    ) -> (Self, mpsc::Sender<Control>) {
        let (control, receiver) = mpsc::channel(CONTROL_CAPACITY);
        let mut session = SessionTask {
            engine,
            clock,
            commands,
            control: receiver,
            monitor,
            stop_by: None,
            failure: None,
            entry: Vec::new(),
            hurried: false,
            calendar: None,
            is_connected: Arc::default(),
            send_timeout: None,
            round_trip: None,
            line: None,
        };
        let (store, application) = session.engine.parts_mut();
        application.opened(store);
        session.show();
        (session, control)
    }

    /// The connection is given up when the counterparty reads nothing for `send_timeout` (SocketSendTimeout).
    #[must_use]
    pub fn with_send_timeout(self, send_timeout: Option<Duration>) -> Self {
        SessionTask { send_timeout, ..self }
    }

    /// Its connections as an acceptor go through `line`.
    #[must_use]
    pub fn with_line(self, line: Option<Arc<dyn Line>>) -> Self {
        SessionTask { line, ..self }
    }

    /// Ends the session for good: commands that still wait are refused, and the store is flushed. Returns the
    /// store and what it failed with.
    pub fn finish(mut self) -> (S, Result<(), StoreError>) {
        self.commands.close();
        while let Ok(command) = self.commands.try_recv() {
            A::refuse(command);
        }
        self.serve_readers();
        let flushed = self.engine.flush();
        let (store, _) = self.engine.into_parts();
        (store, self.failure.map_or(flushed, Err))
    }

    /// The engine.
    pub fn engine(&mut self) -> &mut HostEngine<S, A> {
        &mut self.engine
    }

    /// An operator has to let the session in before it connects for the first time (DynamicSession).
    #[must_use]
    pub fn staying_out(mut self, stays_out: bool) -> Self {
        self.monitor.set_stays_out(stays_out);
        self.show();
        self
    }

    /// `is_connected` is true while a connection is served. Whoever hands one over may set it at once.
    #[must_use]
    pub fn showing_in(self, is_connected: Arc<AtomicBool>) -> Self {
        SessionTask { is_connected, ..self }
    }

    /// The session's name.
    pub fn id(&self) -> &str {
        &self.monitor.view().id
    }

    /// What it is doing, or why its last connection ended, in a few words.
    pub fn detail(&self) -> &str {
        &self.monitor.view().detail
    }

    /// True once the task shall end.
    pub fn is_stopping(&self) -> bool {
        self.stop_by.is_some() || self.failure.is_some()
    }

    /// Serves one connection to its end. `first` are bytes that were already read from it.
    pub async fn serve<T: AsyncRead + AsyncWrite + Unpin>(&mut self, stream: T, first: &[u8]) -> Ended {
        if self.stays_out() {
            self.is_connected.store(false, Ordering::Relaxed);
            return Ended::KeptOut;
        }
        self.is_connected.store(true, Ordering::Relaxed);
        let first_out = self.engine.status().next_out;
        self.engine.connected(self.clock.now());
        let asked = Asked::default();
        let mut connection = Connection {
            stream,
            first,
            alarm: Alarm::new(),
            blocked_since: None,
            asked,
            slice_began: None,
            is_slice_over: false,
            waits_for_more: false,
            rested: Rested::default(),
        };
        let ended = poll_fn(|context| {
            connection.asked = Asked::default();
            connection.slice_began = None;
            // Whoever brings a command runs before others that are about to bring theirs: those come in meanwhile, and
            // share the flush of the store and the write to the socket.
            connection.waits_for_more = !connection.waits_for_more && !self.commands.is_empty();
            if connection.waits_for_more {
                return give_way(context);
            }
            loop {
                match self.turn(&mut connection, context) {
                    // Whoever has to stop does not wait for the end of a long resend.
                    Turn::Again if connection.is_slice_over && self.is_overdue() => {
                        return Poll::Ready(Ended::Stopped);
                    }
                    Turn::Again if connection.is_slice_over => return give_way(context),
                    Turn::Again => {}
                    Turn::Pending => return Poll::Pending,
                    Turn::Ended(ended) => return Poll::Ready(ended),
                }
            }
        })
        .await;
        self.engine.disconnected(self.clock.now());
        self.engine.give_back(0, Buffer::release);
        self.is_connected.store(false, Ordering::Relaxed);
        match ended {
            Ended::Closed(CloseReason::Store(error)) => self.store_failed(error),
            // Commands that were carried out in the turn that found the end are in the store, and wait to hear it.
            _ => self.persist(),
        }
        self.explain_end(&ended, first_out);
        if matches!(ended, Ended::Closed(_)) {
            // The last bytes (a Logout) must reach the counterparty before the socket goes.
            let shutdown = tokio::io::AsyncWriteExt::shutdown(&mut connection.stream);
            let _ = tokio::time::timeout(LINGER, shutdown).await;
        }
        ended
    }

    /// One round: the commands that wait, then what there is to read, then what there is to say to that. Of a message
    /// that comes alone one round does all.
    fn turn<T: AsyncRead + AsyncWrite + Unpin>(
        &mut self,
        connection: &mut Connection<'_, T>,
        context: &mut Context<'_>,
    ) -> Turn {
        let heard = self.listen(connection, context);
        let read = match self.read_on(connection, context) {
            Ok(read) => read,
            Err(ended) => return Turn::Ended(ended),
        };
        let now = self.clock.now();
        connection.is_slice_over = now.mono.since(*connection.slice_began.get_or_insert(now.mono)) >= SLICE;
        let renew_at = earlier(self.renew_schedule(now), self.measure(now));
        let written = self.write(connection, now, context);
        self.hear_answer();
        let rest = self.serve_readers();
        let (read, written) = match written {
            Written::Whole => match self.settle_down(connection, read, now, context) {
                Ok(Some(settled)) => settled,
                Ok(None) => return Turn::Again,
                Err(ended) => return Turn::Ended(ended),
            },
            other => (read, other),
        };
        let (due, may_wait) = match written {
            Written::Some | Written::Whole => return Turn::Again,
            Written::Ended(ended) => return Turn::Ended(ended),
            // Only a slice of a long resend is over.
            Written::All(Some(at)) if at <= now.mono => return Turn::Again,
            // Nothing is left to work on, so there is room to read again.
            Written::All(due) => (due, !matches!(read, Read::Some(_) | Read::NoRoom)),
            Written::Blocked(due) => match read {
                Read::Some(_) => (due, false),
                Read::NoRoom => (due, self.engine.space().is_empty()),
                Read::Nothing | Read::NotReady => (due, true),
            },
        };
        let may_hear_more = heard && !(connection.asked.control && connection.asked.commands);
        if may_hear_more || !may_wait {
            return Turn::Again;
        }
        let no_room = match rest {
            Rest::Failed(error) => return Turn::Ended(Ended::Closed(CloseReason::Store(error))),
            Rest::More => {
                // The others' turn first.
                context.waker().wake_by_ref();
                return Turn::Pending;
            }
            Rest::NoRoom => true,
            Rest::Nothing => false,
        };
        // What was read before the connection came here goes to the buffer first.
        if connection.first.is_empty() {
            self.give_back(&mut connection.rested, now.mono);
        }
        let show_at = self.monitor.update(&self.engine.status(), now);
        let due = earlier(earlier(due, renew_at), show_at);
        let due = due.map(|at| Instant::from_std(self.clock.instant(at)));
        let not_ready = no_room || matches!(read, Read::NotReady);
        let not_ready = not_ready.then(|| Instant::now() + NOT_READY_PAUSE);
        let wake_at = earlier(earlier(due, not_ready), self.stop_by);
        self.wait(connection, wake_at, context)
    }

    /// Does one thing that operators ask for, or some that other tasks do; true if there was any. Commands are held
    /// back while the counterparty does not read.
    fn listen<T>(&mut self, connection: &mut Connection<'_, T>, context: &mut Context<'_>) -> bool {
        if !self.is_stopping() && !connection.asked.control {
            if let Poll::Ready(control) = self.control.poll_recv(context) {
                self.obey(control);
                return true;
            }
            connection.asked.control = true;
        }
        if connection.blocked_since.is_none() && !connection.asked.commands {
            return self.carry_out_some(connection, context);
        }
        false
    }

    /// Carries out commands that wait, as far as the output has room: they share the flush of the store and the write
    /// to the socket that follow. True if there was any.
    fn carry_out_some<T>(&mut self, connection: &mut Connection<'_, T>, context: &mut Context<'_>) -> bool {
        let mut began = None;
        for count in 0..COMMANDS_AT_ONCE {
            if !self.engine.has_room() {
                return count > 0;
            }
            // `poll_recv` is for the wake-up; where much waits, tokio would have it pause in between. Most often nothing does.
            let first =
                if count == 0 && self.commands.is_empty() { None } else { self.commands.try_recv().ok() };
            let command = match first {
                Some(command) => command,
                None => match self.commands.poll_recv(context) {
                    Poll::Ready(Some(command)) => command,
                    Poll::Ready(None) | Poll::Pending => {
                        connection.asked.commands = true;
                        return count > 0;
                    }
                },
            };
            let now = *began.get_or_insert_with(|| self.clock.now());
            self.engine.with_application(now, |application, out| application.command(command, out));
        }
        true
    }

    /// True once the counterparty's answer to our Logout is not waited for any more.
    fn is_overdue(&self) -> bool {
        self.stop_by.is_some_and(|by| by <= Instant::now())
    }

    /// Sleeps until there is something to read, to write or to do.
    fn wait<T>(
        &self,
        connection: &mut Connection<'_, T>,
        wake_at: Option<Instant>,
        context: &mut Context<'_>,
    ) -> Turn {
        let Some(wake_at) = wake_at else { return Turn::Pending };
        match connection.alarm.poll(wake_at, context) {
            Poll::Pending => Turn::Pending,
            Poll::Ready(()) if self.is_overdue() => Turn::Ended(Ended::Stopped),
            Poll::Ready(()) => Turn::Again,
        }
    }

    /// Carries out a command while there is no connection that would flush the store.
    pub(super) fn carry_out_alone(&mut self, command: A::Command) {
        let now = self.clock.now();
        self.engine.with_application(now, |application, out| application.command(command, out));
        self.persist();
    }

    /// Flushes the store where no write to the socket does, and tells the application.
    fn persist(&mut self) {
        match self.engine.flush() {
            Ok(()) => self.engine.application_mut().persisted(),
            Err(error) => self.store_failed(error),
        }
    }

    fn store_failed(&mut self, error: StoreError) {
        self.failure = Some(error);
        self.engine.application_mut().store_failed();
    }
}

/// Lets the other sessions, HTTP, timers and signals have their turn, and comes back after them: what is always
/// ready would keep the runtime from looking at its sockets for long.
fn give_way(context: &mut Context<'_>) -> Poll<Ended> {
    let again = std::pin::pin!(tokio::task::yield_now());
    let _ = again.poll(context);
    Poll::Pending
}

/// The earlier of two moments, of which either may be none.
pub(super) fn earlier<T: Ord>(one: Option<T>, other: Option<T>) -> Option<T> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, None) => one,
        (None, other) => other,
    }
}

/// Commands carried out before the store is flushed and the socket written to.
const COMMANDS_AT_ONCE: usize = 128;

/// How long a session works while others wait: a long resend, or a counterparty that always has more to say, is
/// served in slices.
const SLICE: Duration = Duration::from_millis(2);

/// How long a closing connection may take to send its last bytes.
const LINGER: Duration = Duration::from_millis(300);

/// When an application that was not ready is asked again.
pub(super) const NOT_READY_PAUSE: Duration = Duration::from_millis(20);

enum Turn {
    Again,
    Pending,
    Ended(Ended),
}
