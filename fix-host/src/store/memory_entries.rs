//! Entries for readers, in memory: they do not outlive the process.

use std::collections::VecDeque;

use super::{
    entries::{Consumer, Content, Entry, Keeps, Position},
    segment::Told,
};

/// Entries kept for readers that are behind; the oldest make room, whoever was told of them.
const LEAST_KEPT: usize = 10_000;

/// The last entries, end to end in one buffer: once it is as large as they are, nothing is allocated any more.
/// Nothing at all is kept where nobody reads.
#[derive(Clone, Debug, Default)]
pub(crate) struct MemoryEntries {
    most: usize,
    /// Ascending by position, without a gap.
    entries: VecDeque<Kept>,
    bytes: VecDeque<u8>,
    last: u64,
    epoch: u64,
    own: u64,
    told: Told,
}

#[derive(Clone, Copy, Debug)]
struct Kept {
    source: Source,
    number: u64,
    len: usize,
    /// Bytes of all entries that were ever kept before this one.
    start: u64,
}

#[derive(Clone, Copy, Debug)]
enum Source {
    Received { epoch: u64 },
    Own,
}

impl MemoryEntries {
    pub(crate) fn new(keeps: Keeps) -> Self {
        let is_read = keeps != Keeps::default();
        MemoryEntries { most: if is_read { keeps.history.max(LEAST_KEPT) } else { 0 }, ..Self::default() }
    }

    pub(crate) fn number_from(&mut self, first: u64) {
        (self.epoch, self.own) = (first, first);
    }

    pub(crate) fn begin_epoch(&mut self) {
        self.epoch += 1;
    }

    pub(crate) fn received(&mut self, number: u64, message: &[u8]) {
        self.push(Source::Received { epoch: self.epoch }, number, message);
    }

    pub(crate) fn own_report(&mut self, report: &[u8]) {
        self.own += 1;
        self.push(Source::Own, self.own, report);
    }

    fn push(&mut self, source: Source, number: u64, bytes: &[u8]) {
        if self.most == 0 {
            return;
        }
        if self.entries.len() == self.most
            && let Some(oldest) = self.entries.pop_front()
        {
            self.bytes.drain(..oldest.len);
        }
        let start = self.entries.back().map_or(0, |last| last.start + last.len as u64);
        self.entries.push_back(Kept { source, number, len: bytes.len(), start });
        self.bytes.extend(bytes);
        self.last += 1;
    }

    /// The position before the oldest entry that is kept.
    fn before_first(&self) -> u64 {
        self.last - self.entries.len() as u64
    }

    pub(crate) fn next<'b>(&self, after: Position, buffer: &'b mut Vec<u8>) -> Option<Entry<'b>> {
        let before = after.get().max(self.before_first());
        let kept = self.entries.get((before - self.before_first()) as usize)?;
        let first = self.entries.front()?.start;
        let offset = (kept.start - first) as usize;
        buffer.clear();
        buffer.extend(self.bytes.range(offset..offset + kept.len));
        let content = match kept.source {
            Source::Received { epoch } => {
                Content::Received { epoch, msg_seq_num: kept.number, message: buffer }
            }
            Source::Own => Content::Own { number: kept.number, report: buffer },
        };
        Some(Entry { position: (before + 1).into(), content })
    }

    pub(crate) fn before_last(&self, count: usize) -> Position {
        self.last.saturating_sub(count as u64).max(self.before_first()).into()
    }

    pub(crate) fn last(&self) -> Position {
        self.last.into()
    }

    pub(crate) fn told(&mut self, consumer: Consumer, position: Position) {
        self.told.set(consumer, position.max(self.told.up_to(consumer)));
    }

    pub(crate) fn told_up_to(&self, consumer: Consumer) -> Position {
        self.told.up_to(consumer)
    }
}
