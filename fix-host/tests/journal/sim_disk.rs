//! A disk in memory that can lose power, fail and flip bits.
//!
//! Every file has the bytes that are durable and the writes since its last sync; so has the directory. A crash
//! keeps a random part of what was not synced: of each write any set of 512-byte sectors, in no order, of the
//! length anything between the old and the new one, of the directory any of the creations and removals.

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, BTreeSet},
    io,
    path::PathBuf,
    rc::Rc,
};

use fix_host::store::disk::{Disk, DiskFile, LockError};
use rand::{RngExt, rngs::SmallRng};

const SECTOR: usize = 512;
const BLOCK: usize = 4096;

#[derive(Clone, Default)]
struct Inode {
    /// What every reader of the running system sees.
    current: Vec<u8>,
    /// What certainly survives.
    durable: Vec<u8>,
    /// Changes since the last sync.
    pending: Vec<Change>,
}

#[derive(Clone)]
enum Change {
    Write { offset: usize, bytes: Vec<u8> },
    SetLength(usize),
}

#[derive(Clone)]
enum Entry {
    Created(String, usize),
    Removed(String),
}

#[derive(Default)]
struct State {
    inodes: Vec<Inode>,
    current: BTreeMap<String, usize>,
    durable: BTreeMap<String, usize>,
    pending: Vec<Entry>,
    locks: BTreeSet<String>,
    locked_inodes: BTreeSet<usize>,
    /// Operations (writes, syncs, creations, ...) until the power goes.
    power_left: Option<u64>,
    operations: u64,
    /// How often the directory was listed.
    listings: u64,
    /// Bytes that all files together may take, in whole blocks.
    capacity: Option<usize>,
    /// Of room that is given back, somebody else takes half.
    is_shared: bool,
    /// The operation with this number fails once with this error, and every later one too if `for_good`.
    failure: Option<(u64, io::ErrorKind, bool)>,
}

/// The disk; clones share it.
#[derive(Clone, Default)]
pub(crate) struct SimDisk(Rc<RefCell<State>>);

/// An open file of a [`SimDisk`].
pub(crate) struct SimFile {
    disk: SimDisk,
    inode: usize,
    has_lock: Cell<bool>,
}

impl SimFile {
    fn new(disk: &SimDisk, inode: usize) -> Self {
        SimFile { disk: disk.clone(), inode, has_lock: Cell::new(false) }
    }
}

impl Drop for SimFile {
    fn drop(&mut self) {
        self.unlock();
    }
}

/// Ends the lock when dropped.
pub(crate) struct SimLock(SimDisk, String);

impl SimDisk {
    /// The power goes after `operations` more changing operations.
    pub(crate) fn lose_power_after(&self, operations: u64) {
        self.0.borrow_mut().power_left = Some(operations);
    }

    /// The changing operation number `operation` (counted from now, the first is 0) fails with `kind`, as do
    /// all that follow if `for_good`.
    pub(crate) fn fail_at(&self, operation: u64, kind: io::ErrorKind, for_good: bool) {
        let mut state = self.0.borrow_mut();
        let at = state.operations + operation;
        state.failure = Some((at, kind, for_good));
    }

    /// Somebody removes the lock file.
    pub(crate) fn remove_lock_files(&self) {
        self.0.borrow_mut().locks.clear();
    }

    /// How many changing operations there were.
    pub(crate) fn operations(&self) -> u64 {
        self.0.borrow().operations
    }

    /// The disk is full with what it holds; with `is_shared` somebody else takes half of all room that is given back.
    pub(crate) fn fill(&self, is_shared: bool) {
        let mut state = self.0.borrow_mut();
        (state.capacity, state.is_shared) = (Some(state.used()), is_shared);
    }

    /// Somebody makes room.
    pub(crate) fn make_room(&self) {
        self.0.borrow_mut().capacity = None;
    }

    /// How often the directory was listed.
    pub(crate) fn listings(&self) -> u64 {
        self.0.borrow().listings
    }

    /// The disk as it is after the loss of power; `rng` decides what is lost.
    pub(crate) fn after_power_loss(&self, rng: &mut SmallRng) -> SimDisk {
        let state = self.0.borrow();
        let mut names = state.durable.clone();
        for entry in &state.pending {
            if rng.random_bool(0.5) {
                match entry {
                    Entry::Created(name, inode) => drop(names.insert(name.clone(), *inode)),
                    Entry::Removed(name) => drop(names.remove(name)),
                }
            }
        }
        let inodes = state.inodes.iter().map(|inode| Inode::settled(inode.torn(rng))).collect();
        SimDisk::settled(names, inodes)
    }

    /// The disk as it is after the death of the process: everything written is there.
    pub(crate) fn after_kill(&self) -> SimDisk {
        let state = self.0.borrow();
        SimDisk(Rc::new(RefCell::new(State {
            inodes: state.inodes.clone(),
            current: state.current.clone(),
            durable: state.durable.clone(),
            pending: state.pending.clone(),
            ..State::default()
        })))
    }

    fn settled(names: BTreeMap<String, usize>, inodes: Vec<Inode>) -> SimDisk {
        SimDisk(Rc::new(RefCell::new(State {
            inodes,
            current: names.clone(),
            durable: names,
            ..State::default()
        })))
    }

    /// A copy with the same files, all durable.
    pub(crate) fn copy(&self) -> SimDisk {
        let state = self.0.borrow();
        let inodes = state.inodes.iter().map(|inode| Inode::settled(inode.current.clone())).collect();
        SimDisk::settled(state.current.clone(), inodes)
    }

    /// Names and lengths of all segments.
    pub(crate) fn files(&self) -> Vec<(String, usize)> {
        let state = self.0.borrow();
        let segments = state.current.iter().filter(|(name, _)| name.ends_with(".journal"));
        segments.map(|(name, inode)| (name.clone(), state.inodes[*inode].current.len())).collect()
    }

    /// The length of a file.
    pub(crate) fn length(&self, name: &str) -> Option<usize> {
        let state = self.0.borrow();
        state.current.get(name).map(|inode| state.inodes[*inode].current.len())
    }

    /// Changes the bytes of a file behind everybody's back.
    pub(crate) fn tamper(&self, name: &str, change: impl FnOnce(&mut Vec<u8>)) {
        let mut state = self.0.borrow_mut();
        let inode = state.current[name];
        change(&mut state.inodes[inode].current);
        state.inodes[inode].durable = state.inodes[inode].current.clone();
    }

    /// Counts a changing operation; errs if it is to fail.
    fn step(&self) -> io::Result<()> {
        let mut state = self.0.borrow_mut();
        let operation = state.operations;
        state.operations += 1;
        match state.failure {
            Some((at, kind, for_good)) if operation == at || (for_good && operation > at) => {
                return Err(kind.into());
            }
            _ => {}
        }
        match &mut state.power_left {
            Some(0) => Err(io::Error::other("no power")),
            Some(left) => {
                *left -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }
}

impl State {
    /// Bytes of the blocks that all files take.
    fn used(&self) -> usize {
        self.current.values().map(|inode| self.inodes[*inode].current.len().next_multiple_of(BLOCK)).sum()
    }
}

impl Inode {
    fn settled(bytes: Vec<u8>) -> Inode {
        Inode { current: bytes.clone(), durable: bytes, pending: Vec::new() }
    }

    fn torn(&self, rng: &mut SmallRng) -> Vec<u8> {
        // How much goes wrong differs from crash to crash.
        let kept = [0.0, 0.1, 0.5, 0.9, 1.0][rng.random_range(0..5)];
        let mut bytes = self.durable.clone();
        for change in &self.pending {
            match change {
                Change::SetLength(length) if rng.random_bool(kept) => bytes.truncate(*length),
                Change::SetLength(_) => {}
                Change::Write { offset, bytes: written } => {
                    let mut at = 0;
                    while at < written.len() {
                        let to = (at + SECTOR - (offset + at) % SECTOR).min(written.len());
                        if rng.random_bool(kept) {
                            put(&mut bytes, offset + at, &written[at..to]);
                        }
                        at = to;
                    }
                }
            }
        }
        // The length is metadata and reaches the disk on its own.
        let (short, long) = (bytes.len().min(self.durable.len()), bytes.len().max(self.current.len()));
        let cut_at_will = rng.random_bool(0.3);
        bytes.resize(if cut_at_will { rng.random_range(short..=long) } else { long }, 0);
        bytes
    }
}

fn put(file: &mut Vec<u8>, offset: usize, bytes: &[u8]) {
    if file.len() < offset + bytes.len() {
        file.resize(offset + bytes.len(), 0);
    }
    file[offset..offset + bytes.len()].copy_from_slice(bytes);
}

impl Disk for SimDisk {
    type File = SimFile;
    type Lock = SimLock;

    fn list(&self) -> io::Result<Vec<String>> {
        let mut state = self.0.borrow_mut();
        state.listings += 1;
        Ok(state.current.keys().cloned().collect())
    }

    fn create(&self, name: &str) -> io::Result<SimFile> {
        self.step()?;
        let mut state = self.0.borrow_mut();
        if state.current.contains_key(name) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let inode = state.inodes.len();
        state.inodes.push(Inode::default());
        state.current.insert(name.to_owned(), inode);
        state.pending.push(Entry::Created(name.to_owned(), inode));
        Ok(SimFile::new(self, inode))
    }

    fn open(&self, name: &str) -> io::Result<SimFile> {
        let inode = self.0.borrow().current.get(name).copied().ok_or(io::ErrorKind::NotFound)?;
        Ok(SimFile::new(self, inode))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.step()?;
        let mut state = self.0.borrow_mut();
        state.current.remove(name).ok_or(io::ErrorKind::NotFound)?;
        state.pending.push(Entry::Removed(name.to_owned()));
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        self.step()?;
        let mut state = self.0.borrow_mut();
        state.durable = state.current.clone();
        state.pending.clear();
        Ok(())
    }

    fn lock(&self, name: &str) -> Result<SimLock, LockError> {
        if !self.0.borrow_mut().locks.insert(name.to_owned()) {
            return Err(LockError::Held(Some(1)));
        }
        Ok(SimLock(self.clone(), name.to_owned()))
    }

    fn file_system(&self) -> io::Result<u64> {
        Ok(0)
    }

    fn path(&self, name: &str) -> PathBuf {
        PathBuf::from("sim").join(name)
    }
}

impl Drop for SimLock {
    fn drop(&mut self) {
        self.0.0.borrow_mut().locks.remove(&self.1);
    }
}

impl DiskFile for SimFile {
    fn length(&self) -> io::Result<u64> {
        Ok(self.disk.0.borrow().inodes[self.inode].current.len() as u64)
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let state = self.disk.0.borrow();
        let rest = state.inodes[self.inode].current.get(offset as usize..).unwrap_or_default();
        let length = rest.len().min(buffer.len());
        buffer[..length].copy_from_slice(&rest[..length]);
        Ok(length)
    }

    /// A write that fails leaves half of its bytes.
    fn write_all_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<()> {
        let mut outcome = self.disk.step();
        let state = self.disk.0.borrow();
        if let Some(capacity) = state.capacity {
            let length = state.inodes[self.inode].current.len();
            let end = length.max(offset as usize + bytes.len()).next_multiple_of(BLOCK);
            if state.used() + end - length.next_multiple_of(BLOCK) > capacity {
                outcome = Err(io::ErrorKind::StorageFull.into());
            }
        }
        drop(state);
        let bytes = if outcome.is_err() { &bytes[..bytes.len() / 2] } else { bytes };
        let inode = &mut self.disk.0.borrow_mut().inodes[self.inode];
        put(&mut inode.current, offset as usize, bytes);
        inode.pending.push(Change::Write { offset: offset as usize, bytes: bytes.to_vec() });
        outcome
    }

    fn lock(&self) -> io::Result<bool> {
        let mut state = self.disk.0.borrow_mut();
        self.has_lock.set(self.has_lock.get() || state.locked_inodes.insert(self.inode));
        Ok(self.has_lock.get())
    }

    fn unlock(&self) {
        if self.has_lock.replace(false) {
            self.disk.0.borrow_mut().locked_inodes.remove(&self.inode);
        }
    }

    fn set_length(&mut self, length: u64) -> io::Result<()> {
        self.disk.step()?;
        let mut state = self.disk.0.borrow_mut();
        let before = state.used();
        state.inodes[self.inode].current.resize(length as usize, 0);
        let freed = before.saturating_sub(state.used());
        if state.is_shared {
            state.capacity = state.capacity.map(|capacity| capacity - freed / 2);
        }
        let inode = &mut state.inodes[self.inode];
        inode.pending.push(Change::SetLength(length as usize));
        Ok(())
    }

    /// After an error the kernel has forgotten what was dirty: a second sync would succeed, and lie.
    fn sync(&mut self) -> io::Result<()> {
        let outcome = self.disk.step();
        let inode = &mut self.disk.0.borrow_mut().inodes[self.inode];
        if outcome.is_ok() {
            inode.durable = inode.current.clone();
        }
        inode.pending.clear();
        outcome
    }
}
