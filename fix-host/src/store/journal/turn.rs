//! Where one segment ends and the next begins: rotation, resets, and what goes then.

use std::io;

use fix_core::store::StoreError;

use super::{JournalStore, OpenError};
use crate::{
    crash::crash_point,
    store::{
        disk::{Disk, DiskFile},
        index::Index,
        mark,
        name::SessionName,
        reader::Reader,
        recovery::Active,
        segment::{self, Numbers, Readers, SegmentHeader},
    },
};

impl<D: Disk> JournalStore<D> {
    /// Ends the segment and begins the next one of the same generation.
    pub(super) fn rotate(&mut self) -> Result<(), StoreError> {
        self.write_batch()?;
        self.sync()?;
        if self.reserve.is_given() {
            return Ok(());
        }
        // The header records next_in, which no record has yet.
        let replayed = Numbers { next_in: self.recorded_next_in, ..self.numbers };
        let generation_start = self.header.generation_start;
        let segment = self.next_segment()?;
        self.seal();
        let removed = self.trim(generation_start);
        let header = SegmentHeader {
            version: SegmentHeader::VERSION,
            salt: rand::random(),
            segment,
            generation_start,
            previous: self.header.segment,
            previous_len: self.written as u32,
            kept_from: self.kept_from(segment),
            numbers: replayed,
            readers: self.readers,
        };
        crash_point("rotation-begin");
        match begin_segment(&self.disk, &self.name, header, self.options.sync) {
            Ok(active) => {
                self.switch_to(active);
                self.remove_segments(&removed);
            }
            // This segment grows beyond its size, if nothing is left of the other one.
            Err(error) if self.makes_room(&error, 0) => {
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

    /// A new generation, which begins with `numbers` and holds no message. Entries that a reader needs stay.
    pub(super) fn begin_again(&mut self, numbers: Numbers, epoch: u64) -> Result<(), StoreError> {
        self.usable()?;
        let segment = self.next_segment()?;
        // What is in the batch belongs to the time before: nobody but a reader will ask for it.
        if self.chain.last_entry() > self.last_entry {
            self.write_batch()?;
        }
        if self.chain.active().is_some_and(|link| link.entries > 0) {
            self.sync()?;
        }
        self.batch.clear();
        self.seal();
        let mut removed = self.chain.drop_empty_end();
        removed.extend(self.trim(segment));
        let previous = self.chain.links().last().copied();
        let header = SegmentHeader {
            version: SegmentHeader::VERSION,
            salt: rand::random(),
            segment,
            generation_start: segment,
            previous: previous.map_or(0, |link| link.segment),
            previous_len: previous.map_or(0, |link| link.len as u32),
            kept_from: self.kept_from(segment),
            numbers,
            readers: Readers { epoch, ..self.readers },
        };
        crash_point("reset-begin");
        // The new header on disk is the reset.
        match begin_segment(&self.disk, &self.name, header, self.options.sync) {
            Ok(active) => self.switch_to(active),
            Err(error) => return Err(self.fail("reset of the journal", error)),
        }
        crash_point("reset-end");
        self.readers = header.readers;
        self.numbers = header.numbers;
        self.recorded_next_in = header.numbers.next_in;
        self.last_entry = self.chain.last_entry();
        self.index = Index::default();
        self.reader = Reader::default();
        self.set_mark();
        mark::turn();
        self.remove_segments(&removed);
        Ok(())
    }

    /// A journal of an older version goes on in a segment of its own, since a build of that version would take
    /// new kinds of records for damage; the version in the header it reads, and says so.
    pub(super) fn leave_old_version(&mut self) -> Result<(), OpenError> {
        if self.header.version == SegmentHeader::VERSION {
            return Ok(());
        }
        let rotated = self.rotate();
        if rotated.is_ok() && self.header.version == SegmentHeader::VERSION {
            return Ok(());
        }
        let file = segment::file_name(&self.name, self.header.segment.saturating_add(1));
        let source = match self.failure.take() {
            Some(failure) => failure.source,
            None => io::ErrorKind::StorageFull.into(),
        };
        let operation = "go on in the new format";
        Err(OpenError::Io { path: self.disk.path(&file), operation, source })
    }

    fn next_segment(&mut self) -> Result<u32, StoreError> {
        match self.header.segment.checked_add(1) {
            Some(next) => Ok(next),
            None => Err(self.fail("numbering of the segments", io::ErrorKind::QuotaExceeded.into())),
        }
    }

    /// Notes the final length of the segment that is written to.
    fn seal(&mut self) {
        let written = self.written;
        if let Some(link) = self.chain.active() {
            link.len = written;
        }
    }

    /// Takes the segments that nobody needs out of the chain and returns them; their files go when a header on
    /// disk says so.
    fn trim(&mut self, generation: u32) -> Vec<u32> {
        let (removed, lost) = self.chain.trim(&self.options.keeps, &self.readers.told, generation);
        for lost in lost {
            let (consumer, entries) = (lost.consumer.name(), lost.entries);
            tracing::error!(
                session = %self.name,
                "message store: {consumer} was not told of up to {entries} received messages, and they take too \
                 much room: they are removed"
            );
        }
        removed
    }

    /// The oldest segment that counts once `next` is begun.
    fn kept_from(&self, next: u32) -> u32 {
        self.chain.links().first().map_or(next, |link| link.segment)
    }

    fn switch_to(&mut self, active: Active<D::File>) {
        self.chain.push(active.link());
        self.file = active.file;
        self.header = active.header;
        self.written = active.len;
        self.durable = active.len;
    }

    /// Removes segments that no longer count. One that stays until the next opening does no harm.
    fn remove_segments(&self, numbers: &[u32]) {
        for number in numbers {
            let file = segment::file_name(&self.name, *number);
            if let Err(error) = self.disk.remove(&file) {
                tracing::warn!(session = %self.name, "cannot remove {file}, which nobody needs any more: {error}");
            }
            crash_point("reset-removal");
        }
    }
}

/// Creates a segment; when this returns, it is there after any crash that the store promises to survive.
pub(in crate::store) fn begin_segment<D: Disk>(
    disk: &D,
    name: &SessionName,
    header: SegmentHeader,
    sync: bool,
) -> io::Result<Active<D::File>> {
    let bytes = header.encode(name);
    let mut file = disk.create(&segment::file_name(name, header.segment))?;
    crash_point("segment-created");
    // Before it can be read as a segment: nobody must find it complete and not locked.
    if !file.lock()? {
        return Err(io::Error::new(io::ErrorKind::ResourceBusy, "another process has locked the new file"));
    }
    file.write_all_at(&bytes, 0)?;
    crash_point("segment-header-written");
    if sync {
        file.sync()?;
        disk.sync()?;
    }
    Ok(Active { file, header, len: bytes.len() as u64 })
}
