//! One counterparty's book of one instrument: what is left of its snapshots and changes.

use fix_core::{
    decimal::Decimal,
    dict::fix44::code::{MdEntryType, MdUpdateAction},
};

/// Levels kept of each side. The counterparty is asked for the best alone; one that sends more than that loses its
/// worst ones here.
const MOST_LEVELS: usize = 32;

/// An entry of a snapshot, or of a change of the book.
#[derive(Clone, Copy, Debug, Default)]
pub struct BookEntry<'a> {
    /// MDEntryType(269); a change may leave it out and name the entry by its id.
    pub entry_type: Option<MdEntryType>,
    /// MDEntryID(278).
    pub id: Option<&'a str>,
    /// MDEntryRefID(280): the id that the entry had before.
    pub ref_id: Option<&'a str>,
    /// MDEntryPositionNo(290): 1 is the best.
    pub position: Option<i64>,
    /// MDEntryPx(270).
    pub price: Option<Decimal>,
}

/// The book. It holds at most 32 levels a side.
#[derive(Clone, Debug, Default)]
pub struct Book {
    bids: Side,
    offers: Side,
    /// The last trade.
    pub last: Option<Decimal>,
    /// The volume-weighted average price as the counterparty says it.
    pub vwap: Option<Decimal>,
    /// The last trade is from before the present bid and ask.
    is_quote_newer: bool,
}

impl Book {
    /// Puts the entries of a snapshot, MarketDataSnapshotFullRefresh(W), in the place of all there was.
    pub fn replace<'a>(&mut self, entries: impl Iterator<Item = BookEntry<'a>>) {
        *self = Book::default();
        for entry in entries {
            match entry.entry_type {
                Some(MdEntryType::BID) => self.bids.put(entry, Decimal::lt),
                Some(MdEntryType::OFFER) => self.offers.put(entry, Decimal::gt),
                _ => self.change(MdUpdateAction::NEW, entry),
            }
        }
        self.is_quote_newer = self.last.is_none();
    }

    /// Carries out an entry of a MarketDataIncrementalRefresh(X) with this MDUpdateAction(279).
    pub fn change(&mut self, action: MdUpdateAction, entry: BookEntry<'_>) {
        let is_gone = action == MdUpdateAction::DELETE;
        self.is_quote_newer = entry.entry_type != Some(MdEntryType::TRADE);
        match entry.entry_type {
            Some(MdEntryType::BID) => self.bids.change(action, entry, Decimal::lt),
            Some(MdEntryType::OFFER) => self.offers.change(action, entry, Decimal::gt),
            // A trade that is taken back leaves no last one that we knew of.
            Some(MdEntryType::TRADE) => self.last = entry.price.filter(|_| !is_gone),
            Some(MdEntryType::TRADING_SESSION_VWAP_PRICE) => self.vwap = entry.price.filter(|_| !is_gone),
            None if self.bids.knows(entry) => self.bids.change(action, entry, Decimal::lt),
            None if self.offers.knows(entry) => self.offers.change(action, entry, Decimal::gt),
            _ => {}
        }
    }

    /// True if an entry of the book has this MDEntryID(278) or MDEntryRefID(280).
    pub fn knows(&self, entry: BookEntry<'_>) -> bool {
        self.bids.knows(entry) || self.offers.knows(entry)
    }

    /// The highest bid.
    pub fn bid(&self) -> Option<Decimal> {
        self.bids.0.iter().map(|level| level.price).max()
    }

    /// The lowest ask.
    pub fn ask(&self) -> Option<Decimal> {
        self.offers.0.iter().map(|level| level.price).min()
    }

    /// The last trade or the middle of bid and ask, whichever was said later; in a snapshot, the trade goes first.
    pub fn last_price(&self) -> Option<Decimal> {
        let (trade, mid) = (self.last, self.mid());
        if self.is_quote_newer { mid.or(trade) } else { trade.or(mid) }
    }

    /// The middle of bid and ask; `None` without both.
    pub fn mid(&self) -> Option<Decimal> {
        let sum = self.bid()?.checked_add(self.ask()?)?;
        let two = Decimal::from(2);
        let middle = |scale| sum.checked_div(two, scale);
        let short = middle(sum.scale()).filter(|middle| middle.checked_mul(two) == Some(sum));
        short.or_else(|| middle(sum.scale() + 1))
    }
}

#[derive(Clone, Debug, Default)]
struct Side(Vec<Level>);

#[derive(Clone, Debug)]
struct Level {
    id: Option<Box<str>>,
    position: Option<i64>,
    price: Decimal,
}

impl Side {
    fn knows(&self, entry: BookEntry<'_>) -> bool {
        self.by_id(entry).is_some()
    }

    fn by_id(&self, entry: BookEntry<'_>) -> Option<usize> {
        let named = |id: &str| self.0.iter().position(|level| level.id.as_deref() == Some(id));
        entry.ref_id.and_then(named).or_else(|| entry.id.and_then(named))
    }

    /// The level that an entry means: by id, else by position, else by price. A side with one level needs none of
    /// them, as with the counterparties that tell of the best price only.
    fn find(&self, entry: BookEntry<'_>) -> Option<usize> {
        // A level with another id is another one, wherever it stands.
        let may_be = |level: &Level| level.id.is_none() || entry.id.is_none();
        let find =
            |is_it: &dyn Fn(&Level) -> bool| self.0.iter().position(|level| may_be(level) && is_it(level));
        self.by_id(entry)
            .or_else(|| entry.position.and_then(|_| find(&|level| level.position == entry.position)))
            .or_else(|| entry.price.and_then(|price| find(&|level| level.price == price)))
            .or_else(|| (self.0.len() == 1).then(|| find(&|_| true)).flatten())
    }

    fn change(
        &mut self,
        action: MdUpdateAction,
        entry: BookEntry<'_>,
        is_worse: fn(&Decimal, &Decimal) -> bool,
    ) {
        match action {
            MdUpdateAction::NEW => self.add(entry, is_worse),
            MdUpdateAction::CHANGE => {
                if let Some(place) = self.find(entry) {
                    let was = self.0.swap_remove(place);
                    let Some(price) = entry.price else { return self.0.push(was) };
                    let id = entry.id.map(Into::into).or(was.id);
                    self.0.push(Level { id, position: entry.position.or(was.position), price });
                } else {
                    self.add(entry, is_worse);
                }
            }
            MdUpdateAction::DELETE => self.delete(entry),
            _ => {}
        }
    }

    fn add(&mut self, entry: BookEntry<'_>, is_worse: fn(&Decimal, &Decimal) -> bool) {
        if let Some(place) = self.by_id(entry) {
            self.0.swap_remove(place);
        }
        if let Some(position) = entry.position {
            self.shift(position, 1);
        }
        self.put(entry, is_worse);
    }

    fn put(&mut self, entry: BookEntry<'_>, is_worse: fn(&Decimal, &Decimal) -> bool) {
        // A level without a price (a market order in the book) is none that can be shown.
        let Some(price) = entry.price else { return };
        self.0.push(Level { id: entry.id.map(Into::into), position: entry.position, price });
        if self.0.len() > MOST_LEVELS {
            let worst = (0..self.0.len()).reduce(|worst, place| {
                if is_worse(&self.0[place].price, &self.0[worst].price) { place } else { worst }
            });
            drop(worst.map(|worst| self.0.swap_remove(worst)));
        }
    }

    fn delete(&mut self, entry: BookEntry<'_>) {
        let Some(place) = self.find(entry) else { return };
        let gone = self.0.swap_remove(place);
        if let Some(position) = gone.position {
            self.shift(position, -1);
        }
    }

    /// Positions from `from` on move as a level comes or goes there.
    fn shift(&mut self, from: i64, by: i64) {
        for level in &mut self.0 {
            if let Some(position) = level.position.as_mut().filter(|position| **position >= from) {
                *position = position.saturating_add(by);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dec(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn bid(price: &str) -> BookEntry<'static> {
        BookEntry { entry_type: Some(MdEntryType::BID), price: Some(dec(price)), ..BookEntry::default() }
    }

    fn ask(price: &str) -> BookEntry<'static> {
        BookEntry { entry_type: Some(MdEntryType::OFFER), ..bid(price) }
    }

    fn book(entries: &[BookEntry<'static>]) -> Book {
        let mut book = Book::default();
        book.replace(entries.iter().copied());
        book
    }

    fn best(book: &Book) -> [String; 3] {
        [book.bid(), book.ask(), book.mid()]
            .map(|price| price.map_or_else(|| "-".to_owned(), |price| price.to_string()))
    }

    const NEW: MdUpdateAction = MdUpdateAction::NEW;
    const CHANGE: MdUpdateAction = MdUpdateAction::CHANGE;
    const DELETE: MdUpdateAction = MdUpdateAction::DELETE;

    #[test]
    fn a_snapshot_takes_the_place_of_all_before() {
        let mut book = book(&[bid("99.870"), bid("99.865"), ask("99.880"), ask("99.885")]);
        assert_eq!(best(&book), ["99.870", "99.880", "99.875"]);
        book.replace([bid("99.87")].into_iter());
        assert_eq!(best(&book), ["99.87", "-", "-"]);
        book.replace([bid("99.87"), ask("99.88")].into_iter());
        assert_eq!(best(&book), ["99.87", "99.88", "99.875"], "a digit more where the middle needs it");
    }

    #[test]
    fn a_change_without_a_key_is_of_the_one_best_price() {
        let mut book = book(&[bid("99.870"), ask("99.880")]);
        book.change(CHANGE, bid("99.875"));
        book.change(CHANGE, ask("99.885"));
        assert_eq!(best(&book), ["99.875", "99.885", "99.880"]);
        book.change(DELETE, BookEntry { price: None, ..bid("1") });
        assert_eq!(best(&book), ["-", "99.885", "-"]);
        book.change(CHANGE, bid("99.860"));
        assert_eq!(best(&book)[0], "99.860");
    }

    #[test]
    fn entries_are_found_by_their_ids_also_without_their_type() {
        let with = |entry: BookEntry<'static>, id: &'static str| BookEntry { id: Some(id), ..entry };
        let mut book = Book::default();
        book.change(NEW, with(bid("10.1"), "a"));
        book.change(NEW, with(bid("10.2"), "b"));
        book.change(NEW, with(ask("10.4"), "c"));
        let of = |id| BookEntry { id: Some(id), ..BookEntry::default() };
        book.change(CHANGE, BookEntry { price: Some(dec("10.3")), ..of("c") });
        assert_eq!(best(&book), ["10.2", "10.3", "10.25"]);
        book.change(CHANGE, BookEntry { id: Some("d"), ref_id: Some("b"), ..bid("10.15") });
        assert_eq!(best(&book)[0], "10.15");
        book.change(DELETE, of("d"));
        assert_eq!(best(&book)[0], "10.1");
        for nobody in [of("nobody"), BookEntry { entry_type: Some(MdEntryType::BID), ..of("nobody") }] {
            book.change(DELETE, nobody);
            assert_eq!(best(&book)[0], "10.1");
        }
    }

    #[test]
    fn positions_move_as_levels_come_and_go() {
        let at = |position, price: &str| BookEntry { position: Some(position), ..bid(price) };
        let mut book = book(&[at(2, "10.2"), at(1, "10.3")]);
        book.change(NEW, at(1, "10.4"));
        book.change(DELETE, BookEntry { price: None, ..at(2, "1") });
        assert_eq!(best(&book)[0], "10.4");
        book.change(DELETE, BookEntry { price: None, ..at(1, "1") });
        assert_eq!(best(&book)[0], "10.2", "it was the third once, and is the first now");
    }

    #[test]
    fn the_last_trade_and_the_average_are_those_that_were_said() {
        let said = |entry_type, price: &str| BookEntry { entry_type: Some(entry_type), ..bid(price) };
        let mut book = book(&[said(MdEntryType::TRADE, "10.1"), bid("10"), ask("11")]);
        assert_eq!(book.last_price(), Some(dec("10.1")));
        book.change(CHANGE, ask("10.4"));
        assert_eq!(book.last_price(), Some(dec("10.2")), "the middle is newer");
        book.change(NEW, said(MdEntryType::TRADE, "10.1"));
        assert_eq!(book.last_price(), Some(dec("10.1")));
        book.change(NEW, said(MdEntryType::TRADING_SESSION_VWAP_PRICE, "10.05"));
        book.change(NEW, said(MdEntryType::OPENING_PRICE, "9"));
        assert_eq!((book.last, book.vwap), (Some(dec("10.1")), Some(dec("10.05"))));
        assert_eq!(best(&book)[0], "10");
    }

    #[test]
    fn a_side_holds_its_best_levels_and_no_more() {
        let mut book = Book::default();
        for price in 1..=1000 {
            book.change(NEW, bid(&price.to_string()));
            book.change(NEW, ask(&price.to_string()));
        }
        assert_eq!((book.bids.0.len(), book.offers.0.len()), (MOST_LEVELS, MOST_LEVELS));
        assert_eq!(best(&book)[..2], ["1000", "1"]);
    }
}
