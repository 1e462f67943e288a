//! `fix-host config`: is this file good, and what does it come to?

use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};

use super::remote::Failure;
use crate::config::{
    ConfigError, ConfigProblem, Effective, HostPort, Role, SessionSettings, Settings, load, markdown,
    names_a_secret,
};
use crate::service::preflight::{self, Findings};

/// Check and explain configuration files.
#[derive(Args, Debug)]
pub struct ConfigArgs {
    #[command(subcommand)]
    command: ConfigCommand,
}

#[derive(Subcommand, Debug)]
enum ConfigCommand {
    /// Say whether a file is good: a line for each session, or every error with its line.
    Check(CheckArgs),
    /// Print the settings in force for each session, one Key=value a line; secrets as ***.
    Show(ShowArgs),
    /// Print the table of all keys.
    #[command(hide = true)]
    Keys(KeysArgs),
}

#[derive(Args, Debug)]
struct CheckArgs {
    /// Warnings are errors.
    #[arg(long)]
    strict: bool,
    /// The configuration file, in QuickFIX's format.
    file: PathBuf,
}

#[derive(Args, Debug)]
struct ShowArgs {
    /// Put before each setting the line that sets it.
    #[arg(long)]
    origin: bool,
    /// The configuration file, in QuickFIX's format.
    file: PathBuf,
}

#[derive(Args, Debug)]
struct KeysArgs {
    /// How to print it.
    #[arg(long, value_enum, default_value_t = KeysFormat::Markdown)]
    format: KeysFormat,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum KeysFormat {
    Markdown,
}

/// Runs the subcommand: 0, or 78 with the errors on standard error.
pub fn run(args: &ConfigArgs) -> ExitCode {
    let (code, out, err) = answer(&args.command);
    // The errors first: they are what is left when the output cannot be written.
    let _ = io::stderr().write_all(err.as_bytes());
    match io::stdout().write_all(out.as_bytes()) {
        Ok(()) => ExitCode::from(code),
        Err(error) => Failure::from(error).exit(),
    }
}

/// Exit code, standard output, standard error.
fn answer(command: &ConfigCommand) -> (u8, String, String) {
    match command {
        ConfigCommand::Check(args) => check(args),
        ConfigCommand::Show(args) => with_settings(&args.file, |settings| show(settings, args.origin)),
        ConfigCommand::Keys(KeysArgs { format: KeysFormat::Markdown }) => (0, markdown(), String::new()),
    }
}

/// What `start` would refuse: in the file, in the files that it names, and of the directories it will write to.
fn check(args: &CheckArgs) -> (u8, String, String) {
    let mut settings = match load(&args.file) {
        Ok(settings) => settings,
        Err(error) => return refused(&error),
    };
    let Findings { errors, warnings } = preflight::check(&mut settings);
    let warnings: Vec<String> = settings.warnings.iter().map(ToString::to_string).chain(warnings).collect();
    let kind = if args.strict { "" } else { "warning: " };
    let mut err = String::new();
    for error in &errors {
        let _ = writeln!(err, "{error}");
    }
    for warning in &warnings {
        let _ = writeln!(err, "{kind}{warning}");
    }
    if errors.is_empty() && (warnings.is_empty() || !args.strict) {
        (0, summary(&settings, warnings.len()), err)
    } else {
        (ConfigError::EXIT_CODE, String::new(), err)
    }
}

fn with_settings(file: &Path, out: impl FnOnce(&Settings) -> String) -> (u8, String, String) {
    match load(file) {
        Ok(settings) => (0, out(&settings), warning_lines(&settings.warnings)),
        Err(error) => refused(&error),
    }
}

fn refused(error: &ConfigError) -> (u8, String, String) {
    let warnings = match error {
        ConfigError::Invalid { warnings, .. } => warning_lines(warnings),
        ConfigError::Unreadable { .. } => String::new(),
    };
    (ConfigError::EXIT_CODE, String::new(), format!("{error}\n{warnings}"))
}

fn warning_lines(warnings: &[ConfigProblem]) -> String {
    warnings.iter().map(|warning| format!("warning: {warning}\n")).collect()
}

fn summary(settings: &Settings, warnings: usize) -> String {
    let sessions = counted(settings.sessions.len(), "session");
    let mut text = format!("OK: {sessions}, {}\n", counted(warnings, "warning"));
    for session in &settings.sessions {
        let _ = writeln!(text, "  {}", session_summary(session));
    }
    text
}

fn counted(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

/// `FIX.4.4:TRADEDESK->EXCHANGE initiator to 127.0.0.1:9876, HeartBtInt 30 s, plain TCP, store data/store`
fn session_summary(session: &SessionSettings) -> String {
    let role = match &session.role {
        Role::Initiator(initiator) => {
            let hosts: Vec<String> = initiator.hosts.iter().map(HostPort::to_string).collect();
            let seconds = initiator.heart_bt_int.as_secs();
            format!("initiator to {}, HeartBtInt {seconds} s", hosts.join(", "))
        }
        Role::Acceptor(acceptor) if acceptor.acceptor_template => {
            format!("template of acceptors on {}", acceptor.bind)
        }
        Role::Acceptor(acceptor) => format!("acceptor on {}", acceptor.bind),
    };
    let transport = if session.tls.is_some() { "TLS" } else { "plain TCP" };
    let store = match &session.store.file_store_path {
        Some(path) => format!("store {}", path.display()),
        None => "store in memory".to_owned(),
    };
    format!("{} {role}, {transport}, {store}", session.identity)
}

/// The output without origins is itself a configuration file, but for the secrets.
fn show(settings: &Settings, origin: bool) -> String {
    let mut text = String::from("[DEFAULT]\n");
    lines(&mut text, &settings.process_effective, origin);
    for session in &settings.sessions {
        let _ = writeln!(text, "\n# {}\n[SESSION]", session.identity);
        lines(&mut text, &session.effective, origin);
        for (key, application) in &session.application {
            let value = if names_a_secret(key) { "***" } else { application.value.expose() };
            if origin {
                let _ = write!(text, "{} (application)\t", application.origin);
            }
            let _ = writeln!(text, "{key}={}", one_line(value));
        }
    }
    text
}

fn lines(text: &mut String, settings: &[Effective], origin: bool) {
    for Effective { key, text: value, source } in settings {
        if origin {
            let _ = write!(text, "{source}\t");
        }
        let _ = writeln!(text, "{key}={}", one_line(value));
    }
}

/// A control character that came in through a variable must not forge a line.
fn one_line(value: &str) -> String {
    value.chars().map(|c| if c.is_control() { '\u{FFFD}' } else { c }).collect()
}
