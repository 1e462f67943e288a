//! Where a value stands in its file, and what is wrong with it.

use std::fmt;
use std::sync::Arc;

/// A line of a configuration file. Line 0 means the file as a whole.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Origin {
    /// The file, named as the user named it.
    pub file: Arc<str>,
    /// The line, counted from 1.
    pub line: usize,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}", self.file),
            line => write!(f, "{}:{line}", self.file),
        }
    }
}

/// Who set an effective value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A line of the session's own `[SESSION]` section.
    Session(Origin),
    /// A line of `[DEFAULT]`.
    Default(Origin),
    /// No line: the default of the key table.
    BuiltIn,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Session(origin) => write!(f, "{origin} [SESSION]"),
            Source::Default(origin) => write!(f, "{origin} [DEFAULT]"),
            Source::BuiltIn => f.write_str("built-in default"),
        }
    }
}

/// One thing the user has to know: where, which key, what, and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigProblem {
    /// The line it is about.
    pub origin: Origin,
    /// The key, spelt as the user spelt it; `None` when the line holds no key.
    pub key: Option<String>,
    /// What is wrong and what to do, in one line. Never holds the value of a secret.
    pub text: String,
}

impl fmt::Display for ConfigProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.key {
            Some(key) => write!(f, "{}: {key}: {}", self.origin, self.text),
            None => write!(f, "{}: {}", self.origin, self.text),
        }
    }
}

/// Everything found so far: a file is read to its end, so that one run shows all there is to mend.
#[derive(Clone, Debug, Default)]
pub(super) struct Problems {
    pub(super) errors: Vec<ConfigProblem>,
    pub(super) warnings: Vec<ConfigProblem>,
}

impl Problems {
    /// With so many errors it is no configuration file, and listing more of anything helps nobody.
    const MOST: usize = 1000;

    pub(super) fn error(&mut self, origin: &Origin, key: Option<&str>, text: impl Into<String>) {
        let problem =
            ConfigProblem { origin: origin.clone(), key: key.map(str::to_owned), text: text.into() };
        Self::push(&mut self.errors, problem);
    }

    pub(super) fn warn(&mut self, origin: &Origin, key: Option<&str>, text: impl Into<String>) {
        let problem =
            ConfigProblem { origin: origin.clone(), key: key.map(str::to_owned), text: text.into() };
        Self::push(&mut self.warnings, problem);
    }

    /// A line of `[DEFAULT]` is judged once per session, but reported once.
    fn push(list: &mut Vec<ConfigProblem>, problem: ConfigProblem) {
        if list.len() < Self::MOST && !list.contains(&problem) {
            list.push(problem);
        }
    }

    /// Whether to stop reading.
    pub(super) fn are_too_many(&self) -> bool {
        self.errors.len() >= Self::MOST
    }

    /// Whether more warnings are dropped.
    pub(super) fn warnings_are_full(&self) -> bool {
        self.warnings.len() >= Self::MOST
    }

    pub(super) fn absorb(&mut self, other: Problems) {
        other.errors.into_iter().for_each(|problem| Self::push(&mut self.errors, problem));
        other.warnings.into_iter().for_each(|problem| Self::push(&mut self.warnings, problem));
    }

    /// The order of the file, so that the user mends from top to bottom.
    pub(super) fn sorted(mut self, file: &Origin) -> (Vec<ConfigProblem>, Vec<ConfigProblem>) {
        let too_many = self.are_too_many();
        self.errors.sort_by(|a, b| a.origin.cmp(&b.origin));
        self.warnings.sort_by(|a, b| a.origin.cmp(&b.origin));
        if too_many {
            let text = "has so many errors that the rest was not read; is it a configuration file?";
            self.errors.push(ConfigProblem { origin: file.clone(), key: None, text: text.to_owned() });
        }
        (self.errors, self.warnings)
    }
}

/// Why there are no settings. Ours to mend, never the counterparty's: exit code 78.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file itself cannot be read.
    #[error("{file}: cannot read the configuration: {reason}")]
    Unreadable {
        /// The file, named as the user named it.
        file: String,
        /// What the system said.
        reason: String,
    },
    /// The file was read to its end, and these are all its errors.
    #[error("{}", one_a_line(errors))]
    Invalid {
        /// What has to be mended, in the order of the file; never empty.
        errors: Vec<ConfigProblem>,
        /// What else was noticed.
        warnings: Vec<ConfigProblem>,
    },
}

impl ConfigError {
    /// `EX_CONFIG` of sysexits.h.
    pub const EXIT_CODE: u8 = 78;
}

fn one_a_line(problems: &[ConfigProblem]) -> String {
    problems.iter().map(ConfigProblem::to_string).collect::<Vec<_>>().join("\n")
}
