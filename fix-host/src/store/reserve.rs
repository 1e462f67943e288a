//! Room set aside, so that a full disk still takes what was promised already, and a Logout of each session.
//!
//! A process keeps one file for all its stores on a file system: who needs room gives back as much of it as he is about
//! to write, and all of them are full from then on, so that nobody spends on business what is left for the others'
//! Logouts. It is filled up again at the next start.

use std::{
    collections::HashMap,
    io::{self, ErrorKind},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
};

use super::{
    disk::{Directory, Disk, DiskFile},
    name::SessionName,
};

/// Bytes for each of the first stores: many messages.
const BUSY: u64 = 64 * 1024;
/// So many of the stores may be that busy at the moment when the disk is full.
const BUSY_STORES: u64 = 4;
/// Bytes for every other store, which has a heartbeat or an order on its way and then its Logout: a block, since all of
/// them may have come to the end of one at the same time.
const QUIET: u64 = 4 * 1024;
/// What a write may take beside its bytes: a block that it begins, and one in which the file system notes it.
const AROUND: u64 = 8 * 1024;

/// How much `stores` of them want, in bytes.
const fn wanted(stores: u64) -> u64 {
    let busy = if stores < BUSY_STORES { stores } else { BUSY_STORES };
    busy * BUSY + (stores - busy) * QUIET
}

/// The reserves of a process, one for each file system.
pub struct Reserves<D: Disk = Directory>(Mutex<HashMap<u64, Weak<Shared<D>>>>);

/// One store's part in the reserve of its file system.
pub(super) struct Reserve<D: Disk>(Arc<Shared<D>>);

struct Shared<D: Disk> {
    /// Some of it was given back.
    is_given: AtomicBool,
    kept: Mutex<Kept<D>>,
}

struct Kept<D: Disk> {
    file: D::File,
    /// Bytes that are there.
    length: u64,
    stores: u64,
}

impl<D: Disk> Default for Reserves<D> {
    fn default() -> Self {
        Reserves(Mutex::default())
    }
}

impl<D: Disk> Reserves<D> {
    /// Sets room aside for one more store. The file is that of the first store, whose lock keeps other processes from
    /// it.
    ///
    /// # Errors
    /// What the system says; that the disk is full, in particular.
    pub(super) fn join(&self, disk: &D, name: &SessionName) -> io::Result<Reserve<D>> {
        let mut reserves = lock(&self.0);
        let file_system = disk.file_system()?;
        if let Some(shared) = reserves.get(&file_system).and_then(Weak::upgrade) {
            lock(&shared.kept).add_store()?;
            // Of an earlier start, or of a version that kept one for each store.
            match disk.remove(&file_name(name)) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
                _ => return Ok(Reserve(shared)),
            }
        }
        let file_name = file_name(name);
        let file = match disk.open(&file_name) {
            Err(error) if error.kind() == ErrorKind::NotFound => disk.create(&file_name)?,
            opened => opened?,
        };
        let mut kept = Kept { length: file.length()?, file, stores: 0 };
        if let Err(error) = kept.add_store() {
            // Half of it must not pass for all of it.
            let _ = disk.remove(&file_name);
            return Err(error);
        }
        let shared = Arc::new(Shared { is_given: AtomicBool::new(false), kept: Mutex::new(kept) });
        reserves.insert(file_system, Arc::downgrade(&shared));
        Ok(Reserve(shared))
    }

    /// To be called when all stores of a start are open: what an earlier one with more of them wanted goes back to the disk.
    pub fn trim(&self) {
        for shared in lock(&self.0).values().filter_map(Weak::upgrade) {
            let mut kept = lock(&shared.kept);
            let wanted = wanted(kept.stores);
            if kept.length > wanted && kept.file.set_length(wanted).is_ok() {
                kept.length = wanted;
            }
        }
    }
}

impl<D: Disk> Kept<D> {
    fn add_store(&mut self) -> io::Result<()> {
        let wanted = wanted(self.stores + 1);
        while self.length < wanted {
            let bytes = (wanted - self.length).min(BUSY);
            // Written, not only sized: a file of holes takes no room.
            self.file.write_all_at(&[0x55; BUSY as usize][..bytes as usize], self.length)?;
            self.length += bytes;
        }
        self.stores += 1;
        Ok(())
    }
}

impl<D: Disk> Reserve<D> {
    /// Gives room for a write of so many bytes back to the disk. False if there is none to give.
    pub(super) fn give(&self, bytes: usize) -> bool {
        self.0.is_given.store(true, Ordering::Relaxed);
        let mut kept = lock(&self.0.kept);
        let left = kept.length.saturating_sub((bytes as u64).next_multiple_of(QUIET) + AROUND);
        if kept.length == 0 || kept.file.set_length(left).is_err() {
            return false;
        }
        kept.length = left;
        true
    }

    /// True once a store of this process had to take of it: the disk is full for all of them.
    pub(super) fn is_given(&self) -> bool {
        self.0.is_given.load(Ordering::Relaxed)
    }
}

/// The file of a reserve whose first store is that of `name`.
pub(super) fn file_name(name: &SessionName) -> String {
    format!("{name}.reserve")
}

/// A panic elsewhere leaves the lengths as they are on disk.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
