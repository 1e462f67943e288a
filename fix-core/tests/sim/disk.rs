//! The store of a run: a journal whose unflushed steps a crash may undo, or one in memory that survives a
//! lost connection only. Every step is told to the ledger as it happens.

use fix_core::{
    store::{MessageStore, NoStore, RingStore, StoreError},
    time::UtcTimestamp,
};

use crate::{ledger::Shared, rng::Rng};

/// What survives, and how much is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Medium {
    /// All messages; a crash loses what was not flushed, or less.
    Journal,
    /// The last messages, in memory.
    Ring,
    /// The numbers, in memory.
    Nothing,
}

/// Messages that a ring keeps.
pub(crate) const RING: usize = 16;

enum Store {
    Journal(Journal),
    Ring(Box<RingStore<RING, 1024>>),
    Nothing(NoStore),
}

/// All that a journal holds.
struct Journal {
    next_out: u64,
    next_in: Option<u64>,
    creation_time: Option<UtcTimestamp>,
    bytes: Vec<u8>,
    /// Number, start and length in `bytes`, ascending.
    index: Vec<(u64, usize, usize)>,
}

impl Journal {
    const fn new(creation_time: Option<UtcTimestamp>) -> Self {
        Journal { next_out: 1, next_in: Some(1), creation_time, bytes: Vec::new(), index: Vec::new() }
    }

    fn get(&self, number: u64) -> Option<&[u8]> {
        let at = self.index.binary_search_by_key(&number, |(kept, ..)| *kept).ok()?;
        let (_, start, len) = *self.index.get(at)?;
        self.bytes.get(start..start + len)
    }
}

/// How to take back a step that is not flushed.
enum Undo {
    Append { next_out: u64 },
    NextOut(u64),
    NextIn(Option<u64>),
    Reset { before: Box<Journal>, epoch: u64 },
}

/// The store of one side.
pub(crate) struct Disk {
    side: usize,
    ledger: Shared,
    store: Store,
    unflushed: Vec<Undo>,
    /// The next step that writes fails, and what it was.
    failing: bool,
}

impl Disk {
    pub(crate) fn new(side: usize, medium: Medium, ledger: Shared) -> Self {
        let store = match medium {
            Medium::Journal => Store::Journal(Journal::new(None)),
            Medium::Ring => Store::Ring(Box::default()),
            Medium::Nothing => Store::Nothing(NoStore::new()),
        };
        Disk { side, ledger, store, unflushed: Vec::new(), failing: false }
    }

    /// True if a crash now could lose a step.
    pub(crate) fn is_dirty(&self) -> bool {
        !self.unflushed.is_empty()
    }

    pub(crate) fn fail_next_write(&mut self, failing: bool) {
        self.failing = failing;
    }

    /// The process is gone: of the steps that were not flushed only the first few are on the medium.
    pub(crate) fn crash(&mut self, rng: &mut Rng) {
        self.failing = false;
        let kept = rng.below_usize(self.unflushed.len() + 1);
        let mut epoch = self.epoch();
        match &mut self.store {
            Store::Journal(journal) => {
                while self.unflushed.len() > kept
                    && let Some(step) = self.unflushed.pop()
                {
                    journal.undo(step, &mut epoch);
                }
                self.unflushed.clear();
            }
            Store::Ring(ring) => {
                **ring = RingStore::new();
                epoch = self.ledger.borrow_mut().new_epoch(self.side);
            }
            Store::Nothing(nothing) => {
                *nothing = NoStore::new();
                epoch = self.ledger.borrow_mut().new_epoch(self.side);
            }
        }
        let numbers = (self.next_in().unwrap_or(0), self.next_out());
        self.ledger.borrow_mut().crashed(self.side, epoch, numbers.0, numbers.1);
    }

    /// Which life of the numbers this is; each reset begins a new one.
    fn epoch(&self) -> u64 {
        self.ledger.borrow().epoch[self.side]
    }

    fn inner(&self) -> &dyn MessageStore {
        match &self.store {
            Store::Journal(journal) => journal,
            Store::Ring(ring) => &**ring,
            Store::Nothing(nothing) => nothing,
        }
    }

    fn inner_mut(&mut self) -> &mut dyn MessageStore {
        match &mut self.store {
            Store::Journal(journal) => journal,
            Store::Ring(ring) => &mut **ring,
            Store::Nothing(nothing) => nothing,
        }
    }

    fn step(&mut self, undo: Undo) -> Result<(), StoreError> {
        if self.failing {
            return Err(StoreError::Io("write"));
        }
        if matches!(self.store, Store::Journal(_)) {
            self.unflushed.push(undo);
        }
        Ok(())
    }
}

impl MessageStore for Disk {
    fn next_out(&self) -> u64 {
        self.inner().next_out()
    }

    fn next_in(&self) -> Option<u64> {
        self.inner().next_in()
    }

    fn set_next_out(&mut self, number: u64) -> Result<(), StoreError> {
        self.step(Undo::NextOut(self.next_out()))?;
        self.inner_mut().set_next_out(number)
    }

    fn set_next_in(&mut self, number: u64) -> Result<(), StoreError> {
        self.step(Undo::NextIn(self.next_in()))?;
        self.inner_mut().set_next_in(number)
    }

    fn append(&mut self, number: u64, message: &[u8]) -> Result<(), StoreError> {
        let next_out = self.next_out();
        self.ledger
            .borrow_mut()
            .require(number == next_out, || format!("append of {number}, {next_out} is next"));
        self.step(Undo::Append { next_out })?;
        self.inner_mut().append(number, message)?;
        self.ledger.borrow_mut().appended(self.side, number, message);
        Ok(())
    }

    fn read(&mut self, number: u64, buffer: &mut [u8]) -> Result<Option<usize>, StoreError> {
        let read = self.inner_mut().read(number, buffer);
        if read == Ok(None) {
            self.ledger.borrow_mut().not_kept(self.side, number);
        }
        read
    }

    fn capacity(&self) -> u64 {
        self.inner().capacity()
    }

    fn reset(&mut self, now: UtcTimestamp) -> Result<(), StoreError> {
        if self.failing {
            return Err(StoreError::Io("reset"));
        }
        let epoch = self.epoch();
        if let Store::Journal(journal) = &mut self.store {
            let before = Box::new(core::mem::replace(journal, Journal::new(Some(now))));
            self.unflushed.push(Undo::Reset { before, epoch });
        } else {
            self.inner_mut().reset(now)?;
        }
        self.ledger.borrow_mut().new_epoch(self.side);
        Ok(())
    }

    fn reset_one_side(&mut self, now: UtcTimestamp) -> Result<(), StoreError> {
        self.reset(now)?;
        self.inner_mut().reset_one_side(now)
    }

    fn creation_time(&self) -> Option<UtcTimestamp> {
        self.inner().creation_time()
    }

    fn flush(&mut self) -> Result<(), StoreError> {
        if self.failing {
            return Err(StoreError::Io("flush"));
        }
        self.unflushed.clear();
        Ok(())
    }
}

impl Journal {
    fn undo(&mut self, step: Undo, epoch: &mut u64) {
        match step {
            Undo::Append { next_out } => {
                if let Some((_, start, _)) = self.index.pop() {
                    self.bytes.truncate(start);
                }
                self.next_out = next_out;
            }
            Undo::NextOut(number) => self.next_out = number,
            Undo::NextIn(number) => self.next_in = number,
            Undo::Reset { before, epoch: epoch_before } => {
                *self = *before;
                *epoch = epoch_before;
            }
        }
    }
}

impl MessageStore for Journal {
    fn next_out(&self) -> u64 {
        self.next_out
    }

    fn next_in(&self) -> Option<u64> {
        self.next_in
    }

    fn set_next_out(&mut self, number: u64) -> Result<(), StoreError> {
        self.next_out = number;
        Ok(())
    }

    fn set_next_in(&mut self, number: u64) -> Result<(), StoreError> {
        self.next_in = Some(number);
        Ok(())
    }

    fn append(&mut self, number: u64, message: &[u8]) -> Result<(), StoreError> {
        self.index.push((number, self.bytes.len(), message.len()));
        self.bytes.extend_from_slice(message);
        self.next_out = number + 1;
        Ok(())
    }

    fn read(&mut self, number: u64, buffer: &mut [u8]) -> Result<Option<usize>, StoreError> {
        let Some(message) = self.get(number) else { return Ok(None) };
        buffer.get_mut(..message.len()).ok_or(StoreError::TooLarge)?.copy_from_slice(message);
        Ok(Some(message.len()))
    }

    fn reset(&mut self, now: UtcTimestamp) -> Result<(), StoreError> {
        *self = Journal::new(Some(now));
        Ok(())
    }

    fn reset_one_side(&mut self, now: UtcTimestamp) -> Result<(), StoreError> {
        *self = Journal { next_in: None, ..Journal::new(Some(now)) };
        Ok(())
    }

    fn creation_time(&self) -> Option<UtcTimestamp> {
        self.creation_time
    }

    fn flush(&mut self) -> Result<(), StoreError> {
        Ok(())
    }
}
