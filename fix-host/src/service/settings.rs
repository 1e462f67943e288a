//! Reading a configuration file for a service.

use std::path::Path;

use super::error::ServiceError;
use crate::{
    config::{self, ConfigError, ConnectionType, ProcessSettings, Settings, Source},
    exchange::profile::{self, Profile},
    market::{self, Instrument, replay::Replay},
};

/// The venue profile where none is named.
const PLAIN: &str = "plain";

/// Reads a configuration file and says what it warns of, also when it has errors: the misspelt key is often the
/// one that is missing. Sessions that do not say their role have the `assumed` one.
///
/// # Errors
/// All errors of the file.
pub fn load(path: &Path, assumed: ConnectionType) -> Result<Settings, ServiceError> {
    read(path, assumed).map_err(ServiceError::configuration)
}

/// The same for a caller who may have no log: the error names the warnings too.
///
/// # Errors
/// All errors of the file, then its warnings.
pub fn load_with_warnings(path: &Path, assumed: ConnectionType) -> Result<Settings, ServiceError> {
    read(path, assumed).map_err(|error| match &error {
        ConfigError::Invalid { errors, warnings } => {
            let lines: Vec<_> = errors.iter().chain(warnings).map(ToString::to_string).collect();
            ServiceError::configuration(lines.join("\n"))
        }
        ConfigError::Unreadable { .. } => ServiceError::configuration(error),
    })
}

fn read(path: &Path, assumed: ConnectionType) -> Result<Settings, ConfigError> {
    let loaded = config::load_as(path, Some(assumed));
    let warnings = match &loaded {
        Ok(settings) => settings.warnings.as_slice(),
        Err(ConfigError::Invalid { warnings, .. }) => warnings,
        Err(ConfigError::Unreadable { .. }) => &[],
    };
    for warning in warnings {
        tracing::warn!("{warning}");
    }
    loaded
}

/// The instruments of the file that the command line names, else of `Instruments`, else those that are built in.
///
/// # Errors
/// One line with the place in the file.
pub fn instruments(given: Option<&Path>, process: &ProcessSettings) -> Result<Vec<Instrument>, ServiceError> {
    match given.or(process.instruments.as_deref()) {
        Some(path) => market::load(path).map_err(ServiceError::configuration),
        None => Ok(market::default_instruments()),
    }
}

/// The recording in a file, to be played so many thousandths as fast as it was made.
///
/// # Errors
/// One line with the place in the file.
pub fn replay(path: &Path, instruments: &[Instrument], speed: u32) -> Result<Replay, ServiceError> {
    Replay::load(path, instruments, speed).map_err(ServiceError::configuration)
}

/// The venue profile that the command line names, else that of `Venue`, else `plain`: each a name or a file.
///
/// # Errors
/// One line with the place in the file of the profile.
pub fn venue(given: Option<&str>, settings: &Settings) -> Result<Profile, ServiceError> {
    let key = settings.process.exchange.venue.as_deref();
    let (None, Some(named)) = (given, key) else { return named_venue(given.unwrap_or(PLAIN)) };
    named_venue(named).map_err(|error| {
        let line = settings.process_effective.iter().find(|one| one.key == "Venue");
        match line.map(|one| &one.source) {
            Some(Source::Default(origin) | Source::Session(origin)) => {
                ServiceError::configuration(format!("{origin}: Venue: {error}"))
            }
            _ => error,
        }
    })
}

/// What a venue is named by, for `--help`.
#[must_use]
pub fn venue_names() -> String {
    format!("{}, or a file in TOML (docs/venues.md)", profile::names())
}

/// The venue profile of this name, or of this file.
///
/// # Errors
/// One line with the place in the file.
pub fn named_venue(named: &str) -> Result<Profile, ServiceError> {
    profile::load(named).map_err(ServiceError::configuration)
}
