//! Keys that are reported together: the six lines of one database are one mistake, with one remedy.

use std::collections::HashMap;

use super::key::{Class, Key, find};
use super::keys::{DATABASE_LOG, DATABASE_STORE, KEY_STORE, KEY_STORE_DETAIL};
use super::problem::{Origin, Problems};
use super::source::{Line, Section};
use super::value::Kind;

/// The lines of one family, in the whole file.
struct Family {
    /// The first of them.
    origin: Origin,
    written: String,
    /// How many more there are.
    others: usize,
}

/// All families of a file. Keys of the same documentation are a family: what is to be said is the same.
pub(super) struct Families(HashMap<&'static str, Family>);

impl Families {
    pub(super) fn of(sections: &[Section]) -> Self {
        let lines = sections.iter().flat_map(|section| &section.lines);
        let reported: Vec<(&Key, &Line)> = lines
            .filter_map(|line| Some((find(&line.key)?.key, line)))
            .filter(|(key, line)| is_reported(key, line))
            .collect();
        let has = |doc| reported.iter().any(|(key, _)| key.doc == doc);
        let (has_database, has_key_store) = (has(DATABASE_STORE), has(KEY_STORE));
        let mut families = HashMap::<&'static str, Family>::new();
        for (key, line) in reported {
            let doc = match key.doc {
                DATABASE_LOG if has_database => DATABASE_STORE,
                KEY_STORE_DETAIL if has_key_store => KEY_STORE,
                doc => doc,
            };
            let first = || Family { origin: line.origin.clone(), written: line.key.clone(), others: 0 };
            families.entry(doc).and_modify(|family| family.others += 1).or_insert_with(first);
        }
        Families(families)
    }

    /// Says once for the family of this documentation that its keys do nothing; nothing, if another family
    /// speaks for it.
    pub(super) fn warn(&self, doc: &str, text: &str, problems: &mut Problems) {
        if let Some(family) = self.0.get(doc) {
            problems.warn(&family.origin, Some(&family.written), family.sentence("has no effect", text));
        }
    }

    /// Refuses the family of this documentation, once.
    pub(super) fn refuse(&self, doc: &str, problems: &mut Problems) {
        if let Some(family) = self.0.get(doc) {
            problems.error(&family.origin, Some(&family.written), family.sentence("is refused", doc));
        }
    }
}

impl Family {
    fn sentence(&self, what: &str, why: &str) -> String {
        match self.others {
            0 => format!("{what}: {why}"),
            1 => format!("{what}, like 1 more line of its kind: {why}"),
            others => format!("{what}, like {others} more lines of its kind: {why}"),
        }
    }
}

/// Whether a line asks for something that is not done.
pub(super) fn is_reported(key: &Key, line: &Line) -> bool {
    match key.class {
        Class::Honour => false,
        // Asking for what is done anyway is no surprise to anyone.
        Class::Ignore => !key.default.is_some_and(|always| always.eq_ignore_ascii_case(&line.value)),
        // A switch that is off asks for nothing that could be missed.
        Class::Refuse => !(key.kind == Kind::Flag && line.value.eq_ignore_ascii_case("N")),
    }
}
