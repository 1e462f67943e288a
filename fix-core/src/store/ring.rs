//! A store in memory that keeps the newest messages: for boards, simulators and tests.

use super::{MessageStore, StoreError};
use crate::time::{Precision, UtcTimestamp};

/// Keeps the last `MESSAGES` sent messages of up to `BYTES` bytes each; takes `MESSAGES * (BYTES + 10)`
/// bytes or so. What is older is answered by a gap fill. Survives a lost connection, not a lost power.
///
/// ```
/// use fix_core::{MessageStore, RingStore};
///
/// let mut store = RingStore::<2, 64>::new();
/// for number in 1..=3 {
///     store.append(number, b"a message")?;
/// }
/// let mut buffer = [0; 64];
/// assert_eq!(store.read(1, &mut buffer)?, None, "the oldest made room");
/// assert_eq!((store.read(3, &mut buffer)?, store.next_out()), (Some(9), 4));
/// # Ok::<(), fix_core::StoreError>(())
/// ```
#[derive(Clone)]
pub struct RingStore<const MESSAGES: usize, const BYTES: usize> {
    slots: [Slot<BYTES>; MESSAGES],
    // A new store is zeros only, so that a static one takes no flash of a board for what it begins with.
    last_out: u64,
    last_in: u64,
    /// [`reset_one_side`](MessageStore::reset_one_side): the number expected next is not known.
    is_next_in_unknown: bool,
    has_creation_time: bool,
    creation_time: UtcTimestamp,
}

#[derive(Clone, Copy)]
struct Slot<const BYTES: usize> {
    /// 0: nothing kept.
    number: u64,
    len: u16,
    bytes: [u8; BYTES],
}

impl<const BYTES: usize> Slot<BYTES> {
    const EMPTY: Self = Slot { number: 0, len: 0, bytes: [0; BYTES] };
}

impl<const MESSAGES: usize, const BYTES: usize> RingStore<MESSAGES, BYTES> {
    /// A new store; both numbers are 1. `BYTES` is at most 65,535.
    pub const fn new() -> Self {
        const { assert!(MESSAGES > 0 && BYTES <= u16::MAX as usize) };
        RingStore {
            slots: [Slot::EMPTY; MESSAGES],
            last_out: 0,
            last_in: 0,
            is_next_in_unknown: false,
            has_creation_time: false,
            creation_time: UtcTimestamp::UNIX_EPOCH.with_precision(Precision::Seconds),
        }
    }

    /// Where `number` is kept while it is.
    fn slot(&mut self, number: u64) -> Option<&mut Slot<BYTES>> {
        let index = number.checked_rem(MESSAGES as u64)?;
        self.slots.get_mut(usize::try_from(index).ok()?)
    }
}

impl<const MESSAGES: usize, const BYTES: usize> Default for RingStore<MESSAGES, BYTES> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const MESSAGES: usize, const BYTES: usize> MessageStore for RingStore<MESSAGES, BYTES> {
    fn next_out(&self) -> u64 {
        self.last_out.wrapping_add(1)
    }

    fn next_in(&self) -> Option<u64> {
        (!self.is_next_in_unknown).then_some(self.last_in.wrapping_add(1))
    }

    fn set_next_out(&mut self, number: u64) -> Result<(), StoreError> {
        self.last_out = number.wrapping_sub(1);
        Ok(())
    }

    fn set_next_in(&mut self, number: u64) -> Result<(), StoreError> {
        self.last_in = number.wrapping_sub(1);
        self.is_next_in_unknown = false;
        Ok(())
    }

    fn append(&mut self, number: u64, message: &[u8]) -> Result<(), StoreError> {
        let len = u16::try_from(message.len()).map_err(|_| StoreError::TooLarge)?;
        let slot = self.slot(number).ok_or(StoreError::TooLarge)?;
        slot.bytes.get_mut(..message.len()).ok_or(StoreError::TooLarge)?.copy_from_slice(message);
        (slot.number, slot.len) = (number, len);
        self.last_out = number;
        Ok(())
    }

    fn read(&mut self, number: u64, buffer: &mut [u8]) -> Result<Option<usize>, StoreError> {
        if number >= self.next_out() {
            return Ok(None);
        }
        let Some(slot) = self.slot(number).filter(|slot| slot.number == number && number != 0) else {
            return Ok(None);
        };
        let message = slot.bytes.get(..slot.len.into()).unwrap_or_default();
        buffer.get_mut(..message.len()).ok_or(StoreError::TooLarge)?.copy_from_slice(message);
        Ok(Some(message.len()))
    }

    fn next_to_resend(&self, number: u64) -> u64 {
        let kept = self.slots.iter().map(|slot| slot.number);
        let next = kept.filter(|kept| (number..self.next_out()).contains(kept)).min();
        next.unwrap_or(number.max(self.next_out()))
    }

    fn capacity(&self) -> u64 {
        MESSAGES as u64
    }

    fn reset(&mut self, now: UtcTimestamp) -> Result<(), StoreError> {
        for slot in &mut self.slots {
            slot.number = 0;
        }
        (self.last_out, self.last_in, self.is_next_in_unknown) = (0, 0, false);
        (self.has_creation_time, self.creation_time) = (true, now);
        Ok(())
    }

    fn reset_one_side(&mut self, now: UtcTimestamp) -> Result<(), StoreError> {
        self.reset(now)?;
        self.is_next_in_unknown = true;
        Ok(())
    }

    fn creation_time(&self) -> Option<UtcTimestamp> {
        self.has_creation_time.then_some(self.creation_time)
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
        assert_eq!(conformance(RingStore::<4, 64>::new), Ok(()));
    }

    #[test]
    fn the_oldest_is_overwritten_and_a_message_too_large_consumes_no_number() {
        let mut store = RingStore::<2, 8>::new();
        for (number, message) in [(1, b"one"), (2, b"two"), (3, b"thr")] {
            store.append(number, message).unwrap();
        }
        assert_eq!(store.append(4, b"123456789"), Err(StoreError::TooLarge));
        assert_eq!(store.next_out(), 4);
        let mut buffer = [0; 8];
        assert_eq!(store.read(1, &mut buffer), Ok(None));
        assert_eq!(store.read(2, &mut buffer), Ok(Some(3)));
        assert_eq!(&buffer[..3], b"two");
    }
}
