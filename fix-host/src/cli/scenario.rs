//! `fix-host scenario`: plays scripts against a counterparty, or as one.

use std::{
    fmt::Display,
    fs::{self, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
    str::FromStr,
};

use super::{remote::Failure, sessions::finish};
use crate::{
    clock::utc_now,
    config::{ConnectionType, HostPort, Role, SessionSettings},
    exit,
    scenario::{self, About, Against, Ids, Options, Outcome, RunError, Script},
    service::{settings, shutdown},
};

/// Play scripted FIX sessions, and say whether the counterparty did as expected
#[derive(clap::Args)]
pub struct ScenarioArgs {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    Run(RunArgs),
    /// Read files without playing them
    Check {
        /// Scenario files, or names of those that come with the program
        #[arg(required = true, value_name = "FILE|NAME")]
        files: Vec<PathBuf>,
    },
    Record(RecordArgs),
    /// List the scenarios that come with the program
    List,
    /// Print one of them, as a beginning for one's own
    Show {
        /// Its name, as `scenario list` says it
        name: String,
    },
}

/// Play scenarios
///
/// Exit codes: 0 all passed, 1 one failed, 2 usage (also a file that is no scenario), 3 could not run (no connection, port
/// taken, a report that cannot be written). docs/scenarios.md explains the language.
#[derive(clap::Args)]
struct RunArgs {
    /// Scenario files, or names of those that come with the program
    #[arg(required = true, value_name = "FILE|NAME")]
    files: Vec<PathBuf>,
    /// The initiator of the file connects there
    #[arg(long, value_name = "HOST:PORT", conflicts_with_all = ["listen", "config"])]
    connect: Option<Address>,
    /// The acceptor of the file listens there
    #[arg(long, value_name = "[HOST:]PORT", conflicts_with = "config")]
    listen: Option<Address>,
    /// The party of the same role has the session of this .cfg file: addresses, CompIDs, TLS, credentials
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Which session of the .cfg file, as SENDER->TARGET (with sub ids: SENDER/SUB->TARGET/SUB), if it has several
    #[arg(long, value_name = "ID", requires = "config")]
    session: Option<String>,
    /// Only this party plays
    #[arg(long, value_name = "NAME")]
    party: Option<String>,
    /// A value in the place of the one that a line `let NAME = ...` gives; may be given several times
    #[arg(long, value_name = "NAME=VALUE", value_parser = setting)]
    set: Vec<(String, String)>,
    /// Makes drawn waits repeatable
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Waits are so many times shorter; time-outs are never shorter than they say
    #[arg(long, value_name = "FACTOR", default_value = "1", value_parser = speed)]
    speed: f64,
    /// Write JUnit XML there, for build servers
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Write a report there: each step, passed or not, with its messages; Markdown if the name ends in .md, else HTML
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Show all messages, also of scenarios that pass
    #[arg(short, long)]
    verbose: bool,
}

/// Make a scenario of a log: our own messages.current.log, one of QuickFIX, or any text with messages of both directions
///
/// Ids become names, times become patterns; the rest is expected as it was. Both sides are in it, so that it can be played at
/// once, and each side alone against a real counterparty. Exit codes: 0 made, 2 usage (also a log that none can be made of), 3 the
/// scenario cannot be written.
#[derive(clap::Args)]
struct RecordArgs {
    /// The log
    log: PathBuf,
    /// Which session of it, as SENDER->TARGET, if it has several
    #[arg(long, value_name = "ID")]
    session: Option<String>,
    /// Write the scenario there instead of to standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// `HOST:PORT`, or a port of this machine.
#[derive(Clone, Debug)]
struct Address(HostPort);

impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (host, port) = text.rsplit_once(':').unwrap_or(("127.0.0.1", text));
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let port = port.parse().ok().filter(|port| *port > 0);
        match port {
            Some(port) if !host.is_empty() => Ok(Address(HostPort { host: host.to_owned(), port })),
            _ => Err("write HOST:PORT, such as 127.0.0.1:9876".to_owned()),
        }
    }
}

fn setting(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or_else(|| "write NAME=VALUE".to_owned())?;
    if value.contains(char::is_control) {
        return Err("a value holds no control character".to_owned());
    }
    Ok((name.to_owned(), value.to_owned()))
}

fn speed(text: &str) -> Result<f64, String> {
    let factor = text.parse::<f64>().ok().filter(|factor| (0.01..=1000.0).contains(factor));
    factor.ok_or_else(|| "a number from 0.01 to 1000 stands here".to_owned())
}

/// Runs `fix-host scenario`.
#[must_use]
pub fn run(args: &ScenarioArgs) -> ExitCode {
    finish(match &args.command {
        Command::Run(args) => play(args),
        Command::Check { files } => check(files),
        Command::Record(args) => record(args),
        Command::List => list(),
        Command::Show { name } => show(name),
    })
}

fn check(files: &[PathBuf]) -> Result<u8, Failure> {
    let scripts = load_all(files)?;
    let mut out = io::stdout().lock();
    for script in scripts {
        let plural = if script.len() == 1 { "" } else { "s" };
        writeln!(out, "{}: {} scenario{plural}, no errors", script.file, script.len())?;
    }
    Ok(exit::OK)
}

fn list() -> Result<u8, Failure> {
    let mut out = io::stdout().lock();
    for (name, about) in scenario::shipped() {
        writeln!(out, "{name:22} {about}")?;
    }
    Ok(exit::OK)
}

fn show(name: &str) -> Result<u8, Failure> {
    let unknown =
        || Failure::new(exit::USAGE, format_args!("no scenario is called {name}; scenario list names them"));
    let text = scenario::shipped_text(name).ok_or_else(unknown)?;
    io::stdout().lock().write_all(text.as_bytes())?;
    Ok(exit::OK)
}

/// Reads all files, and says of each what is wrong with it.
fn load_all(files: &[PathBuf]) -> Result<Vec<Script>, Failure> {
    let (mut scripts, mut errors) = (Vec::new(), Vec::new());
    for file in files {
        match load(file) {
            Ok(script) => scripts.push(script),
            Err(error) => errors.push(error),
        }
    }
    match errors.pop() {
        None => Ok(scripts),
        Some(last) => {
            for error in errors {
                exit::fail(exit::USAGE, error);
            }
            Err(Failure::new(exit::USAGE, last))
        }
    }
}

/// A file, or a scenario that comes with the program.
fn load(file: &Path) -> Result<Script, String> {
    let shipped = file.to_str().filter(|_| !file.exists()).and_then(scenario::load_shipped);
    let loaded = shipped.unwrap_or_else(|| scenario::load(file));
    loaded.map_err(|error| match file.exists() {
        true => error.to_string(),
        false => format!("{error}; scenario list names those that come with the program"),
    })
}

fn play(args: &RunArgs) -> Result<u8, Failure> {
    let usage = |error: String| Failure::new(exit::USAGE, error);
    let scripts = load_all(&args.files)?;
    let against = against(args).map_err(usage)?;
    let lets: Vec<_> = scripts.iter().flat_map(Script::lets).collect();
    if let Some((name, _)) = args.set.iter().find(|(name, _)| !lets.contains(&name.as_str())) {
        return Err(usage(format!("--set {name}: no line of these files says: let {name} = ...")));
    }
    // After the run is too late to learn that a report cannot be written.
    for path in [&args.junit, &args.report].into_iter().flatten() {
        let opened = OpenOptions::new().create(true).append(true).open(path);
        opened.map_err(|error| unwritable(path, &error))?;
    }
    let (set, party) = (args.set.iter().cloned().collect(), args.party.clone());
    let options = Options { against, party, seed: args.seed, speed: args.speed, set };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| could_not_run(format_args!("cannot start: {error}")))?;
    runtime.block_on(play_all(&scripts, &options, args))
}

fn could_not_run(text: impl Display) -> Failure {
    Failure::new(exit::COULD_NOT_RUN, text)
}

fn unwritable(path: &Path, error: &io::Error) -> Failure {
    could_not_run(format_args!("{}: cannot be written: {error}", path.display()))
}

async fn play_all(scripts: &[Script], options: &Options, args: &RunArgs) -> Result<u8, Failure> {
    let stop = shutdown::on_signal().map_err(could_not_run)?;
    let mut ids = Ids::unique();
    if let Some(Address(address)) = &args.listen {
        eprintln!("fix-host: waiting for the counterparty on {address}");
    }
    let (mut outcomes, mut not_run, mut code) = (Vec::new(), Vec::new(), exit::OK);
    // What nobody reads is no reason to end a run in the middle of a session.
    let mut printed = Ok(());
    let mut print = |text: &str| {
        if printed.is_ok() {
            printed = io::stdout().lock().write_all(text.as_bytes());
        }
    };
    for script in scripts {
        let mut told = |outcome: &Outcome| print(&scenario::text(outcome, args.verbose));
        match scenario::play(script, options, &mut ids, stop.clone(), &mut told).await {
            Ok(played) => outcomes.extend(played),
            Err(error) => {
                let usage = matches!(error, RunError::Usage(_));
                let text = if usage { error.to_string() } else { format!("{}: {error}", script.file) };
                exit::fail(exit::COULD_NOT_RUN, &text);
                not_run.push((script.file.clone(), text));
                code = if usage { exit::USAGE } else { code.max(exit::COULD_NOT_RUN) };
            }
        }
    }
    let passed = outcomes.iter().filter(|outcome| outcome.is_passed()).count();
    let failed = outcomes.len() - passed;
    print(&format!("{passed} passed, {failed} failed\n"));
    write_reports(&outcomes, &not_run, args)?;
    let code = if code == exit::OK && failed > 0 { exit::REJECTED } else { code };
    match printed.map_err(Failure::from) {
        // Whoever reads no further asks for the exit code all the same.
        Err(Failure { text: None, .. }) | Ok(()) => Ok(code),
        Err(failure) => Err(failure),
    }
}

fn write_reports(outcomes: &[Outcome], not_run: &[(String, String)], args: &RunArgs) -> Result<(), Failure> {
    let write = |path: &Path, text: String| fs::write(path, text).map_err(|error| unwritable(path, &error));
    if let Some(path) = &args.junit {
        write(path, scenario::junit(outcomes, not_run))?;
    }
    if let Some(path) = &args.report {
        let about = About { made_at: scenario::time_text(utc_now()), against: described(args) };
        let is_markdown = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("md"));
        let page = if is_markdown { scenario::markdown } else { scenario::html };
        write(path, page(outcomes, &about))?;
    }
    Ok(())
}

/// Whom the arguments name, in words.
fn described(args: &RunArgs) -> String {
    match (&args.connect, &args.listen, &args.config) {
        (Some(Address(address)), ..) => format!("against {address}"),
        (_, Some(Address(address)), _) => format!("listening on {address}"),
        (.., Some(config)) => format!("with {}", config.display()),
        _ => "parties as the files say".to_owned(),
    }
}

fn record(args: &RecordArgs) -> Result<u8, Failure> {
    let log = args.log.display();
    let bytes =
        fs::read(&args.log).map_err(|error| Failure::new(exit::USAGE, format_args!("{log}: {error}")))?;
    let recorded = scenario::record(&bytes, args.session.as_deref())
        .map_err(|error| Failure::new(exit::USAGE, format_args!("{log}: {error}")))?;
    for line in &recorded.left_out {
        eprintln!("fix-host: {log}: left out: {line}");
    }
    let mut out = io::stdout().lock();
    let Some(path) = &args.output else {
        out.write_all(recorded.text.as_bytes())?;
        return Ok(exit::OK);
    };
    fs::write(path, &recorded.text).map_err(|error| unwritable(path, &error))?;
    let (path, messages) = (path.display(), recorded.messages);
    writeln!(out, "{path}: {messages} messages; play it: fix-host scenario run {path}")?;
    Ok(exit::OK)
}

/// Whom the arguments name.
fn against(args: &RunArgs) -> Result<Against, String> {
    if let Some(Address(address)) = &args.connect {
        return Ok(Against::Connect(address.clone()));
    }
    if let Some(Address(address)) = &args.listen {
        return Ok(Against::Listen(address.clone()));
    }
    let Some(config) = &args.config else { return Ok(Against::File) };
    let loaded =
        settings::load_with_warnings(config, ConnectionType::Initiator).map_err(|error| error.to_string())?;
    let mut session = choose(loaded.sessions, args.session.as_deref(), config)?;
    if let Role::Initiator(_) = session.role {
        // The numbers of a run are in memory, and begin at 1.
        session.recovery.reset_on_logon = true;
    }
    Ok(Against::Session(Box::new(session)))
}

fn choose(
    sessions: Vec<SessionSettings>,
    wanted: Option<&str>,
    config: &Path,
) -> Result<SessionSettings, String> {
    let names: Vec<_> = sessions.iter().map(|session| session.identity.to_string()).collect();
    // BeginString(8) goes without saying: it is always FIX.4.4.
    let without_begin_string =
        |name: &str| name.split_once(':').is_some_and(|(_, rest)| Some(rest) == wanted);
    let is_wanted = |name: &String| wanted.is_none_or(|wanted| name == wanted) || without_begin_string(name);
    let fitting: Vec<_> = sessions.into_iter().zip(&names).filter(|(_, name)| is_wanted(name)).collect();
    match <[_; 1]>::try_from(fitting) {
        Ok([(session, _)]) => Ok(session),
        Err(fitting) if fitting.is_empty() => {
            Err(format!("{}: no such session; it has {}", config.display(), names.join(", ")))
        }
        Err(_) => Err(format!("{}: choose one with --session: {}", config.display(), names.join(", "))),
    }
}
