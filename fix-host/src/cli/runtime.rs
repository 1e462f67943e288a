//! What the long-running subcommands share.

use std::{env, process::ExitCode, str::FromStr, time::Duration};

use tokio::runtime::Builder;

use crate::{bus::RedisUrl, config::Settings, cores, exit, service::error::ServiceError};

/// How long what waits for a disk or a name server may still take at the end: neither answers sooner because the
/// process ends, and the end is promised within two seconds.
const LAST_FILES: Duration = Duration::from_millis(200);

/// Names the [`Runtime`] where the command line does not.
const VARIABLE: &str = "FIX_HOST_RUNTIME";

/// Which threads a service works on.
#[derive(clap::Args)]
pub(super) struct RuntimeArgs {
    /// Threads for sessions, HTTP and Redis: single, multi, or core:N
    ///
    /// single: one for all of them, which leaves the other cores alone. multi: one for each core, for what one core cannot
    /// carry and for disks that are waited for. core:N: one, bound to core N; log files, and files that
    /// are opened, have threads elsewhere. FIX_HOST_RUNTIME says it where this option does not. Without both it is multi if
    /// a session has FileStoreSync=Y, else single.
    #[arg(long, value_name = "THREADS")]
    runtime: Option<Runtime>,
}

/// Threads of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Runtime {
    /// One for all sessions.
    Single,
    /// One a core.
    Multi,
    /// One, bound to this core.
    Core(usize),
}

impl FromStr for Runtime {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let core = text.strip_prefix("core:").and_then(|core| core.parse().ok());
        match (text, core) {
            ("single", _) => Ok(Runtime::Single),
            ("multi", _) => Ok(Runtime::Multi),
            (_, Some(core)) => Ok(Runtime::Core(core)),
            _ => Err("must be single, multi, or core:N with the number of a core".to_owned()),
        }
    }
}

impl RuntimeArgs {
    /// What was asked for, or what suits these sessions.
    pub(super) fn of(&self, settings: &Settings) -> Result<Runtime, ServiceError> {
        let waits = settings.sessions.iter().any(|session| session.store.file_store_sync);
        Ok(self.chosen()?.unwrap_or(if waits { Runtime::Multi } else { Runtime::Single }))
    }

    /// What was asked for.
    pub(super) fn chosen(&self) -> Result<Option<Runtime>, ServiceError> {
        if self.runtime.is_some() {
            return Ok(self.runtime);
        }
        from_variable(&env::var_os(VARIABLE).unwrap_or_default().to_string_lossy())
    }
}

/// What the variable names; empty, as container files leave it, it names nothing.
fn from_variable(text: &str) -> Result<Option<Runtime>, ServiceError> {
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|error| ServiceError::configuration(format!("{VARIABLE}: {error}")))
}

/// Runs a service to its end on the threads of `runtime`, and gives the process's exit code.
pub(super) fn run(runtime: Runtime, service: impl Future<Output = Result<(), ServiceError>>) -> ExitCode {
    let mut builder = match runtime {
        Runtime::Single | Runtime::Core(_) => Builder::new_current_thread(),
        Runtime::Multi => Builder::new_multi_thread(),
    };
    if let Runtime::Core(core) = runtime {
        if let Err(error) = cores::bind(core) {
            return exit::fail(exit::CONFIGURATION, format!("runtime: {error}"));
        }
        builder.on_thread_start(cores::unbind);
    }
    let runtime = match builder.enable_all().build() {
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

/// Runs a service that is made of what its configuration says, if that is good.
pub(super) fn run_if<F>(made: Result<(Runtime, F), ServiceError>) -> ExitCode
where
    F: Future<Output = Result<(), ServiceError>>,
{
    match made {
        Ok((runtime, service)) => run(runtime, service),
        Err(error) => exit::fail(error.code, error),
    }
}

/// The Redis that `--redis-host` or `--redis-url` names; clap lets only one of them be given.
pub(super) fn redis(host: Option<&str>, url: Option<&str>) -> Result<Option<RedisUrl>, ServiceError> {
    let host = host.map(RedisUrl::from_host);
    let given = host.or_else(|| url.map(RedisUrl::parse)).transpose();
    given.map_err(ServiceError::configuration)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;

    #[test]
    fn an_empty_variable_names_no_runtime_and_a_wrong_one_is_named() {
        assert_eq!(from_variable("").unwrap(), None);
        assert_eq!(from_variable("core:3").unwrap(), Some(Runtime::Core(3)));
        assert!(from_variable("nonsense").unwrap_err().to_string().starts_with("FIX_HOST_RUNTIME: must be"));
    }

    fn settings(sync: &str) -> Settings {
        let text = format!(
            "[SESSION]\nConnectionType=acceptor\nBeginString=FIX.4.4\nSenderCompID=A\nTargetCompID=B\nSocketAcceptPort=1\n\
             FileStorePath=x\nFileStoreSync={sync}\n"
        );
        config::parse_bytes("test", text.as_bytes(), &config::System).unwrap()
    }

    #[test]
    fn where_the_disk_is_waited_for_it_holds_up_one_thread_of_several() {
        let of = |runtime, sync| RuntimeArgs { runtime }.of(&settings(sync)).unwrap();
        assert_eq!(of(None, "N"), Runtime::Single);
        assert_eq!(of(None, "Y"), Runtime::Multi);
        assert_eq!(of(Some(Runtime::Core(0)), "Y"), Runtime::Core(0));
    }

    #[test]
    fn threads_have_names() {
        assert_eq!("single".parse(), Ok(Runtime::Single));
        assert_eq!("multi".parse(), Ok(Runtime::Multi));
        assert_eq!("core:1".parse(), Ok(Runtime::Core(1)));
        for wrong in ["", "Single", "core", "core:", "core:-1", "core:x", "4"] {
            assert!(wrong.parse::<Runtime>().unwrap_err().starts_with("must be single"), "{wrong}");
        }
    }
}
