//! The answers of an application or of a store, as they go on the tape.

use core::cell::Cell;

use super::{mask::Mask, number::put_number, tape::Tape};

/// The tape, and how many questions were asked since the last answer on it.
#[derive(Clone)]
pub(super) struct Notes<T> {
    tape: T,
    asked: Cell<u64>,
}

impl<T: Tape> Notes<T> {
    pub(super) fn new(tape: T) -> Self {
        Notes { tape, asked: Cell::new(0) }
    }

    pub(super) fn is_on(&self) -> bool {
        self.tape.is_on()
    }

    pub(super) fn tape(&self) -> &T {
        &self.tape
    }

    /// A question is asked.
    pub(super) fn asked(&self) {
        self.asked.set(self.asked.get().saturating_add(1));
    }

    /// A recording begins: no question was asked before.
    pub(super) fn begin(&self) {
        self.asked.set(0);
    }

    /// Others, that the questions so far were asked of.
    pub(super) fn split(&self) -> Self {
        Notes { tape: self.tape.clone(), asked: Cell::new(self.asked.take()) }
    }

    /// What the others have no answer to was asked here.
    pub(super) fn join(&self, others: &Notes<T>) {
        self.asked.set(self.asked.get().saturating_add(others.asked.take()));
    }

    /// The answer is worth an entry; what it has beside `kind` is put next.
    pub(super) fn answer(&self, kind: u8) {
        self.tape.put(&[kind]);
        put_number(&self.tape, self.asked.take());
    }

    /// Bytes with their length in front, secrets masked.
    pub(super) fn put_masked(&self, bytes: &[u8], mask: &mut Mask) {
        put_number(&self.tape, bytes.len() as u64);
        put_masked(&self.tape, bytes, mask);
    }
}

/// Bytes with secrets masked, a few at a time.
pub(super) fn put_masked(tape: &impl Tape, bytes: &[u8], mask: &mut Mask) {
    let mut shown = [0; 64];
    for piece in bytes.chunks(shown.len()) {
        for (slot, byte) in shown.iter_mut().zip(piece) {
            *slot = mask.next(*byte).0;
        }
        tape.put(shown.get(..piece.len()).unwrap_or_default());
    }
}

/// A text that may not be there.
pub(super) fn put_optional_text(tape: &impl Tape, text: Option<&str>) {
    match text {
        None => tape.put(&[0]),
        Some(text) => {
            tape.put(&[1]);
            super::number::put_bytes(tape, text.as_bytes());
        }
    }
}
