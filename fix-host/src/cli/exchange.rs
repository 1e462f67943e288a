//! `fix-host exchange`: the simulated counterparty.

use std::{path::PathBuf, process::ExitCode};

use super::runtime;
use crate::service::{exchange, settings, shutdown};

/// Run the simulated counterparty: an acceptor that acknowledges, fills, rests and cancels orders
#[derive(clap::Args)]
pub struct ExchangeArgs {
    /// Its sessions, in QuickFIX's format
    #[arg(long, value_name = "FILE", default_value = "config/exchange.cfg")]
    config: PathBuf,
    /// Makes its prices repeatable
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// More of the program's own log; twice for all of it
    #[arg(short, long, action = clap::ArgAction::Count)]
    verbose: u8,
}

/// Runs the exchange until a signal ends it.
pub fn run(args: &ExchangeArgs) -> ExitCode {
    runtime::start_log(args.verbose);
    runtime::run(async {
        let settings = settings::load(&args.config)?;
        exchange::run(settings, args.seed, shutdown::on_signal()?).await
    })
}
