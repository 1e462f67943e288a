//! One section after the key table has been applied: known keys with typed values, and the rest.

use std::collections::{BTreeMap, BTreeSet};

use super::families::{Families, is_reported};
use super::key::{Class, Key, Suffix, did_you_mean, find};
use super::problem::{Origin, Problems};
use super::secret::{Secret, names_a_secret};
use super::source::{Line, Section};
use super::value::{Kind, Value};

/// What a line set its key to.
pub(super) enum State {
    Value(Value),
    /// `Key=` with nothing behind it: not set, not even by `[DEFAULT]`.
    Unset,
    /// Reported already.
    Invalid,
}

/// A known key that a line of this section sets.
pub(super) struct Entry {
    pub(super) key: &'static Key,
    pub(super) suffix: Suffix,
    /// The name as written, for messages.
    pub(super) written: String,
    pub(super) text: String,
    pub(super) state: State,
    pub(super) origin: Origin,
    /// The header of the section, to tell a repeated key from a repeated section.
    header: Origin,
}

/// A key that the table lacks: kept for the application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApplicationKey {
    /// The value, variables expanded; wrapped, because only the application knows whether it is a secret.
    pub value: Secret,
    /// The line that set it.
    pub origin: Origin,
}

/// The entries of one section, or of several `[DEFAULT]` sections together.
#[derive(Default)]
pub(super) struct Scope {
    pub(super) entries: BTreeMap<(&'static str, Suffix), Entry>,
    pub(super) application: BTreeMap<String, ApplicationKey>,
    /// The documentation of keys that are refused, unless something else of the session makes up for them.
    pub(super) refused: BTreeSet<&'static str>,
}

impl Scope {
    pub(super) fn absorb(&mut self, section: Section, families: &Families, problems: &mut Problems) {
        for line in section.lines {
            if problems.are_too_many() {
                return;
            }
            match find(&line.key) {
                None => self.keep_for_the_application(line, problems),
                Some(found) => {
                    warn_of_a_trailing_comment(&line, problems);
                    let state = state(found.key, &line, problems);
                    match found.key.class {
                        _ if !is_reported(found.key, &line) => {}
                        Class::Refuse => drop(self.refused.insert(found.key.doc)),
                        // What its value asks for has been refused.
                        _ if matches!(state, State::Invalid) => {}
                        _ => families.warn(found.key.doc, found.key.doc, problems),
                    }
                    let entry = Entry {
                        key: found.key,
                        suffix: found.suffix,
                        written: line.key,
                        text: line.value,
                        state,
                        origin: line.origin,
                        header: section.origin.clone(),
                    };
                    self.insert(entry, problems);
                }
            }
        }
    }

    fn insert(&mut self, entry: Entry, problems: &mut Problems) {
        // The rows with a `*` stand for many keys, and all of them have been reported.
        if entry.key.class != Class::Honour {
            return;
        }
        let slot = (entry.key.name, entry.suffix.clone());
        if let Some(earlier) = self.entries.get(&slot).filter(|earlier| earlier.header == entry.header) {
            let line = earlier.origin.line;
            let same_name = earlier.written.eq_ignore_ascii_case(&entry.written);
            if same_name {
                let text = format!("is set again; the value of line {line} no longer counts");
                problems.warn(&entry.origin, Some(&entry.written), text);
            } else if earlier.text != entry.text {
                let other = &earlier.written;
                let text =
                    format!("contradicts {other} of line {line}, another name of it; keep one of them");
                problems.error(&entry.origin, Some(&entry.written), text);
            }
        }
        self.entries.insert(slot, entry);
    }

    fn keep_for_the_application(&mut self, line: Line, problems: &mut Problems) {
        // Looking for the nearest name is slow, and nobody would see the thousandth suggestion.
        let near = if problems.warnings_are_full() { None } else { did_you_mean(&line.key) };
        let text = match near {
            Some(known) => format!("is not a key of this engine; did you mean {known}?"),
            None => "is not a key of this engine; it is kept for the application".to_owned(),
        };
        problems.warn(&line.origin, Some(&line.key), text);
        self.application
            .insert(line.key, ApplicationKey { value: Secret::new(line.value), origin: line.origin });
    }
}

fn state(key: &'static Key, line: &Line, problems: &mut Problems) -> State {
    let (origin, written) = (&line.origin, Some(line.key.as_str()));
    if key.class == Class::Refuse {
        return State::Invalid;
    }
    if line.value.is_empty() {
        if key.kind.may_be_empty() {
            return State::Unset;
        }
        let text = format!("has no value; write e.g. {}={}, or remove the line", line.key, key.sample());
        problems.error(origin, written, text);
        return State::Invalid;
    }
    match key.kind.parse(&line.value) {
        Ok(value) => State::Value(value),
        Err(why) => {
            problems.error(origin, written, bad_value(key, line, &why));
            State::Invalid
        }
    }
}

fn bad_value(key: &Key, line: &Line, why: &str) -> String {
    let quoted = if key.kind.is_secret() || names_a_secret(&line.key) {
        "the value".to_owned()
    } else {
        quote(&line.value)
    };
    // A time zone that is nearly right needs no other one to be shown.
    if key.kind == Kind::TimeZone || why.ends_with('?') {
        return format!("{quoted} {why}");
    }
    format!("{quoted} {why}; write e.g. {}={}", line.key, key.sample())
}

/// A value in an error text: escaped, and not longer than a line.
pub(super) fn quote(text: &str) -> String {
    const LONGEST: usize = 60;
    let mut shown: String = text.chars().take(LONGEST).flat_map(char::escape_debug).collect();
    if text.chars().nth(LONGEST).is_some() {
        shown.push('…');
    }
    format!("\"{shown}\"")
}

/// QuickFIX knows comments only at the start of a line, so a text value would swallow this one.
fn warn_of_a_trailing_comment(line: &Line, problems: &mut Problems) {
    if line.value.contains(" #") && !names_a_secret(&line.key) {
        let text = "the value holds \" #\", which is part of it; a comment stands on a line of its own";
        problems.warn(&line.origin, Some(&line.key), text);
    }
}
