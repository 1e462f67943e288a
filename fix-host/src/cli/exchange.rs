//! `fix-host exchange`: the simulated counterparty.

use std::{net::SocketAddr, path::PathBuf, process::ExitCode};

use fix_core::decimal::Decimal;

use super::{
    by_hand::{self, ByHand},
    runtime::{self, RuntimeArgs},
};
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
/// or in the file that FIX_HOST_API_TOKEN_FILE names; FIX_HOST_API_READ_TOKEN (_FILE) is one for viewers, who may not
/// play the venue.
#[derive(clap::Args)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_help_heading = "Play the venue of a running exchange or demo"
)]
pub struct ExchangeArgs {
    #[command(subcommand)]
    by_hand: Option<ByHand>,
    /// Its sessions, in QuickFIX's format
    #[arg(long, visible_alias = "fix-config", value_name = "FILE", default_value = "config/exchange.cfg")]
    config: PathBuf,
    /// What it trades, in CSV or TOML; Instruments of the configuration, or a list of ten, if not given
    #[arg(long, value_name = "FILE")]
    instruments: Option<PathBuf>,
    #[arg(long, value_name = "NAME|FILE", help = format!(
        "How it behaves: {}; Venue of the configuration, or plain, if not given", settings::venue_names()
    ))]
    venue: Option<String>,
    /// Only read a venue profile and say what it is for; nothing runs
    #[arg(long, value_name = "NAME|FILE")]
    check_venue: Option<String>,
    /// Makes its prices, and what its venue profile draws, repeatable
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Quote and trade what was recorded in this CSV instead of simulated prices (docs/exchange.md); SIGUSR1 halts it and lets it
    /// go on
    #[arg(long, value_name = "FILE")]
    replay: Option<PathBuf>,
    /// How many times as fast as it was recorded, such as 10 or 0.5
    #[arg(long, value_name = "N", default_value = "1", value_parser = speed, requires = "replay")]
    replay_speed: u32,
    /// Acknowledge requests as pending, and leave them to a person: `accept`, `fill` or `reject` decides each
    #[arg(long, requires = "http")]
    hold: bool,
    /// Serve the page, /metrics, /healthz and what the commands below ask here, such as 127.0.0.1:8051
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
    if let Some(command) = &args.by_hand {
        return by_hand::run(command);
    }
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
    match settings::named_venue(named) {
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
    let read_token = Token::of_viewers_from_environment().map_err(ServiceError::configuration)?;
    let folder = settings.sessions.iter().find_map(|session| session.store.file_store_path.clone());
    let http = args.http.map(|addr| WebConfig { addr, token, read_token, folder });
    http.iter().try_for_each(WebConfig::check).map_err(ServiceError::configuration)?;
    let instruments = settings::instruments(args.instruments.as_deref(), &settings.process)?;
    let replay = args.replay.as_deref().map(|path| settings::replay(path, &instruments, args.replay_speed));
    let venue = settings::venue(args.venue.as_deref(), &settings)?;
    Ok(ExchangeOptions {
        replay: replay.transpose()?,
        instruments,
        settings,
        seed: args.seed,
        venue,
        hold: args.hold,
        http,
        screen: args.verbose > 0,
    })
}

/// A speed in thousandths.
fn speed(text: &str) -> Result<u32, String> {
    let speed: Option<Decimal> = text.parse().ok();
    let thousandths = speed.and_then(|speed| u32::try_from(speed.rescale(3)?.mantissa()).ok());
    thousandths
        .filter(|thousandths| (1..=1_000_000).contains(thousandths))
        .ok_or_else(|| "must be a number from 0.001 to 1000".to_owned())
}
