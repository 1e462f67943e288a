//! What is wrong or odd in a dictionary, where, and what to do about it.

use std::{collections::HashSet, fmt, sync::Arc};

/// A place in a file: line and column count from 1; 0 stands for the file as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
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
        line(f, &self.at, &self.message)
    }
}

impl std::error::Error for SpecError {}

/// Something that no dictionary should have, and what was made of it. The dictionary can be used.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Warning {
    /// Where.
    pub at: At,
    /// What is odd, and what was made of it.
    pub message: String,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        line(f, &self.at, &self.message)
    }
}

/// Names from the file are part of the message: no control character of theirs may reach a terminal.
fn line(f: &mut fmt::Formatter<'_>, at: &At, message: &str) -> fmt::Result {
    let text = format!("{at}: {message}");
    text.chars()
        .try_for_each(|c| if c.is_control() { write!(f, "{}", c.escape_default()) } else { write!(f, "{c}") })
}

/// As many warnings are kept; of a file in which everything is odd nobody reads more.
pub const MAX_WARNINGS: usize = 100;

/// The warnings about a dictionary with its overlays, in the order in which they were found, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Warnings {
    list: Vec<Warning>,
    seen: HashSet<Warning>,
    more: usize,
}

impl Warnings {
    /// Adds a warning about a place.
    pub fn push(&mut self, at: &At, message: impl Into<String>) {
        let warning = Warning { at: at.clone(), message: message.into() };
        if self.list.len() == MAX_WARNINGS {
            self.more += usize::from(!self.seen.contains(&warning));
        } else if self.seen.insert(warning.clone()) {
            self.list.push(warning);
        }
    }

    /// Whether there is nothing odd.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// A line for each warning; the last one counts those that are left out.
    pub fn lines(&self) -> impl Iterator<Item = String> + '_ {
        let more =
            self.list.last().filter(|_| self.more > 0).map(|last| {
                format!("{}: {} more warnings are left out", last.at.file.escape_debug(), self.more)
            });
        self.list.iter().map(Warning::to_string).chain(more)
    }
}
