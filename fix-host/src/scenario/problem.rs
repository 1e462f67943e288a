//! What is wrong with a scenario file.

use std::fmt;

/// What is wrong with a line: said to the user as `FILE:LINE: TEXT`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) line: u32,
    pub(super) text: String,
}

impl Problem {
    pub(super) fn new(line: u32, text: impl Into<String>) -> Self {
        Problem { line, text: text.into() }
    }
}

/// A scenario file that cannot be used: one line that says where, what, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptError {
    file: String,
    line: u32,
    text: String,
}

impl ScriptError {
    pub(super) fn new(file: &str, problem: Problem) -> Self {
        ScriptError { file: file.to_owned(), line: problem.line, text: problem.text }
    }

    /// About a file as a whole.
    pub(super) fn whole(file: &str, text: impl Into<String>) -> Self {
        Self::new(file, Problem::new(0, text))
    }
}

impl fmt::Display for ScriptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.file, self.text),
            line => write!(f, "{}:{line}: {}", self.file, self.text),
        }
    }
}

impl std::error::Error for ScriptError {}
