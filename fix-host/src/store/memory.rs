//! A store in memory: for sessions whose messages need not outlive the process.

use std::collections::VecDeque;

use fix_core::{
    store::{MessageStore, StoreError},
    time::UtcTimestamp,
};

use super::{
    entries::{Consumer, Entries, Entry, Keeps, Position},
    memory_entries::MemoryEntries,
    recovery::begins_epoch,
};

/// Messages kept for resending; older ones are answered by a gap fill.
const KEPT_MESSAGES: usize = 10_000;

/// Keeps the last `KEPT_MESSAGES` messages, end to end in one buffer: once it is as large as they are,
/// nothing is allocated any more.
#[derive(Clone, Debug)]
pub struct MemoryStore {
    next_out: u64,
    next_in: Option<u64>,
    /// Ascending by number and by place.
    messages: VecDeque<Kept>,
    bytes: VecDeque<u8>,
    creation_time: Option<UtcTimestamp>,
    entries: MemoryEntries,
}

#[derive(Clone, Copy, Debug)]
struct Kept {
    number: u64,
    len: usize,
    /// Bytes of all messages that were ever kept before this one.
    start: u64,
}

impl Default for MemoryStore {
    fn default() -> Self {
        MemoryStore {
            next_out: 1,
            next_in: Some(1),
            messages: VecDeque::new(),
            bytes: VecDeque::new(),
            creation_time: None,
            entries: MemoryEntries::default(),
        }
    }
}

impl MemoryStore {
    /// An empty store that keeps entries for readers, if anybody reads them.
    pub fn new(keeps: Keeps) -> Self {
        MemoryStore { entries: MemoryEntries::new(keeps), ..MemoryStore::default() }
    }

    /// The numbers by which readers tell its entries from others (epochs, reports of the engine's own) begin here. A store
    /// in memory ends with its process: whoever reads on in the next one must not take its entries for those of before.
    #[must_use]
    pub fn numbered_from(mut self, first: u64) -> Self {
        self.entries.number_from(first);
        self
    }

    fn forget_oldest(&mut self) {
        if let Some(kept) = self.messages.pop_front() {
            self.bytes.drain(..kept.len);
        }
    }

    /// Where a message begins in `bytes`.
    fn offset(&self, kept: Kept) -> usize {
        let first = self.messages.front().map_or(kept.start, |first| first.start);
        (kept.start - first) as usize
    }
}

impl MessageStore for MemoryStore {
    fn next_out(&self) -> u64 {
        self.next_out
    }

    fn next_in(&self) -> Option<u64> {
        self.next_in
    }

    fn set_next_out(&mut self, number: u64) -> Result<(), StoreError> {
        while let Some(last) = self.messages.pop_back_if(|kept| kept.number >= number) {
            self.bytes.truncate(self.bytes.len() - last.len);
        }
        self.next_out = number;
        Ok(())
    }

    fn set_next_in(&mut self, number: u64) -> Result<(), StoreError> {
        if begins_epoch(self.next_in, Some(number)) {
            self.entries.begin_epoch();
        }
        self.next_in = Some(number);
        Ok(())
    }

    fn received(&mut self, number: u64, message: &[u8]) -> Result<(), StoreError> {
        self.entries.received(number, message);
        Ok(())
    }

    fn own_report(&mut self, report: &[u8]) -> Result<(), StoreError> {
        self.entries.own_report(report);
        Ok(())
    }

    fn append(&mut self, number: u64, message: &[u8]) -> Result<(), StoreError> {
        if self.messages.len() == KEPT_MESSAGES {
            self.forget_oldest();
        }
        let start = self.messages.back().map_or(0, |last| last.start + last.len as u64);
        self.messages.push_back(Kept { number, len: message.len(), start });
        self.bytes.extend(message);
        self.next_out = number.saturating_add(1);
        Ok(())
    }

    fn read(&mut self, number: u64, buffer: &mut [u8]) -> Result<Option<usize>, StoreError> {
        let Ok(index) = self.messages.binary_search_by_key(&number, |kept| kept.number) else {
            return Ok(None);
        };
        let Some(kept) = self.messages.get(index).copied() else { return Ok(None) };
        let room = buffer.get_mut(..kept.len).ok_or(StoreError::TooLarge)?;
        let offset = self.offset(kept);
        for (to, from) in room.iter_mut().zip(self.bytes.range(offset..offset + kept.len)) {
            *to = *from;
        }
        Ok(Some(kept.len))
    }

    fn next_to_resend(&self, number: u64) -> u64 {
        let index = self.messages.partition_point(|kept| kept.number < number);
        self.messages.get(index).map_or(number.max(self.next_out), |kept| kept.number)
    }

    fn capacity(&self) -> u64 {
        KEPT_MESSAGES as u64
    }

    fn reset(&mut self, now: UtcTimestamp) -> Result<(), StoreError> {
        self.reset_one_side(now)?;
        self.set_next_in(1)
    }

    fn reset_one_side(&mut self, now: UtcTimestamp) -> Result<(), StoreError> {
        let entries = std::mem::take(&mut self.entries);
        *self = MemoryStore { creation_time: Some(now), next_in: None, entries, ..MemoryStore::default() };
        Ok(())
    }

    fn creation_time(&self) -> Option<UtcTimestamp> {
        self.creation_time
    }

    fn flush(&mut self) -> Result<(), StoreError> {
        Ok(())
    }
}

impl Entries for MemoryStore {
    fn next_entry<'b>(
        &mut self,
        after: Position,
        buffer: &'b mut Vec<u8>,
    ) -> Result<Option<Entry<'b>>, StoreError> {
        Ok(self.entries.next(after, buffer))
    }

    fn before_last(&self, count: usize) -> Position {
        self.entries.before_last(count)
    }

    fn last_entry(&self) -> Position {
        self.entries.last()
    }

    fn told(&mut self, consumer: Consumer, position: Position) -> Result<(), StoreError> {
        self.entries.told(consumer, position);
        Ok(())
    }

    fn told_up_to(&self, consumer: Consumer) -> Position {
        self.entries.told_up_to(consumer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_does_what_every_store_must() {
        fix_core::store::conformance::conformance(MemoryStore::default).unwrap();
    }

    #[test]
    fn the_oldest_message_makes_room() {
        let mut store = MemoryStore::default();
        let message = |number: u64| number.to_string().into_bytes();
        let last = KEPT_MESSAGES as u64 + 123;
        for number in 1..=last {
            store.append(number, &message(number)).unwrap();
        }
        let mut buffer = [0; 8];
        assert_eq!(store.read(123, &mut buffer), Ok(None));
        for number in 124..=last {
            let len = store.read(number, &mut buffer).unwrap().unwrap();
            assert_eq!(&buffer[..len], message(number));
        }
    }

    #[test]
    fn numbers_that_go_back_replace_what_was_there() {
        let mut store = MemoryStore::default();
        for number in 1..=9 {
            store.append(number, b"old").unwrap();
        }
        store.set_next_out(5).unwrap();
        store.append(5, b"newer").unwrap();
        let mut buffer = [0; 8];
        assert_eq!(store.read(4, &mut buffer), Ok(Some(3)));
        assert_eq!(store.read(5, &mut buffer), Ok(Some(5)));
        assert_eq!(&buffer[..5], b"newer");
        assert_eq!(store.read(6, &mut buffer), Ok(None));
    }
}
