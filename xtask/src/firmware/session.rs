//! What codec and session together cost on a Cortex-M4: flash, RAM of a session beside its buffers, instructions of an
//! order and of a report. Built as for a board: without a dictionary, ids of 32 bytes.

use std::path::Path;

use super::{
    codec::{counted, figure, panic_free},
    size::{Sizes, bound},
};
use crate::step::Outcome;

/// Bounds that a change may not exceed unseen. The goal for flash is 20 KiB, which is missed.
const MOST_FLASH: u64 = 52_500;
/// The goal.
const MOST_RAM: u32 = 1_536;
/// From the order to its bytes, kept to be sent again.
const MOST_ORDER: u32 = 10_300;
/// From the bytes of a report to what the application reads of it. The goal is 12,000.
const MOST_REPORT: u32 = 10_400;

/// Holds the programs of `fix-embedded/measure` against the bounds.
pub(crate) fn run(programs: &Path) -> Outcome {
    let counts = counted(&programs.join("count_session"))?;
    print!("{counts}");
    bound("an order through the session", figure(&counts, "session order")?, MOST_ORDER)?;
    bound("a report through the session", figure(&counts, "session report")?, MOST_REPORT)?;
    bound("RAM of a session", figure(&counts, "session RAM")?, MOST_RAM)?;
    let session = programs.join("session");
    let flash = Sizes::of(&session)?.flash.saturating_sub(Sizes::of(&programs.join("baseline"))?.flash);
    println!("codec and session together: {flash} bytes of flash");
    bound("flash of codec and session", flash, MOST_FLASH)?;
    panic_free(&session)
}
