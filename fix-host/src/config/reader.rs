//! The values that one session has in the end: its own, else `[DEFAULT]`'s, else the table's.

use std::collections::{BTreeSet, HashSet};

use super::environment::Environment;
use super::families::Families;
use super::key::{Class, Found, Key, Suffix, find};
use super::problem::{Origin, Problems, Source};
use super::scope::{Entry, Scope, State, quote};
use super::secret::{MASK, is_secret_tag};
use super::settings::ConnectionType;
use super::value::{FromValue, Kind, Value};

/// One effective value, as `fix-host config show` prints it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effective {
    /// The key's name in the table, with its number.
    pub key: String,
    /// The value; `***` for a secret.
    pub text: String,
    /// Who set it.
    pub source: Source,
}

/// What is the same for all sections of a file.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) environment: &'a dyn Environment,
    /// The role of sessions that do not say theirs.
    pub(super) assumed: Option<ConnectionType>,
    pub(super) families: &'a Families,
}

/// Reads typed values and notes every one it gave out, so that what is shown is what is used.
pub(super) struct Reader<'a> {
    /// `None` while the keys of the process are read, which belong in `[DEFAULT]`.
    session: Option<&'a Scope>,
    default: &'a Scope,
    /// The header to blame for what no line says.
    origin: &'a Origin,
    pub(super) context: Context<'a>,
    pub(super) problems: &'a mut Problems,
    effective: Vec<Effective>,
    read: HashSet<&'static str>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(
        session: Option<&'a Scope>,
        default: &'a Scope,
        origin: &'a Origin,
        context: Context<'a>,
        problems: &'a mut Problems,
    ) -> Self {
        let (effective, read) = (Vec::new(), HashSet::new());
        Reader { session, default, origin, context, problems, effective, read }
    }

    /// The value of a key, if it has one.
    pub(super) fn get<T: FromValue>(&mut self, name: &str) -> Option<T> {
        let key = self.key(name)?;
        self.read.insert(key.name);
        let Some((entry, source)) = self.entry(key, &Suffix::None) else {
            let default = key.default?;
            // A hundred keys of thousands of sessions: only whoever has the file shown needs those that no line sets.
            if self.context.assumed.is_none() {
                self.note(key.name.to_owned(), default.to_owned(), Source::BuiltIn);
            }
            return converted(key, &key.kind.parse(default).ok()?);
        };
        self.take(key, entry, source)
    }

    /// The value of a key that has a default in the table.
    pub(super) fn value<T: FromValue + Default>(&mut self, name: &str) -> T {
        debug_assert!(self.key(name).is_none_or(|key| key.default.is_some()), "{name} has no default");
        // Without a value only when the line is wrong, and then no settings leave this module.
        self.get(name).unwrap_or_default()
    }

    /// The value of a key that must be set, else an error that says `why` it must.
    pub(super) fn require<T: FromValue + Default>(&mut self, name: &str, why: &str) -> T {
        let value = self.get(name);
        if !self.is_set(name) {
            let sample = self.key(name).map_or("", Key::sample);
            self.error(name, format!("is missing: {why}; write e.g. {name}={sample}"));
        }
        value.unwrap_or_default()
    }

    /// All values of a numbered key, in the order of the numbers, the unnumbered one first.
    pub(super) fn numbered<T: FromValue>(&mut self, name: &str) -> Vec<(Option<u32>, T)> {
        let number = |(suffix, value)| match suffix {
            Suffix::Number(number) => (Some(number), value),
            _ => (None, value),
        };
        self.with_any_suffix(name).into_iter().map(number).collect()
    }

    /// The values that a key has for single symbols.
    pub(super) fn by_symbol<T: FromValue>(&mut self, name: &str) -> Vec<(String, T)> {
        let symbol = |(suffix, value)| match suffix {
            Suffix::Symbol(symbol) => Some((symbol, value)),
            _ => None,
        };
        self.with_any_suffix(name).into_iter().filter_map(symbol).collect()
    }

    fn with_any_suffix<T: FromValue>(&mut self, name: &str) -> Vec<(Suffix, T)> {
        let Some(key) = self.key(name) else { return Vec::new() };
        self.read.insert(key.name);
        let scopes = self.session.into_iter().chain([self.default]);
        let slots = scopes.flat_map(|scope| scope.entries.keys()).filter(|slot| slot.0 == key.name);
        let suffixes: BTreeSet<Suffix> = slots.map(|slot| slot.1.clone()).collect();
        let mut values = Vec::new();
        for suffix in suffixes {
            let Some((entry, source)) = self.entry(key, &suffix) else { continue };
            if let Some(value) = self.take(key, entry, source) {
                values.push((suffix, value));
            }
        }
        values
    }

    fn take<T: FromValue>(&mut self, key: &'static Key, entry: &Entry, source: Source) -> Option<T> {
        let State::Value(value) = &entry.state else { return None };
        let files = match (key.kind, value) {
            (Kind::File, Value::Path(path)) => std::slice::from_ref(path),
            (Kind::Files, Value::Paths(paths)) => paths,
            _ => &[],
        };
        for file in files {
            if let Err(error) = self.context.environment.check_file(file) {
                let text = format!("cannot open {}: {error}", quote(&file.to_string_lossy()));
                self.problems.error(&entry.origin, Some(&entry.written), text);
            }
        }
        self.note(format!("{}{}", key.name, entry.suffix), shown(value, &entry.text), source);
        converted(key, value)
    }

    fn note(&mut self, key: String, text: String, source: Source) {
        let effective = Effective { key, text, source };
        if !self.effective.contains(&effective) {
            self.effective.push(effective);
        }
    }

    fn entry(&self, key: &Key, suffix: &Suffix) -> Option<(&'a Entry, Source)> {
        let slot = (key.name, suffix.clone());
        if let Some(entry) = self.session.and_then(|scope| scope.entries.get(&slot)) {
            return Some((entry, Source::Session(entry.origin.clone())));
        }
        let entry = self.default.entries.get(&slot)?;
        Some((entry, Source::Default(entry.origin.clone())))
    }

    fn key(&self, name: &str) -> Option<&'static Key> {
        let found = find(name).map(|Found { key, .. }| key);
        debug_assert!(found.is_some_and(|key| key.class == Class::Honour), "{name} is not a key to read");
        found
    }

    /// Whether a line sets the key, rightly or wrongly.
    pub(super) fn is_set(&self, name: &str) -> bool {
        self.source(name).is_some()
    }

    /// Whether a line sets the key, with or without a number; and whether one of the session's own does.
    pub(super) fn is_set_with_any_number(&self, name: &str) -> (bool, bool) {
        let sets = |scope: &Scope| {
            let set = |entry: &Entry| entry.key.name == name && !matches!(entry.state, State::Unset);
            scope.entries.values().any(set)
        };
        let own = self.session.is_some_and(sets);
        (own || sets(self.default), own)
    }

    /// Takes a value for one that no line sets, to be shown with the others.
    pub(super) fn assume(&mut self, name: &'static str, text: &str, because_of: &str) {
        self.read.insert(name);
        let found = find(because_of).and_then(|Found { key, .. }| self.any_entry(key));
        self.note(name.to_owned(), text.to_owned(), found.unwrap_or(Source::BuiltIn));
    }

    fn any_entry(&self, key: &Key) -> Option<Source> {
        let mine = |scope: &'a Scope| scope.entries.values().find(|entry| entry.key.name == key.name);
        let own = self.session.and_then(mine).map(|entry| Source::Session(entry.origin.clone()));
        own.or_else(|| mine(self.default).map(|entry| Source::Default(entry.origin.clone())))
    }

    /// What `read` gives, and nothing of what it finds fault with: it has been reported otherwise.
    pub(super) fn silently<T>(&mut self, read: impl FnOnce(&mut Self) -> T) -> T {
        let before = std::mem::take(self.problems);
        let value = read(self);
        *self.problems = before;
        value
    }

    /// The families of refused keys that are set.
    pub(super) fn refused(&self) -> Vec<&'static str> {
        let scopes = self.session.into_iter().chain([self.default]);
        let mut refused: Vec<_> = scopes.flat_map(|scope| scope.refused.iter().copied()).collect();
        refused.sort_unstable();
        refused.dedup();
        refused
    }

    /// The line that sets a key.
    pub(super) fn source(&self, name: &str) -> Option<Source> {
        let Found { key, suffix } = find(name)?;
        let (entry, source) = self.entry(key, &suffix)?;
        (!matches!(entry.state, State::Unset)).then_some(source)
    }

    /// Reports an error at the line of `name`, else at the section's header.
    pub(super) fn error(&mut self, name: &str, text: impl Into<String>) {
        let (origin, written) = self.blame(name);
        self.problems.error(&origin, Some(&written), text);
    }

    /// As [`Reader::error`], but a warning.
    pub(super) fn warn(&mut self, name: &str, text: impl Into<String>) {
        let (origin, written) = self.blame(name);
        self.problems.warn(&origin, Some(&written), text);
    }

    fn blame(&self, name: &str) -> (Origin, String) {
        let found = find(name).and_then(|Found { key, suffix }| self.entry(key, &suffix));
        match found {
            Some((entry, _)) => (entry.origin.clone(), entry.written.clone()),
            None => (self.origin.clone(), name.to_owned()),
        }
    }

    /// Warns of the session's own lines that nothing has read, and gives out what was read.
    pub(super) fn finish(self, who: &str) -> Vec<Effective> {
        for entry in self.session.into_iter().flat_map(|scope| scope.entries.values()) {
            if !self.read.contains(entry.key.name) && !matches!(entry.state, State::Invalid) {
                self.problems.warn(&entry.origin, Some(&entry.written), format!("has no effect in {who}"));
            }
        }
        self.effective
    }
}

fn converted<T: FromValue>(key: &Key, value: &Value) -> Option<T> {
    let converted = T::from_value(value);
    debug_assert!(converted.is_some(), "{} is read as another type than its kind", key.name);
    converted
}

fn shown(value: &Value, text: &str) -> String {
    match value {
        Value::Secret(_) => MASK.to_owned(),
        Value::LogonTag(tag, _) if is_secret_tag(*tag) => format!("{tag}={MASK}"),
        _ => text.to_owned(),
    }
}
