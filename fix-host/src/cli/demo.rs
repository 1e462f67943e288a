//! `fix-host demo`: everything in one process.

use std::process::ExitCode;

use super::runtime;
use crate::{
    log::program::{self, LogFormat},
    service::{
        demo::{self, DemoOptions},
        shutdown,
    },
};

/// Run a desk, an exchange and live FIX between them in one process; nothing else to install
#[derive(clap::Args)]
pub struct DemoArgs {
    /// Port of the HTTP API on 127.0.0.1
    #[arg(long, default_value_t = 8050, value_parser = clap::value_parser!(u16).range(1..))]
    api_port: u16,
    /// Port of the exchange on 127.0.0.1
    #[arg(long, default_value_t = 9876, value_parser = clap::value_parser!(u16).range(1..))]
    fix_port: u16,
    /// Makes the simulated market data repeatable
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Show the desk's FIX messages and more of the program's log; twice for all of it
    #[arg(short, long, action = clap::ArgAction::Count)]
    verbose: u8,
}

/// Runs the demonstration until a signal ends it.
pub fn run(args: &DemoArgs) -> ExitCode {
    program::init(LogFormat::Text, args.verbose);
    let options = DemoOptions {
        api_port: args.api_port,
        fix_port: args.fix_port,
        seed: args.seed,
        screen: args.verbose > 0,
    };
    runtime::run(async { demo::run(options, shutdown::on_signal()?).await })
}
