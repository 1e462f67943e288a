//! Where sent messages and the two sequence numbers are kept.

use core::fmt;

pub mod conformance;
pub mod none;
pub mod ring;

pub use none::NoStore;
pub use ring::RingStore;

use crate::{ascii::SOH, time::UtcTimestamp};

/// Why a store could not do as asked. After [`StoreError::Io`] a session sends nothing more: what the store
/// may have lost must not become visible to the counterparty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum StoreError {
    /// The medium failed; the text names the operation.
    Io(&'static str),
    /// What was stored is not what comes back (bit rot, a foreign file).
    Corrupt(&'static str),
    /// A message is larger than the store or the caller's buffer can take.
    TooLarge,
    /// The medium is full; see [`MessageStore::is_full`].
    Full,
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StoreError::Io(what) => write!(f, "message store: {what} failed"),
            StoreError::Corrupt(what) => write!(f, "message store: {what} is corrupt"),
            StoreError::TooLarge => f.write_str("message store: the message is too large"),
            StoreError::Full => f.write_str("message store: the disk is full; make room and start again"),
        }
    }
}

impl core::error::Error for StoreError {}

/// What stands before BodyLength(9) in nearly all messages: it is not searched for.
pub(crate) const USUAL_HEAD: &[u8] = b"8=FIX.4.4\x019=";

/// True of an administrative message that a resend always replaces by a gap fill: any but a Reject(3).
pub fn is_never_resent(message: &[u8]) -> bool {
    // MsgType(35) is the third field: `8=..|9=..|35=A|`.
    let (rest, before) = match message.strip_prefix(USUAL_HEAD) {
        Some(rest) => (rest, 1),
        None => (message, 2),
    };
    let mut fields = rest.split(|byte| *byte == SOH);
    matches!(fields.nth(before), Some([b'3', b'5', b'=', b'0' | b'1' | b'2' | b'4' | b'5' | b'A']))
}

/// A message store: the sent messages of one session, by number, and both sequence numbers. A store may also keep
/// what was received and what the application reported, see [`received`](Self::received).
///
/// Numbers start at 1. `append` is cheap and may stay in memory; after `flush` returns, all that went before
/// survives what the store promises to survive. The engine flushes before bytes become visible for writing
/// (persist, then send), so many messages share one flush.
pub trait MessageStore {
    /// MsgSeqNum(34) of the next message to send.
    fn next_out(&self) -> u64;

    /// MsgSeqNum(34) expected next from the counterparty; `None` from [`reset_one_side`](Self::reset_one_side) until
    /// a number is set.
    fn next_in(&self) -> Option<u64>;

    /// Sets the next number to send (SequenceReset, administration).
    ///
    /// # Errors
    /// [`StoreError`]; the number is then unchanged.
    fn set_next_out(&mut self, number: u64) -> Result<(), StoreError>;

    /// Sets the number expected next.
    ///
    /// # Errors
    /// [`StoreError`]; the number is then unchanged.
    fn set_next_in(&mut self, number: u64) -> Result<(), StoreError>;

    /// Keeps a sent message under `number`, which is [`next_out`](Self::next_out), and moves that on by one.
    ///
    /// # Errors
    /// [`StoreError`]; no number is consumed then.
    fn append(&mut self, number: u64, message: &[u8]) -> Result<(), StoreError>;

    /// Copies the message kept under `number` to the front of `buffer` and returns its length; `None` if it
    /// is not kept (never sent, overwritten, or a store without memory).
    ///
    /// # Errors
    /// [`StoreError::TooLarge`] if `buffer` is too small, or a failure of the medium.
    fn read(&mut self, number: u64, buffer: &mut [u8]) -> Result<Option<usize>, StoreError>;

    /// Keeps a received message for whoever must hear of it after a crash: an application message or a Reject(3),
    /// which counts next under `number`. It is durable with the number that counts it, so a message that will not
    /// be asked for again is here. Received again after a crash, it comes again under the same number.
    ///
    /// Stores that serve nobody but the session do nothing.
    ///
    /// # Errors
    /// [`StoreError`]; the message is then not delivered and does not count.
    fn received(&mut self, _number: u64, _message: &[u8]) -> Result<(), StoreError> {
        Ok(())
    }

    /// Keeps a report that the application made itself (that an order was not resent), for the same readers.
    ///
    /// # Errors
    /// [`StoreError`].
    fn own_report(&mut self, _report: &[u8]) -> Result<(), StoreError> {
        Ok(())
    }

    /// Where a resend goes on looking: of the numbers from `number` up to the one returned, none is kept, or all
    /// are administrative messages that no resend sends again ([`is_never_resent`]). At most
    /// [`next_out`](Self::next_out), at least `number`. A store that knows makes a gap fill of any length one step.
    fn next_to_resend(&self, number: u64) -> u64 {
        number
    }

    /// How many of the newest messages are sure to be kept: a resend holds back no more new ones than that.
    fn capacity(&self) -> u64 {
        u64::MAX
    }

    /// Forgets all messages; both numbers become 1 and the session's creation time `now`.
    ///
    /// # Errors
    /// [`StoreError`]; the store is then unchanged or to be reset again.
    fn reset(&mut self, now: UtcTimestamp) -> Result<(), StoreError>;

    /// As [`reset`](Self::reset) in one step, but the counterparty does not know yet: `next_in` becomes `None`
    /// until it has answered. A session that finds that after a restart tells again.
    ///
    /// # Errors
    /// As [`reset`](Self::reset).
    fn reset_one_side(&mut self, now: UtcTimestamp) -> Result<(), StoreError>;

    /// When the session's numbers last began at 1; `None` for a new store.
    fn creation_time(&self) -> Option<UtcTimestamp>;

    /// Makes all that was appended and set durable, as far as this store promises.
    ///
    /// # Errors
    /// [`StoreError::Io`]; never retried.
    fn flush(&mut self) -> Result<(), StoreError>;

    /// True once the medium is full and only what a store has set aside for its end is left: all that was
    /// appended is as durable as promised, and a Logout still fits. The session ends with one.
    fn is_full(&self) -> bool {
        false
    }

    /// Reads the numbers again from the medium (RefreshOnLogon); a store that is the only writer does nothing.
    ///
    /// # Errors
    /// [`StoreError`].
    fn refresh(&mut self) -> Result<(), StoreError> {
        Ok(())
    }
}
