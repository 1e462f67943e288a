//! One seed from its beginning to its end, and the line that repeats it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::{
    rng::Rng,
    world::{Report, World},
};

/// Runs one seed.
///
/// # Errors
/// What went wrong, and the command that shows it again.
pub(crate) fn run(seed: u64, events: u64, trace: bool) -> Result<Report, String> {
    let outcome = catch_unwind(AssertUnwindSafe(|| World::new(Rng::new(seed), trace).run(events)));
    let (event, what) = match outcome {
        Ok(Ok(report)) => return Ok(report),
        Ok(Err((event, what))) => (event, what),
        Err(_) => (events, "panic".to_owned()),
    };
    Err(format!("event {event}: {what}\n  replay: cargo xtask sim --seed {seed} --events {events}"))
}
