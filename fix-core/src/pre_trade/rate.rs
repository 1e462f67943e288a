//! How many orders were sent in the last second.

use crate::time::Mono;

/// A tenth of a second, in microseconds.
const SLOT: u64 = 100_000;
/// The slot of this moment and the ten before it, which cover a whole second whenever it is asked.
const SLOTS: usize = 11;

/// Counts by tenths of a second: never more than the limit within any second, in a few words of memory. What is
/// between 1.0 and 1.1 seconds old still counts.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Rate {
    /// A ring; the newest tenth is at `at`.
    counts: [u32; SLOTS],
    at: usize,
    /// Of all counts.
    sum: u32,
    /// The newest tenth that was counted in.
    newest: u64,
}

impl Rate {
    /// Moves on to `now` and says how many orders were sent in the second before it.
    #[inline]
    pub(super) fn in_last_second(&mut self, now: Mono) -> u32 {
        let slot = now.as_micros() / SLOT;
        // A clock that stands still or goes back counts into the newest slot.
        if slot > self.newest {
            self.move_on(slot);
        }
        self.sum
    }

    /// Counts one more.
    #[inline]
    pub(super) fn count(&mut self, now: Mono) {
        self.in_last_second(now);
        if let Some(count) = self.counts.get_mut(self.at) {
            *count = count.saturating_add(1);
            self.sum = self.sum.saturating_add(1);
        }
    }

    /// Forgets the tenths that are over.
    fn move_on(&mut self, slot: u64) {
        for _ in 0..slot.saturating_sub(self.newest).min(SLOTS as u64) {
            self.at = if self.at == 0 { SLOTS.saturating_sub(1) } else { self.at.saturating_sub(1) };
            if let Some(count) = self.counts.get_mut(self.at) {
                self.sum = self.sum.saturating_sub(core::mem::take(count));
            }
        }
        self.newest = slot;
    }
}
