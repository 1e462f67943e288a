//! The driver against streams that are not plain sockets.

#[path = "support/wire.rs"]
mod wire;

use std::{
    collections::VecDeque,
    io,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll},
    time::{Duration, Instant},
};

use fix_core::{
    engine::Buffers,
    msg::message::Message,
    session::{
        application::{Application, Outbox},
        config::{Role, SessionConfig, SessionId},
        error::AdminRefusal,
    },
};
use fix_host::{
    clock::{Clock, utc_now},
    contract::{HostApplication, SessionView, control::Control},
    net::{
        buffer::Buffer,
        driver::{Ended, HostEngine, SessionTask},
        monitor::Monitor,
    },
    observe::Board,
    store::MemoryStore,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufStream, ReadBuf},
    sync::{mpsc, oneshot},
    time::timeout,
};
use wire::{frame, sending_time};

const NAME: &str = "FIX.4.4:DESK->EXCHANGE";

/// Says nothing. Its commands are done when it is told that they are stored.
#[derive(Default)]
struct Silent {
    done: Vec<oneshot::Sender<()>>,
    /// How often it is asked before it is ready.
    not_ready: usize,
    /// How long it thinks about each message of the session.
    thinks: Duration,
}

impl Application for Silent {
    fn from_admin(&mut self, _message: &Message<'_>) -> Result<(), AdminRefusal> {
        let until = Instant::now() + self.thinks;
        while Instant::now() < until {}
        Ok(())
    }
}

impl HostApplication for Silent {
    type Command = oneshot::Sender<()>;

    fn command(&mut self, command: oneshot::Sender<()>, _out: &mut dyn Outbox) {
        self.done.push(command);
    }

    fn persisted(&mut self) {
        for done in self.done.drain(..) {
            let _ = done.send(());
        }
    }

    fn is_ready(&mut self) -> bool {
        self.not_ready = self.not_ready.saturating_sub(1);
        self.not_ready == 0
    }

    fn refuse(_command: oneshot::Sender<()>) {}
}

type Commands = mpsc::Sender<oneshot::Sender<()>>;

/// A session DESK-EXCHANGE that is shown on `board`.
fn session(role: Role, board: &Board) -> (SessionTask<MemoryStore, Silent>, Commands, mpsc::Sender<Control>) {
    let id = SessionId::new("DESK", "EXCHANGE").unwrap();
    let buffer = |len| Buffer::new(len).unwrap();
    let buffers = Buffers { inbound: buffer(8192), outbound: buffer(32_768), kept: buffer(8192) };
    let config = SessionConfig::new(role, id);
    let engine = HostEngine::new(config, buffers, MemoryStore::default(), Silent::default(), None);
    let (sender, commands) = mpsc::channel(1);
    let view = SessionView::new(NAME, role, utc_now());
    let monitor = Monitor::new(view, Some(Arc::new(board.clone())));
    let (session, control) = SessionTask::new(engine, Clock::default(), commands, monitor);
    (session, sender, control)
}

/// A Logon of EXCHANGE, sent then.
fn logon(sending_time: &str) -> Vec<u8> {
    frame(&format!("35=A|34=1|49=EXCHANGE|52={sending_time}|56=DESK|98=0|108=30|").replace('|', "\x01"))
}

/// A stream of which each read brings one of these pieces, however much there is room for, and that then ends.
#[derive(Default)]
struct Pieces {
    to_read: VecDeque<Vec<u8>>,
    written: Vec<u8>,
}

impl AsyncRead for Pieces {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        buffer.put_slice(&self.to_read.pop_front().unwrap_or_default());
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Pieces {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.written.extend_from_slice(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// A session that has worked for longer than its slice lets the others work, and knows all that it has read.
#[tokio::test]
async fn what_is_read_while_the_application_is_slow_is_all_there() {
    let (mut session, _commands, _control) = session(Role::Acceptor, &Board::default());
    session.engine().application_mut().thinks = Duration::from_millis(3);
    let mut stream = Pieces { to_read: [logon(&sending_time())].into(), ..Pieces::default() };
    for number in 2..12 {
        let time = sending_time();
        let body = format!("35=1|34={number}|49=EXCHANGE|52={time}|56=DESK|112=T{number}|");
        let test_request = frame(&body.replace('|', "\x01"));
        let (head, rest) = test_request.split_at(60);
        stream.to_read.extend([head.to_vec(), rest.to_vec()]);
    }
    let ended = timeout(Duration::from_secs(20), session.serve(&mut stream, &[])).await.expect("an end");
    assert!(matches!(ended, Ended::EndOfStream), "{ended}");
    let written = String::from_utf8_lossy(&stream.written);
    for number in 2..12 {
        assert!(written.contains(&format!("\x01112=T{number}\x01")), "{number}: {written}");
    }
}

#[tokio::test]
async fn commands_carried_out_when_the_stream_ends_are_answered() {
    let (mut session, commands, _control) = session(Role::Acceptor, &Board::default());
    let (done, answer) = oneshot::channel();
    commands.send(done).await.unwrap();
    let (ours, theirs) = tokio::io::duplex(4096);
    drop(theirs);
    let ended = timeout(Duration::from_secs(20), session.serve(ours, &[])).await.expect("an end");
    assert!(matches!(ended, Ended::EndOfStream), "{ended}");
    timeout(Duration::from_secs(20), answer).await.expect("an answer").expect("it is stored");
}

#[tokio::test]
async fn a_logon_that_was_read_already_waits_until_the_application_is_ready() {
    let (mut session, _commands, _control) = session(Role::Acceptor, &Board::default());
    session.engine().application_mut().not_ready = 3;
    let logon = logon(&sending_time());
    let (ours, mut theirs) = tokio::io::duplex(4096);
    let serving = session.serve(ours, &logon);
    let counterparty = async move {
        let mut answer = vec![0; 4096];
        let read = timeout(Duration::from_secs(20), theirs.read(&mut answer)).await;
        read.expect("an answer").unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    };
    let (_, answer) = tokio::join!(serving, counterparty);
    assert!(answer.contains("\x0135=A\x01"), "{answer}");
}

#[tokio::test]
async fn a_counterparty_that_does_not_read_is_disconnected_and_told_apart() {
    let (session, _commands, _control) = session(Role::Initiator, &Board::default());
    let mut session = session.with_send_timeout(Some(Duration::from_millis(50)));
    // Not even our Logon fits.
    let (ours, _theirs) = tokio::io::duplex(16);
    let ended = timeout(Duration::from_secs(20), session.serve(ours, &[])).await.expect("an end");
    assert!(matches!(ended, Ended::NotReading(_)), "{ended}");
    let said = ended.to_string();
    assert!(said.contains("slow consumer") && said.contains("read nothing for 0.05 s"), "{said}");
}

/// A counterparty that does not read, found out by a write for which tokio has no budget left: so does a call of the task
/// end that has read and answered many small messages.
struct Spent {
    has_budget: bool,
}

impl AsyncRead for Spent {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, _: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Poll::Pending
    }
}

impl AsyncWrite for Spent {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, _: &[u8]) -> Poll<io::Result<usize>> {
        while std::mem::take(&mut self.has_budget) {
            self.has_budget = pin!(tokio::task::coop::consume_budget()).poll(context).is_ready();
        }
        Poll::Pending
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[tokio::test]
async fn what_is_due_is_done_though_the_task_had_no_budget_left_when_it_began_to_wait() {
    let (session, _commands, _control) = session(Role::Initiator, &Board::default());
    let mut session = session.with_send_timeout(Some(Duration::from_millis(50)));
    let stream = Spent { has_budget: true };
    let ended = timeout(Duration::from_secs(20), session.serve(stream, &[])).await.expect("an end");
    assert!(matches!(ended, Ended::NotReading(_)), "{ended}");
}

#[tokio::test]
async fn what_a_stream_keeps_back_is_flushed_before_waiting() {
    let (mut session, _commands, _control) = session(Role::Initiator, &Board::default());
    let (ours, mut theirs) = tokio::io::duplex(4096);
    // As TLS: what is written stays inside until it is flushed.
    let serving = session.serve(BufStream::new(ours), &[]);
    let counterparty = async {
        let mut logon = vec![0; 4096];
        let count =
            timeout(Duration::from_secs(20), theirs.read(&mut logon)).await.expect("a Logon").unwrap();
        drop(theirs);
        logon.truncate(count);
        logon
    };
    let (ended, logon) = tokio::join!(serving, counterparty);
    let text = logon.escape_ascii().to_string();
    assert!(text.starts_with("8=FIX.4.4\\x01") && text.contains("\\x0135=A\\x01"), "{text}");
    assert!(matches!(ended, Ended::EndOfStream), "{ended}");
}

/// Each try of a counterparty that is refused uses up a number of ours, and whoever looks at `sessions` sees it.
#[tokio::test]
async fn an_acceptor_says_which_number_its_refusal_has_used() {
    let board = Board::default();
    let (mut session, _commands, _control) = session(Role::Acceptor, &board);
    for (used, next) in [(1, 2), (2, 3)] {
        let (ours, mut theirs) = tokio::io::duplex(4096);
        // SendingTime(52) is far off.
        let logon = logon("20000101-00:00:00");
        theirs.write_all(&logon).await.unwrap();
        let ended = timeout(Duration::from_secs(20), session.serve(ours, &[])).await.expect("an end");
        assert!(matches!(ended, Ended::Closed(_)), "{ended}");
        let detail = board.session(NAME).unwrap().detail;
        let said = format!("; our Logout used up number {used}, the next is {next}");
        assert!(detail.ends_with(&said), "{detail}");
    }
}
