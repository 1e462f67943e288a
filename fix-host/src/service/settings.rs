//! Reading a configuration file for a service.

use std::path::Path;

use super::error::ServiceError;
use crate::config::{self, Settings};

/// Reads a configuration file and says what it warns of.
///
/// # Errors
/// All errors of the file.
pub fn load(path: &Path) -> Result<Settings, ServiceError> {
    let settings = config::load(path).map_err(ServiceError::configuration)?;
    for warning in &settings.warnings {
        tracing::warn!("{warning}");
    }
    Ok(settings)
}
