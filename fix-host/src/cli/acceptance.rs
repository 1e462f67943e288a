//! `fix-host acceptance-server` and `acceptance-client`: what a session conformance runner plays against.

use std::process::ExitCode;

use super::runtime::{self, Runtime};
use crate::{conformance, service::shutdown};

/// Where the runner is.
#[derive(clap::Args)]
pub struct AcceptanceArgs {
    /// TCP port on 127.0.0.1
    #[arg(long)]
    port: u16,
}

/// Serves the acceptance sessions.
pub fn server(args: &AcceptanceArgs) -> ExitCode {
    runtime::run(Runtime::Single, async { conformance::serve(args.port, shutdown::on_signal()?).await })
}

/// Connects as the acceptance initiator.
pub fn client(args: &AcceptanceArgs) -> ExitCode {
    runtime::run(Runtime::Single, async { conformance::connect(args.port, shutdown::on_signal()?).await })
}
