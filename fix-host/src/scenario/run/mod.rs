//! Plays a script: parties on a stage, in real time or in virtual time.

mod cast;
mod diff;
mod link;
mod orders;
mod party;
mod play;
mod raw;
mod rules;
mod session;
mod stage;
mod steps;
mod time;

#[cfg(test)]
mod tests;

pub use cast::{Against, Options, RunError};
pub use play::{Ids, play};
