//! What is wrong with a dictionary, where, and what to do about it.

use std::{fmt, sync::Arc};

/// A place in a file: line and column count from 1; 0 stands for the file as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct At {
    /// The file as the user named it.
    pub file: Arc<str>,
    /// The line.
    pub line: u32,
    /// The column.
    pub column: u32,
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}", self.file),
            line => write!(f, "{}:{line}:{}", self.file, self.column),
        }
    }
}

/// A dictionary that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpecError {
    /// Where.
    pub at: At,
    /// What is wrong and what to do.
    pub message: String,
}

impl SpecError {
    /// An error about a place.
    pub fn new(at: &At, message: impl Into<String>) -> Self {
        SpecError { at: at.clone(), message: message.into() }
    }

    /// An error about a file as a whole.
    pub fn file(name: &str, message: impl Into<String>) -> Self {
        SpecError { at: At { file: name.into(), line: 0, column: 0 }, message: message.into() }
    }
}

impl fmt::Display for SpecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Names from the file are part of the message: no control character of theirs may reach a terminal.
        write!(f, "{}: ", self.at)?;
        self.message.chars().try_for_each(|c| {
            if c.is_control() { write!(f, "{}", c.escape_default()) } else { write!(f, "{c}") }
        })
    }
}

impl std::error::Error for SpecError {}
