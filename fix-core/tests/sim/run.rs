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
    let again = |what| format!("{what}\n  replay: cargo xtask sim --seed {seed} --events {events}");
    finish(Rng::new(seed), events, trace).map_err(again)
}

/// Runs an input of the fuzz target `pair`, which decides everything with its bytes.
///
/// # Errors
/// What went wrong.
pub(crate) fn script(bytes: &[u8], trace: bool) -> Result<Report, String> {
    finish(Rng::scripted(bytes), bytes.len() as u64 / 2, trace)
}

fn finish(rng: Rng, events: u64, trace: bool) -> Result<Report, String> {
    match catch_unwind(AssertUnwindSafe(|| World::new(rng, trace).run(events))) {
        Ok(Ok(report)) => Ok(report),
        Ok(Err((event, what))) => Err(format!("event {event}: {what}")),
        Err(_) => Err(format!("event {events}: panic")),
    }
}
