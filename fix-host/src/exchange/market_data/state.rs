//! One subscription's knowledge of one instrument: what it was told, and what is.

use std::sync::Arc;

use super::{
    change::Action,
    figures::{self, Figure, Values},
    message::Entry,
    request::Wanted,
    shared::{Pictures, Seen},
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
    picture: Arc<Seen>,
    figures: Values,
    /// The number of the last trade of which the subscriber knows, and how many of this instrument are told up to there, or
    /// are known to be missing.
    trade: u64,
    traded: u64,
}

/// An instrument as it is, seen under the venue's lock, and told without it.
pub(super) struct Fresh {
    pub(super) listing: Arc<Listing>,
    /// The change of the venue that it is seen at.
    pub(super) as_of: u64,
    pub(super) picture: Arc<Seen>,
    pub(super) figures: Values,
    /// The price and quantity of the last trade, if trades are wanted and there is one.
    pub(super) last: Option<(Ticks, Quantity)>,
    /// The trades since the one that the subscriber knows, and how many more have been.
    trades: Vec<Trade>,
    missed: u64,
    last_trade: u64,
    traded: u64,
}

impl Told {
    pub(super) fn nothing_of(place: usize) -> Self {
        Told { place, ..Told::default() }
    }

    /// What is new of the instrument; `None` if nothing can be.
    pub(super) fn fresh(&self, wanted: &Wanted, venue: &Venue, pictures: &mut Pictures) -> Option<Fresh> {
        let depth = venue.depth(self.place)?;
        if self.as_of == Some(depth.changes) {
            return None;
        }
        let day = venue.day(self.place);
        let traded = day.map_or(0, |day| day.trades);
        let (since, known) = match self.as_of {
            Some(_) if wanted.trades => (self.trade, self.traded),
            _ => (venue.last_trade(), traded),
        };
        let of_this = venue.trades_since(since).filter(|trade| trade.place == self.place);
        let trades: Vec<Trade> = of_this.copied().collect();
        Some(Fresh {
            listing: Arc::clone(depth.listing),
            as_of: depth.changes,
            picture: pictures.of(self.place, &depth, wanted.view),
            figures: figures::values(wanted.figures, day, depth.listing),
            last: day.and_then(|day| day.last).filter(|_| wanted.trades),
            missed: (traded - known).saturating_sub(trades.len() as u64),
            trades,
            last_trade: venue.last_trade(),
            traded,
        })
    }

    /// What leads from what was told to what is.
    pub(super) fn entries(&self, fresh: &Fresh) -> Vec<Entry> {
        let mut entries = Vec::new();
        fresh.picture.since(&self.picture, |change| entries.push(Entry::Line(change)));
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

    /// These entries are told, and not those that follow them.
    pub(super) fn take(&mut self, entries: &[Entry], fresh: &Fresh) {
        let changes = entries.iter().filter_map(|entry| match entry {
            Entry::Line(change) => Some(change),
            Entry::Trade { .. } | Entry::Figure { .. } => None,
        });
        self.picture = Arc::new(self.picture.after(changes));
        for entry in entries {
            match entry {
                Entry::Line(_) => {}
                Entry::Trade { trade, missed } => {
                    self.trade = trade.number;
                    self.traded += missed + 1;
                }
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
        // What is missing is said with the next trade.
        self.traded = fresh.traded - if fresh.trades.is_empty() { fresh.missed } else { 0 };
    }
}
