//! The instruments as answers describe them.

use std::sync::Arc;

use fix_core::{
    dict::Block,
    tag::{self, Tag},
};

use crate::market::Instrument;

/// All instruments that a venue lists, in the order of its file. Clones are the same ones.
#[derive(Clone)]
pub struct Securities(Arc<[Instrument]>);

impl Securities {
    /// These instruments.
    pub fn new(instruments: &[Instrument]) -> Self {
        Securities(instruments.into())
    }

    /// The instruments with their places.
    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, &Instrument)> {
        self.0.iter().enumerate()
    }

    /// One by its place.
    pub fn get(&self, place: usize) -> Option<&Instrument> {
        self.0.get(place)
    }

    /// The place of a Symbol(55).
    pub fn place(&self, symbol: &str) -> Option<usize> {
        self.0.iter().position(|instrument| instrument.symbol == symbol)
    }
}

/// The fields of an instrument that a level of a message may hold, Symbol(55) apart, encoded in the order of that level.
pub(super) fn described(instrument: &Instrument, level: &Block) -> Vec<u8> {
    let mut fields = Vec::new();
    for tag in level.members.iter().copied().filter(|tag| *tag != tag::SYMBOL) {
        if let Some(value) = instrument.listed(tag) {
            put(&mut fields, tag, value);
        }
    }
    fields
}

fn put(fields: &mut Vec<u8>, Tag(tag): Tag, value: &str) {
    fields.extend_from_slice(format!("{tag}={value}\x01").as_bytes());
}
