//! The segments that count, and which of them readers still need.

use super::{
    entries::{Consumer, Keeps, Position},
    segment::Told,
};

/// Room that entries may take beyond a reset of the numbers, in bytes.
const MOST_KEPT: u64 = 1 << 30;
/// What a small segment counts for in that, in bytes: thousands of files are a burden too.
const LEAST_COUNTED: u64 = 256 * 1024;

/// A segment on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) segment: u32,
    /// Where its first record begins.
    pub(crate) records_at: u32,
    /// Its length once another one follows, in bytes.
    pub(crate) len: u64,
    /// Entries for readers in it.
    pub(crate) entries: u64,
    /// Where the last of them begins; 0 if there is none.
    pub(crate) last_entry: u32,
}

impl Link {
    pub(crate) const fn new(segment: u32, records_at: u32) -> Self {
        Link { segment, records_at, len: 0, entries: 0, last_entry: 0 }
    }

    pub(crate) fn note_entry(&mut self, offset: u32) {
        self.entries += 1;
        self.last_entry = offset;
    }

    const fn last_position(&self) -> Position {
        Position::of_record(self.segment, self.last_entry)
    }
}

/// The segments in use, oldest first; the last one is written to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Chain {
    links: Vec<Link>,
}

/// What a reader loses because it was not told for too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lost {
    pub(crate) consumer: Consumer,
    /// Entries in the files that go; some of them it may have been told of.
    pub(crate) entries: u64,
}

impl Chain {
    pub(crate) fn push(&mut self, link: Link) {
        self.links.push(link);
    }

    pub(crate) fn active(&mut self) -> Option<&mut Link> {
        self.links.last_mut()
    }

    pub(crate) fn links(&self) -> &[Link] {
        &self.links
    }

    /// The segment, or the first one after it.
    pub(crate) fn at_or_after(&self, segment: u32) -> Option<Link> {
        let at = self.links.partition_point(|link| link.segment < segment);
        self.links.get(at).copied()
    }

    /// The last entry of all.
    pub(crate) fn last_entry(&self) -> Position {
        let last = self.links.iter().rev().find(|link| link.entries > 0);
        last.map_or(Position::START, Link::last_position)
    }

    /// A position behind which the last `count` entries stand.
    pub(crate) fn before_last(&self, count: usize) -> Position {
        let from = self.holding_last(count);
        self.links.get(from).map_or(self.last_entry(), |link| Position::of_record(link.segment, 0))
    }

    /// The index of the link from which on the last `count` entries stand.
    fn holding_last(&self, count: usize) -> usize {
        let mut left = count as u64;
        for (index, link) in self.links.iter().enumerate().rev() {
            if left == 0 {
                return index + 1;
            }
            left = left.saturating_sub(link.entries);
        }
        0
    }

    /// The index of the first link with an entry that a reader needs; only those before `generation`, which the
    /// session needs, can be less. A consumer may lose what takes too much room.
    fn needed_from(&self, keeps: &Keeps, told: &Told, generation: usize) -> (usize, Vec<Lost>) {
        let mut from = self.holding_last(keeps.history).min(generation);
        for consumer in keeps.consumers {
            from = from.min(self.first_untold(told.up_to(*consumer)));
        }
        let counted = |link: &Link| link.len.max(LEAST_COUNTED);
        let mut taken: u64 = self.links.get(from..generation).unwrap_or_default().iter().map(counted).sum();
        let first = from;
        while taken > MOST_KEPT
            && from < generation
            && let Some(link) = self.links.get(from)
        {
            taken -= counted(link);
            from += 1;
        }
        let lost = keeps.consumers.iter().filter_map(|consumer| {
            let untold = self.first_untold(told.up_to(*consumer)).max(first);
            let entries =
                self.links.get(untold..from).unwrap_or_default().iter().map(|link| link.entries).sum();
            (entries > 0).then_some(Lost { consumer: *consumer, entries })
        });
        (from, lost.collect())
    }

    fn first_untold(&self, told: Position) -> usize {
        let untold = |link: &Link| link.entries > 0 && link.last_position() > told;
        self.links.iter().position(untold).unwrap_or(self.links.len())
    }

    /// Takes out what neither the session (from the segment `generation` on) nor a reader needs. Returns these
    /// segments, and who loses what.
    pub(crate) fn trim(&mut self, keeps: &Keeps, told: &Told, generation: u32) -> (Vec<u32>, Vec<Lost>) {
        let generation = self.links.partition_point(|link| link.segment < generation);
        let (from, lost) = self.needed_from(keeps, told, generation);
        let removed = self.links.drain(..from).map(|link| link.segment).collect();
        (removed, lost)
    }

    /// For a reset: takes out the newest segments that hold no entry.
    pub(crate) fn drop_empty_end(&mut self) -> Vec<u32> {
        let keep = self.links.iter().rposition(|link| link.entries > 0).map_or(0, |last| last + 1);
        self.links.drain(keep..).map(|link| link.segment).collect()
    }
}
