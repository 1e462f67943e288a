//! The instruments, found by how requests name them.

use std::{collections::HashMap, sync::Arc};

use fix_core::decimal::Decimal;

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
    by_security_id: HashMap<(String, String), usize>,
    /// How many of them stand in the list.
    listed: usize,
    /// The one that was asked for last.
    last: usize,
}

/// Why there is no instrument for a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NotFound {
    /// None is named.
    Unnamed,
    /// None is in the list by this name.
    Unknown,
    /// There are as many others already as the venue has room for.
    TooMany,
}

impl Listings {
    /// Adds an instrument of the venue's list; the first one of a symbol counts.
    pub(super) fn add(&mut self, instrument: &Instrument) {
        let positive = |step: &Decimal| step.is_positive();
        let Instrument { symbol, security_id, tick, lot } = instrument;
        self.push(Listing {
            place: self.all.len(),
            symbol: symbol.as_str().into(),
            security_id: security_id.clone(),
            tick: Some(*tick).filter(positive).unwrap_or(FINEST),
            lot: lot.filter(positive).unwrap_or(FINEST),
            is_listed: true,
        });
        self.listed = self.all.len();
    }

    /// The instrument of a request, if the venue has a book for it.
    pub(super) fn find(&mut self, named: Named<'_>) -> Option<&Arc<Listing>> {
        let place = match named {
            Named { symbol: Some(symbol), .. } => self.place(symbol)?,
            Named { security_id: Some((id, source)), .. } => {
                *self.by_security_id.get(&(id.to_owned(), source.to_owned()))?
            }
            Named { .. } => return None,
        };
        self.all.get(place)
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
        let symbol = match named.symbol {
            Some(symbol) if !only_listed => symbol,
            None if named.security_id.is_none() => return Err(NotFound::Unnamed),
            _ => return Err(NotFound::Unknown),
        };
        if self.all.len() - self.listed >= MOST_UNLISTED {
            return Err(NotFound::TooMany);
        }
        let (place, symbol) = (self.all.len(), symbol.into());
        let listing =
            Listing { place, symbol, security_id: None, tick: FINEST, lot: FINEST, is_listed: false };
        Ok((self.push(listing), true))
    }

    pub(super) fn all(&self) -> &[Arc<Listing>] {
        &self.all
    }

    fn place(&mut self, symbol: &str) -> Option<usize> {
        if self.all.get(self.last).is_none_or(|listing| &*listing.symbol != symbol) {
            self.last = *self.by_symbol.get(symbol)?;
        }
        Some(self.last)
    }

    fn push(&mut self, listing: Listing) -> Arc<Listing> {
        let listing = Arc::new(listing);
        self.by_symbol.entry(Arc::clone(&listing.symbol)).or_insert(listing.place);
        if let Some(id) = &listing.security_id {
            self.by_security_id.entry(id.clone()).or_insert(listing.place);
        }
        self.all.push(Arc::clone(&listing));
        listing
    }
}
