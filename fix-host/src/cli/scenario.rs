//! `fix-host scenario`: plays scripts against a counterparty, or as one.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    str::FromStr,
};

use crate::{
    config::{ConnectionType, HostPort, Role, SessionSettings},
    exit,
    scenario::{self, Against, Ids, Options, Outcome, RunError, Script},
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
    /// Makes drawn waits repeatable
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Waits are so many times shorter; time-outs are never shorter than they say
    #[arg(long, value_name = "FACTOR", default_value = "1", value_parser = speed)]
    speed: f64,
    /// Show all messages, also of scenarios that pass
    #[arg(short, long)]
    verbose: bool,
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
    let options = Options { against, party: args.party.clone(), seed: args.seed, speed: args.speed };
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
    let (mut passed, mut failed, mut code) = (0_u32, 0_u32, exit::OK);
    for script in scripts {
        let mut told = |outcome: &Outcome| {
            print!("{}", scenario::text(outcome, args.verbose));
            if outcome.is_passed() { passed += 1 } else { failed += 1 }
        };
        match scenario::play(script, options, &mut ids, stop.clone(), &mut told).await {
            Ok(_) => {}
            Err(RunError::Usage(text)) => {
                exit::fail(exit::USAGE, text);
                code = exit::USAGE;
            }
            Err(RunError::Unavailable(text)) => {
                exit::fail(exit::COULD_NOT_RUN, format!("{}: {text}", script.file));
                code = if code == exit::OK { exit::COULD_NOT_RUN } else { code };
            }
        }
    }
    println!("{passed} passed, {failed} failed");
    ExitCode::from(if code == exit::OK && failed > 0 { exit::REJECTED } else { code })
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
