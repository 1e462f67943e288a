//! What every store must do, as one function to run against it from a test.

use core::fmt;

use super::{MessageStore, StoreError};
use crate::time::UtcTimestamp;

/// What a store does not do as the trait says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Failure {
    /// The named rule does not hold.
    Rule(&'static str),
    /// A call failed that must not.
    Store(StoreError),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Rule(rule) => f.write_str(rule),
            Failure::Store(error) => fmt::Display::fmt(error, f),
        }
    }
}

impl core::error::Error for Failure {}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Failure::Store(error)
    }
}

/// Runs all rules; `make` returns a new, empty store each time. Messages are under 64 bytes, four at most
/// are expected back (fewer if [`MessageStore::capacity`] says so).
///
/// ```
/// use fix_core::{NoStore, store::conformance::conformance};
///
/// assert_eq!(conformance(NoStore::new), Ok(()));
/// ```
///
/// # Errors
/// The first [`Failure`].
pub fn conformance<S: MessageStore>(mut make: impl FnMut() -> S) -> Result<(), Failure> {
    new_store_begins_at_one(make())?;
    numbers_are_independent(make())?;
    messages_come_back_byte_for_byte(make())?;
    what_was_never_sent_is_not_there(make())?;
    buffer_too_small_is_said(make())?;
    numbers_may_jump(make())?;
    what_is_kept_for_readers_changes_no_number(make())?;
    reset_forgets(make())?;
    a_reset_that_only_one_side_knows_of_is_marked(make())
}

fn rule(holds: bool, rule: &'static str) -> Result<(), Failure> {
    if holds { Ok(()) } else { Err(Failure::Rule(rule)) }
}

fn new_store_begins_at_one(store: impl MessageStore) -> Result<(), Failure> {
    rule(store.next_out() == 1, "next_out of a new store is 1")?;
    rule(store.next_in() == Some(1), "next_in of a new store is 1")
}

fn numbers_are_independent(mut store: impl MessageStore) -> Result<(), Failure> {
    store.set_next_in(7)?;
    rule((store.next_in(), store.next_out()) == (Some(7), 1), "set_next_in leaves next_out alone")?;
    store.append(1, b"one")?;
    rule(store.next_out() == 2, "append moves next_out on by one")?;
    rule(store.next_in() == Some(7), "append leaves next_in alone")?;
    store.flush()?;
    rule((store.next_in(), store.next_out()) == (Some(7), 2), "flush changes no number")?;
    store.refresh()?;
    rule((store.next_in(), store.next_out()) == (Some(7), 2), "refresh reads what flush made durable")
}

fn messages_come_back_byte_for_byte(mut store: impl MessageStore) -> Result<(), Failure> {
    const MESSAGES: [&[u8]; 4] = [b"8=FIX.4.4\x01one", b"\x00\xff\n", b"8=FIX.4.4\x01three", b"4"];
    for (number, message) in (1..).zip(MESSAGES) {
        store.append(number, message)?;
    }
    store.flush()?;
    let kept = store.capacity().min(4);
    for (number, message) in (1..).zip(MESSAGES) {
        let mut buffer = [0xAA; 64];
        let expected = 4u64.saturating_sub(number) < kept;
        match store.read(number, &mut buffer)? {
            Some(len) => {
                rule(buffer.get(..len) == Some(message), "read returns the bytes of append")?;
                let rest = buffer.get(len..).unwrap_or_default();
                rule(rest.iter().all(|byte| *byte == 0xAA), "read writes no byte beyond the message")?;
            }
            None => rule(!expected, "the newest messages, as many as capacity says, are kept")?,
        }
    }
    Ok(())
}

fn what_was_never_sent_is_not_there(mut store: impl MessageStore) -> Result<(), Failure> {
    let mut buffer = [0; 64];
    rule(store.read(1, &mut buffer)?.is_none(), "an empty store has no message")?;
    store.append(1, b"one")?;
    rule(store.read(2, &mut buffer)?.is_none(), "the next number has no message")?;
    rule(store.read(0, &mut buffer)?.is_none(), "number 0 has no message")
}

fn buffer_too_small_is_said(mut store: impl MessageStore) -> Result<(), Failure> {
    store.append(1, b"a message")?;
    if store.capacity() == 0 {
        return Ok(());
    }
    let small = store.read(1, &mut [0; 4]);
    rule(small == Err(StoreError::TooLarge), "read says TooLarge if the buffer is too small")?;
    rule(store.read(1, &mut [0; 9])? == Some(9), "a buffer of just the size is enough")
}

fn numbers_may_jump(mut store: impl MessageStore) -> Result<(), Failure> {
    store.append(1, b"one")?;
    store.set_next_out(100)?;
    store.append(100, b"hundred")?;
    rule(store.next_out() == 101, "append goes on from the number that was set")?;
    let mut buffer = [0; 64];
    rule(store.read(50, &mut buffer)?.is_none(), "a number that was jumped over has no message")?;
    let first_kept = if store.capacity() > 0 { 100 } else { 101 };
    rule((50..=first_kept).contains(&store.next_to_resend(50)), "next_to_resend passes no kept message by")?;
    rule(
        store.next_to_resend(100) == 100 || store.capacity() == 0,
        "next_to_resend stops at a kept message",
    )?;
    rule(store.next_to_resend(101) == 101, "next_to_resend does not go beyond next_out")?;
    if store.capacity() > 0 {
        rule(store.read(100, &mut buffer)? == Some(7), "the message after the jump is kept")?;
    }
    Ok(())
}

fn what_is_kept_for_readers_changes_no_number(mut store: impl MessageStore) -> Result<(), Failure> {
    store.append(1, b"one")?;
    store.received(7, b"received")?;
    store.own_report(b"report")?;
    rule(
        (store.next_in(), store.next_out()) == (Some(1), 2),
        "received and own_report leave both numbers alone",
    )?;
    store.append(2, b"two")?;
    store.flush()?;
    store.refresh()?;
    rule(
        (store.next_in(), store.next_out()) == (Some(1), 3),
        "received and own_report leave both numbers alone",
    )?;
    let mut buffer = [0; 64];
    rule(store.read(7, &mut buffer)?.is_none(), "a received message is not one that was sent")?;
    if store.capacity() > 0 {
        rule(store.read(2, &mut buffer)? == Some(3), "the message after a received one is kept")?;
    }
    Ok(())
}

fn reset_forgets(mut store: impl MessageStore) -> Result<(), Failure> {
    store.append(1, b"one")?;
    store.set_next_in(9)?;
    let now = UtcTimestamp::from_unix(1_700_000_000, 0);
    store.reset(now)?;
    rule((store.next_in(), store.next_out()) == (Some(1), 1), "after reset both numbers are 1")?;
    rule(store.creation_time() == Some(now), "reset sets the creation time")?;
    rule(store.read(1, &mut [0; 64])?.is_none(), "reset forgets the messages")?;
    store.append(1, b"new")?;
    store.flush()?;
    rule(store.next_out() == 2, "a store can be used after reset")
}

fn a_reset_that_only_one_side_knows_of_is_marked(mut store: impl MessageStore) -> Result<(), Failure> {
    store.append(1, b"one")?;
    store.set_next_in(9)?;
    let now = UtcTimestamp::from_unix(1_700_000_000, 0);
    store.reset_one_side(now)?;
    rule(
        (store.next_in(), store.next_out()) == (None, 1),
        "after reset_one_side next_in is None and next_out is 1",
    )?;
    rule(store.creation_time() == Some(now), "reset_one_side sets the creation time")?;
    rule(store.read(1, &mut [0; 64])?.is_none(), "reset_one_side forgets the messages")?;
    store.append(1, b"new")?;
    store.flush()?;
    store.refresh()?;
    rule((store.next_in(), store.next_out()) == (None, 2), "the mark stays until a number is set")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::NoStore;

    /// A store that breaks one rule.
    struct Forgetful(NoStore);

    impl MessageStore for Forgetful {
        fn next_out(&self) -> u64 {
            self.0.next_out()
        }
        fn next_in(&self) -> Option<u64> {
            self.0.next_in()
        }
        fn set_next_out(&mut self, number: u64) -> Result<(), StoreError> {
            self.0.set_next_out(number)
        }
        fn set_next_in(&mut self, number: u64) -> Result<(), StoreError> {
            self.0.set_next_in(number)
        }
        fn append(&mut self, number: u64, message: &[u8]) -> Result<(), StoreError> {
            self.0.append(number, message)
        }
        fn read(&mut self, number: u64, buffer: &mut [u8]) -> Result<Option<usize>, StoreError> {
            self.0.read(number, buffer)
        }
        fn reset(&mut self, now: UtcTimestamp) -> Result<(), StoreError> {
            self.0.reset(now)
        }
        fn reset_one_side(&mut self, now: UtcTimestamp) -> Result<(), StoreError> {
            self.0.reset_one_side(now)
        }
        fn creation_time(&self) -> Option<UtcTimestamp> {
            self.0.creation_time()
        }
        fn flush(&mut self) -> Result<(), StoreError> {
            self.0.flush()
        }
    }

    #[test]
    fn a_store_that_claims_to_keep_and_does_not_is_found_out() {
        assert_eq!(
            conformance(|| Forgetful(NoStore::new())),
            Err(Failure::Rule("the newest messages, as many as capacity says, are kept"))
        );
    }
}
