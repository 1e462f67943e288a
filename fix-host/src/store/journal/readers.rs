//! What the journal keeps for readers beside the session.

use fix_core::store::StoreError;

use super::JournalStore;
use crate::store::{
    disk::Disk,
    entries::{Consumer, Entries, Entry, Position},
    reader::Tail,
    record::{Kind, MAX_PAYLOAD, Record},
};

impl<D: Disk> JournalStore<D> {
    pub(super) fn keep_received(&mut self, number: u64, message: &[u8]) -> Result<(), StoreError> {
        let epoch = self.readers.epoch.to_le_bytes();
        self.push_entry(Record { prefix: &epoch, ..Record::new(Kind::Received, number, message) }).map(drop)
    }

    pub(super) fn keep_own_report(&mut self, report: &[u8]) -> Result<(), StoreError> {
        self.push_entry(Record::new(Kind::Own, self.readers.next_own, report))?;
        self.readers.next_own += 1;
        Ok(())
    }

    /// Adds an entry as its record is to stand there, and returns its position.
    pub(in crate::store) fn push_entry(&mut self, record: Record<'_>) -> Result<Position, StoreError> {
        self.usable()?;
        if record.prefix.len() + record.payload.len() > MAX_PAYLOAD {
            return Err(StoreError::TooLarge);
        }
        let entry = self.push(record)?;
        if let Some(link) = self.chain.active() {
            link.note_entry(entry.offset);
        }
        Ok(Position::of_record(entry.segment, entry.offset))
    }
}

impl<D: Disk> Entries for JournalStore<D> {
    fn next_entry<'b>(
        &mut self,
        after: Position,
        buffer: &'b mut Vec<u8>,
    ) -> Result<Option<Entry<'b>>, StoreError> {
        self.usable()?;
        let tail = Tail {
            segment: self.header.segment,
            salt: self.header.salt,
            file: &self.file,
            written: self.durable,
            batch: &[],
        };
        self.entry_reader.next(&self.disk, &self.name, &self.chain, &tail, after, buffer)
    }

    fn before_last(&self, count: usize) -> Position {
        self.chain.before_last(count)
    }

    fn last_entry(&self) -> Position {
        self.last_entry
    }

    fn told(&mut self, consumer: Consumer, position: Position) -> Result<(), StoreError> {
        self.usable()?;
        if position > self.readers.told.up_to(consumer) {
            self.push(Record::new(Kind::Told, position.get(), &[consumer.index() as u8]))?;
            self.readers.told.set(consumer, position);
        }
        Ok(())
    }

    fn told_up_to(&self, consumer: Consumer) -> Position {
        self.readers.told.up_to(consumer)
    }
}
