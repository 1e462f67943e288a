//! What the long-running subcommands share.

use std::process::ExitCode;

use crate::{exit, service::error::ServiceError};

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
