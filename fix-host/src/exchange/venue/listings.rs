//! The instruments, found by how requests name them.

use std::sync::Arc;

use fix_core::decimal::Decimal;
use foldhash::HashMap;

use super::{
    super::orders::Listing,
    request::{Instrument, Named},
};

/// The step of prices and quantities where no list says another.
const FINEST: Decimal = Decimal::new(1, 6);

/// Instruments that are in no list, at most: whoever invents symbols is not to fill the memory.
const MOST_UNLISTED: usize = 10_000;

/// All instruments that the venue has a book for.
#[derive(Debug, Default)]
pub(super) struct Listings {
    all: Vec<Arc<Listing>>,
    by_symbol: HashMap<Arc<str>, usize>,
    /// By SecurityID(48), whatever its SecurityIDSource(22) is.
    by_security_id: HashMap<String, Vec<usize>>,
    /// How many of them stand in the list.
    listed: usize,
}

/// Why there is no instrument for a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NotFound {
    /// None is in the list by this name.
    Unknown,
    /// There are as many others already as the venue has room for.
    TooMany,
}

impl Listings {
    /// Adds an instrument of the venue's list; the first one of a symbol counts.
    pub(super) fn add(&mut self, instrument: &Instrument) {
        let positive = |step: &Decimal| step.is_positive();
        let Instrument { symbol, security_id, price_type, tick, lot } = instrument;
        self.push(Listing {
            place: self.all.len(),
            symbol: symbol.as_str().into(),
            security_id: security_id.clone(),
            price_type: *price_type,
            tick: Some(*tick).filter(positive).unwrap_or(FINEST),
            lot: lot.filter(positive).unwrap_or(FINEST),
            is_listed: true,
        });
        self.listed = self.all.len();
    }

    /// The instrument of a request, if the venue has a book for it.
    pub(super) fn find(&self, named: Named<'_>) -> Option<&Arc<Listing>> {
        match named {
            Named::Symbol(symbol) => self.all.get(*self.by_symbol.get(symbol)?),
            Named::Id(id, source) => {
                let of_source = |listing: &&Arc<Listing>| source.is_none() || source_of(listing) == source;
                self.by_security_id.get(id)?.iter().filter_map(|place| self.all.get(*place)).find(of_source)
            }
        }
    }

    /// The instrument of an order; where the list is not all, one that is not in it gets the finest steps. True if it is new.
    pub(super) fn find_or_add(
        &mut self,
        named: Named<'_>,
        only_listed: bool,
    ) -> Result<(Arc<Listing>, bool), NotFound> {
        if let Some(listing) = self.find(named) {
            return Ok((Arc::clone(listing), false));
        }
        let Named::Symbol(symbol) = named else { return Err(NotFound::Unknown) };
        if only_listed {
            return Err(NotFound::Unknown);
        }
        if self.all.len() - self.listed >= MOST_UNLISTED {
            return Err(NotFound::TooMany);
        }
        let (place, symbol) = (self.all.len(), symbol.into());
        let listing = Listing {
            place,
            symbol,
            security_id: None,
            price_type: None,
            tick: FINEST,
            lot: FINEST,
            is_listed: false,
        };
        Ok((self.push(listing), true))
    }

    pub(super) fn all(&self) -> &[Arc<Listing>] {
        &self.all
    }

    fn push(&mut self, listing: Listing) -> Arc<Listing> {
        let listing = Arc::new(listing);
        self.by_symbol.entry(Arc::clone(&listing.symbol)).or_insert(listing.place);
        if let Some((id, _)) = &listing.security_id {
            self.by_security_id.entry(id.clone()).or_default().push(listing.place);
        }
        self.all.push(Arc::clone(&listing));
        listing
    }
}

/// Its SecurityIDSource(22).
fn source_of(listing: &Listing) -> Option<&str> {
    listing.security_id.as_ref()?.1.as_deref()
}
