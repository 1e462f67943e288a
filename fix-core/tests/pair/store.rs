//! A store that can lose what was not flushed, and fail on demand.

use alloc::{collections::BTreeMap, vec::Vec};
use core::{hash::Hash, mem};

use fix_core::{
    store::{MessageStore, StoreError},
    time::UtcTimestamp,
};

#[derive(Clone, Copy)]
struct Numbers {
    next_out: u64,
    next_in: Option<u64>,
    creation_time: Option<UtcTimestamp>,
}

type Messages = BTreeMap<u64, Vec<u8>>;

#[derive(Clone)]
pub struct TestStore {
    numbers: Numbers,
    messages: Messages,
    flushed: Numbers,
    /// What a crash brings back: the messages before a reset, or those that each append replaced.
    before_reset: Option<Messages>,
    replaced: Vec<(u64, Option<Vec<u8>>)>,
    pub fails: bool,
    /// Writes succeed, but nothing can be made durable.
    pub flush_fails: bool,
    pub is_full: bool,
    /// What another process has written: next_in and next_out, seen with the next refresh.
    pub written_elsewhere: Option<(u64, u64)>,
    pub damaged: Option<u64>,
    /// Numbers and bytes of what was received, if a test wants to know, and how many of them are flushed.
    pub received: Option<Vec<(u64, Vec<u8>)>>,
    received_flushed: usize,
    /// What the application reported itself.
    pub own_reports: Vec<Vec<u8>>,
}

impl TestStore {
    pub fn new() -> Self {
        let numbers = Numbers { next_out: 1, next_in: Some(1), creation_time: None };
        TestStore {
            numbers,
            messages: BTreeMap::new(),
            flushed: numbers,
            before_reset: None,
            replaced: Vec::new(),
            fails: false,
            flush_fails: false,
            is_full: false,
            written_elsewhere: None,
            damaged: None,
            received: None,
            received_flushed: 0,
            own_reports: Vec::new(),
        }
    }

    /// The power goes: what was not flushed is lost.
    pub fn crash(&mut self) {
        for (number, before) in self.replaced.drain(..).rev() {
            match before {
                Some(message) => self.messages.insert(number, message),
                None => self.messages.remove(&number),
            };
        }
        if let Some(messages) = self.before_reset.take() {
            self.messages = messages;
        }
        self.numbers = self.flushed;
        if let Some(received) = &mut self.received {
            received.truncate(self.received_flushed);
        }
        self.fails = false;
    }

    /// All that a later run can depend on, for telling states apart.
    pub fn fingerprint(&self) -> impl Hash {
        let numbers = |numbers: &Numbers| (numbers.next_out, numbers.next_in);
        (numbers(&self.numbers), numbers(&self.flushed), self.messages.clone(), self.replaced.clone())
    }

    pub fn message(&self, number: u64) -> Option<&[u8]> {
        self.messages.get(&number).map(Vec::as_slice)
    }

    fn check(&self) -> Result<(), StoreError> {
        if self.fails { Err(StoreError::Io("write")) } else { Ok(()) }
    }
}

impl MessageStore for TestStore {
    fn next_out(&self) -> u64 {
        self.numbers.next_out
    }

    fn next_in(&self) -> Option<u64> {
        self.numbers.next_in
    }

    fn set_next_out(&mut self, number: u64) -> Result<(), StoreError> {
        self.check()?;
        self.numbers.next_out = number;
        Ok(())
    }

    fn set_next_in(&mut self, number: u64) -> Result<(), StoreError> {
        self.check()?;
        self.numbers.next_in = Some(number);
        Ok(())
    }

    fn append(&mut self, number: u64, message: &[u8]) -> Result<(), StoreError> {
        self.check()?;
        let before = self.messages.insert(number, message.to_vec());
        self.replaced.push((number, before));
        self.numbers.next_out = number + 1;
        Ok(())
    }

    fn read(&mut self, number: u64, buffer: &mut [u8]) -> Result<Option<usize>, StoreError> {
        if self.damaged == Some(number) {
            return Err(StoreError::Corrupt("a message"));
        }
        let Some(message) = self.messages.get(&number) else { return Ok(None) };
        buffer.get_mut(..message.len()).ok_or(StoreError::TooLarge)?.copy_from_slice(message);
        Ok(Some(message.len()))
    }

    fn next_to_resend(&self, number: u64) -> u64 {
        let mut kept = self.messages.range(number..);
        kept.next().map_or(number.max(self.next_out()), |(kept, _)| *kept)
    }

    fn received(&mut self, number: u64, message: &[u8]) -> Result<(), StoreError> {
        self.check()?;
        if let Some(received) = &mut self.received {
            received.push((number, message.to_vec()));
        }
        Ok(())
    }

    fn own_report(&mut self, report: &[u8]) -> Result<(), StoreError> {
        self.check()?;
        self.own_reports.push(report.to_vec());
        Ok(())
    }

    fn reset(&mut self, now: UtcTimestamp) -> Result<(), StoreError> {
        self.check()?;
        self.numbers = Numbers { next_out: 1, next_in: Some(1), creation_time: Some(now) };
        let mut messages = mem::take(&mut self.messages);
        if self.before_reset.is_none() {
            for (number, before) in self.replaced.drain(..).rev() {
                match before {
                    Some(message) => messages.insert(number, message),
                    None => messages.remove(&number),
                };
            }
            self.before_reset = Some(messages);
        }
        self.replaced.clear();
        Ok(())
    }

    fn reset_one_side(&mut self, now: UtcTimestamp) -> Result<(), StoreError> {
        self.reset(now)?;
        self.numbers.next_in = None;
        Ok(())
    }

    fn refresh(&mut self) -> Result<(), StoreError> {
        if let Some((next_in, next_out)) = self.written_elsewhere.take() {
            (self.numbers.next_in, self.numbers.next_out) = (Some(next_in), next_out);
        }
        Ok(())
    }

    fn creation_time(&self) -> Option<UtcTimestamp> {
        self.numbers.creation_time
    }

    fn is_full(&self) -> bool {
        self.is_full
    }

    fn flush(&mut self) -> Result<(), StoreError> {
        self.check()?;
        if self.flush_fails {
            return Err(StoreError::Io("flush"));
        }
        self.flushed = self.numbers;
        self.received_flushed = self.received.as_ref().map_or(0, Vec::len);
        self.before_reset = None;
        self.replaced.clear();
        Ok(())
    }
}
