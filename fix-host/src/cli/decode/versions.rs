//! The tables for each version of FIX.

use std::sync::OnceLock;

use super::{colour::Colours, filter::Wanted, tables::Tables};
use fix_decoder::reading::Version;

use crate::dictionary::Dictionaries;

/// The tables for each version, prepared when a message needs them.
pub(super) struct AllTables {
    dictionaries: Dictionaries,
    colours: Colours,
    filter: Vec<Wanted>,
    /// In the order of [`Version::ALL`].
    ready: [OnceLock<Tables>; Version::ALL.len()],
}

impl AllTables {
    pub(super) fn new(dictionaries: Dictionaries, colours: Colours, filter: Vec<Wanted>) -> Self {
        AllTables { dictionaries, colours, filter, ready: Default::default() }
    }

    pub(super) fn of(&self, version: Version) -> &Tables {
        self.ready[version as usize]
            .get_or_init(|| Tables::new(self.dictionaries.get(version), self.colours, &self.filter))
    }
}
