//! The flight recorder on disk: `FlightRecorder=FILE` of a session, written beside it by a thread, and read again.
//!
//! What is recorded, and in which format, is [`fix_core::flight`]'s; here are the files.

mod again;
mod file;
mod read;
mod tape;

pub use again::{Again, again, time};
pub use read::Recording;
pub use tape::FileTape;
