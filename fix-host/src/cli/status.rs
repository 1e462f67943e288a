//! `fix-host status`: how the engine's sessions are.

use std::{
    io::{self, Write},
    process::ExitCode,
};

use clap::Args;
use serde_json::Value;

use super::{
    halt::words,
    remote::{Failure, Remote, RemoteArgs},
};

/// Say whether the running engine is logged on, and how each session is.
#[derive(Args, Debug)]
pub struct StatusArgs {
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    remote: RemoteArgs,
}

/// Runs the command.
pub fn run(args: &StatusArgs) -> ExitCode {
    match show(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.exit(),
    }
}

fn show(args: &StatusArgs) -> Result<(), Failure> {
    let status = Remote::open(&args.remote)?.status()?;
    let mut out = io::stdout().lock();
    if args.json {
        writeln!(out, "{status}")?;
        return Ok(());
    }
    writeln!(out, "{}", word(&status, "status"))?;
    for session in status.get("sessions").and_then(Value::as_array).into_iter().flatten() {
        writeln!(
            out,
            "{}  {}  next in {}, next out {}  {}",
            word(session, "session"),
            word(session, "status"),
            word(session, "nextIn"),
            word(session, "nextOut"),
            word(session, "detail"),
        )?;
        if let Some(halt) = session.get("halted").filter(|halt| halt.is_object()) {
            writeln!(out, "  {}", words(halt))?;
        }
    }
    Ok(())
}

fn word(value: &Value, key: &str) -> String {
    match value.get(key) {
        Some(Value::String(text)) => text.escape_debug().to_string(),
        Some(other) => other.to_string(),
        None => "-".to_owned(),
    }
}
