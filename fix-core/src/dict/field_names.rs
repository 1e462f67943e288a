//! The names of fields, apart from their definitions: a board that prints tags need not carry a dictionary.

use super::lookup;
use crate::tag::Tag;

/// The names of a dictionary's fields.
#[derive(Clone, Copy, Debug)]
pub struct FieldNames {
    dense: &'static [&'static str],
    high: &'static [(Tag, &'static str)],
}

impl FieldNames {
    /// Names by tag number, empty where there is none; and those of the tags behind that table, ascending.
    #[must_use]
    pub const fn new(dense: &'static [&'static str], high: &'static [(Tag, &'static str)]) -> Self {
        FieldNames { dense, high }
    }

    /// The name of a field, such as `ClOrdID`.
    #[must_use]
    pub fn get(&self, tag: Tag) -> Option<&'static str> {
        match usize::try_from(tag.0).ok().and_then(|number| self.dense.get(number)) {
            Some(name) => Some(*name).filter(|name| !name.is_empty()),
            None => lookup(self.high, tag).copied(),
        }
    }

    /// The field that has this name, by comparing with every name: for configuration, not for messages.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<Tag> {
        self.iter().find(|(_, other)| *other == name).map(|(tag, _)| tag)
    }

    /// All fields with their names, ascending.
    pub fn iter(&self) -> impl Iterator<Item = (Tag, &'static str)> + use<> {
        let dense = (0..).map(Tag).zip(self.dense.iter().copied()).filter(|(_, name)| !name.is_empty());
        dense.chain(self.high.iter().copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static NAMES: FieldNames = FieldNames::new(&["", "Account", "", "AdvRefID"], &[(Tag(5001), "Desk")]);

    #[test]
    fn names_and_tags_lead_to_each_other() {
        for (number, name) in [(1, "Account"), (3, "AdvRefID"), (5001, "Desk")] {
            assert_eq!((NAMES.get(Tag(number)), NAMES.find(name)), (Some(name), Some(Tag(number))));
        }
        assert!([0, 2, 4, -1, 5000].iter().all(|number| NAMES.get(Tag(*number)).is_none()));
        assert_eq!((NAMES.find(""), NAMES.find("account")), (None, None));
        assert_eq!(NAMES.iter().count(), 3);
    }
}
