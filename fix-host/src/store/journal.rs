//! The store of a production session: an append-only journal.
//!
//! `append` puts a record into a batch in memory; `flush` writes the batch with one system call, which
//! survives the death of this process, and with [`JournalOptions::sync`] also syncs it, which survives the
//! loss of power. All messages since the last flush share both (group commit).

use std::{fmt, io, path::Path, path::PathBuf};

use fix_core::{
    store::{MessageStore, StoreError},
    time::UtcTimestamp,
};

use super::{
    crash::{armed, crash_point},
    disk::{Directory, Disk, DiskFile, LockError},
    error::OpenError,
    index::{Entry, Index},
    name::SessionName,
    reader::{Reader, Tail},
    record::{self, HEADER_LEN, Kind, MAX_PAYLOAD, Place},
    recovery::{self, Active, Recovered},
    reserve,
    segment::{self, Numbers, SegmentHeader},
};

/// A batch of this size is written without waiting for the flush, in bytes.
const BATCH_LIMIT: usize = 256 * 1024;
/// What an idle session keeps allocated for its next batch, in bytes.
const BATCH_KEPT: usize = 16 * 1024;

/// How a journal is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JournalOptions {
    /// Sync at every flush (`FileStoreSync=Y`): survives the loss of power, not only `kill -9`.
    pub sync: bool,
    /// A new file is begun after this many bytes; at most 1 GiB.
    pub segment_len: u32,
}

impl Default for JournalOptions {
    /// Survives `kill -9`; segments of 64 MiB.
    fn default() -> Self {
        JournalOptions { sync: false, segment_len: 64 << 20 }
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
    /// The next_in that the journal (with the batch) would come back with.
    recorded_next_in: u64,
    index: Index,
    reader: Reader<D::File>,
    failure: Option<Failure>,
    /// The disk is full, and the reserve is given up.
    is_full: bool,
    recovered: Recovered,
    _lock: D::Lock,
}

impl JournalStore {
    /// Opens the journal of `name` in `directory`, and creates either if it is missing.
    ///
    /// # Errors
    /// [`OpenError`]; nothing on disk was changed.
    pub fn open(directory: &Path, name: &SessionName, options: JournalOptions) -> Result<Self, OpenError> {
        let disk = Directory::open(directory).map_err(|source| OpenError::Io {
            path: directory.to_owned(),
            operation: "create the directory",
            source,
        })?;
        Self::open_on(disk, name, options)
    }
}

impl<D: Disk> JournalStore<D> {
    /// Opens the journal of `name` on any [`Disk`].
    ///
    /// # Errors
    /// [`OpenError`]; nothing on disk was changed, unless the disk itself failed.
    pub fn open_on(disk: D, name: &SessionName, options: JournalOptions) -> Result<Self, OpenError> {
        let lock = take_lock(&disk, name)?;
        let mut found = recovery::examine(&disk, name)?;
        recovery::repair(&disk, &mut found, options.sync)?;
        let active = match found.active {
            Some(active) => active,
            None => begin_segment(&disk, name, first_header(), options.sync).map_err(|source| {
                let path = disk.path(&segment::file_name(name, 1));
                OpenError::Io { path, operation: "begin the journal", source }
            })?,
        };
        reserve::set_aside(&disk, name).map_err(|source| OpenError::Io {
            path: disk.path(&reserve::file_name(name)),
            operation: "set room aside",
            source,
        })?;
        let options = JournalOptions { segment_len: options.segment_len.min(1 << 30), ..options };
        Ok(JournalStore {
            disk,
            name: name.clone(),
            options,
            file: active.file,
            header: active.header,
            written: active.len,
            durable: active.len,
            batch: Vec::new(),
            numbers: found.numbers,
            recorded_next_in: found.numbers.next_in,
            index: found.index,
            reader: Reader::default(),
            failure: None,
            is_full: false,
            recovered: found.recovered,
            _lock: lock,
        })
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

    /// True if `error` says that the disk is full and the reserve was there to be given up: what failed may be
    /// tried again, once.
    fn makes_room(&mut self, error: &io::Error) -> bool {
        let full = matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded);
        if !full || !reserve::release(&self.disk, &self.name) {
            return false;
        }
        self.is_full = true;
        tracing::error!(session = %self.name, "message store: {error}; room set aside is left for a Logout");
        true
    }

    /// Where the next record will stand in the segment.
    fn end(&self) -> u64 {
        self.written + self.batch.len() as u64
    }

    /// Adds a record to the batch; begins a new segment first if this one is full.
    fn push(&mut self, kind: Kind, number: u64, payload: &[u8]) -> Result<Entry, StoreError> {
        if self.end() >= u64::from(self.options.segment_len) && !self.is_full {
            self.rotate()?;
        } else if self.batch.len() >= BATCH_LIMIT {
            self.write_batch()?;
        }
        // A segment ends at 1 GiB and one batch, and durable_to is no more than that.
        let place = Place { salt: self.header.salt, offset: self.end() as u32 };
        record::push(&mut self.batch, place, kind, number, self.durable as u32, payload);
        Ok(Entry { number, segment: self.header.segment, offset: place.offset })
    }

    fn record_next_in(&mut self) -> Result<(), StoreError> {
        if self.recorded_next_in != self.numbers.next_in {
            self.push(Kind::NextIn, self.numbers.next_in, &[])?;
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
        if let Err(error) = &outcome
            && self.makes_room(error)
        {
            outcome = self.file.write_all_at(&self.batch, self.written);
        }
        if let Err(error) = outcome {
            return Err(self.fail("write to the journal", error));
        }
        self.written += self.batch.len() as u64;
        if !self.options.sync {
            self.durable = self.written;
        }
        self.batch.clear();
        self.batch.shrink_to(BATCH_KEPT);
        crash_point("after-write");
        Ok(())
    }

    fn sync(&mut self) -> Result<(), StoreError> {
        if self.durable < self.written {
            if let Err(error) = self.file.sync() {
                return Err(self.fail("sync of the journal", error));
            }
            self.durable = self.written;
            crash_point("after-sync");
        }
        Ok(())
    }

    /// Ends the segment and begins the next one of the same generation.
    fn rotate(&mut self) -> Result<(), StoreError> {
        self.write_batch()?;
        self.sync()?;
        if self.is_full {
            return Ok(());
        }
        // The header records next_in, which no record has yet.
        let replayed = Numbers { next_in: self.recorded_next_in, ..self.numbers };
        let header = SegmentHeader {
            salt: rand::random(),
            segment: self.next_segment()?,
            generation_start: self.header.generation_start,
            previous_len: self.written as u32,
            numbers: replayed,
        };
        crash_point("rotation-begin");
        match begin_segment(&self.disk, &self.name, header, self.options.sync) {
            Ok(active) => self.switch_to(active),
            // This segment grows beyond its size, if nothing is left of the other one.
            Err(error) if self.makes_room(&error) => {
                match self.disk.remove(&segment::file_name(&self.name, header.segment)) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => {
                        return Err(self.fail("rotation of the journal", error));
                    }
                    _ => {}
                }
            }
            Err(error) => return Err(self.fail("rotation of the journal", error)),
        }
        crash_point("rotation-end");
        Ok(())
    }

    fn next_segment(&mut self) -> Result<u32, StoreError> {
        match self.header.segment.checked_add(1) {
            Some(next) => Ok(next),
            None => Err(self.fail("numbering of the segments", io::ErrorKind::QuotaExceeded.into())),
        }
    }

    fn switch_to(&mut self, active: Active<D::File>) {
        self.file = active.file;
        self.header = active.header;
        self.written = active.len;
        self.durable = active.len;
    }

    /// Removes the segments of an earlier generation. That one stays until the next opening does no harm.
    fn remove_segments(&self, numbers: std::ops::Range<u32>) {
        for number in numbers {
            let file = segment::file_name(&self.name, number);
            if let Err(error) = self.disk.remove(&file) {
                tracing::warn!(session = %self.name, "cannot remove {file}, which a reset made useless: {error}");
            }
            crash_point("reset-removal");
        }
    }

    /// A new generation, which begins with `numbers` and holds no message.
    fn begin_again(&mut self, numbers: Numbers) -> Result<(), StoreError> {
        self.usable()?;
        let segment = self.next_segment()?;
        let old = self.header.generation_start..segment;
        let header = SegmentHeader {
            salt: rand::random(),
            segment,
            generation_start: segment,
            previous_len: 0,
            numbers,
        };
        crash_point("reset-begin");
        // The new header on disk is the reset; whatever is in the batch belongs to the time before.
        match begin_segment(&self.disk, &self.name, header, self.options.sync) {
            Ok(active) => self.switch_to(active),
            Err(error) => return Err(self.fail("reset of the journal", error)),
        }
        crash_point("reset-end");
        self.batch.clear();
        self.numbers = header.numbers;
        self.recorded_next_in = header.numbers.next_in;
        self.index = Index::default();
        self.reader = Reader::default();
        self.remove_segments(old);
        Ok(())
    }
}

impl<D: Disk> MessageStore for JournalStore<D> {
    fn next_out(&self) -> u64 {
        self.numbers.next_out
    }

    fn next_in(&self) -> u64 {
        self.numbers.next_in
    }

    fn set_next_out(&mut self, number: u64) -> Result<(), StoreError> {
        self.usable()?;
        if number != self.numbers.next_out {
            self.push(Kind::NextOut, number, &[])?;
            self.index.forget_from(number);
            self.reader.forget_position();
            self.numbers.next_out = number;
        }
        Ok(())
    }

    /// Only the last number set before a flush is written, after the messages of the batch: a crash between
    /// the two makes the counterparty repeat a message, never lose one.
    fn set_next_in(&mut self, number: u64) -> Result<(), StoreError> {
        self.usable()?;
        self.numbers.next_in = number;
        Ok(())
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
        let entry = self.push(Kind::Message, number, message)?;
        self.index.note(entry);
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

    fn reset(&mut self, now: UtcTimestamp) -> Result<(), StoreError> {
        self.begin_again(Numbers::new(Some(now)))
    }

    fn reset_one_side(&mut self, now: UtcTimestamp) -> Result<(), StoreError> {
        self.begin_again(Numbers { next_in: 0, ..Numbers::new(Some(now)) })
    }

    fn creation_time(&self) -> Option<UtcTimestamp> {
        self.numbers.creation_time
    }

    fn is_full(&self) -> bool {
        self.is_full
    }

    fn flush(&mut self) -> Result<(), StoreError> {
        self.usable()?;
        self.record_next_in()?;
        self.write_batch()?;
        self.sync()
    }
}

/// An orderly end keeps what was not flushed yet; there is nobody left to tell if that fails.
impl<D: Disk> Drop for JournalStore<D> {
    fn drop(&mut self) {
        let _ = self.flush();
    }
}

fn take_lock<D: Disk>(disk: &D, name: &SessionName) -> Result<D::Lock, OpenError> {
    let file = format!("{name}.lock");
    disk.lock(&file).map_err(|error| match error {
        LockError::Held(pid) => OpenError::InUse {
            path: disk.path(&file),
            holder: pid.map_or_else(|| "another process".to_owned(), |pid| format!("process {pid}")),
        },
        LockError::Io(source) => OpenError::Io { path: disk.path(&file), operation: "take the lock", source },
    })
}

fn first_header() -> SegmentHeader {
    SegmentHeader {
        salt: rand::random(),
        segment: 1,
        generation_start: 1,
        previous_len: 0,
        numbers: Numbers::new(None),
    }
}

/// Creates a segment; when this returns, it is there after any crash that the store promises to survive.
fn begin_segment<D: Disk>(
    disk: &D,
    name: &SessionName,
    header: SegmentHeader,
    sync: bool,
) -> io::Result<Active<D::File>> {
    let bytes = header.encode(name);
    let mut file = disk.create(&segment::file_name(name, header.segment))?;
    crash_point("segment-created");
    file.write_all_at(&bytes, 0)?;
    crash_point("segment-header-written");
    if sync {
        file.sync()?;
        disk.sync()?;
    }
    Ok(Active { file, header, len: bytes.len() as u64 })
}
