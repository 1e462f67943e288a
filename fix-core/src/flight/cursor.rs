//! What one call of the engine was answered, as the replay's application or store finds it.

use core::cell::Cell;

use super::entry::{Entry, Reader};

/// The answers of one kind among the entries behind a call.
#[derive(Clone, Debug)]
pub(super) struct Cursor<'a> {
    /// The entries of this call that are not used yet.
    rest: Cell<Reader<'a>>,
    /// Questions since the last answer.
    asked: Cell<u64>,
    is_mine: fn(&Entry<'_>) -> Option<u64>,
    /// Another question was asked than the one that the recording has an answer to.
    missed: Cell<bool>,
}

impl<'a> Cursor<'a> {
    /// Of the entries of which `is_mine` tells how many questions were asked.
    pub(super) fn new(is_mine: fn(&Entry<'_>) -> Option<u64>) -> Self {
        Cursor { rest: Cell::new(Reader::new(&[])), asked: Cell::new(0), is_mine, missed: Cell::new(false) }
    }

    /// The entries behind the next call.
    pub(super) fn begin(&mut self, entries: Reader<'a>) {
        self.rest.set(entries);
    }

    /// True if all answers of the call were asked for.
    pub(super) fn end(&mut self) -> bool {
        self.next().is_none() && !self.missed.get()
    }

    /// A question is asked.
    pub(super) fn asked(&self) {
        self.asked.set(self.asked.get().saturating_add(1));
    }

    /// A question that the recording must have an answer to has none.
    pub(super) fn miss(&self) {
        self.missed.set(true);
    }

    /// The answer to the question that was asked last, or one more, if it is one that `wanted` takes.
    pub(super) fn take_if(&self, wanted: impl Fn(&Entry<'_>) -> bool) -> Option<Entry<'a>> {
        let (entry, rest) = self.next()?;
        let is_due = (self.is_mine)(&entry) == Some(self.asked.get());
        if !is_due || !wanted(&entry) {
            return None;
        }
        self.rest.set(rest);
        self.asked.set(0);
        Some(entry)
    }

    /// The next entry of the kind, and what is behind it.
    fn next(&self) -> Option<(Entry<'a>, Reader<'a>)> {
        let mut reader = self.rest.get();
        loop {
            let entry = reader.entry().ok()??;
            if (self.is_mine)(&entry).is_some() {
                return Some((entry, reader));
            }
        }
    }
}
