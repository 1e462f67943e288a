//! Start and end of the Redis mailbox.

use std::{sync::Arc, time::Duration};

use tokio::{sync::watch, task::JoinHandle, time::timeout};

use super::{
    link::Link,
    publisher::{Outbox, RedisPublisher},
    reader::{Counter, Left, LeftBehind, Reader},
    url::RedisUrl,
    writer::Writer,
};
use crate::{
    contract::intake::Intake,
    observe::Board,
    orders::{Journals, Orders},
};

/// The mailbox in Redis before it takes anything out of Redis.
pub struct PreparedBus {
    publisher: Arc<RedisPublisher>,
    outbox: Outbox,
    url: RedisUrl,
    intake: Intake,
    orders: Orders,
    board: Board,
    journals: Journals,
    sends_left_over: bool,
}

impl PreparedBus {
    /// Nothing is connected yet. `orders` are those that the engine knows.
    pub fn new(url: RedisUrl, intake: Intake, orders: Orders, board: Board) -> Self {
        let (publisher, outbox) = RedisPublisher::new(board.clone());
        let (journals, sends_left_over) = (Journals::default(), false);
        let publisher = Arc::new(publisher);
        PreparedBus { publisher, outbox, url, intake, orders, board, journals, sends_left_over }
    }

    /// `journals` of the sessions tell what became of orders that an earlier process took and did not answer. Those that
    /// it did not send are sent if `sends_left_over`, else their senders are told. Without, it is unknown of all.
    #[must_use]
    pub fn knowing(self, journals: Journals, sends_left_over: bool) -> Self {
        PreparedBus { journals, sends_left_over, ..self }
    }

    /// The engine's side.
    pub fn publisher(&self) -> Arc<RedisPublisher> {
        Arc::clone(&self.publisher)
    }

    /// Starts both tasks on the current tokio runtime: from now on orders are taken, so the engine must be
    /// able to answer them.
    pub fn start(self) -> RedisBus {
        let PreparedBus { publisher, outbox, url, intake, orders, board, journals, sends_left_over } = self;
        let (stop_reader, reader_stopped) = watch::channel(false);
        let (finish_writer, writer_finished) = watch::channel(false);
        let (pushed, last_pushed) = watch::channel(None);
        let counter = Counter::new(intake, orders, board, journals, sends_left_over);
        let reader = Reader::new(counter, Link::new(url.clone(), None), reader_stopped, last_pushed);
        let left = reader.left();
        let link = Link::new(url, Some(outbox.board.clone()));
        let writer = Writer::new(outbox, link, writer_finished, pushed);
        RedisBus {
            publisher,
            stop_reader,
            finish_writer,
            reader: Some(tokio::spawn(reader.run())),
            left,
            writer: tokio::spawn(writer.run()),
        }
    }
}

/// The two tasks that tie the engine to Redis. They connect by themselves, now or later.
pub struct RedisBus {
    publisher: Arc<RedisPublisher>,
    stop_reader: watch::Sender<bool>,
    finish_writer: watch::Sender<bool>,
    /// Until it was waited for.
    reader: Option<JoinHandle<()>>,
    left: Arc<Left>,
    writer: JoinHandle<()>,
}

/// Answers to refused orders that are not in Redis although the mailbox has ended. (Reports of a session's store are
/// not among them: the store knows what is due.)
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} answers to refused orders did not get into Redis, which is away")]
pub struct Undelivered(pub usize);

impl RedisBus {
    /// Starts both tasks on the current tokio runtime.
    pub fn start(url: RedisUrl, intake: Intake, orders: Orders, board: Board) -> Self {
        PreparedBus::new(url, intake, orders, board).start()
    }

    /// The engine's side.
    pub fn publisher(&self) -> Arc<RedisPublisher> {
        Arc::clone(&self.publisher)
    }

    /// Takes no more orders. The batch that the sessions have is waited for and settled, and the one that was taken
    /// behind it goes back at once: well under half a second, or `longest` when a session or Redis does not answer.
    /// What then stays in `outgoing_orders_processing` is judged at the next start; it is logged, and told if the wait
    /// was given up. The first step of a shutdown; the engine must still be answering requests, or have dropped their
    /// receiver.
    pub async fn stop_intake(&mut self, longest: Duration) -> Option<LeftBehind> {
        self.stop_reader.send_replace(true);
        let mut reader = self.reader.take()?;
        match timeout(longest, &mut reader).await {
            Ok(Ok(())) => None,
            Ok(Err(error)) => {
                tracing::error!("the Redis reader ended badly: {error}");
                None
            }
            Err(_) => {
                reader.abort();
                let left = self.left.now();
                tracing::warn!("stopped after {} ms: {left}", longest.as_millis());
                Some(left)
            }
        }
    }

    /// Writes what is still queued and the last session status. The last step of a shutdown.
    ///
    /// # Errors
    /// [`Undelivered`] when that took longer than `longest`.
    pub async fn finish(mut self, longest: Duration) -> Result<(), Undelivered> {
        if let Some(reader) = self.reader.take() {
            reader.abort();
        }
        self.finish_writer.send_replace(true);
        let done = timeout(longest, &mut self.writer).await;
        self.writer.abort();
        match (done, self.publisher.pending()) {
            (_, 0) => Ok(()),
            (_, pending) => Err(Undelivered(pending)),
        }
    }
}
