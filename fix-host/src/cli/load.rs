//! `fix-host load`: orders at a constant rate against any acceptor.

use std::{
    fs::{self, OpenOptions},
    io::{self, IsTerminal, Write},
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use fix_core::decimal::Decimal;

use super::runtime::{self, Runtime, RuntimeArgs};
use crate::{
    config::{self, ConnectionType, Settings, System},
    contract::parse_duration,
    exit,
    load::{mix::Mix, plan::LoadPlan, report::LoadReport},
    log::program::{self, LogFormat},
    service::{
        error::ServiceError,
        load::{self, LoadOptions, Progress},
        settings, shutdown,
    },
};

/// Send orders at a constant rate to any acceptor, and measure how long its answers take
///
/// Each request has a moment at which it is meant to be sent, and its latency counts from there: a venue that stands
/// still shows in all requests that were due meanwhile (no coordinated omission). A few orders of each session rest, to
/// be cancelled and replaced, and are cancelled at the end; all others are MARKET orders. The sessions are LOAD1, LOAD2 and so on, which the acceptor
/// must know; `fix-host exchange --config config/load-exchange.cfg` does. Ctrl-C ends it with the report so far.
///
/// Exit codes: 0 all is well; 1 requests were rejected, not answered or not sent, a session was lost, or --max-p99 was
/// missed; 2 usage; 3 it could not run.
#[derive(clap::Args)]
pub struct LoadArgs {
    /// Requests a second, of all sessions together
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    rate: u64,
    /// For how long: 30s, 5m, 1h, 500ms
    #[arg(long, value_parser = duration)]
    duration: Duration,
    /// Kinds of requests and their weights
    #[arg(long, default_value_t = Mix::default())]
    mix: Mix,
    /// Number of sessions, which take turns
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1000))]
    sessions: u16,
    /// Host of the acceptor
    #[arg(long, default_value = "127.0.0.1", value_parser = value)]
    host: String,
    /// Its port
    #[arg(long, default_value_t = 9876, value_parser = clap::value_parser!(u16).range(1..))]
    port: u16,
    /// SenderCompID(49) of the sessions, before their numbers
    #[arg(long, default_value = "LOAD", value_parser = value)]
    sender: String,
    /// TargetCompID(56)
    #[arg(long, default_value = "EXCHANGE", value_parser = value)]
    target: String,
    /// The sessions of this file instead, in QuickFIX's format: with TLS, passwords and a store, if it says so
    #[arg(long, value_name = "FILE", conflicts_with_all = ["sessions", "host", "port", "sender", "target"])]
    config: Option<PathBuf>,
    /// Symbol(55) of the orders; given more than once, they take turns
    #[arg(long = "symbol", default_value = "10Y", value_parser = value)]
    symbols: Vec<String>,
    /// OrderQty(38)
    #[arg(long, default_value = "100", value_parser = decimal)]
    qty: Decimal,
    /// Price(44) of the orders to buy that are meant to rest
    #[arg(long, default_value = "1", value_parser = decimal)]
    rest_price: Decimal,
    /// So many orders of each session rest
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(0..=100_000))]
    open_orders: u32,
    /// Makes kinds and sides repeatable
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// How long all sessions may take to log on
    #[arg(long, default_value = "10s", value_parser = duration)]
    logon_timeout: Duration,
    /// How long answers are waited for after the last request
    #[arg(long, default_value = "5s", value_parser = duration)]
    drain: Duration,
    /// Exit code 1 if 99 % of the acknowledgements take longer, such as 10ms
    #[arg(long, value_parser = duration)]
    max_p99: Option<Duration>,
    /// Write the result here as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write the result here as a page, which needs nothing else
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    #[command(flatten)]
    runtime: RuntimeArgs,
    /// Show more of the program's log; twice for all of it
    #[arg(short, long, action = clap::ArgAction::Count)]
    verbose: u8,
}

/// Runs the load to its end.
pub fn run(args: &LoadArgs) -> ExitCode {
    program::init(LogFormat::Text, args.verbose);
    let mut is_success = false;
    let mut files = Files::default();
    let opened = Files::open(args).map(|opened| files = opened);
    let made = opened.and_then(|()| prepared(args)).map(|(runtime, options)| {
        let (is_success, files) = (&mut is_success, &mut files);
        (runtime, async move {
            *is_success = measured(args, options).await.map_err(could_not_run)?;
            files.keep();
            Ok(())
        })
    });
    let code = runtime::run_if(made.map_err(could_not_run));
    if code == ExitCode::from(exit::OK) && !is_success { ExitCode::from(exit::REJECTED) } else { code }
}

/// Nothing is known of the venue then: that is no failed measurement.
fn could_not_run(error: ServiceError) -> ServiceError {
    ServiceError { code: exit::COULD_NOT_RUN, ..error }
}

/// The files of the result. After an hour's run is too late to learn that they cannot be written.
#[derive(Default)]
struct Files {
    /// Those that were not there before.
    created: Vec<PathBuf>,
}

impl Files {
    fn open(args: &LoadArgs) -> Result<Self, ServiceError> {
        let mut files = Files::default();
        for path in [&args.json, &args.html].into_iter().flatten() {
            let is_new = OpenOptions::new().write(true).create_new(true).open(path).is_ok();
            if is_new {
                files.created.push(path.clone());
            }
            let opened = OpenOptions::new().append(true).open(path);
            opened.map_err(|error| unwritable(path, &error))?;
        }
        Ok(files)
    }

    /// The result is in them.
    fn keep(&mut self) {
        self.created.clear();
    }
}

impl Drop for Files {
    /// A run without a result leaves no empty file behind.
    fn drop(&mut self) {
        for path in &self.created {
            // It may be gone, or be no file of ours any more.
            let _ = fs::remove_file(path);
        }
    }
}

fn prepared(args: &LoadArgs) -> Result<(Runtime, LoadOptions), ServiceError> {
    let settings = sessions(args)?;
    let target = match &args.config {
        Some(path) => path.display().to_string(),
        None => format!("{} at {}:{}", args.target, args.host, args.port),
    };
    let plan = LoadPlan {
        rate: args.rate,
        duration: args.duration,
        sessions: settings.sessions.len() as u64,
        mix: args.mix,
        seed: args.seed,
        symbols: args.symbols.clone(),
        qty: args.qty,
        rest_price: args.rest_price,
        open_orders: args.open_orders as usize,
    };
    let (logon_timeout, drain, max_p99) = (args.logon_timeout, args.drain, args.max_p99);
    Ok((args.runtime.of(&settings)?, LoadOptions { settings, target, plan, logon_timeout, drain, max_p99 }))
}

/// Those of the file, or as many as were asked for, as a file would hold them; nothing is written to disk then.
fn sessions(args: &LoadArgs) -> Result<Settings, ServiceError> {
    if let Some(path) = &args.config {
        return settings::load(path, ConnectionType::Initiator);
    }
    let mut text = format!(
        "[DEFAULT]\nConnectionType=initiator\nBeginString=FIX.4.4\nTargetCompID={}\nSocketConnectHost={}\n\
         SocketConnectPort={}\nHeartBtInt=30\nReconnectInterval=1\nResetOnLogon=Y\n",
        args.target, args.host, args.port
    );
    for number in 1..=args.sessions {
        text.push_str(&format!("[SESSION]\nSenderCompID={}{number}\n", args.sender));
    }
    config::parse_bytes("load", text.as_bytes(), &System).map_err(ServiceError::configuration)
}

/// Sends the load and shows what came of it; true if nothing was wrong.
async fn measured(args: &LoadArgs, options: LoadOptions) -> Result<bool, ServiceError> {
    let stop = shutdown::on_signal()?;
    let is_watched = io::stderr().is_terminal();
    let show = |progress: Progress| {
        if is_watched {
            // Nobody need see it.
            let _ = write!(io::stderr(), "\r{}\x1b[K", line(&progress));
        }
    };
    let outcome = load::run(options, show, stop).await;
    if is_watched {
        let _ = write!(io::stderr(), "\r\x1b[K");
    }
    let report = outcome?;
    let _ = io::stdout().write_all(report.text().as_bytes());
    write_files(args, &report)?;
    Ok(report.is_success())
}

fn write_files(args: &LoadArgs, report: &LoadReport) -> Result<(), ServiceError> {
    if let Some(path) = &args.json {
        let json =
            report.json().map_err(|error| ServiceError::store(format!("{}: {error}", path.display())))?;
        fs::write(path, json).map_err(|error| unwritable(path, &error))?;
    }
    if let Some(path) = &args.html {
        fs::write(path, report.html()).map_err(|error| unwritable(path, &error))?;
    }
    Ok(())
}

fn unwritable(path: &Path, error: &io::Error) -> ServiceError {
    ServiceError::store(format!("{}: cannot be written: {error}", path.display()))
}

/// How far it is: a bar and the figures so far.
fn line(progress: &Progress) -> String {
    const WIDTH: usize = 24;
    let share = progress.elapsed.as_secs_f64() / progress.duration.as_secs_f64().max(f64::MIN_POSITIVE);
    let full = ((share * WIDTH as f64) as usize).min(WIDTH);
    format!(
        "[{}{}] {} of {} s  sent {}  acked {}  rejected {}  p99 {:.2} ms",
        "#".repeat(full),
        ".".repeat(WIDTH - full),
        progress.elapsed.as_secs(),
        progress.duration.as_secs_f64(),
        progress.sent,
        progress.acked,
        progress.rejected,
        progress.p99 as f64 / 1e6
    )
}

/// Longer than nothing.
fn duration(text: &str) -> Result<Duration, String> {
    match parse_duration(text)? {
        Duration::ZERO => Err("must be longer than nothing".into()),
        duration => Ok(duration),
    }
}

fn decimal(text: &str) -> Result<Decimal, String> {
    let number: Decimal = text.parse().map_err(|_| "must be a decimal number".to_owned())?;
    if number > Decimal::from(0) { Ok(number) } else { Err("must be above 0".into()) }
}

/// What becomes a line of a configuration, or the value of a field.
fn value(text: &str) -> Result<String, String> {
    let is_plain = !text.is_empty() && !text.contains(char::is_control) && text.trim() == text;
    if is_plain { Ok(text.to_owned()) } else { Err("must be text without control characters".into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_is_full_at_the_end_and_never_longer() {
        let at = |elapsed| Progress {
            elapsed: Duration::from_secs(elapsed),
            duration: Duration::from_secs(10),
            sent: 5,
            acked: 4,
            rejected: 0,
            p99: 1_500_000,
        };
        assert!(line(&at(5)).starts_with("[############............] 5 of 10 s  sent 5  acked 4"));
        assert!(line(&at(11)).starts_with("[########################] 11 of 10 s"));
        assert!(line(&at(5)).ends_with("p99 1.50 ms"));
    }
}
