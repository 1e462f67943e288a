//! Reading a configuration file for a service.

use std::path::Path;

use super::error::ServiceError;
use crate::config::{self, ConfigError, ConnectionType, Settings};

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
