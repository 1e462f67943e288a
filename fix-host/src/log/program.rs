//! The program's own log: what it does as a whole, on the standard error output.

use std::io::{self, IsTerminal};

use clap::ValueEnum;
use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt, util::SubscriberInitExt};

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
/// and information, then debugging, then everything; the variable `RUST_LOG` goes before it.
pub fn init(format: LogFormat, verbosity: u8) {
    let level = match verbosity {
        0 => "info",
        1 => "debug",
        _ => "trace",
    };
    // Libraries stay quiet a level longer.
    let default = if verbosity < 2 { format!("warn,fix_host={level}") } else { level.to_owned() };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default));
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
}
