//! What the long-running subcommands share.

use std::process::ExitCode;

use crate::{exit, service::error::ServiceError};

/// Starts the program's own log on standard error.
pub(super) fn start_log(verbose: u8) {
    let level = match verbose {
        0 => tracing::Level::INFO,
        1 => tracing::Level::DEBUG,
        _ => tracing::Level::TRACE,
    };
    tracing_subscriber::fmt().with_max_level(level).with_writer(std::io::stderr).with_target(false).init();
}

/// Runs a service to its end and gives the process's exit code.
pub(super) fn run(service: impl Future<Output = Result<(), ServiceError>>) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return exit::fail(exit::UNAVAILABLE, format!("cannot start: {error}")),
    };
    match runtime.block_on(service) {
        Ok(()) => ExitCode::from(exit::OK),
        Err(error) => exit::fail(error.code, error),
    }
}
