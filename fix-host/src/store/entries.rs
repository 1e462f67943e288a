//! What a session's store keeps for readers beside the session: every message received and delivered, and every
//! report that the engine made itself.
//!
//! A reader (Redis, the HTTP history) reads entry by entry and says how far it has come; the store keeps what it
//! was not told yet, also through resets of the sequence numbers and restarts of the engine.

use fix_core::store::{MessageStore, StoreError};

/// Where an entry stands among all that a store ever kept. Positions only grow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position(u64);

impl Position {
    /// Before the first entry.
    pub const START: Position = Position(0);

    /// As a number, for a reader that keeps it elsewhere.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The record at `offset` of `segment`.
    pub(crate) const fn of_record(segment: u32, offset: u32) -> Self {
        Position((segment as u64) << 32 | offset as u64)
    }

    pub(crate) const fn segment(self) -> u32 {
        (self.0 >> 32) as u32
    }

    pub(crate) const fn offset(self) -> u32 {
        self.0 as u32
    }
}

impl From<u64> for Position {
    fn from(number: u64) -> Self {
        Position(number)
    }
}

/// A reader that must hear of every entry, once at least.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consumer {
    /// The reports in Redis.
    Redis,
}

impl Consumer {
    /// How many there are.
    pub(crate) const COUNT: usize = 1;

    pub(crate) const fn index(self) -> usize {
        match self {
            Consumer::Redis => 0,
        }
    }

    pub(crate) const fn from_index(index: u8) -> Option<Self> {
        match index {
            0 => Some(Consumer::Redis),
            _ => None,
        }
    }

    /// Its name for people.
    pub const fn name(self) -> &'static str {
        match self {
            Consumer::Redis => "Redis",
        }
    }
}

/// One entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry<'b> {
    /// Where it stands; to go on behind it.
    pub position: Position,
    /// What it is.
    pub content: Content<'b>,
}

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content<'b> {
    /// A message of the counterparty's that was delivered: an application message or a Reject(3). One that comes
    /// again after a crash has the same epoch and number.
    Received {
        /// How often the counterparty's numbers began again before; with the number it names one message.
        epoch: u64,
        /// MsgSeqNum(34).
        msg_seq_num: u64,
        /// Its bytes.
        message: &'b [u8],
    },
    /// A report that the engine made itself.
    Own {
        /// Counts these from 1; no reset of the sequence numbers changes it.
        number: u64,
        /// As the application gave it.
        report: &'b [u8],
    },
}

/// What outlives a reset of the sequence numbers. The default is nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Keeps {
    /// The last entries, so many at least, whoever was told of them.
    pub history: usize,
    /// Every entry that one of these was not told of.
    pub consumers: &'static [Consumer],
}

/// A store that keeps entries. See the module's header.
pub trait Entries: MessageStore {
    /// The first flushed entry after `after`, in `buffer`; `None` if there is none yet. Reading on and on searches
    /// nothing and takes no more memory than the largest entry.
    ///
    /// # Errors
    /// [`StoreError`].
    fn next_entry<'b>(
        &mut self,
        after: Position,
        buffer: &'b mut Vec<u8>,
    ) -> Result<Option<Entry<'b>>, StoreError>;

    /// A position behind which the last `count` entries stand, and maybe some before them.
    fn before_last(&self, count: usize) -> Position;

    /// Where the last flushed entry stands; [`Position::START`] if there is none.
    fn last_entry(&self) -> Position;

    /// Notes that `consumer` has every entry up to `position` itself. It is on disk with the next flush; a crash
    /// before that means that some are told again.
    ///
    /// # Errors
    /// [`StoreError`].
    fn told(&mut self, consumer: Consumer, position: Position) -> Result<(), StoreError>;

    /// The last entry that `consumer` is known to have; [`Position::START`] if none.
    fn told_up_to(&self, consumer: Consumer) -> Position;
}
