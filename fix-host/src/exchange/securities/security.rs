//! The instruments as requests name them and as answers describe them.

use std::sync::Arc;

use fix_core::{
    dict::{Block, fix44::code::SecurityIdSource},
    session::error::{BusinessReject, BusinessRejectReason},
    tag::{self, Tag},
    wire::value::Text,
};

use crate::market::Instrument;

/// What stands in Symbol(55), which FIX 4.4 requires, of an instrument that is named by its SecurityID(48).
const NO_SYMBOL: &str = "[N/A]";

/// All instruments that a venue lists, in the order of its file. Clones are the same ones.
#[derive(Clone)]
pub struct Securities(Arc<[Instrument]>);

/// How a request names an instrument.
#[derive(Clone, Copy, Debug, Default)]
pub struct Naming<'a> {
    /// Symbol(55).
    pub symbol: Option<Text<'a>>,
    /// SecurityID(48).
    pub security_id: Option<Text<'a>>,
    /// SecurityIDSource(22).
    pub source: Option<SecurityIdSource<'a>>,
}

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

    /// The place of the instrument that is meant; `None` if it is not listed.
    ///
    /// # Errors
    /// It is not named at all.
    pub fn find(&self, naming: Naming<'_>) -> Result<Option<usize>, BusinessReject> {
        let symbol = naming.symbol.filter(|symbol| symbol.as_str() != Some(NO_SYMBOL));
        if symbol.is_none() && naming.security_id.is_none() {
            return Err(UNNAMED);
        }
        Ok(self.0.iter().position(|instrument| match symbol {
            Some(symbol) => symbol.as_str() == Some(instrument.symbol),
            None => has_id(instrument, naming),
        }))
    }
}

/// An id without a source means any.
fn has_id(instrument: &Instrument, naming: Naming<'_>) -> bool {
    let source = naming.source.and_then(|source| source.0.as_str());
    let is_source = source.is_none_or(|source| instrument.listed(tag::SECURITY_ID_SOURCE) == Some(source));
    let id = naming.security_id.and_then(Text::as_str);
    is_source && id.is_some() && instrument.listed(tag::SECURITY_ID) == id
}

/// A request that must name an instrument does not.
pub(in crate::exchange) const UNNAMED: BusinessReject = BusinessReject::new(
    BusinessRejectReason::ConditionallyRequiredFieldMissing,
    "the instrument is named by Symbol(55), or by SecurityID(48) with SecurityIDSource(22)",
)
.about(tag::SYMBOL);

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
