//! The configuration as a user meets it: real files of four engines, and what is said about bad ones.

mod cli;
mod corpus;
mod dialects;
mod errors;
mod limits;
mod preflight;
mod properties;
mod roles;
mod shipped;
mod versions;

use std::io;
use std::path::Path;

use fix_host::config::{ConfigError, Environment, SessionSettings, Settings, parse_bytes};

/// A machine with a few variables and files; every file exists but those below `missing/`.
pub(crate) struct Machine;

impl Environment for Machine {
    fn var(&self, name: &str) -> Option<String> {
        match name {
            "FIX_HOST" => Some("fix.example.com".into()),
            "FIX_PASSWORD" => Some("hunter2".into()),
            "CERT" => Some("-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----".into()),
            "EVIL" => Some("x\u{1}554=y".into()),
            "LINES" => Some("a\nHeartBtInt=1".into()),
            _ => None,
        }
    }

    fn read(&self, path: &Path, _limit: usize) -> io::Result<Vec<u8>> {
        self.check_file(path)?;
        match path.to_str() {
            Some("secrets/password") => Ok(b"s3cret!\r\n".to_vec()),
            Some("secrets/two-lines") => Ok(b"a\nb\n".to_vec()),
            _ => Ok(Vec::new()),
        }
    }

    fn check_file(&self, path: &Path) -> io::Result<()> {
        if path.starts_with("missing") {
            return Err(io::Error::new(io::ErrorKind::NotFound, "no such file"));
        }
        Ok(())
    }
}

pub(crate) fn parse(text: &str) -> Result<Settings, ConfigError> {
    parse_bytes("t.cfg", text.as_bytes(), &Machine)
}

pub(crate) fn settings(text: &str) -> Settings {
    parse(text).unwrap_or_else(|error| panic!("{error}"))
}

pub(crate) fn session(text: &str) -> SessionSettings {
    settings(text).sessions.swap_remove(0)
}

/// All errors of a bad file.
pub(crate) fn errors(text: &str) -> String {
    parse(text).err().map(|error| error.to_string()).unwrap_or_default()
}

/// All warnings of a good file.
pub(crate) fn warnings(text: &str) -> String {
    settings(text).warnings.iter().map(|warning| format!("{warning}\n")).collect()
}

/// The least that an initiator needs, in `[SESSION]`, for a test to add to.
pub(crate) const INITIATOR: &str = "[SESSION]\nConnectionType=initiator\nBeginString=FIX.4.4\n\
    SenderCompID=A\nTargetCompID=B\nSocketConnectHost=h\nSocketConnectPort=1\nHeartBtInt=30\n\
    FileStorePath=s\n";

/// The same for an acceptor.
pub(crate) const ACCEPTOR: &str = "[SESSION]\nConnectionType=acceptor\nBeginString=FIX.4.4\n\
    SenderCompID=A\nTargetCompID=B\nSocketAcceptAddress=127.0.0.1\nSocketAcceptPort=1\nFileStorePath=s\n";
