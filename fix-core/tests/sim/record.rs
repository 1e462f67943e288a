//! The flight recorder of one side, and its proof: what was recorded, done again, writes the same bytes.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeSet,
    rc::Rc,
};

use fix_core::{
    dict::Dictionary,
    flight::{End, Entry, Replayed, Tape, World, replay},
    time::Now,
};

/// Bytes of a recording after which it begins again, so that every kind of rest is one that a replay begins at.
const BEGINS_AGAIN: usize = 3_000;

/// A recording in memory; clones are the same one.
#[derive(Clone, Default)]
pub(crate) struct Recording {
    bytes: Rc<RefCell<Vec<u8>>>,
    start: Rc<Cell<usize>>,
}

impl Tape for Recording {
    fn is_on(&self) -> bool {
        true
    }

    fn wants_start(&self) -> bool {
        let bytes = self.bytes.borrow().len();
        bytes == 0 || bytes - self.start.get() > BEGINS_AGAIN
    }

    fn start(&self) {
        self.start.set(self.bytes.borrow().len());
    }

    fn put(&self, bytes: &[u8]) {
        self.bytes.borrow_mut().extend_from_slice(bytes);
    }
}

struct Again {
    last: Vec<String>,
    made: Vec<u8>,
}

impl World for Again {
    type Buffer = Vec<u8>;

    fn buffer(&mut self, len: u64) -> Option<Vec<u8>> {
        Some(vec![0; usize::try_from(len).ok()?])
    }

    fn dictionary(&mut self, _fingerprint: u32) -> Option<&'static Dictionary> {
        None
    }

    fn intern(text: &str) -> Option<&'static str> {
        thread_local!(static KNOWN: RefCell<BTreeSet<&'static str>> = RefCell::default());
        KNOWN.with_borrow_mut(|known| {
            if !known.contains(text) {
                known.insert(String::leak(text.to_owned()));
            }
            known.get(text).copied()
        })
    }

    fn entry(&mut self, now: Now, entry: &Entry<'_>) {
        if self.last.len() > 12 {
            self.last.remove(0);
        }
        self.last.push(format!("{} {entry:?}", now.mono.as_micros()));
    }

    fn written(&mut self, bytes: &[u8]) {
        self.made = bytes.to_vec();
    }
}

impl Recording {
    /// Does it again.
    ///
    /// # Errors
    /// Where it is not the same.
    pub(crate) fn check(&self) -> Result<(), String> {
        let bytes = self.bytes.borrow();
        if bytes.is_empty() {
            return Ok(());
        }
        let mut again = Again { last: Vec::new(), made: Vec::new() };
        let Replayed { end, entries, .. } = replay(&bytes, &mut again);
        if end == End::Whole {
            return Ok(());
        }
        let made = String::from_utf8_lossy(&again.made).replace('\x01', "|");
        Err(format!("entry {entries} of the recording: {end:?}; made {made}\n{}", again.last.join("\n")))
    }
}
