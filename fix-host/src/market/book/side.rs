//! One side of a book: its entries as the counterparty names them, and the prices that they make.
//!
//! An entry is a price, or one order or quote of some at a price: some counterparties name entries by MDEntryID(278), others
//! by MDEntryPositionNo(290), others by MDEntryPx(270) alone.

use fix_core::{decimal::Decimal, dict::fix44::code::MdUpdateAction};

use super::{BookEntry, TOP_OF_BOOK};
use crate::contract::market_book::BookLevel;

/// Entries that are kept of a side that was asked for whole, and of one of which the best price alone was asked for.
pub(super) const MOST_ENTRIES: usize = 4_000;
pub(super) const MOST_AT_THE_TOP: usize = 32;

#[derive(Clone, Debug)]
pub(super) struct Side {
    entries: Vec<Entry>,
    /// True of a price that is worse than another one.
    is_worse: fn(&Decimal, &Decimal) -> bool,
    /// MarketDepth(264); 0: all.
    market_depth: u32,
    /// The best price of which an entry was not kept: from there on the side is not known.
    cut_at: Option<Decimal>,
}

#[derive(Clone, Debug)]
struct Entry {
    id: Option<Box<str>>,
    position: Option<i64>,
    price: Decimal,
    size: Option<Decimal>,
    orders: Option<u32>,
}

impl Entry {
    /// Nobody trades at a price without a quantity.
    fn is_there(&self) -> bool {
        self.size.is_none_or(|size| size.is_positive())
    }
}

impl Side {
    pub(super) fn new(market_depth: u32, is_worse: fn(&Decimal, &Decimal) -> bool) -> Self {
        Side { entries: Vec::new(), is_worse, market_depth, cut_at: None }
    }

    pub(super) fn clear(&mut self) {
        self.entries.clear();
        self.cut_at = None;
    }

    pub(super) fn is_cut(&self) -> bool {
        self.cut_at.is_some()
    }

    pub(super) fn knows(&self, entry: BookEntry<'_>) -> bool {
        self.by_id(entry).is_some()
    }

    pub(super) fn best(&self) -> Option<Decimal> {
        let prices = self.entries.iter().filter(|entry| entry.is_there()).map(|entry| entry.price);
        prices.reduce(|best, price| if (self.is_worse)(&best, &price) { price } else { best })
    }

    /// The prices, the best first; as many as were asked for, and none of which an entry may be missing.
    pub(super) fn levels(&self) -> Vec<BookLevel> {
        let is_known = |price: &Decimal| self.cut_at.is_none_or(|cut| (self.is_worse)(&cut, price));
        let mut entries: Vec<&Entry> =
            self.entries.iter().filter(|entry| entry.is_there() && is_known(&entry.price)).collect();
        entries.sort_by(|a, b| match ((self.is_worse)(&a.price, &b.price), a.price == b.price) {
            (_, true) => std::cmp::Ordering::Equal,
            (true, _) => std::cmp::Ordering::Greater,
            (false, _) => std::cmp::Ordering::Less,
        });
        let mut levels: Vec<BookLevel> = Vec::new();
        for entry in entries {
            let is_full = levels.len() == self.most_levels();
            match levels.last_mut().filter(|level| level.price == entry.price) {
                Some(level) => {
                    level.qty = level.qty.zip(entry.size).and_then(|(sum, more)| sum.checked_add(more));
                    level.orders = level.orders.zip(entry.orders).map(|(sum, more)| sum.saturating_add(more));
                }
                None if is_full => break,
                None => levels.push(BookLevel { price: entry.price, qty: entry.size, orders: entry.orders }),
            }
        }
        levels
    }

    fn most_levels(&self) -> usize {
        match self.market_depth {
            0 => usize::MAX,
            depth => usize::try_from(depth).unwrap_or(usize::MAX),
        }
    }

    pub(super) fn change(&mut self, action: MdUpdateAction, entry: BookEntry<'_>) {
        match action {
            MdUpdateAction::NEW => self.add(entry),
            MdUpdateAction::CHANGE => match self.meant_by_change(entry) {
                Some(place) => self.replace(place, entry),
                None => self.add(entry),
            },
            MdUpdateAction::DELETE => {
                if let Some(place) = self.meant_by_delete(entry) {
                    self.remove(place);
                }
            }
            _ => {}
        }
    }

    /// Adds an entry of a snapshot.
    pub(super) fn put(&mut self, entry: BookEntry<'_>) {
        // One without a price (a market order in the book) is none that can be shown.
        let Some(price) = entry.price else { return };
        self.entries.push(Entry {
            id: entry.id.map(Into::into),
            position: entry.position,
            price,
            size: entry.size,
            orders: entry.orders,
        });
        let most = if self.market_depth == TOP_OF_BOOK { MOST_AT_THE_TOP } else { MOST_ENTRIES };
        if self.entries.len() > most {
            self.drop_the_worst();
        }
    }

    fn drop_the_worst(&mut self) {
        let worst = (0..self.entries.len()).reduce(|worst, place| {
            let is_worse = (self.is_worse)(&self.entries[place].price, &self.entries[worst].price);
            if is_worse { place } else { worst }
        });
        if let Some(worst) = worst.map(|worst| self.entries.swap_remove(worst)) {
            let is_better = self.cut_at.is_none_or(|cut| (self.is_worse)(&cut, &worst.price));
            self.cut_at = if is_better { Some(worst.price) } else { self.cut_at };
        }
    }

    /// One that is told as new twice is there once.
    fn add(&mut self, entry: BookEntry<'_>) {
        let is_same = |known: &Entry| {
            known.id.is_none() && known.position == entry.position && Some(known.price) == entry.price
        };
        let known = self.by_id(entry).or_else(|| {
            let is_nameless = entry.id.is_none() && entry.price.is_some();
            is_nameless.then(|| self.entries.iter().position(is_same)).flatten()
        });
        if let Some(place) = known {
            self.remove(place);
        }
        if let Some(position) = entry.position {
            self.shift(position, 1);
        }
        self.put(entry);
    }

    /// What a change leaves out stays as it was.
    fn replace(&mut self, place: usize, entry: BookEntry<'_>) {
        let Some(known) = self.entries.get_mut(place) else { return };
        known.id = entry.id.map(Into::into).or(known.id.take());
        known.position = entry.position.or(known.position);
        known.price = entry.price.unwrap_or(known.price);
        known.size = entry.size.or(known.size);
        known.orders = entry.orders.or(known.orders);
    }

    fn remove(&mut self, place: usize) {
        let gone = self.entries.swap_remove(place);
        if let Some(position) = gone.position {
            self.shift(position, -1);
        }
    }

    /// Positions from `from` on move as an entry comes or goes there.
    fn shift(&mut self, from: i64, by: i64) {
        for entry in &mut self.entries {
            if let Some(position) = entry.position.as_mut().filter(|position| **position >= from) {
                *position = position.saturating_add(by);
            }
        }
    }

    fn by_id(&self, entry: BookEntry<'_>) -> Option<usize> {
        let named = |id: &str| self.entries.iter().position(|known| known.id.as_deref() == Some(id));
        entry.ref_id.and_then(named).or_else(|| entry.id.and_then(named))
    }

    /// The first entry of which `is_it` holds. One with another id is another one, wherever it stands.
    fn find(&self, entry: BookEntry<'_>, is_it: impl Fn(&Entry) -> bool) -> Option<usize> {
        let may_be = |known: &Entry| known.id.is_none() || entry.id.is_none();
        self.entries.iter().position(|known| may_be(known) && is_it(known))
    }

    /// The entry that a change means: by id, else by position, else by price.
    fn meant_by_change(&self, entry: BookEntry<'_>) -> Option<usize> {
        self.by_id(entry)
            .or_else(|| {
                entry.position.and_then(|_| self.find(entry, |known| known.position == entry.position))
            })
            .or_else(|| entry.price.and_then(|price| self.find(entry, |known| known.price == price)))
            .or_else(|| self.the_only_one(entry))
    }

    /// The entry that a deletion means. One that names a price means no other price.
    fn meant_by_delete(&self, entry: BookEntry<'_>) -> Option<usize> {
        let has_price = |known: &Entry| entry.price.is_none_or(|price| price == known.price);
        let by_position = || self.find(entry, |known| known.position == entry.position && has_price(known));
        self.by_id(entry)
            .or_else(|| entry.position.and_then(|_| by_position()))
            .or_else(|| entry.price.and_then(|_| self.find(entry, has_price)))
            .or_else(|| self.the_only_one(entry))
    }

    /// A side with one entry needs no name for it, as with the counterparties that tell of the best price only.
    fn the_only_one(&self, entry: BookEntry<'_>) -> Option<usize> {
        let is_nameless = entry.id.is_none() && entry.position.is_none() && entry.price.is_none();
        let is_enough = self.market_depth == TOP_OF_BOOK || is_nameless;
        (is_enough && self.entries.len() == 1).then(|| self.find(entry, |_| true)).flatten()
    }
}
