//! Reading a configuration file for a service.

use std::path::Path;

use super::error::ServiceError;
use crate::{
    config::{self, ConfigError, ConnectionType, ProcessSettings, Settings},
    market::{self, Instrument},
};

/// Reads a configuration file and says what it warns of, also when it has errors: the misspelt key is often the
/// one that is missing. Sessions that do not say their role have the `assumed` one.
///
/// # Errors
/// All errors of the file.
pub fn load(path: &Path, assumed: ConnectionType) -> Result<Settings, ServiceError> {
    let loaded = config::load_as(path, Some(assumed));
    let warnings = match &loaded {
        Ok(settings) => settings.warnings.as_slice(),
        Err(ConfigError::Invalid { warnings, .. }) => warnings,
        Err(ConfigError::Unreadable { .. }) => &[],
    };
    for warning in warnings {
        tracing::warn!("{warning}");
    }
    loaded.map_err(ServiceError::configuration)
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
