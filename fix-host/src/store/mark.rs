//! Places in a journal that somebody else notes, and what a journal that is opened later tells of them: whether it holds
//! all that was sent after one.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use serde::{Deserialize, Serialize};

use super::{Position, segment::SegmentHeader};

/// Messages of a journal after which its mark is to be noted anew.
pub const MARK_EVERY: u64 = 8192;

/// Counts what makes marks old: resets, and [`MARK_EVERY`] messages, of any journal of this process.
static TURNS: AtomicU64 = AtomicU64::new(0);

/// A place in the journal of a session: what is sent later stands behind it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Mark {
    /// The segment that was written to.
    segment: u32,
    /// The random number of that segment: no other journal has it.
    salt: u32,
    /// Bytes of it that were written.
    length: u64,
    /// The next number to be sent.
    next_out: u64,
    /// What was sent is synced to the disk (FileStoreSync): a loss of power takes nothing from it.
    is_synced: bool,
}

impl Mark {
    /// The next number to be sent.
    pub fn next_out(&self) -> u64 {
        self.next_out
    }

    /// A loss of power takes nothing of what is sent behind it.
    pub fn is_synced(&self) -> bool {
        self.is_synced
    }
}

/// Where a journal is now: what was flushed stands before it. Clones show the same.
#[derive(Clone, Debug, Default)]
pub struct Marker(Arc<Mutex<Mark>>);

impl Marker {
    /// The latest mark.
    pub fn get(&self) -> Mark {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn set(&self, header: &SegmentHeader, length: u64, next_out: u64, is_synced: bool) {
        let mark = Mark { segment: header.segment, salt: header.salt, length, next_out, is_synced };
        let before = std::mem::replace(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner), mark);
        if next_out < before.next_out || next_out / MARK_EVERY != before.next_out / MARK_EVERY {
            turn();
        }
    }
}

/// Marks are to be noted anew.
pub fn turn() {
    TURNS.fetch_add(1, Ordering::Relaxed);
}

/// Changes when marks that were noted earlier are to be noted anew.
pub fn turns() -> u64 {
    TURNS.load(Ordering::Relaxed)
}

/// What a journal tells, when it is opened, of marks that were noted earlier.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// Segments since the last reset: number, random number and length.
    segments: Vec<(u32, u32, u64)>,
    /// Behind it a number was set back, and messages with that were forgotten.
    forgot_at: Option<Position>,
    /// The next number to be sent.
    next_out: u64,
}

impl Evidence {
    /// Nothing was sent since the numbers began.
    pub(super) fn begin(&mut self) {
        *self = Evidence::default();
    }

    pub(super) fn add_segment(&mut self, header: &SegmentHeader, length: u64, next_out: u64) {
        self.segments.push((header.segment, header.salt, length));
        self.next_out = next_out;
    }

    pub(super) fn forget_at(&mut self, position: Position) {
        self.forgot_at = Some(position);
    }

    /// True if the journal goes on behind `mark`, so that every message flushed since is in it: it is the same journal, and
    /// nothing was reset, repaired, set back or cut off. What a loss of power may have taken does not show here.
    pub fn continues(&self, mark: &Mark) -> bool {
        let is_there = |(segment, salt, length): &(u32, u32, u64)| {
            (*segment, *salt) == (mark.segment, mark.salt) && *length >= mark.length
        };
        let forgot = self.forgot_at.is_some_and(|position| {
            (position.segment(), u64::from(position.offset())) >= (mark.segment, mark.length)
        });
        self.segments.iter().any(is_there) && !forgot && self.next_out >= mark.next_out
    }

    /// The next number to be sent.
    pub fn next_out(&self) -> u64 {
        self.next_out
    }
}

/// What changes when this machine starts anew, where the system tells.
pub fn boot_id() -> Option<String> {
    let text = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    Some(text.trim().to_owned()).filter(|id| !id.is_empty())
}
