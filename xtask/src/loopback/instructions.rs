//! User instructions of a server, counted by callgrind.

use std::{fs, path::Path};

use super::process::Process;
use crate::step;

/// True where they can be counted.
pub(super) fn can_be_counted() -> bool {
    step::has("valgrind")
}

/// What runs a program so that its instructions are counted; the count is in the log.
pub(super) fn counter(log: &Path) -> [String; 4] {
    [
        "valgrind".to_owned(),
        "--tool=callgrind".to_owned(),
        "--callgrind-out-file=/dev/null".to_owned(),
        format!("--log-file={}", log.display()),
    ]
}

/// Ends a process that was started that way, and returns its instructions, of all threads.
pub(super) fn count(process: Process, log: &Path) -> Result<f64, String> {
    process.stop()?;
    let text = fs::read_to_string(log).map_err(|error| format!("{}: {error}", log.display()))?;
    text.lines()
        .find_map(|line| line.split_once("Collected : "))
        .and_then(|(_, number)| number.trim().parse().ok())
        .ok_or_else(|| format!("{}: no count", log.display()))
}

/// Instructions for one order: the difference of two runs that differ in nothing but how many there are.
pub(super) fn an_order(run: impl Fn(u64) -> Result<f64, String>) -> Result<f64, String> {
    let (few, many) = (500, 2500);
    Ok((run(many)? - run(few)?) / (many - few) as f64)
}
