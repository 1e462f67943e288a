//! The dictionary for each version of FIX.

use fix_core::dict::Dictionary;

use super::{colour::Colours, tables::Tables};
use crate::reading::Version;

/// The tables for each version.
pub(super) struct Dictionaries(Tables);

impl Dictionaries {
    pub(super) fn new(dictionary: &'static Dictionary, colours: Colours) -> Self {
        Dictionaries(Tables::new(dictionary, colours))
    }

    pub(super) fn of(&self, _version: Version) -> &Tables {
        &self.0
    }
}
