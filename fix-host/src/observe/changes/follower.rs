//! One who follows the changes.

use std::{ops::RangeInclusive, sync::Arc};

use tokio::sync::watch;

use super::{Change, Inner};

/// A place in the stream of changes, and the way on from there.
#[derive(Debug)]
pub struct Follower {
    stream: Arc<Inner>,
    /// The number of the change that comes next.
    next: u64,
    signal: watch::Receiver<()>,
}

/// The follower was too slow for these changes, which are no longer kept. It goes on with the oldest that is; of what
/// only its latest state counts, the state is to be read anew.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the changes {} to {} were missed", .0.start(), .0.end())]
pub struct Missed(pub RangeInclusive<u64>);

impl Follower {
    pub(super) fn new(stream: Arc<Inner>, next: u64) -> Self {
        let mut signal = stream.signal.subscribe();
        // There may be some already.
        signal.mark_changed();
        Follower { stream, next, signal }
    }

    /// The next change with its number, if there is one.
    ///
    /// # Errors
    /// [`Missed`], once for each gap.
    pub fn try_next(&mut self) -> Result<Option<(u64, Change)>, Missed> {
        let recent = self.stream.recent();
        if self.next < recent.first {
            let missed = Missed(self.next..=recent.first - 1);
            self.next = recent.first;
            return Err(missed);
        }
        let Some(change) = recent.get(self.next).cloned() else { return Ok(None) };
        let number = self.next;
        self.next += 1;
        Ok(Some((number, change)))
    }

    /// The next change with its number, waiting for it. What is dropped while it waits has lost nothing.
    ///
    /// # Errors
    /// As [`try_next`](Self::try_next).
    pub async fn next(&mut self) -> Result<(u64, Change), Missed> {
        loop {
            if let Some(change) = self.try_next()? {
                return Ok(change);
            }
            self.changed().await;
        }
    }

    /// Waits until a change is one of those wanted, or may have been because it was missed, and passes over all that
    /// came by then: whoever reads the state after that sees them done. For those to whom only the latest state counts.
    pub async fn until(&mut self, is_wanted: impl Fn(&Change) -> bool) {
        while !self.pass_over(&is_wanted) {
            self.changed().await;
        }
    }

    /// True if what is passed over has a wanted change.
    fn pass_over(&mut self, is_wanted: impl Fn(&Change) -> bool) -> bool {
        let recent = self.stream.recent();
        let is_any_missed = self.next < recent.first;
        let seen = usize::try_from(self.next.saturating_sub(recent.first)).unwrap_or(usize::MAX);
        self.next = recent.end();
        is_any_missed || recent.changes.range(seen.min(recent.changes.len())..).any(is_wanted)
    }

    async fn changed(&mut self) {
        // Its sender is in `stream`, so it cannot be gone.
        let _ = self.signal.changed().await;
    }
}
