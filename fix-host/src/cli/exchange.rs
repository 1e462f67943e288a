//! `fix-host exchange`: the simulated counterparty.

use std::{net::SocketAddr, path::PathBuf, process::ExitCode};

use super::runtime::{self, RuntimeArgs};
use crate::{
    config::ConnectionType,
    exit,
    log::program::{self, LogFormat},
    service::{
        error::ServiceError,
        exchange::{self, ExchangeOptions},
        settings, shutdown,
    },
    web::{Token, WebConfig},
};

/// Run the simulated counterparty: an acceptor that acknowledges, fills, rests and cancels orders
///
/// An --http address other than loopback needs a token in the environment variable FIX_HOST_API_TOKEN,
/// or in the file that FIX_HOST_API_TOKEN_FILE names.
#[derive(clap::Args)]
pub struct ExchangeArgs {
    /// Its sessions, in QuickFIX's format
    #[arg(long, value_name = "FILE", default_value = "config/exchange.cfg")]
    config: PathBuf,
    /// What it trades, in CSV or TOML; Instruments of the configuration, or a list of ten, if not given
    #[arg(long, value_name = "FILE")]
    instruments: Option<PathBuf>,
    /// How it behaves: plain, quickfix-executor, bond-rfq, nasty, crypto, or a file in TOML (docs/venues.md)
    #[arg(long, value_name = "NAME|FILE", default_value = "plain")]
    venue: String,
    /// Only read a venue profile and say what it is for; nothing runs
    #[arg(long, value_name = "NAME|FILE")]
    check_venue: Option<String>,
    /// Makes its prices, and what its venue profile draws, repeatable
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Serve /metrics and /healthz here, such as 127.0.0.1:8051
    #[arg(long, value_name = "ADDRESS:PORT")]
    http: Option<SocketAddr>,
    #[command(flatten)]
    runtime: RuntimeArgs,
    /// Form of the program's own log, on standard error
    #[arg(long, value_enum, default_value_t = LogFormat::Text)]
    log_format: LogFormat,
    /// Show FIX messages and more of the program's log; twice for all of it
    #[arg(short, long, action = clap::ArgAction::Count)]
    verbose: u8,
}

/// Runs the exchange until a signal ends it.
pub fn run(args: &ExchangeArgs) -> ExitCode {
    program::init(args.log_format, args.verbose);
    if let Some(named) = &args.check_venue {
        return check(named);
    }
    runtime::run_if(options(args).and_then(|options| {
        let runtime = args.runtime.of(&options.settings)?;
        Ok((runtime, async { exchange::run(options, shutdown::on_signal()?).await }))
    }))
}

fn check(named: &str) -> ExitCode {
    match settings::venue(named) {
        Ok(venue) => {
            println!("{}: {}", venue.name, venue.description);
            ExitCode::from(exit::OK)
        }
        Err(error) => exit::fail(error.code, error),
    }
}

fn options(args: &ExchangeArgs) -> Result<ExchangeOptions, ServiceError> {
    let settings = settings::load(&args.config, ConnectionType::Acceptor)?;
    let token = Token::from_environment().map_err(ServiceError::configuration)?;
    Ok(ExchangeOptions {
        instruments: settings::instruments(args.instruments.as_deref(), &settings.process)?,
        settings,
        seed: args.seed,
        venue: settings::venue(&args.venue)?,
        http: args.http.map(|addr| WebConfig { addr, token }),
        screen: args.verbose > 0,
    })
}
