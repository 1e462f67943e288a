//! What the counterparties say: written by the session that hears it, read by whoever publishes or checks prices.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use fix_core::{decimal::Decimal, time::UtcTimestamp};
use tokio::sync::Notify;

use super::{Book, Instrument, TOP_OF_BOOK};
use crate::contract::{
    market_book::{MarketBook, MarketBooks},
    price::{Price, Snapshot, Source},
};

/// The prices of all sessions that have market data. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct CounterpartyPrices {
    sessions: Arc<Mutex<Vec<SessionPrices>>>,
    /// Something was said since it was last waited for.
    moved: Arc<Notify>,
}

impl CounterpartyPrices {
    /// Adds a session, which will have prices of these instruments, asked for with this MarketDepth(264).
    pub fn add(&self, session: &str, instruments: &[Instrument], market_depth: u32) -> SessionPrices {
        let moved = Arc::clone(&self.moved);
        let session = SessionPrices { moved, ..SessionPrices::new(session, instruments, market_depth) };
        lock(&self.sessions).push(session.clone());
        session
    }

    /// Waits until a session has said something, or what it said may not hold any more. For one who waits.
    pub async fn moved(&self) {
        self.moved.notified().await;
    }

    /// What was said of each instrument: by the first session whose prices hold, or else the newest that do not.
    /// Instruments of which nothing was said are not in it.
    pub fn snapshot(&self) -> Snapshot {
        let mut prices: Vec<Option<Price>> = Vec::new();
        for session in &*lock(&self.sessions) {
            let lines = lock(&session.lines);
            prices.resize(prices.len().max(lines.len()), None);
            for (best, said) in prices.iter_mut().zip(lines.iter().map(Line::price)) {
                let is_better =
                    |best: &Price, said: &Price| best.is_stale && (!said.is_stale || said.at > best.at);
                if let Some(said) = said.filter(|said| best.as_ref().is_none_or(|best| is_better(best, said)))
                {
                    *best = Some(said);
                }
            }
        }
        Snapshot { prices: prices.into_iter().flatten().collect() }
    }
}

impl MarketBooks for CounterpartyPrices {
    /// Of the session that was asked for more than the best price; of such, the first whose book holds, or else the newest.
    fn book(&self, symbol: &str) -> Option<MarketBook> {
        let books =
            lock(&self.sessions).iter().filter_map(|session| session.book(symbol)).collect::<Vec<_>>();
        let worth = |book: &MarketBook| {
            (book.market_depth != TOP_OF_BOOK, !book.is_stale, book.at.filter(|_| book.is_stale))
        };
        books.into_iter().reduce(|best, book| if worth(&book) > worth(&best) { book } else { best })
    }

    fn changes(&self, symbol: &str) -> u64 {
        lock(&self.sessions).iter().map(|session| session.changes(symbol)).sum()
    }
}

/// The prices of one session's counterparty. Clones share them.
#[derive(Clone, Debug)]
pub struct SessionPrices {
    session: Arc<str>,
    market_depth: u32,
    lines: Arc<Mutex<Vec<Line>>>,
    moved: Arc<Notify>,
}

/// What was said of one instrument.
#[derive(Debug)]
struct Line {
    symbol: &'static str,
    book: Book,
    first_mid: Option<Decimal>,
    /// When something was said last.
    at: Option<UtcTimestamp>,
    is_stale: bool,
    /// Why the counterparty does not tell of it.
    refusal: Option<String>,
    /// How often all this has changed.
    changes: u64,
}

impl Line {
    fn price(&self) -> Option<Price> {
        let mid = self.book.mid();
        Some(Price {
            symbol: self.symbol,
            source: Source::Counterparty,
            bid: self.book.bid(),
            ask: self.book.ask(),
            mid,
            change: mid.zip(self.first_mid).and_then(|(mid, first)| mid.checked_sub(first)),
            vwap: self.book.vwap,
            last: self.book.last,
            at: self.at?,
            is_stale: self.is_stale,
        })
    }
}

impl SessionPrices {
    /// Nothing was said of any of these instruments yet.
    pub fn new(session: &str, instruments: &[Instrument], market_depth: u32) -> Self {
        let line = |instrument: &Instrument| Line {
            symbol: instrument.symbol,
            book: Book::new(market_depth),
            first_mid: None,
            at: None,
            is_stale: true,
            refusal: None,
            changes: 0,
        };
        let lines = Arc::new(Mutex::new(instruments.iter().map(line).collect()));
        SessionPrices { session: session.into(), market_depth, lines, moved: Arc::default() }
    }

    /// MarketDepth(264) that they are asked for with.
    pub fn market_depth(&self) -> u32 {
        self.market_depth
    }

    /// The counterparty's last price of an instrument: its last trade or the middle of its bid and ask, whichever it
    /// said later. `None` if it said neither, or what it said may not hold any more. Orders are held against it.
    pub fn last_price(&self, symbol: &str) -> Option<Decimal> {
        let lines = lock(&self.lines);
        let line = lines.iter().find(|line| line.symbol == symbol && !line.is_stale)?;
        line.book.last_price()
    }

    /// Lets a snapshot change the book of the instrument at this place: its price holds from now on.
    pub fn restart(&self, place: usize, at: UtcTimestamp, change: impl FnOnce(&mut Book)) {
        self.with(place, |line| {
            (line.is_stale, line.refusal) = (false, None);
            line.change(at, change);
        });
    }

    /// The counterparty does not tell of the instrument at this place, or no longer, and says why.
    pub fn refuse(&self, place: usize, why: &str) {
        self.with(place, |line| (line.is_stale, line.refusal) = (true, Some(why.to_owned())));
    }

    /// True if the price of the instrument at this place holds.
    pub fn is_live(&self, place: usize) -> bool {
        lock(&self.lines).get(place).is_some_and(|line| !line.is_stale)
    }

    /// Lets news change the book of the instrument at this place; not before the first snapshot, of which they are
    /// the changes.
    pub fn update(&self, place: usize, at: UtcTimestamp, change: impl FnOnce(&mut Book)) {
        self.with(place, |line| {
            if !line.is_stale {
                line.change(at, change);
            }
        });
    }

    /// The place of the instrument that `is_it` of this book.
    pub fn position(&self, is_it: impl Fn(&Book) -> bool) -> Option<usize> {
        lock(&self.lines).iter().position(|line| !line.is_stale && is_it(&line.book))
    }

    /// No price is sure to hold any more.
    pub fn make_stale(&self) {
        for line in lock(&self.lines).iter_mut() {
            line.is_stale = true;
            line.changes += 1;
        }
        self.moved.notify_one();
    }

    fn with(&self, place: usize, work: impl FnOnce(&mut Line)) {
        if let Some(line) = lock(&self.lines).get_mut(place) {
            work(line);
            line.changes += 1;
        }
        self.moved.notify_one();
    }

    fn book(&self, symbol: &str) -> Option<MarketBook> {
        let lines = lock(&self.lines);
        let line = lines.iter().find(|line| line.symbol == symbol)?;
        Some(MarketBook {
            symbol: line.symbol,
            session: self.session.to_string(),
            market_depth: self.market_depth,
            bids: line.book.bids(),
            asks: line.book.asks(),
            is_cut: line.book.is_cut(),
            trades: line.book.trades(),
            at: line.at,
            is_stale: line.is_stale,
            refusal: line.refusal.clone(),
        })
    }

    fn changes(&self, symbol: &str) -> u64 {
        let lines = lock(&self.lines);
        lines.iter().find(|line| line.symbol == symbol).map_or(0, |line| line.changes)
    }
}

impl Line {
    fn change(&mut self, at: UtcTimestamp, change: impl FnOnce(&mut Book)) {
        change(&mut self.book);
        self.at = Some(at);
        self.first_mid = self.first_mid.or_else(|| self.book.mid());
    }
}

/// A panic elsewhere leaves at worst one price half changed, until it is said again.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use fix_core::dict::fix44::code::{MdEntryType, MdUpdateAction};

    use super::*;
    use crate::market::{BookEntry, default_instruments};

    fn dec(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn at(seconds: i64) -> UtcTimestamp {
        UtcTimestamp::from_unix(seconds, 0)
    }

    fn say(prices: &SessionPrices, seconds: i64, bid: &str, ask: &str) {
        let entry = |entry_type, price: &str| BookEntry {
            entry_type: Some(entry_type),
            price: Some(dec(price)),
            ..BookEntry::default()
        };
        let entries = [entry(MdEntryType::BID, bid), entry(MdEntryType::OFFER, ask)];
        prices.restart(0, at(seconds), |book| book.replace(at(seconds), entries.into_iter()));
    }

    #[test]
    fn a_price_holds_from_its_snapshot_to_the_end_of_the_connection() {
        let all = CounterpartyPrices::default();
        let session = all.add("S", &default_instruments(), TOP_OF_BOOK);
        let trade = BookEntry {
            entry_type: Some(MdEntryType::TRADE),
            price: Some(dec("99.9")),
            ..BookEntry::default()
        };
        let tell = |seconds| {
            session.update(0, at(seconds), |book| book.change(at(seconds), MdUpdateAction::NEW, trade))
        };
        tell(1);
        assert_eq!((all.snapshot().prices.len(), session.last_price("2Y")), (0, None), "no snapshot yet");

        say(&session, 2, "99.87", "99.89");
        assert_eq!(session.last_price("2Y"), Some(dec("99.88")));
        tell(3);
        assert_eq!(session.last_price("2Y"), Some(dec("99.9")), "the trade is newer");
        say(&session, 4, "99.88", "99.90");
        let shown = all.snapshot().prices;
        assert_eq!((shown.len(), shown[0].symbol, shown[0].source), (1, "2Y", Source::Counterparty));
        assert_eq!((shown[0].change, shown[0].at, shown[0].is_stale), (Some(dec("0.01")), at(4), false));

        session.make_stale();
        tell(5);
        let shown = all.snapshot().prices;
        assert_eq!((shown[0].bid, shown[0].at, shown[0].is_stale), (Some(dec("99.88")), at(4), true));
        assert_eq!(session.last_price("2Y"), None);
    }

    #[test]
    fn of_two_sessions_the_first_whose_price_holds_is_shown() {
        let all = CounterpartyPrices::default();
        let [first, second] = [(); 2].map(|()| all.add("S", &default_instruments(), TOP_OF_BOOK));
        let bid = || all.snapshot().prices[0].bid.unwrap().to_string();
        say(&second, 1, "2", "3");
        assert_eq!(bid(), "2");
        say(&first, 2, "1", "3");
        assert_eq!(bid(), "1");
        first.make_stale();
        assert_eq!(bid(), "2");
        second.make_stale();
        assert_eq!(bid(), "1", "the newer of those that are stale");
    }
}
