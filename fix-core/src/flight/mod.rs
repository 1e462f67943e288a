//! The flight recorder: all that went into an engine, and a check sum of each message that came out.
//!
//! An engine has no clock and no I/O, so what it did can be done again: [`Recorded`] stands around an engine and writes
//! each call with its time, each answer of the application and of the store, and the CRC-32 of each message written;
//! [`replay`] makes an engine of the first entry, feeds it the rest, and compares. One format for a Linux host, which
//! writes files, and for a board, which keeps the last minutes in a [`Ring`].
//!
//! # The format, version 1
//! Blocks ([`block`]), each with its length, its number and a CRC-32, whose payloads joined are a run of entries. An
//! entry is a byte that says what it is, and numbers and bytes behind it: a number has 7 bits a byte, low ones first, the
//! high bit set on all but the last; bytes have their length in front. [`Entry`] has them all, [`Start`] what a replay
//! begins with. A recording goes on after a new `Start` as if it began there.
//!
//! # Secrets
//! The values of the secret fields ([`is_secret`](crate::dict::is_secret)) are `x`, as many as the value has bytes, in what
//! is received and in what the application adds; CheckSum(10) is made to fit, and stays wrong if it was. What comes out
//! is masked alike before it is summed up, so a replay, which never knew the secrets, gives the same messages. Nothing
//! of a secret but its length is in the recording. All else is: whoever may read it can read the orders.

pub mod block;
mod crc;
mod cursor;
mod entry;
mod fingerprint;
mod joined;
mod mask;
mod notes;
mod number;
mod player;
mod recorded;
mod replay;
mod replay_store;
mod ring;
mod start;
mod tape;
mod taped_application;
mod taped_store;

pub use crc::Crc;
pub use entry::{Entry, Fault, Numbers, Reader, Time};
pub use fingerprint::fingerprint;
pub use joined::{Gap, Joined};
pub use recorded::Recorded;
pub use replay::{Difference, End, Replayed, Unready, World, replay};
pub use ring::{Fetch, Overtaken, Ring};
pub use start::Start;
pub use tape::Tape;
