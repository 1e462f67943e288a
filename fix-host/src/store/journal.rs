//! The store of a production session: an append-only journal.
//!
//! `append` puts a record into a batch in memory; `flush` writes the batch with one system call, which
//! survives the death of this process, and with [`JournalOptions::sync`] also syncs it, which survives the
//! loss of power. All messages since the last flush share both (group commit).

use std::{fmt, io, path::PathBuf, sync::Arc, time::Instant};

use fix_core::{
    store::{MessageStore, StoreError, is_never_resent},
    time::UtcTimestamp,
};

mod opening;
mod readers;
mod turn;

pub(super) use opening::take_lock;
pub(super) use turn::begin_segment;

use super::{
    chain::Chain,
    disk::{Directory, Disk, DiskFile},
    entries::{Keeps, Position},
    entry_reader::EntryReader,
    error::OpenError,
    index::{Entry, Index},
    mark::Marker,
    name::SessionName,
    reader::{Reader, Tail},
    record::{self, HEADER_LEN, Kind, MAX_PAYLOAD, Place, Record},
    recovery::{self, Recovered},
    reserve::Reserve,
    segment::{self, Numbers, Readers, SegmentHeader},
};
use crate::{
    crash::{armed, crash_point},
    histogram::Histogram,
};

/// A batch of this size is written without waiting for the flush, in bytes. More than a session's buffers hold between two
/// flushes, if MaxMessageSize is not raised: what an application writes elsewhere before the flush (an exchange, its orders) is
/// then there before any message about it.
const BATCH_LIMIT: usize = 8 << 20;
/// What a session keeps allocated for its next batch once it has written a small one, in bytes.
const BATCH_KEPT: usize = 16 * 1024;

/// How a journal is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JournalOptions {
    /// Sync at every flush (`FileStoreSync=Y`): survives the loss of power, not only `kill -9`.
    pub sync: bool,
    /// A new file is begun after this many bytes; at most 1 GiB.
    pub segment_len: u32,
    /// What outlives a reset of the sequence numbers.
    pub keeps: Keeps,
}

impl Default for JournalOptions {
    /// Survives `kill -9`; segments of 64 MiB; nothing outlives a reset.
    fn default() -> Self {
        JournalOptions { sync: false, segment_len: 64 << 20, keeps: Keeps::default() }
    }
}

/// What made a store fail for good.
#[derive(Debug)]
pub struct Failure {
    /// The file.
    pub path: PathBuf,
    /// What was tried.
    pub operation: &'static str,
    /// What the system said.
    pub source: io::Error,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} failed: {}", self.path.display(), self.operation, self.source)
    }
}

impl std::error::Error for Failure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

/// The journal of one session; holds its lock. See the module's header.
///
/// After the first failure to write or sync every call errs with [`StoreError::Io`]: what the kernel kept is
/// unknown then, and trying again could report as durable what is not. Opening the store anew finds out.
pub struct JournalStore<D: Disk = Directory> {
    disk: D,
    name: SessionName,
    options: JournalOptions,
    file: D::File,
    header: SegmentHeader,
    /// Bytes of the segment that were written.
    written: u64,
    /// Bytes of the segment that survive what this store promises to survive.
    durable: u64,
    /// Records that follow the written ones.
    batch: Vec<u8>,
    numbers: Numbers,
    readers: Readers,
    chain: Chain,
    /// The next_in that the journal (with the batch) would come back with.
    recorded_next_in: Option<u64>,
    index: Index,
    reader: Reader<D::File>,
    entry_reader: EntryReader<D::File>,
    /// The last entry that is as durable as promised.
    last_entry: Position,
    failure: Option<Failure>,
    reserve: Reserve<D>,
    recovered: Recovered,
    syncs: Arc<Histogram>,
    marker: Marker,
    _lock: D::Lock,
}

impl<D: Disk> JournalStore<D> {
    /// How long the disk took to sync each time.
    pub fn syncs(&self) -> Arc<Histogram> {
        Arc::clone(&self.syncs)
    }

    /// Where the journal is.
    pub fn marker(&self) -> Marker {
        self.marker.clone()
    }

    /// What is flushed now stands before the mark.
    fn set_mark(&self) {
        self.marker.set(&self.header, self.written, self.numbers.next_out, self.options.sync);
    }

    /// What was found when the journal was opened.
    pub fn recovered(&self) -> &Recovered {
        &self.recovered
    }

    /// What made the store fail, if it has.
    pub fn failure(&self) -> Option<&Failure> {
        self.failure.as_ref()
    }

    /// The name that the files begin with.
    pub fn name(&self) -> &SessionName {
        &self.name
    }

    fn usable(&self) -> Result<(), StoreError> {
        self.failure.as_ref().map_or(Ok(()), |failure| Err(StoreError::Io(failure.operation)))
    }

    fn fail(&mut self, operation: &'static str, source: io::Error) -> StoreError {
        let path = self.disk.path(&segment::file_name(&self.name, self.header.segment));
        let failure = Failure { path, operation, source };
        tracing::error!(session = %self.name, "message store: {failure}; no more messages are sent");
        self.failure = Some(failure);
        StoreError::Io(operation)
    }

    /// True if `error` says that the disk is full and some of the reserve was left: the write of so many bytes that
    /// failed may be tried again. Whoever else writes to the disk may be quicker, and as long as some is left there is
    /// another try.
    fn makes_room(&mut self, error: &io::Error, bytes: usize) -> bool {
        let full = matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded);
        let is_news = !self.reserve.is_given();
        if !full || !self.reserve.give(bytes) {
            return false;
        }
        if is_news {
            tracing::error!(session = %self.name, "message store: {error}; room set aside is left for Logouts");
        }
        true
    }

    /// Where the next record will stand in the segment.
    fn end(&self) -> u64 {
        self.written + self.batch.len() as u64
    }

    /// Adds a record to the batch. A segment that is full ends between two batches: in the middle of one it would be written
    /// before its flush, as [`BATCH_LIMIT`] says.
    fn push(&mut self, record: Record<'_>) -> Result<Entry, StoreError> {
        if self.batch.len() >= BATCH_LIMIT {
            self.write_batch()?;
        }
        let is_full = self.written >= u64::from(self.options.segment_len);
        if is_full && self.batch.is_empty() && !self.reserve.is_given() {
            self.rotate()?;
        }
        // A segment ends at 1 GiB and one batch, and durable_to is no more than that.
        let place = Place { salt: self.header.salt, offset: self.end() as u32 };
        record::push(&mut self.batch, place, self.durable as u32, record);
        Ok(Entry { number: record.number, segment: self.header.segment, offset: place.offset })
    }

    fn record_next_in(&mut self) -> Result<(), StoreError> {
        if self.recorded_next_in != self.numbers.next_in {
            self.push(Record::new(Kind::NextIn, segment::written(self.numbers.next_in), &[]))?;
            self.recorded_next_in = self.numbers.next_in;
        }
        Ok(())
    }

    fn write_batch(&mut self) -> Result<(), StoreError> {
        if self.batch.is_empty() {
            return Ok(());
        }
        crash_point("after-append");
        if armed("mid-record") {
            let half = self.batch.len() - HEADER_LEN / 2;
            let _ = self.file.write_all_at(&self.batch[..half], self.written);
            std::process::abort();
        }
        let mut outcome = self.file.write_all_at(&self.batch, self.written);
        while let Err(error) = &outcome
            && self.makes_room(error, self.batch.len())
        {
            outcome = self.file.write_all_at(&self.batch, self.written);
        }
        if let Err(error) = outcome {
            return Err(self.fail("write to the journal", error));
        }
        self.entry_reader.follow(self.header.segment, self.written, &self.batch);
        self.written += self.batch.len() as u64;
        if !self.options.sync {
            self.durable = self.written;
        }
        // Given back at once, a burst would take the same pages from the system anew for each batch; what comes after it, a
        // Heartbeat at the latest, is small.
        let is_small = self.batch.len() <= BATCH_KEPT;
        self.batch.clear();
        if is_small {
            self.batch.shrink_to(BATCH_KEPT);
        }
        crash_point("after-write");
        Ok(())
    }

    fn sync(&mut self) -> Result<(), StoreError> {
        if self.durable < self.written {
            let since = Instant::now();
            if let Err(error) = self.file.sync() {
                return Err(self.fail("sync of the journal", error));
            }
            self.syncs.observe(since.elapsed());
            self.durable = self.written;
            crash_point("after-sync");
        }
        Ok(())
    }
}

impl<D: Disk> MessageStore for JournalStore<D> {
    fn next_out(&self) -> u64 {
        self.numbers.next_out
    }

    fn next_in(&self) -> Option<u64> {
        self.numbers.next_in
    }

    fn set_next_out(&mut self, number: u64) -> Result<(), StoreError> {
        self.usable()?;
        if number != self.numbers.next_out {
            self.push(Record::new(Kind::NextOut, number, &[]))?;
            self.index.forget_from(number);
            self.reader.forget_position();
            self.numbers.next_out = number;
        }
        Ok(())
    }

    /// Only the last number set before a flush is written, after the messages of the batch: a crash between
    /// the two makes the counterparty repeat a message, never lose one. But what is received under numbers that
    /// begin again stands behind the record that begins them.
    fn set_next_in(&mut self, number: u64) -> Result<(), StoreError> {
        self.usable()?;
        if recovery::begins_epoch(self.recorded_next_in, Some(number)) {
            self.push(Record::new(Kind::NextIn, number, &[]))?;
            self.recorded_next_in = Some(number);
            self.readers.epoch += 1;
        }
        self.numbers.next_in = Some(number);
        Ok(())
    }

    fn received(&mut self, number: u64, message: &[u8]) -> Result<(), StoreError> {
        self.keep_received(number, message)
    }

    fn own_report(&mut self, report: &[u8]) -> Result<(), StoreError> {
        self.keep_own_report(report)
    }

    fn append(&mut self, number: u64, message: &[u8]) -> Result<(), StoreError> {
        self.usable()?;
        if number != self.numbers.next_out {
            return Err(StoreError::Corrupt("the order of the messages appended"));
        }
        if message.len() > MAX_PAYLOAD {
            return Err(StoreError::TooLarge);
        }
        let next_out = number.checked_add(1).ok_or(StoreError::TooLarge)?;
        let entry = self.push(Record::new(Kind::Message, number, message))?;
        self.index.note(entry, is_never_resent(message));
        self.numbers.next_out = next_out;
        Ok(())
    }

    fn read(&mut self, number: u64, buffer: &mut [u8]) -> Result<Option<usize>, StoreError> {
        self.usable()?;
        if number >= self.numbers.next_out {
            return Ok(None);
        }
        let Some(near) = self.index.floor(number) else { return Ok(None) };
        let tail = Tail {
            segment: self.header.segment,
            salt: self.header.salt,
            file: &self.file,
            written: self.written,
            batch: &self.batch,
        };
        self.reader.read(&self.disk, &self.name, &tail, near, number, buffer)
    }

    fn next_to_resend(&self, number: u64) -> u64 {
        self.index.next_to_resend(number).min(self.numbers.next_out).max(number)
    }

    fn reset(&mut self, now: UtcTimestamp) -> Result<(), StoreError> {
        self.begin_again(Numbers::new(Some(now)), self.readers.epoch + 1)
    }

    fn reset_one_side(&mut self, now: UtcTimestamp) -> Result<(), StoreError> {
        self.begin_again(Numbers { next_in: None, ..Numbers::new(Some(now)) }, self.readers.epoch)
    }

    fn creation_time(&self) -> Option<UtcTimestamp> {
        self.numbers.creation_time
    }

    /// So it is for all stores of the process on this file system as soon as one of them has met a full disk.
    fn is_full(&self) -> bool {
        self.reserve.is_given()
    }

    fn flush(&mut self) -> Result<(), StoreError> {
        self.usable()?;
        self.record_next_in()?;
        let is_new = !self.batch.is_empty();
        self.write_batch()?;
        self.sync()?;
        if is_new {
            self.set_mark();
        }
        self.last_entry = self.chain.last_entry();
        Ok(())
    }
}

/// An orderly end keeps what was not flushed yet; there is nobody left to tell if that fails.
impl<D: Disk> Drop for JournalStore<D> {
    fn drop(&mut self) {
        let _ = self.flush();
        // Closing the file is not enough: a process that is just being started may still have a copy of it.
        self.file.unlock();
    }
}
