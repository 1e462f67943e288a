//! The dictionary that a message is read with, prepared for printing.

use fix_core::{
    dict::{DataPair, Dictionary},
    tag::Tag,
};

use super::{
    colour::Colours,
    columns::Columns,
    filter::{Filter, Wanted},
};

/// A dictionary, prepared.
pub(super) struct Tables {
    pub(super) dictionary: &'static Dictionary,
    /// The data fields beside those of FIX 4.4.
    pub(super) pairs: &'static [DataPair],
    pub(super) columns: Columns,
    pub(super) filter: Filter,
}

impl Tables {
    pub(super) fn new(dictionary: &'static Dictionary, colours: Colours, wanted: &[Wanted]) -> Self {
        let pairs = dictionary.extra_data_pairs;
        Tables {
            dictionary,
            pairs,
            columns: Columns::new(dictionary, colours),
            filter: Filter::new(dictionary, wanted),
        }
    }

    /// Whether a field may hold SOH.
    pub(super) fn is_data(&self, tag: Tag) -> bool {
        self.dictionary.field(tag).is_some_and(|field| field.kind.is_data())
    }

    /// Appends what a value means, or for a list of codes what each of them means.
    pub(super) fn meaning(&self, out: &mut Vec<u8>, tag: Tag, value: &[u8]) {
        fix_decoder::json::meaning(out, self.dictionary, tag, value);
    }
}
