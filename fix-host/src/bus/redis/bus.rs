//! Start and end of the Redis mailbox.

use std::{sync::Arc, time::Duration};

use tokio::{sync::watch, task::JoinHandle, time::timeout};

use super::{link::Link, publisher::RedisPublisher, reader::Reader, url::RedisUrl, writer::Writer};
use crate::{bus::request::Intake, observe::Board};

/// The two tasks that tie the engine to Redis. They connect by themselves, now or later.
#[derive(Debug)]
pub struct RedisBus {
    publisher: Arc<RedisPublisher>,
    stop_reader: watch::Sender<bool>,
    finish_writer: watch::Sender<bool>,
    reader: JoinHandle<()>,
    writer: JoinHandle<()>,
}

/// Reports that are not in Redis although the mailbox has ended; the board still has the last of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} execution reports did not get into Redis, which is away")]
pub struct Undelivered(pub usize);

impl RedisBus {
    /// Starts both tasks on the current tokio runtime.
    pub fn start(url: RedisUrl, intake: Intake, board: Board) -> Self {
        let (publisher, outbox) = RedisPublisher::new(board.clone());
        let (stop_reader, reader_stopped) = watch::channel(false);
        let (finish_writer, writer_finished) = watch::channel(false);
        let reader = Reader::new(intake, board, Link::new(url.clone()), reader_stopped);
        let writer = Writer::new(outbox, Link::new(url), writer_finished);
        RedisBus {
            publisher: Arc::new(publisher),
            stop_reader,
            finish_writer,
            reader: tokio::spawn(reader.run()),
            writer: tokio::spawn(writer.run()),
        }
    }

    /// The engine's side.
    pub fn publisher(&self) -> Arc<RedisPublisher> {
        Arc::clone(&self.publisher)
    }

    /// Takes no more orders, and waits (well under a second) until the one in hand is answered. The first
    /// step of a shutdown; the engine must still be answering requests, or have dropped their receiver.
    pub async fn stop_intake(&mut self) {
        self.stop_reader.send_replace(true);
        if let Err(error) = (&mut self.reader).await {
            tracing::error!("the Redis reader ended badly: {error}");
        }
    }

    /// Writes what is still queued and the last session status. The last step of a shutdown.
    ///
    /// # Errors
    /// [`Undelivered`] when that took longer than `longest`.
    pub async fn finish(mut self, longest: Duration) -> Result<(), Undelivered> {
        self.stop_reader.send_replace(true);
        self.finish_writer.send_replace(true);
        let done = timeout(longest, &mut self.writer).await;
        self.writer.abort();
        match (done, self.publisher.pending()) {
            (_, 0) => Ok(()),
            (_, pending) => Err(Undelivered(pending)),
        }
    }
}
