//! Where a session's sent messages and sequence numbers live on this host.
//!
//! [`JournalStore`] is the store of every production session: an append-only journal in segment files. Below
//! it stand, each ignorant of the one above: [`disk`] (what is asked of a file system, and the real one),
//! `record` (bytes and checksums), `segment` (a file of records), `index` (number to place) and `recovery`
//! (what is believed after a crash).

mod chain;
pub mod disk;
mod entries;
mod entry_reader;
mod error;
mod index;
mod inspect;
mod journal;
mod listing;
mod mark;
mod memory;
mod memory_entries;
mod name;
pub mod quickfix;
mod reader;
mod record;
mod recovery;
mod repair;
mod reserve;
mod salvage;
mod segment;
mod window;

pub use entries::{Consumer, Content, Entries, Entry, Keeps, Position};
pub use error::OpenError;
pub use inspect::{Inspection, Way, sessions};
pub use journal::{Failure, JournalOptions, JournalStore};
pub use mark::{Evidence, MARK_EVERY, Mark, Marker, boot_id, turn, turns};
pub use memory::MemoryStore;
pub use name::SessionName;
pub use recovery::Recovered;
pub use repair::{RepairError, Repaired, repair};
pub use reserve::Reserves;
