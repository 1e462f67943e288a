//! Why a service could not start, or ended badly: one line and an exit code.

use std::fmt::Display;

use crate::exit;

/// An error for the user.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct ServiceError {
    /// The process's exit code, see [`exit`].
    pub code: u8,
    /// One line, or one for each error of a configuration.
    pub message: String,
}

impl ServiceError {
    /// The configuration is at fault.
    pub fn configuration(message: impl Display) -> Self {
        ServiceError { code: exit::CONFIGURATION, message: message.to_string() }
    }

    /// An address or peer is not to be had.
    pub fn unavailable(message: impl Display) -> Self {
        ServiceError { code: exit::UNAVAILABLE, message: message.to_string() }
    }

    /// A store failed.
    pub fn store(message: impl Display) -> Self {
        ServiceError { code: exit::STORE_IO, message: message.to_string() }
    }
}
