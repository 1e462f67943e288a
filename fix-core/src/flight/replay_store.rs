//! The store of a replay: the numbers as the session sets them, and else what the recording says.

use super::{
    cursor::Cursor,
    entry::{Entry, Numbers},
    number::{moment, nanos},
};
use crate::{
    store::{MessageStore, StoreError},
    time::UtcTimestamp,
};

/// A store's numbers, if it does as it is asked.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Model {
    pub(super) numbers: Numbers,
}

impl Model {
    pub(super) fn set_next_out(&mut self, number: u64) {
        self.numbers.next_out = number;
    }

    pub(super) fn set_next_in(&mut self, number: u64) {
        self.numbers.next_in = Some(number);
    }

    pub(super) fn append(&mut self, number: u64) {
        self.numbers.next_out = number.saturating_add(1);
    }

    pub(super) fn reset(&mut self, now: UtcTimestamp) {
        self.numbers = Numbers { next_out: 1, next_in: Some(1), created: Some(nanos(now)) };
    }

    pub(super) fn reset_one_side(&mut self, now: UtcTimestamp) {
        self.reset(now);
        self.numbers.next_in = None;
    }
}

/// Answers as the recording has it.
#[derive(Debug)]
pub(super) struct ReplayStore<'a> {
    pub(super) model: Model,
    pub(super) capacity: u64,
    pub(super) cursor: Cursor<'a>,
}

impl ReplayStore<'_> {
    fn ask(&mut self, model: impl FnOnce(&mut Model)) -> Result<(), StoreError> {
        self.cursor.asked();
        let mut outcome = Ok(());
        if let Some(Entry::StoreFailed { error, .. }) = self.cursor.take_if(is_failure) {
            outcome = Err(error);
        } else {
            model(&mut self.model);
        }
        let is_numbers = |entry: &Entry<'_>| matches!(entry, Entry::NumbersAfter { .. });
        if let Some(Entry::NumbersAfter { numbers, .. }) = self.cursor.take_if(is_numbers) {
            self.model.numbers = numbers;
        }
        outcome
    }
}

fn is_failure(entry: &Entry<'_>) -> bool {
    matches!(entry, Entry::StoreFailed { .. })
}

impl MessageStore for ReplayStore<'_> {
    fn next_out(&self) -> u64 {
        self.model.numbers.next_out
    }

    fn next_in(&self) -> Option<u64> {
        self.model.numbers.next_in
    }

    fn set_next_out(&mut self, number: u64) -> Result<(), StoreError> {
        self.ask(|model| model.set_next_out(number))
    }

    fn set_next_in(&mut self, number: u64) -> Result<(), StoreError> {
        self.ask(|model| model.set_next_in(number))
    }

    fn append(&mut self, number: u64, _message: &[u8]) -> Result<(), StoreError> {
        self.ask(|model| model.append(number))
    }

    fn read(&mut self, _number: u64, buffer: &mut [u8]) -> Result<Option<usize>, StoreError> {
        self.cursor.asked();
        match self
            .cursor
            .take_if(|entry| is_failure(entry) || matches!(entry, Entry::Read { .. } | Entry::NotKept { .. }))
        {
            Some(Entry::StoreFailed { error, .. }) => Err(error),
            Some(Entry::Read { message, .. }) => {
                buffer.get_mut(..message.len()).ok_or(StoreError::TooLarge)?.copy_from_slice(message);
                Ok(Some(message.len()))
            }
            Some(_) => Ok(None),
            None => {
                self.cursor.miss();
                Ok(None)
            }
        }
    }

    fn received(&mut self, _number: u64, _message: &[u8]) -> Result<(), StoreError> {
        self.ask(|_| {})
    }

    fn own_report(&mut self, _report: &[u8]) -> Result<(), StoreError> {
        self.ask(|_| {})
    }

    fn next_to_resend(&self, number: u64) -> u64 {
        self.cursor.asked();
        match self.cursor.take_if(|entry| matches!(entry, Entry::NextToResend { .. })) {
            Some(Entry::NextToResend { number, .. }) => number,
            _ => number,
        }
    }

    fn capacity(&self) -> u64 {
        self.capacity
    }

    fn reset(&mut self, now: UtcTimestamp) -> Result<(), StoreError> {
        self.ask(|model| model.reset(now))
    }

    fn reset_one_side(&mut self, now: UtcTimestamp) -> Result<(), StoreError> {
        self.ask(|model| model.reset_one_side(now))
    }

    fn creation_time(&self) -> Option<UtcTimestamp> {
        self.model.numbers.created.map(moment)
    }

    fn flush(&mut self) -> Result<(), StoreError> {
        self.ask(|_| {})
    }

    fn is_full(&self) -> bool {
        self.cursor.asked();
        self.cursor.take_if(|entry| matches!(entry, Entry::StoreFull { .. })).is_some()
    }

    fn refresh(&mut self) -> Result<(), StoreError> {
        self.ask(|_| {})
    }
}
