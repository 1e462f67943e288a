//! What `start` would refuse, found without starting: certificates, keys, dictionaries, and paths that cannot be
//! written.

use std::{
    fmt::Display,
    fs::{self, OpenOptions},
    io,
    path::{Path, PathBuf},
};

use super::{dictionaries::Dictionaries, extras::SessionExtras, settings};
use crate::{
    clock::utc_now,
    config::{Role, SessionSettings, Settings},
    dictionary::Warnings,
    net::{
        session_config::session_config,
        tls::{Acceptor, Connector, TlsError},
    },
};

/// What is wrong, a line each, and what is odd.
#[derive(Debug, Default)]
pub struct Findings {
    /// With any of these, nothing starts.
    pub errors: Vec<String>,
    /// What stops nothing, or only its own session (`ContinueInitializationOnError=Y`).
    pub warnings: Vec<String>,
}

/// Reads all files that `settings` name, as [`start`](super::engine::run) does, and tries the directories that it
/// will write to. Nothing is left on disk. Sessions that would be left out are taken out of `settings`.
pub fn check(settings: &mut Settings) -> Findings {
    let (mut dictionaries, mut odd) = (Dictionaries::default(), Warnings::default());
    let mut findings = Findings::default();
    let instruments = settings::instruments(None, &settings.process).unwrap_or_else(|error| {
        findings.errors.push(error.to_string());
        Vec::new()
    });
    findings.errors.extend(settings::venue(None, settings).err().map(|error| error.to_string()));
    let mut extras = SessionExtras::new(instruments);
    let mut found: Vec<Vec<String>> = Vec::new();
    for session in &settings.sessions {
        found.push(errors_of(session, &mut dictionaries, &mut extras, &mut odd));
    }
    let some_start = found.iter().any(Vec::is_empty);
    let leaves_out = settings.process.continue_initialization_on_error && some_start;
    let list = if leaves_out { &mut findings.warnings } else { &mut findings.errors };
    // Sessions that name the same file fail the same way.
    let mut say = |line: String| {
        if !list.contains(&line) {
            list.push(line);
        }
    };
    let mut found = found.into_iter();
    settings.sessions.retain(|session| {
        let errors = found.next().unwrap_or_default();
        let starts = errors.is_empty();
        errors.into_iter().for_each(&mut say);
        if leaves_out && !starts {
            let (origin, identity) = (&session.origin, &session.identity);
            say(format!("{origin}: session {identity} is left out because of its errors"));
        }
        starts
    });
    findings.warnings.extend(odd.lines());
    findings
}

fn errors_of(
    session: &SessionSettings,
    dictionaries: &mut Dictionaries,
    extras: &mut SessionExtras,
    odd: &mut Warnings,
) -> Vec<String> {
    let placed = |error: &dyn Display| format!("{}: {error}", session.origin);
    let mut errors = Vec::new();
    errors.extend(tls(session).err().map(|error| placed(&error)));
    match dictionaries.load(&session.validation, odd) {
        Ok(dictionary) => {
            let config = session_config(session, dictionary, utc_now());
            errors.extend(config.err().map(|error| placed(&error)));
            errors.extend(extras.of(session, dictionary).err());
        }
        Err(error) => errors.push(error.to_string()),
    }
    let paths: [(&str, &Option<PathBuf>); 3] = [
        ("FileStorePath", &session.store.file_store_path),
        ("FileLogPath", &session.log.file_log_path),
        ("FileLogBackupPath", &session.log.file_log_backup_path),
    ];
    for (key, path) in paths {
        let Some(Err(error)) = path.as_deref().map(try_to_write) else { continue };
        let place = session.line_of(key);
        errors.push(format!("{place}: {key}: nothing can be written there: {error}"));
    }
    errors
}

fn tls(session: &SessionSettings) -> Result<(), TlsError> {
    match (&session.tls, &session.role) {
        (None, _) => Ok(()),
        (Some(tls), Role::Initiator(_)) => Connector::new(tls).map(drop),
        (Some(tls), Role::Acceptor(_)) => Acceptor::new(tls).map(drop),
    }
}

/// Writes a file into the directory, or into the one that the directory would be made in, and removes it.
fn try_to_write(directory: &Path) -> io::Result<()> {
    let there = existing(directory)?;
    let named = |error: io::Error| io::Error::other(format!("{}: {error}", there.display()));
    let probe = there.join(format!(".fix-host-check-{}", std::process::id()));
    OpenOptions::new().write(true).create_new(true).open(&probe).map_err(named)?;
    fs::remove_file(&probe).map_err(named)
}

/// The nearest directory that exists, from this one upwards.
fn existing(directory: &Path) -> io::Result<&Path> {
    for path in directory.ancestors() {
        let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
        match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => return Ok(path),
            Ok(_) => return Err(io::Error::other(format!("{} is no directory", path.display()))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(io::Error::other(format!("{}: {error}", path.display()))),
        }
    }
    Err(io::ErrorKind::NotFound.into())
}
