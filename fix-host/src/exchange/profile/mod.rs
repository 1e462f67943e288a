//! Venue profiles: how a simulated venue behaves, and misbehaves, by a file in TOML.
//!
//! [`rules`] is what a file may say, [`parse`] reads one, [`judge`] decides what becomes of a request, and [`gate`], in
//! front of the venue, does it; [`course`] says what happens by schedule and by the clock; [`tamper`] spoils what the session
//! writes, on a [`faulty`] connection. Everything is drawn by a seed, so that a run can be repeated.

pub mod course;
pub mod faulty;
pub mod gate;
pub mod judge;
pub mod parse;
pub mod rules;
pub mod tamper;

pub use parse::{ProfileError, SHIPPED, load, names};
pub use rules::{Profile, What};
