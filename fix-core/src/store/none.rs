//! A store without memory: both numbers live as long as the process, messages are not kept.

use super::{MessageStore, StoreError};
use crate::time::UtcTimestamp;

/// Keeps the two numbers only; every ResendRequest is answered by a gap fill. For sessions whose numbers
/// begin at 1 with every Logon, such as market data.
#[derive(Clone, Copy, Debug)]
pub struct NoStore {
    next_out: u64,
    next_in: Option<u64>,
    creation_time: Option<UtcTimestamp>,
}

impl NoStore {
    /// A new store; both numbers are 1.
    pub const fn new() -> Self {
        NoStore { next_out: 1, next_in: Some(1), creation_time: None }
    }
}

impl Default for NoStore {
    fn default() -> Self {
        Self::new()
    }
}

impl MessageStore for NoStore {
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

    fn append(&mut self, number: u64, _message: &[u8]) -> Result<(), StoreError> {
        self.next_out = number.saturating_add(1);
        Ok(())
    }

    fn read(&mut self, _number: u64, _buffer: &mut [u8]) -> Result<Option<usize>, StoreError> {
        Ok(None)
    }

    fn next_to_resend(&self, number: u64) -> u64 {
        number.max(self.next_out)
    }

    fn capacity(&self) -> u64 {
        0
    }

    fn reset(&mut self, now: UtcTimestamp) -> Result<(), StoreError> {
        *self = NoStore { creation_time: Some(now), ..NoStore::new() };
        Ok(())
    }

    fn reset_one_side(&mut self, now: UtcTimestamp) -> Result<(), StoreError> {
        self.reset(now)?;
        self.next_in = None;
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
    use crate::store::conformance::conformance;

    #[test]
    fn conforms() {
        assert_eq!(conformance(NoStore::new), Ok(()));
    }
}
