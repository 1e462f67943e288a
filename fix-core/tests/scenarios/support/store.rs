//! A store that can lose what was not flushed, and fail on demand.

use std::collections::BTreeMap;

use fix_core::{
    store::{MessageStore, StoreError},
    time::UtcTimestamp,
};

#[derive(Clone, Default)]
struct Content {
    next_out: u64,
    next_in: u64,
    messages: BTreeMap<u64, Vec<u8>>,
    creation_time: Option<UtcTimestamp>,
}

pub struct TestStore {
    now: Content,
    flushed: Content,
    pub fails: bool,
    pub damaged: Option<u64>,
}

impl TestStore {
    pub fn new() -> Self {
        let content = Content { next_out: 1, next_in: 1, ..Content::default() };
        TestStore { now: content.clone(), flushed: content, fails: false, damaged: None }
    }

    /// The power goes: what was not flushed is lost.
    pub fn crash(&mut self) {
        self.now = self.flushed.clone();
        self.fails = false;
    }

    fn check(&self) -> Result<(), StoreError> {
        if self.fails { Err(StoreError::Io("write")) } else { Ok(()) }
    }
}

impl MessageStore for TestStore {
    fn next_out(&self) -> u64 {
        self.now.next_out
    }

    fn next_in(&self) -> u64 {
        self.now.next_in
    }

    fn set_next_out(&mut self, number: u64) -> Result<(), StoreError> {
        self.check()?;
        self.now.next_out = number;
        Ok(())
    }

    fn set_next_in(&mut self, number: u64) -> Result<(), StoreError> {
        self.check()?;
        self.now.next_in = number;
        Ok(())
    }

    fn append(&mut self, number: u64, message: &[u8]) -> Result<(), StoreError> {
        self.check()?;
        self.now.messages.insert(number, message.to_vec());
        self.now.next_out = number + 1;
        Ok(())
    }

    fn read(&mut self, number: u64, buffer: &mut [u8]) -> Result<Option<usize>, StoreError> {
        if self.damaged == Some(number) {
            return Err(StoreError::Corrupt("a message"));
        }
        let Some(message) = self.now.messages.get(&number) else { return Ok(None) };
        buffer.get_mut(..message.len()).ok_or(StoreError::TooLarge)?.copy_from_slice(message);
        Ok(Some(message.len()))
    }

    fn reset(&mut self, now: UtcTimestamp) -> Result<(), StoreError> {
        self.check()?;
        self.now = Content { next_out: 1, next_in: 1, creation_time: Some(now), ..Content::default() };
        Ok(())
    }

    fn creation_time(&self) -> Option<UtcTimestamp> {
        self.now.creation_time
    }

    fn flush(&mut self) -> Result<(), StoreError> {
        self.check()?;
        self.flushed = self.now.clone();
        Ok(())
    }
}
