//! The change stream: what everything that watches the engine can follow, at its own pace.
//!
//! The last [`KEPT`] changes are kept once, for all followers. A [`Follower`] is a place in them, so whoever reads
//! slowly, or not at all, costs nobody anything: the oldest changes are forgotten, and he is told which numbers he
//! [missed](Missed). Numbers begin at 1 and have no gaps; a follower that comes back [resumes](Changes::resume) behind
//! the last number that it has, while that is kept. A change is told after the state that it changes: whoever takes a
//! [`Mark`], then reads the state, and follows from the mark, misses nothing.

mod follower;

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::watch;

pub use follower::{Follower, Missed};

use crate::contract::{SessionView, report::Report};

/// Changes that are kept for those who follow.
pub const KEPT: usize = 4096;

/// What has changed.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Change {
    /// The state of a session.
    Session(Arc<SessionView>),
    /// A report was added.
    Report(Arc<Report>),
    /// There are other prices; the latest are asked of [`Board::prices`](super::Board::prices). They are not kept here:
    /// so many snapshots of a thousand instruments would take hundreds of megabytes.
    Prices,
    /// Prices moved between two [`Prices`](Self::Prices), which come each second.
    Moves,
    /// A halt, or the end of one: what is halted is asked of [`Board::halts`](super::Board::halts).
    Halts,
    /// Redis takes what is written to it, or no longer.
    Redis {
        /// It does.
        is_up: bool,
    },
}

/// A place in the stream of one process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Tells this stream from those of other processes, whose numbers mean other changes.
    pub stream: u64,
    /// The number of the last change so far; 0 before the first.
    pub number: u64,
}

/// The stream. Clones are the same one.
#[derive(Clone, Debug)]
pub struct Changes(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    stream: u64,
    recent: Mutex<Recent>,
    /// Wakes followers; its value is of no meaning.
    signal: watch::Sender<()>,
}

#[derive(Debug)]
struct Recent {
    /// At most so many are kept.
    most: usize,
    /// The number of the oldest in `changes`.
    first: u64,
    changes: VecDeque<Change>,
}

impl Recent {
    /// The number of the next change.
    fn end(&self) -> u64 {
        self.first + self.changes.len() as u64
    }

    /// The change of this number, if it is kept.
    fn get(&self, number: u64) -> Option<&Change> {
        self.changes.get(usize::try_from(number.checked_sub(self.first)?).ok()?)
    }
}

impl Default for Changes {
    fn default() -> Self {
        Self::keeping(KEPT)
    }
}

impl Changes {
    /// A stream that keeps the last `most` changes.
    pub fn keeping(most: usize) -> Self {
        let recent = Recent { most: most.max(1), first: 1, changes: VecDeque::new() };
        Changes(Arc::new(Inner {
            stream: rand::random(),
            recent: Mutex::new(recent),
            signal: watch::Sender::new(()),
        }))
    }

    /// Tells everybody of a change, which is done already. Waits for nobody who reads.
    pub fn push(&self, change: Change) {
        let forgotten = {
            let mut recent = self.0.recent();
            let is_full = recent.changes.len() >= recent.most;
            let forgotten = if is_full { recent.changes.pop_front() } else { None };
            recent.first += u64::from(is_full);
            recent.changes.push_back(change);
            forgotten
        };
        // What it held may be large: not while others wait for the lock.
        drop(forgotten);
        self.0.signal.send_replace(());
    }

    /// The place behind the last change.
    pub fn mark(&self) -> Mark {
        Mark { stream: self.0.stream, number: self.0.recent().end() - 1 }
    }

    /// Follows from now on.
    pub fn follow(&self) -> Follower {
        let next = self.0.recent().end();
        Follower::new(Arc::clone(&self.0), next)
    }

    /// Follows from behind `mark` on. `None` if that is of another process, or changes behind it are no longer kept:
    /// then the whole state is to be read anew.
    pub fn resume(&self, mark: Mark) -> Option<Follower> {
        let next = mark.number.checked_add(1)?;
        let recent = self.0.recent();
        let is_kept = mark.stream == self.0.stream && (recent.first..=recent.end()).contains(&next);
        drop(recent);
        is_kept.then(|| Follower::new(Arc::clone(&self.0), next))
    }
}

impl Inner {
    /// A panic elsewhere leaves the changes as they were.
    fn recent(&self) -> MutexGuard<'_, Recent> {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
