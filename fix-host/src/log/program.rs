//! The program's own log: what it does as a whole, on the standard error output.

use std::{
    io::{self, IsTerminal},
    str::FromStr,
};

use clap::ValueEnum;
use tracing_subscriber::{filter::Targets, fmt, layer::SubscriberExt, util::SubscriberInitExt};

/// The form of the program's log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, ValueEnum)]
pub enum LogFormat {
    /// One line of text for each event.
    #[default]
    Text,
    /// One JSON object for each event.
    Json,
}

/// Sets up the program's log, once in a process. `verbosity` counts the `-v` of the command line: warnings
/// and information, then debugging, then everything; the variable `RUST_LOG` (`warn,fix_host=debug`) goes before it.
pub fn init(format: LogFormat, verbosity: u8) {
    let level = match verbosity {
        0 => "info",
        1 => "debug",
        _ => "trace",
    };
    // Libraries stay quiet a level longer.
    let default = if verbosity < 2 { format!("warn,fix_host={level}") } else { level.to_owned() };
    let default = Targets::from_str(&default).unwrap_or_default();
    let asked = std::env::var("RUST_LOG").ok().filter(|asked| !asked.is_empty());
    let asked =
        asked.map(|asked| Targets::from_str(&asked).map_err(|error| format!("RUST_LOG={asked:?}: {error}")));
    let (filter, refused) = match asked {
        Some(Ok(filter)) => (filter, None),
        Some(Err(refused)) => (default, Some(refused)),
        None => (default, None),
    };
    let registry = tracing_subscriber::registry().with(filter);
    // A second call (from a test, say) keeps the first subscriber.
    // A terminal that is closed takes no lines; to say so on it would be the next failure.
    let layer = fmt::layer().with_writer(io::stderr).log_internal_errors(false);
    let _ = match format {
        LogFormat::Text => {
            // Colours are for a terminal; in a file or a journal they are noise (https://no-color.org).
            let plain = std::env::var_os("NO_COLOR").is_some_and(|set| !set.is_empty());
            let ansi = io::stderr().is_terminal() && !plain;
            registry.with(layer.with_target(false).with_ansi(ansi)).try_init()
        }
        LogFormat::Json => registry.with(layer.json().flatten_event(true)).try_init(),
    };
    if let Some(refused) = refused {
        tracing::warn!("{refused}; write e.g. RUST_LOG=warn,fix_host=debug");
    }
}
