//! Opening journals: those of one directory together, so that it is listed for all of them at once and not for each.

use std::{path::Path, sync::Arc};

use super::{JournalOptions, JournalStore, begin_segment};
use crate::store::{
    disk::{Directory, Disk, DiskFile, LockError},
    entry_reader::EntryReader,
    error::OpenError,
    listing::Listing,
    mark::Marker,
    name::SessionName,
    reader::Reader,
    recovery::{self, Found, Recovered},
    reserve::{self, Reserves},
    segment::{self, Numbers, SegmentHeader},
};

impl JournalStore {
    /// Opens the journal of `name` in `directory`, and creates either if it is missing.
    ///
    /// # Errors
    /// [`OpenError`]; nothing on disk was changed.
    pub fn open(directory: &Path, name: &SessionName, options: JournalOptions) -> Result<Self, OpenError> {
        Self::open_beside(directory, name, options, &Reserves::default())
    }

    /// As [`open`](Self::open) beside other stores of the process, which share its `reserves` for a full disk.
    ///
    /// # Errors
    /// [`OpenError`]; nothing on disk was changed.
    pub fn open_beside(
        directory: &Path,
        name: &SessionName,
        options: JournalOptions,
        reserves: &Reserves,
    ) -> Result<Self, OpenError> {
        Self::open_one(&create(directory)?, name, options, reserves)
    }

    /// Opens the journals of many sessions in `directory`, in their order, and creates what is missing. The directory
    /// is listed twice at most, however many there are; `reserves` has the room set aside for a full disk.
    ///
    /// # Errors
    /// Of the directory, or for each journal: [`OpenError`].
    pub fn open_all(
        directory: &Path,
        wanted: &[(SessionName, JournalOptions)],
        reserves: &Reserves,
    ) -> Result<Vec<Result<Self, OpenError>>, OpenError> {
        Self::open_all_on(&create(directory)?, wanted, reserves)
    }
}

fn create(directory: &Path) -> Result<Directory, OpenError> {
    Directory::open(directory).map_err(|source| OpenError::Io {
        path: directory.to_owned(),
        operation: "create the directory",
        source,
    })
}

impl<D: Disk + Clone> JournalStore<D> {
    /// Opens the journal of `name` on any [`Disk`].
    ///
    /// # Errors
    /// [`OpenError`]; nothing on disk was changed, unless the disk itself failed.
    pub fn open_on(disk: D, name: &SessionName, options: JournalOptions) -> Result<Self, OpenError> {
        Self::open_one(&disk, name, options, &Reserves::default())
    }

    fn open_one(
        disk: &D,
        name: &SessionName,
        options: JournalOptions,
        reserves: &Reserves<D>,
    ) -> Result<Self, OpenError> {
        let locked = Locked::take(disk, name)?;
        let listing = list(disk)?;
        let examined = locked.examine(disk, name, &listing)?;
        let listing = if examined.is_new() { listing } else { list(disk)? };
        examined.open(disk, name, options, &listing, reserves)
    }

    /// Opens the journals of many sessions on any [`Disk`], in their order.
    ///
    /// # Errors
    /// Of the directory, or for each journal: [`OpenError`].
    pub fn open_all_on(
        disk: &D,
        wanted: &[(SessionName, JournalOptions)],
        reserves: &Reserves<D>,
    ) -> Result<Vec<Result<Self, OpenError>>, OpenError> {
        let locked: Vec<_> = wanted.iter().map(|(name, _)| Locked::take(disk, name)).collect();
        // Listed behind all locks: whoever wrote to one of the journals before has ended with that.
        let listing = list(disk)?;
        let examined: Vec<_> = locked
            .into_iter()
            .zip(wanted)
            .map(|(locked, (name, _))| locked?.examine(disk, name, &listing))
            .collect();
        let are_new = examined.iter().flatten().all(Examined::is_new);
        let listing = if are_new { listing } else { list(disk)? };
        let opened = examined
            .into_iter()
            .zip(wanted)
            .map(|(examined, (name, options))| examined?.open(disk, name, *options, &listing, reserves));
        Ok(opened.collect())
    }
}

fn list<D: Disk>(disk: &D) -> Result<Listing, OpenError> {
    Listing::read(disk).map_err(|source| OpenError::Io {
        path: disk.path(""),
        operation: "list the directory",
        source,
    })
}

/// A journal that no other engine opens from now on.
struct Locked<D: Disk>(D::Lock);

/// A journal that was read.
struct Examined<D: Disk> {
    lock: D::Lock,
    found: Found<D::File>,
}

impl<D: Disk + Clone> Locked<D> {
    fn take(disk: &D, name: &SessionName) -> Result<Self, OpenError> {
        take_lock(disk, name).map(Locked)
    }

    /// Reads the journal, and locks the segment that is written to as well, for somebody may have removed the lock
    /// file.
    fn examine(self, disk: &D, name: &SessionName, listing: &Listing) -> Result<Examined<D>, OpenError> {
        let found = recovery::examine(disk, name, listing.segments(name))?;
        if let Some(active) = &found.active {
            let path = disk.path(&segment::file_name(name, active.header.segment));
            match active.file.lock() {
                Ok(true) => {}
                Ok(false) => return Err(OpenError::InUse { path, holder: "another process".to_owned() }),
                Err(source) => return Err(OpenError::Io { path, operation: "take the lock", source }),
            }
        }
        Ok(Examined { lock: self.0, found })
    }
}

impl<D: Disk + Clone> Examined<D> {
    fn is_new(&self) -> bool {
        self.found.active.is_none()
    }

    /// Removes what a crash left behind, and begins a journal where there is none. `listing` was read after the
    /// segment was locked: whoever held it until then may have gone on to the next one meanwhile.
    fn open(
        self,
        disk: &D,
        name: &SessionName,
        options: JournalOptions,
        listing: &Listing,
        reserves: &Reserves<D>,
    ) -> Result<JournalStore<D>, OpenError> {
        let Examined { lock, mut found } = self;
        refuse_newer(disk, name, &found, listing)?;
        recovery::repair(disk, &mut found, options.sync)?;
        let active = match found.active {
            Some(active) => active,
            None => {
                let active =
                    begin_segment(disk, name, SegmentHeader::first(1), options.sync).map_err(|source| {
                        let path = disk.path(&segment::file_name(name, 1));
                        OpenError::Io { path, operation: "begin the journal", source }
                    })?;
                found.chain.push(active.link());
                active
            }
        };
        let reserve = reserves.join(disk, name).map_err(|source| OpenError::Io {
            path: disk.path(&reserve::file_name(name)),
            operation: "set room aside",
            source,
        })?;
        let options = JournalOptions { segment_len: options.segment_len.min(1 << 30), ..options };
        let mut store = JournalStore {
            last_entry: found.chain.last_entry(),
            disk: disk.clone(),
            name: name.clone(),
            options,
            file: active.file,
            header: active.header,
            written: active.len,
            durable: active.len,
            batch: Vec::new(),
            numbers: found.numbers,
            readers: found.readers,
            chain: found.chain,
            recorded_next_in: found.numbers.next_in,
            index: found.index,
            reader: Reader::default(),
            entry_reader: EntryReader::default(),
            failure: None,
            reserve,
            recovered: found.recovered,
            syncs: Arc::default(),
            marker: Marker::default(),
            _lock: lock,
        };
        store.leave_old_version()?;
        store.set_mark();
        store.warn_of_what_is_lost();
        Ok(store)
    }
}

impl<D: Disk> JournalStore<D> {
    /// What a crash cut off was promised to nobody if the store is synced; if not, the power may have taken more.
    fn warn_of_what_is_lost(&self) {
        let Recovered { torn_tail, lost_file, .. } = &self.recovered;
        let (session, Numbers { next_out, .. }) = (&self.name, self.numbers);
        if let Some((path, offset)) = torn_tail {
            tracing::warn!(
                "{session}: message store: {}: a write that a crash cut short was dropped at byte {offset}; kept are \
                 the numbers up to {} sent and {} received",
                path.display(),
                next_out.saturating_sub(1),
                self.numbers.received(),
            );
        }
        if let Some(path) = lost_file {
            tracing::warn!(
                "{session}: message store: {}: the power went before this file reached the disk, and it was dropped; \
                 kept are the numbers up to {} sent and {} received, of before; if the counterparty expects more, see \
                 `{} store set-seqnum`",
                path.display(),
                next_out.saturating_sub(1),
                self.numbers.received(),
                crate::exit::program(),
            );
        }
    }
}

/// A segment newer than the one that was read is somebody else's: he went on to it before this one was locked.
fn refuse_newer<D: Disk>(
    disk: &D,
    name: &SessionName,
    found: &Found<D::File>,
    listing: &Listing,
) -> Result<(), OpenError> {
    let Some(active) = &found.active else { return Ok(()) };
    let is_remains = |number: &&u32| found.remains.contains(&segment::file_name(name, **number));
    let newest = listing.segments(name).iter().rev().find(|number| !is_remains(number));
    if newest.is_none_or(|newest| *newest <= active.header.segment) {
        return Ok(());
    }
    let path = disk.path(&segment::file_name(name, active.header.segment));
    Err(OpenError::InUse { path, holder: "another process".to_owned() })
}

/// Locks the session's files for this process.
pub(in crate::store) fn take_lock<D: Disk>(disk: &D, name: &SessionName) -> Result<D::Lock, OpenError> {
    let file = format!("{name}.lock");
    disk.lock(&file).map_err(|error| match error {
        LockError::Held(pid) => OpenError::InUse {
            path: disk.path(&file),
            holder: pid.map_or_else(|| "another process".to_owned(), |pid| format!("process {pid}")),
        },
        LockError::Io(source) => OpenError::Io { path: disk.path(&file), operation: "take the lock", source },
    })
}
