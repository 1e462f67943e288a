//! From a file's bytes to settings or to the list of everything that is wrong.

use std::path::Path;

use super::across;
use super::environment::{Environment, System};
use super::families::Families;
use super::problem::{ConfigError, Origin, Problems};
use super::reader::{Context, Effective, Reader};
use super::scope::Scope;
use super::settings::{ConnectionType, ProcessSettings, SessionSettings, Settings};
use super::source::{SectionKind, sections};
use super::versions::OtherVersions;

/// Reads and validates a configuration file, with the process's own environment.
///
/// # Errors
/// [`ConfigError::Unreadable`] when the file cannot be read, else [`ConfigError::Invalid`] with all errors.
pub fn load(path: &Path) -> Result<Settings, ConfigError> {
    load_as(path, None)
}

/// [`load`] for a purpose: sessions that do not say their role have the `assumed` one. Values that no line sets are not
/// among the `effective` ones, which are there to be shown.
///
/// # Errors
/// As [`load`].
pub fn load_as(path: &Path, assumed: Option<ConnectionType>) -> Result<Settings, ConfigError> {
    /// Far beyond any real file, and a bound when the path is a device.
    const LARGEST: usize = 4 << 20;
    let file = path.display().to_string();
    match System.read(path, LARGEST) {
        Ok(bytes) => parse_bytes_as(&file, &bytes, &System, assumed),
        Err(error) => Err(ConfigError::Unreadable { file, reason: error.to_string() }),
    }
}

/// Validates the bytes of a configuration file; `file` is its name in messages.
///
/// # Errors
/// [`ConfigError::Invalid`] with every error of the file.
pub fn parse_bytes(file: &str, bytes: &[u8], environment: &dyn Environment) -> Result<Settings, ConfigError> {
    parse_bytes_as(file, bytes, environment, None)
}

/// [`parse_bytes`] for a purpose: sessions that do not say their role have the `assumed` one.
///
/// # Errors
/// As [`parse_bytes`].
pub fn parse_bytes_as(
    file: &str,
    bytes: &[u8],
    environment: &dyn Environment,
    assumed: Option<ConnectionType>,
) -> Result<Settings, ConfigError> {
    let mut problems = Problems::default();
    let sections = sections(file, bytes, environment, &mut problems);
    let families = Families::of(&sections);
    let context = Context { environment, assumed, families: &families };
    let whole_file = Origin { file: file.into(), line: 0 };
    let mut default = Scope::default();
    let mut own = Vec::new();
    for section in sections {
        match section.kind {
            SectionKind::Default => default.absorb(section, &families, &mut problems),
            SectionKind::Session => own.push(section),
        }
    }
    if own.is_empty() {
        let text = "holds no [SESSION]; write one with SenderCompID, TargetCompID and ConnectionType";
        problems.error(&whole_file, None, text);
    }
    let (process, process_effective) = process(&default, &whole_file, context, &mut problems);
    let mut sessions = Vec::new();
    let mut others = OtherVersions::new(&default);
    for section in own {
        if problems.are_too_many() {
            break;
        }
        let (mut found, origin) = (Problems::default(), section.origin.clone());
        let mut scope = Scope::default();
        scope.absorb(section, &families, &mut found);
        if others.take(&scope, &default, &origin, context) {
            continue;
        }
        let session = session(&scope, &default, &origin, context, &mut found);
        if process.continue_initialization_on_error && !found.errors.is_empty() {
            leave_out(&session, &mut found);
        } else {
            sessions.push(session);
        }
        problems.absorb(found);
    }
    others.report(sessions.is_empty(), &mut problems);
    across::check(&sessions, &mut problems);
    if sessions.is_empty() && problems.errors.is_empty() {
        problems.error(&whole_file, None, "no session is left: each of them has an error");
    }
    let (errors, warnings) = problems.sorted(&whole_file);
    if errors.is_empty() {
        Ok(Settings { sessions, process, process_effective, warnings })
    } else {
        Err(ConfigError::Invalid { errors, warnings })
    }
}

fn process(
    default: &Scope,
    origin: &Origin,
    context: Context<'_>,
    problems: &mut Problems,
) -> (ProcessSettings, Vec<Effective>) {
    let mut reader = Reader::new(None, default, origin, context, problems);
    let process = ProcessSettings::read(&mut reader);
    (process, reader.finish("the process"))
}

fn session(
    scope: &Scope,
    default: &Scope,
    origin: &Origin,
    context: Context<'_>,
    problems: &mut Problems,
) -> SessionSettings {
    let mut application = default.application.clone();
    application.extend(scope.application.clone());
    let reader = Reader::new(Some(scope), default, origin, context, problems);
    SessionSettings::read(reader, origin.clone(), application)
}

/// `ContinueInitializationOnError=Y`: the session's errors become warnings, and it does not start.
fn leave_out(session: &SessionSettings, found: &mut Problems) {
    found.warnings.append(&mut found.errors);
    let text = format!("session {} is left out because of its errors", session.identity);
    found.warn(&session.origin, None, text);
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;
    use crate::config::key::{Class, Key};
    use crate::config::keys;

    /// A machine where every file exists and is empty.
    struct Anywhere;

    impl Environment for Anywhere {
        fn var(&self, _name: &str) -> Option<String> {
            Some("x".into())
        }

        fn read(&self, _path: &Path, _limit: usize) -> io::Result<Vec<u8>> {
            Ok(Vec::new())
        }

        fn check_file(&self, _path: &Path) -> io::Result<()> {
            Ok(())
        }
    }

    /// The keys that a session of this role does not read, when all keys are set.
    fn unread(connection_type: &str) -> Vec<&'static str> {
        let mut text = String::from("[SESSION]\n");
        for key in keys::all().filter(|key| key.class == Class::Honour) {
            let value = match key.name {
                "ConnectionType" => connection_type,
                "HostSelectionPolicy" => "PRIORITY",
                _ => key.sample(),
            };
            text.push_str(&format!("{}={value}\n", key.name));
        }
        let Err(ConfigError::Invalid { warnings, .. }) = parse_bytes("t", text.as_bytes(), &Anywhere) else {
            panic!("Password and PasswordFile contradict each other")
        };
        let is_unread = |key: &&Key| {
            warnings.iter().any(|warning| {
                warning.key.as_deref() == Some(key.name) && warning.text.starts_with("has no effect")
            })
        };
        keys::all().filter(is_unread).map(|key| key.name).collect()
    }

    /// "Honour" in the table is a promise: each such key has to reach the settings.
    #[test]
    fn every_honoured_key_is_read_by_some_role() {
        let (initiator, acceptor) = (unread("initiator"), unread("acceptor"));
        let by_none: Vec<_> = initiator.iter().filter(|name| acceptor.contains(name)).copied().collect();
        let of_the_process: Vec<_> = keys::GROUPS
            .iter()
            .filter(|group| group.title == "Process")
            .flat_map(|group| group.keys)
            .collect();
        let of_the_process: Vec<_> = of_the_process.iter().map(|key| key.name).collect();
        assert_eq!(by_none, of_the_process);
        assert!(initiator.contains(&"SocketAcceptPort") && acceptor.contains(&"SocketConnectHost"));
    }
}
