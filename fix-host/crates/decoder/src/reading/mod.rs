//! FIX messages in any text: a log, a pipe, what somebody pasted.
//!
//! Does no I/O: text comes in as bytes, in pieces of any size, and messages come out. Every byte of the text is
//! either part of a message, where it can be shown, or counted as standing beside the messages ([`Beside`]).
//!
//! [`Reader`] finds the messages; [`Pieces`] splits one into its fields, malformed ones too; [`Nesting`] says in
//! which entry of which repeating group a field stands; [`logged_at`] reads the time of a log line.

mod begin;
mod escapes;
mod head;
mod judge;
mod logged_at;
mod nesting;
mod pieces;
mod reader;
mod secrets;
mod separated;
mod trailer;
mod utf16;
mod version;

#[cfg(test)]
mod oracle;
#[cfg(test)]
mod tests;

pub use logged_at::logged_at;
pub use nesting::{Entry, Nesting, Place};
pub use pieces::{Flaw, Piece, Pieces};
pub use reader::{Beside, DataFields, Found, Message, Progress, Reader};
pub use secrets::Secrets;
pub use trailer::problem_of_fields;
pub use utf16::Utf16;
pub use version::Version;
