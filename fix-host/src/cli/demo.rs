//! `fix-host demo`: everything in one process.

use std::{path::PathBuf, process::ExitCode};

use super::runtime::{self, Runtime, RuntimeArgs};
use crate::{
    config::ProcessSettings,
    log::program::{self, LogFormat},
    service::{
        demo::{self, DemoOptions},
        error::ServiceError,
        settings, shutdown,
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
    /// Take orders from and report to the Redis on this host (port 6379) too
    #[arg(long, value_name = "HOST", conflicts_with = "redis_url")]
    redis_host: Option<String>,
    /// The same with a whole address: redis://[user:password@]host[:port][/database]
    #[arg(long, value_name = "URL")]
    redis_url: Option<String>,
    /// What is quoted and traded, in CSV or TOML; a list of ten if not given
    #[arg(long, value_name = "FILE")]
    instruments: Option<PathBuf>,
    #[arg(long, value_name = "NAME|FILE", default_value = "plain", help = format!(
        "How the exchange behaves: {}", settings::venue_names()
    ))]
    venue: String,
    /// The exchange leaves requests to a person: `fix-host exchange accept`, `fill` or `reject` decides each
    #[arg(long)]
    hold: bool,
    /// Makes the exchange's prices, and what its venue profile draws, repeatable
    #[arg(long, default_value_t = 0)]
    seed: u64,
    #[command(flatten)]
    runtime: RuntimeArgs,
    /// Show the desk's FIX messages and more of the program's log; twice for all of it
    #[arg(short, long, action = clap::ArgAction::Count)]
    verbose: u8,
}

/// Runs the demonstration until a signal ends it.
pub fn run(args: &DemoArgs) -> ExitCode {
    program::init(LogFormat::Text, args.verbose);
    runtime::run_if(options(args).and_then(|options| {
        let runtime = args.runtime.chosen()?.unwrap_or(Runtime::Single);
        Ok((runtime, async { demo::run(options, shutdown::on_signal()?).await }))
    }))
}

fn options(args: &DemoArgs) -> Result<DemoOptions, ServiceError> {
    Ok(DemoOptions {
        api_port: args.api_port,
        fix_port: args.fix_port,
        // Not that of the environment: a demonstration must not trade what was meant for the real engine.
        redis: runtime::redis(args.redis_host.as_deref(), args.redis_url.as_deref())?,
        instruments: settings::instruments(args.instruments.as_deref(), &ProcessSettings::default())?,
        seed: args.seed,
        venue: settings::named_venue(&args.venue)?,
        hold: args.hold,
        screen: args.verbose > 0,
    })
}
