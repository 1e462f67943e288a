//! `fix-host start`: the engine.

use std::{net::SocketAddr, path::PathBuf, process::ExitCode};

use super::runtime::{self, RuntimeArgs};
use crate::{
    bus::RedisUrl,
    config::ConnectionType,
    log::program::{self, LogFormat},
    observe::Board,
    service::{
        engine::{self, EngineOptions},
        error::ServiceError,
        settings, shutdown,
    },
    web::{DEFAULT_ADDR, Token, WebConfig},
};

/// Run the engine: FIX initiator, market-data simulator, order listener, HTTP API
///
/// While the counterparty is logged on, orders go out as NewOrderSingle(D). While it is not, every order is
/// answered with SIM MODE and not sent, and the engine tries to connect every ReconnectInterval. SIGINT or
/// SIGTERM logs out, flushes, and ends the process within about two seconds; with exit code 75 if execution
/// reports are still due to a Redis that is away: their orders are named, and the next start delivers them.
///
/// An HTTP address other than loopback needs a token in the environment variable FIX_HOST_API_TOKEN,
/// or in the file that FIX_HOST_API_TOKEN_FILE names; FIX_HOST_API_READ_TOKEN (_FILE) is one for viewers, who may
/// not trade. A Redis address with a password is best given in FIX_HOST_REDIS_URL, or in the file that
/// FIX_HOST_REDIS_URL_FILE names: a command line can be read by all.
#[derive(clap::Args)]
pub struct StartArgs {
    /// Take orders from and report to the Redis on this host (port 6379)
    #[arg(long, value_name = "HOST", conflicts_with = "redis_url")]
    redis_host: Option<String>,
    /// The same with a whole address: redis://[user:password@]host[:port][/database]
    #[arg(long, value_name = "URL")]
    redis_url: Option<String>,
    /// The sessions, in QuickFIX's format
    #[arg(long, visible_alias = "config", value_name = "FILE", default_value = "config/quickfix.cfg")]
    fix_config: PathBuf,
    /// Do not simulate market data
    #[arg(long)]
    no_market_data: bool,
    /// What is quoted, in CSV or TOML; Instruments of the configuration, or a list of ten, if not given
    #[arg(long, value_name = "FILE")]
    instruments: Option<PathBuf>,
    /// Makes the simulated market data repeatable
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Where the HTTP API listens; 127.0.0.1:8050, or HttpAcceptPort of the configuration, if not given
    #[arg(long, value_name = "ADDRESS:PORT")]
    api: Option<SocketAddr>,
    #[command(flatten)]
    runtime: RuntimeArgs,
    /// Form of the program's own log, on standard error
    #[arg(long, value_enum, default_value_t = LogFormat::Text)]
    log_format: LogFormat,
    /// Show FIX messages and more of the program's log; twice for all of it
    #[arg(short, long, action = clap::ArgAction::Count)]
    verbose: u8,
}

/// Runs the engine until a signal ends it.
pub fn run(args: &StartArgs) -> ExitCode {
    program::init(args.log_format, args.verbose);
    runtime::run_if(options(args).and_then(|options| {
        let runtime = args.runtime.of(&options.settings)?;
        Ok((runtime, async { engine::run(options, shutdown::on_signal()?).await }))
    }))
}

fn options(args: &StartArgs) -> Result<EngineOptions, ServiceError> {
    let settings = settings::load(&args.fix_config, ConnectionType::Initiator)?;
    let redis = match runtime::redis(args.redis_host.as_deref(), args.redis_url.as_deref())? {
        Some(redis) => Some(redis),
        None => RedisUrl::from_environment().map_err(ServiceError::configuration)?,
    };
    let port = settings.process.http_accept_port.unwrap_or(DEFAULT_ADDR.port());
    let addr = args.api.unwrap_or(SocketAddr::new(DEFAULT_ADDR.ip(), port));
    let web = WebConfig {
        addr,
        token: Token::from_environment().map_err(ServiceError::configuration)?,
        read_token: Token::of_viewers_from_environment().map_err(ServiceError::configuration)?,
        folder: settings.sessions.iter().find_map(|session| session.store.file_store_path.clone()),
    };
    web.check().map_err(ServiceError::configuration)?;
    Ok(EngineOptions {
        instruments: settings::instruments(args.instruments.as_deref(), &settings.process)?,
        settings,
        redis,
        web,
        prices: None,
        profile: None,
        market_seed: (!args.no_market_data).then_some(args.seed),
        screen: args.verbose > 0,
        board: Board::default(),
        venue: None,
    })
}
