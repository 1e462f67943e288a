//! `fix-host scenario`: plays scripts against a counterparty, or as one.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    str::FromStr,
};

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
/// taken). docs/scenarios.md explains the language.
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
    /// Which session of the .cfg file, as SENDER->TARGET, if it has several
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
/// once, and each side alone against a real counterparty.
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
    match &args.command {
        Command::Run(args) => play(args),
        Command::Check { files } => match load_all(files) {
            Ok(scripts) => {
                for script in scripts {
                    println!("{}: {} scenarios, no errors", script.file, script.len());
                }
                ExitCode::from(exit::OK)
            }
            Err(code) => code,
        },
        Command::Record(args) => record(args),
        Command::List => {
            for (name, about) in scenario::shipped() {
                println!("{name:22} {about}");
            }
            ExitCode::from(exit::OK)
        }
        Command::Show { name } => match scenario::shipped_text(name) {
            Some(text) => {
                print!("{text}");
                ExitCode::from(exit::OK)
            }
            None => {
                exit::fail(exit::USAGE, format!("no scenario is called {name}; scenario list names them"))
            }
        },
    }
}

/// Reads all files, and says of each what is wrong with it.
fn load_all(files: &[PathBuf]) -> Result<Vec<Script>, ExitCode> {
    let mut scripts = Vec::new();
    let mut code = None;
    for file in files {
        match load(file) {
            Ok(script) => scripts.push(script),
            Err(error) => code = Some(exit::fail(exit::USAGE, error)),
        }
    }
    code.map_or(Ok(scripts), Err)
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

fn play(args: &RunArgs) -> ExitCode {
    let scripts = match load_all(&args.files) {
        Ok(scripts) => scripts,
        Err(code) => return code,
    };
    let against = match against(args) {
        Ok(against) => against,
        Err(error) => return exit::fail(exit::USAGE, error),
    };
    let lets: Vec<_> = scripts.iter().flat_map(Script::lets).collect();
    if let Some((name, _)) = args.set.iter().find(|(name, _)| !lets.contains(&name.as_str())) {
        return exit::fail(
            exit::USAGE,
            format!("--set {name}: no line of these files says: let {name} = ..."),
        );
    }
    let (set, party) = (args.set.iter().cloned().collect(), args.party.clone());
    let options = Options { against, party, seed: args.seed, speed: args.speed, set };
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return exit::fail(exit::COULD_NOT_RUN, format!("cannot start: {error}")),
    };
    runtime.block_on(play_all(&scripts, &options, args))
}

async fn play_all(scripts: &[Script], options: &Options, args: &RunArgs) -> ExitCode {
    let stop = match shutdown::on_signal() {
        Ok(stop) => stop,
        Err(error) => return exit::fail(exit::COULD_NOT_RUN, error),
    };
    let mut ids = Ids::unique();
    if let Some(Address(address)) = &args.listen {
        eprintln!("fix-host: waiting for the counterparty on {address}");
    }
    let (mut outcomes, mut not_run, mut code) = (Vec::new(), Vec::new(), exit::OK);
    for script in scripts {
        let mut told = |outcome: &Outcome| print!("{}", scenario::text(outcome, args.verbose));
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
    println!("{passed} passed, {failed} failed");
    if let Err(error) = write_reports(&outcomes, &not_run, args) {
        return exit::fail(exit::STORE_IO, error);
    }
    ExitCode::from(if code == exit::OK && failed > 0 { exit::REJECTED } else { code })
}

fn write_reports(outcomes: &[Outcome], not_run: &[(String, String)], args: &RunArgs) -> Result<(), String> {
    let write = |path: &Path, text: String| {
        std::fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
    };
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

fn record(args: &RecordArgs) -> ExitCode {
    let log = match std::fs::read(&args.log) {
        Ok(log) => log,
        Err(error) => return exit::fail(exit::USAGE, format!("{}: {error}", args.log.display())),
    };
    let recorded = match scenario::record(&log, args.session.as_deref()) {
        Ok(recorded) => recorded,
        Err(error) => return exit::fail(exit::REJECTED, format!("{}: {error}", args.log.display())),
    };
    for line in &recorded.left_out {
        eprintln!("fix-host: {}: left out: {line}", args.log.display());
    }
    match &args.output {
        None => print!("{}", recorded.text),
        Some(path) => {
            if let Err(error) = std::fs::write(path, &recorded.text) {
                return exit::fail(exit::STORE_IO, format!("{}: {error}", path.display()));
            }
            println!(
                "{}: {} messages; play it: fix-host scenario run {}",
                path.display(),
                recorded.messages,
                path.display()
            );
        }
    }
    ExitCode::from(exit::OK)
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
    let name = |session: &SessionSettings| {
        format!("{}->{}", session.identity.sender_comp_id, session.identity.target_comp_id)
    };
    let names: Vec<_> = sessions.iter().map(name).collect();
    let is_wanted =
        |name: &String| wanted.is_none_or(|wanted| name == wanted || format!("FIX.4.4:{name}") == wanted);
    let fitting: Vec<_> = sessions.into_iter().zip(&names).filter(|(_, name)| is_wanted(name)).collect();
    match <[_; 1]>::try_from(fitting) {
        Ok([(session, _)]) => Ok(session),
        Err(fitting) if fitting.is_empty() => {
            Err(format!("{}: no such session; it has {}", config.display(), names.join(", ")))
        }
        Err(_) => Err(format!("{}: choose one with --session: {}", config.display(), names.join(", "))),
    }
}
