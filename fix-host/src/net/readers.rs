//! Entries of the store on their way to the application, which reports them, and acknowledgements on their way back.

use std::time::Duration;

use fix_core::store::StoreError;
use tokio::time::Instant;

use super::driver::{NOT_READY_PAUSE, SessionTask};
use crate::{contract::HostApplication, store::Entries};

/// Entries handed over at a time: the other sessions of this thread wait for no more than these.
const AT_A_TIME: usize = 256;

/// How often readers are looked at when a session has ended.
const SETTLE_PAUSE: Duration = Duration::from_millis(10);

/// What is left to hand over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rest {
    /// Nothing, or nobody reads.
    Nothing,
    /// Some; it may go on at once.
    More,
    /// Some, and the application has no room.
    NoRoom,
    /// The store failed.
    Failed(StoreError),
}

impl Rest {
    /// Ends when there may be room; never, if nothing is left.
    pub(super) async fn pause(self) {
        match self {
            Rest::Nothing | Rest::Failed(_) => std::future::pending().await,
            Rest::More => tokio::task::yield_now().await,
            Rest::NoRoom => tokio::time::sleep(NOT_READY_PAUSE).await,
        }
    }
}

impl<S: Entries, A: HostApplication> SessionTask<S, A> {
    /// Notes in the store what readers were told of, and hands the application the entries it asks for. A store
    /// that fails ends the session.
    pub(super) fn serve_readers(&mut self) -> Rest {
        let rest = self.hand_on();
        if let Rest::Failed(error) = rest {
            self.failure.get_or_insert(error);
        }
        rest
    }

    /// The session has ended: its readers get what they can take within `longest`, and the store keeps how far they
    /// have come.
    pub async fn settle(&mut self, longest: Duration) {
        let until = Instant::now() + longest;
        loop {
            // Commands may have left reports that are not stored yet.
            if self.failure.is_some() || self.engine.flush().is_err() {
                return;
            }
            while self.serve_readers() == Rest::More && Instant::now() < until {}
            let (store, application) = self.engine.parts_mut();
            let is_last = Instant::now() >= until;
            if application.closing(store, is_last) || is_last {
                return;
            }
            tokio::time::sleep(SETTLE_PAUSE).await;
        }
    }

    fn hand_on(&mut self) -> Rest {
        let (store, application) = self.engine.parts_mut();
        while let Some((consumer, position)) = application.told() {
            if let Err(error) = store.told(consumer, position) {
                return Rest::Failed(error);
            }
        }
        for _ in 0..AT_A_TIME {
            let Some(after) = application.entries_after() else {
                return if application.is_ready() { Rest::Nothing } else { Rest::NoRoom };
            };
            if after >= store.last_entry() {
                return Rest::Nothing;
            }
            match store.next_entry(after, &mut self.entry) {
                Ok(Some(entry)) => application.entry(&entry),
                Ok(None) => return Rest::Nothing,
                Err(error) => return Rest::Failed(error),
            }
        }
        Rest::More
    }
}
