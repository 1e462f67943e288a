//! A store whose answers are recorded.

use super::{
    entry::{Numbers, kind},
    mask::Mask,
    notes::Notes,
    number::put_number,
    replay_store::Model,
    start::put_numbers,
    tape::Tape,
};
use crate::{
    store::{MessageStore, StoreError},
    time::UtcTimestamp,
};

/// The store, and the tape beside it.
#[derive(Clone)]
pub(super) struct TapedStore<S, T> {
    pub(super) inner: S,
    pub(super) notes: Notes<T>,
    /// What a replay believes the store's numbers to be.
    pub(super) model: Model,
}

impl<S: MessageStore, T: Tape> TapedStore<S, T> {
    pub(super) fn new(inner: S, tape: T) -> Self {
        TapedStore { inner, notes: Notes::new(tape), model: Model::default() }
    }

    /// The numbers as they are.
    pub(super) fn numbers(&self) -> Numbers {
        Numbers {
            next_out: self.inner.next_out(),
            next_in: self.inner.next_in(),
            created: self.inner.creation_time().map(super::number::nanos),
        }
    }

    /// A question with what should come of it, and what does.
    fn ask(
        &mut self,
        model: impl FnOnce(&mut Model),
        ask: impl FnOnce(&mut S) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let outcome = ask(&mut self.inner);
        if !self.notes.is_on() {
            return outcome;
        }
        self.notes.asked();
        match outcome {
            Ok(()) => model(&mut self.model),
            Err(error) => self.failed(error),
        }
        let numbers = self.numbers();
        if numbers != self.model.numbers {
            self.model.numbers = numbers;
            self.notes.answer(kind::NUMBERS_AFTER);
            put_numbers(self.notes.tape(), &numbers);
        }
        outcome
    }

    fn failed(&self, error: StoreError) {
        self.notes.answer(kind::STORE_FAILED);
        self.notes.tape().put(&[match error {
            StoreError::Io(_) => 0,
            StoreError::Corrupt(_) => 1,
            StoreError::TooLarge => 2,
            StoreError::Full => 3,
        }]);
    }
}

impl<S: MessageStore, T: Tape> MessageStore for TapedStore<S, T> {
    fn next_out(&self) -> u64 {
        self.inner.next_out()
    }

    fn next_in(&self) -> Option<u64> {
        self.inner.next_in()
    }

    fn set_next_out(&mut self, number: u64) -> Result<(), StoreError> {
        self.ask(|model| model.set_next_out(number), |store| store.set_next_out(number))
    }

    fn set_next_in(&mut self, number: u64) -> Result<(), StoreError> {
        self.ask(|model| model.set_next_in(number), |store| store.set_next_in(number))
    }

    fn append(&mut self, number: u64, message: &[u8]) -> Result<(), StoreError> {
        self.ask(|model| model.append(number), |store| store.append(number, message))
    }

    fn read(&mut self, number: u64, buffer: &mut [u8]) -> Result<Option<usize>, StoreError> {
        let outcome = self.inner.read(number, buffer);
        if self.notes.is_on() {
            self.notes.asked();
            match &outcome {
                Ok(Some(len)) => {
                    self.notes.answer(kind::READ);
                    self.notes.put_masked(buffer.get(..*len).unwrap_or_default(), &mut Mask::new());
                }
                Ok(None) => self.notes.answer(kind::NOT_KEPT),
                Err(error) => self.failed(*error),
            }
        }
        outcome
    }

    fn received(&mut self, number: u64, message: &[u8]) -> Result<(), StoreError> {
        self.ask(|_| {}, |store| store.received(number, message))
    }

    fn own_report(&mut self, report: &[u8]) -> Result<(), StoreError> {
        self.ask(|_| {}, |store| store.own_report(report))
    }

    fn next_to_resend(&self, number: u64) -> u64 {
        let next = self.inner.next_to_resend(number);
        if self.notes.is_on() {
            self.notes.asked();
            if next != number {
                self.notes.answer(kind::NEXT_TO_RESEND);
                put_number(self.notes.tape(), next);
            }
        }
        next
    }

    fn capacity(&self) -> u64 {
        self.inner.capacity()
    }

    fn reset(&mut self, now: UtcTimestamp) -> Result<(), StoreError> {
        self.ask(|model| model.reset(now), |store| store.reset(now))
    }

    fn reset_one_side(&mut self, now: UtcTimestamp) -> Result<(), StoreError> {
        self.ask(|model| model.reset_one_side(now), |store| store.reset_one_side(now))
    }

    fn creation_time(&self) -> Option<UtcTimestamp> {
        self.inner.creation_time()
    }

    fn flush(&mut self) -> Result<(), StoreError> {
        self.ask(|_| {}, S::flush)
    }

    fn is_full(&self) -> bool {
        let is_full = self.inner.is_full();
        if self.notes.is_on() {
            self.notes.asked();
            if is_full {
                self.notes.answer(kind::STORE_FULL);
            }
        }
        is_full
    }

    fn refresh(&mut self) -> Result<(), StoreError> {
        self.ask(|_| {}, S::refresh)
    }
}
