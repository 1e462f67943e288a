//! Why a service could not start, or ended badly: one line and an exit code.

use std::{
    any::Any,
    fmt::{self, Display},
};

use crate::exit;

/// An error for the user.
#[derive(thiserror::Error)]
#[error("{message}")]
pub struct ServiceError {
    /// The process's exit code, see [`exit`].
    pub code: u8,
    /// One line, or one for each error of a configuration.
    pub message: String,
}

/// As a user reads it: it is what a `main` that returns it prints.
impl fmt::Debug for ServiceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
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

    /// The task of a session panicked, with what `panic` holds.
    pub fn panicked(session: &str, panic: &(dyn Any + Send)) -> Self {
        let text = panic.downcast_ref::<&str>().copied();
        let text =
            text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message");
        let message = format!(
            "{session}: panicked: {text}; that is a defect of the application or of this program, and a line above says \
             where"
        );
        ServiceError { code: exit::SOFTWARE, message }
    }

    /// A store failed.
    pub fn store(message: impl Display) -> Self {
        ServiceError { code: exit::STORE_IO, message: message.to_string() }
    }
}
