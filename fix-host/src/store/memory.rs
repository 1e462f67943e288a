//! A store in memory: for sessions whose messages need not outlive the process.

use std::collections::VecDeque;

use fix_core::{
    store::{MessageStore, StoreError},
    time::UtcTimestamp,
};

/// Messages kept for resending; older ones are answered by a gap fill.
const KEPT_MESSAGES: usize = 10_000;

/// Keeps the last `KEPT_MESSAGES` messages.
#[derive(Clone, Debug)]
pub struct MemoryStore {
    next_out: u64,
    next_in: u64,
    /// Numbers and messages, ascending.
    messages: VecDeque<(u64, Box<[u8]>)>,
    creation_time: Option<UtcTimestamp>,
}

impl Default for MemoryStore {
    fn default() -> Self {
        MemoryStore { next_out: 1, next_in: 1, messages: VecDeque::new(), creation_time: None }
    }
}

impl MessageStore for MemoryStore {
    fn next_out(&self) -> u64 {
        self.next_out
    }

    fn next_in(&self) -> u64 {
        self.next_in
    }

    fn set_next_out(&mut self, number: u64) -> Result<(), StoreError> {
        self.messages.retain(|(kept, _)| *kept < number);
        self.next_out = number;
        Ok(())
    }

    fn set_next_in(&mut self, number: u64) -> Result<(), StoreError> {
        self.next_in = number;
        Ok(())
    }

    fn append(&mut self, number: u64, message: &[u8]) -> Result<(), StoreError> {
        if self.messages.len() == KEPT_MESSAGES {
            self.messages.pop_front();
        }
        self.messages.push_back((number, message.into()));
        self.next_out = number.saturating_add(1);
        Ok(())
    }

    fn read(&mut self, number: u64, buffer: &mut [u8]) -> Result<Option<usize>, StoreError> {
        let Ok(index) = self.messages.binary_search_by_key(&number, |(kept, _)| *kept) else {
            return Ok(None);
        };
        let Some((_, message)) = self.messages.get(index) else { return Ok(None) };
        buffer.get_mut(..message.len()).ok_or(StoreError::TooLarge)?.copy_from_slice(message);
        Ok(Some(message.len()))
    }

    fn capacity(&self) -> u64 {
        KEPT_MESSAGES as u64
    }

    fn reset(&mut self, now: UtcTimestamp) -> Result<(), StoreError> {
        *self = MemoryStore { creation_time: Some(now), ..MemoryStore::default() };
        Ok(())
    }

    fn creation_time(&self) -> Option<UtcTimestamp> {
        self.creation_time
    }

    fn flush(&mut self) -> Result<(), StoreError> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_does_what_every_store_must() {
        fix_core::store::conformance::conformance(MemoryStore::default).unwrap();
    }

    #[test]
    fn the_oldest_message_makes_room() {
        let mut store = MemoryStore::default();
        for number in 1..=KEPT_MESSAGES as u64 + 1 {
            store.append(number, b"x").unwrap();
        }
        let mut buffer = [0; 8];
        assert_eq!(store.read(1, &mut buffer), Ok(None));
        assert_eq!(store.read(2, &mut buffer), Ok(Some(1)));
    }
}
