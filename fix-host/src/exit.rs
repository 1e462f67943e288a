//! Exit codes of the program, after sysexits where they fit.

use std::{process::ExitCode, sync::LazyLock};

use crate::dictionary::{SpecError, Warnings};

/// All well.
pub const OK: u8 = 0;
/// An order was rejected, or nothing matched.
pub const REJECTED: u8 = 1;
/// Wrong arguments (clap's own code too).
pub const USAGE: u8 = 2;
/// A load or a scenario could not be run: nothing is known of what it was to show.
pub const COULD_NOT_RUN: u8 = 3;
/// The engine, Redis or the counterparty cannot be reached.
pub const UNAVAILABLE: u8 = 69;
/// A defect: the application or the engine panicked.
pub const SOFTWARE: u8 = 70;
/// The message store or another file failed.
pub const STORE_IO: u8 = 74;
/// No answer in time, or stopped with reports still due to Redis.
pub const TIME_OUT: u8 = 75;
/// Refused for want of the right token or credentials.
pub const AUTHENTICATION: u8 = 77;
/// The configuration is wrong.
pub const CONFIGURATION: u8 = 78;
/// Ended by SIGINT during a client command.
pub const INTERRUPTED: u8 = 130;

/// Prints what is odd in a dictionary, then what is wrong with it. With `strict` what is odd is wrong.
///
/// # Errors
/// The exit code, if the dictionary is not to be used.
pub fn judged<T>(outcome: Result<T, SpecError>, warnings: &Warnings, strict: bool) -> Result<T, ExitCode> {
    let kind = if strict { "" } else { "warning: " };
    for line in warnings.lines() {
        eprintln!("fix-host: {kind}{line}");
    }
    match outcome {
        Err(error) => Err(fail(CONFIGURATION, error)),
        Ok(_) if strict && !warnings.is_empty() => Err(ExitCode::from(CONFIGURATION)),
        Ok(dictionary) => Ok(dictionary),
    }
}

/// The program as it was started, for hints that can be typed as they are: `target/release/fix-host`.
#[must_use]
pub fn program() -> &'static str {
    static PROGRAM: LazyLock<String> = LazyLock::new(|| {
        let name = std::env::args_os().next().map(|name| name.to_string_lossy().into_owned());
        // A name that a line cannot show, or a shell not read as one word, is no help.
        let is_plain = |name: &String| {
            !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || "/._-+~".contains(c))
        };
        name.filter(is_plain).unwrap_or_else(|| "fix-host".to_owned())
    });
    &PROGRAM
}

/// Prints one line to standard error and gives the exit code.
pub fn fail(code: u8, message: impl std::fmt::Display) -> ExitCode {
    eprintln!("fix-host: {message}");
    ExitCode::from(code)
}
