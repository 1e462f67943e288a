//! One subscription's knowledge of one instrument: what it was told, and what is.

use std::sync::Arc;

use super::{
    change::Action,
    figures::{self, Figure, Values},
    message::{Entry, lines},
    picture::Picture,
    request::Wanted,
};
use crate::exchange::{
    book::{Quantity, Ticks},
    orders::Listing,
    venue::{Trade, Venue},
};

/// What a subscriber was told of an instrument.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// Which one, by its place.
    pub(super) place: usize,
    /// All of what is told is true as of this change of the venue; `None`: nothing is told yet.
    pub(super) as_of: Option<u64>,
    picture: Picture,
    figures: Values,
    /// The number of the last trade of which the subscriber knows.
    trade: u64,
    /// Trades that may be missing before the next one that is told.
    missed: u64,
}

/// An instrument as it is, seen under the venue's lock, and told without it.
pub(super) struct Fresh {
    pub(super) listing: Arc<Listing>,
    /// The change of the venue that it is seen at.
    pub(super) as_of: u64,
    pub(super) picture: Picture,
    pub(super) figures: Values,
    /// The price and quantity of the last trade, if trades are wanted and there is one.
    pub(super) last: Option<(Ticks, Quantity)>,
    /// The trades since the one that the subscriber knows, and how many more may have been.
    trades: Vec<Trade>,
    missed: u64,
    last_trade: u64,
}

impl Told {
    pub(super) fn nothing_of(place: usize) -> Self {
        Told { place, ..Told::default() }
    }

    /// What is new of the instrument; `None` if nothing can be.
    pub(super) fn fresh(&self, wanted: &Wanted, venue: &Venue) -> Option<Fresh> {
        let depth = venue.depth(self.place)?;
        if self.as_of == Some(depth.changes) {
            return None;
        }
        let since = if self.as_of.is_some() && wanted.trades { self.trade } else { venue.last_trade() };
        let mut trades = venue.trades_since(since);
        let first = trades.clone().next().map_or(since + 1, |trade| trade.number);
        let day = venue.day(self.place);
        Some(Fresh {
            listing: Arc::clone(depth.listing),
            as_of: depth.changes,
            picture: Picture::of(depth.book, wanted.view),
            figures: figures::values(wanted.figures, day, depth.listing),
            last: day.and_then(|day| day.last).filter(|_| wanted.trades),
            trades: trades.by_ref().filter(|trade| trade.place == self.place).copied().collect(),
            missed: self.missed + (first - (since + 1)),
            last_trade: venue.last_trade(),
        })
    }

    /// What leads from what was told to what is.
    pub(super) fn entries(&self, fresh: &Fresh) -> Vec<Entry> {
        let mut entries: Vec<Entry> = lines(&self.picture, &fresh.picture).collect();
        for (at, trade) in fresh.trades.iter().enumerate() {
            entries.push(Entry::Trade { trade: *trade, missed: if at == 0 { fresh.missed } else { 0 } });
        }
        for at in 0..Figure::ALL.len() {
            let action = match (self.figures[at], fresh.figures[at]) {
                (None, Some(_)) => Action::New,
                (Some(_), None) => Action::Delete,
                (was, is) if was != is => Action::Change,
                _ => continue,
            };
            entries.push(Entry::Figure { at, action });
        }
        entries
    }

    /// These entries are told.
    pub(super) fn take(&mut self, entries: &[Entry], fresh: &Fresh) {
        for entry in entries {
            match entry {
                Entry::Line(change) => self.picture.apply(change),
                Entry::Trade { trade, .. } => (self.trade, self.missed) = (trade.number, 0),
                Entry::Figure { at, .. } => self.figures[*at] = fresh.figures[*at],
            }
        }
    }

    /// All of it is told.
    pub(super) fn know(&mut self, fresh: Fresh) {
        self.as_of = Some(fresh.as_of);
        self.picture = fresh.picture;
        self.figures = fresh.figures;
        self.trade = fresh.last_trade;
        self.missed = if fresh.trades.is_empty() { fresh.missed } else { 0 };
    }
}
