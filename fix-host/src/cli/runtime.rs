//! What the long-running subcommands share.

use std::{process::ExitCode, time::Duration};

use crate::{bus::RedisUrl, exit, service::error::ServiceError};

/// How long what waits for a disk or a name server may still take at the end: neither answers sooner because the
/// process ends, and the end is promised within two seconds.
const LAST_FILES: Duration = Duration::from_millis(200);

/// Runs a service to its end and gives the process's exit code.
pub(super) fn run(service: impl Future<Output = Result<(), ServiceError>>) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return exit::fail(exit::UNAVAILABLE, format!("cannot start: {error}")),
    };
    let outcome = runtime.block_on(service);
    runtime.shutdown_timeout(LAST_FILES);
    match outcome {
        Ok(()) => ExitCode::from(exit::OK),
        Err(error) => exit::fail(error.code, error),
    }
}

/// The Redis that `--redis-host` or `--redis-url` names; clap lets only one of them be given.
pub(super) fn redis(host: Option<&str>, url: Option<&str>) -> Result<Option<RedisUrl>, ServiceError> {
    let host = host.map(RedisUrl::from_host);
    let given = host.or_else(|| url.map(RedisUrl::parse)).transpose();
    given.map_err(ServiceError::configuration)
}
