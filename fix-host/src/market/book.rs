//! One counterparty's book of one instrument: what is left of its snapshots and changes, and its last trades.

mod side;
#[cfg(test)]
mod tests;
mod trades;

use fix_core::{
    decimal::Decimal,
    dict::fix44::code::{MdEntryType, MdUpdateAction},
    time::UtcTimestamp,
};

use crate::contract::market_book::{BookLevel, MarketTrade};
use side::Side;
use trades::{Gone, Trades};

/// MarketDepth(264) of the best price alone.
pub const TOP_OF_BOOK: u32 = 1;

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
    /// MDEntrySize(271).
    pub size: Option<Decimal>,
    /// NumberOfOrders(346).
    pub orders: Option<u32>,
    /// MDEntryTime(273) on its day.
    pub time: Option<UtcTimestamp>,
}

/// The book, as deep as it was asked for.
#[derive(Clone, Debug)]
pub struct Book {
    bids: Side,
    offers: Side,
    trades: Trades,
    /// The last trade.
    pub last: Option<Decimal>,
    /// The volume-weighted average price as the counterparty says it.
    pub vwap: Option<Decimal>,
    /// The last trade is from before the present bid and ask.
    is_quote_newer: bool,
}

impl Book {
    /// A book of which nothing was said yet, asked for with this MarketDepth(264): 0 is all of it.
    pub fn new(market_depth: u32) -> Self {
        Book {
            bids: Side::new(market_depth, Decimal::lt),
            offers: Side::new(market_depth, Decimal::gt),
            trades: Trades::default(),
            last: None,
            vwap: None,
            is_quote_newer: false,
        }
    }

    /// Puts the entries of a snapshot, MarketDataSnapshotFullRefresh(W) of this moment, in the place of all there was. The
    /// trades that were told before have been, and stay.
    pub fn replace<'a>(&mut self, at: UtcTimestamp, entries: impl Iterator<Item = BookEntry<'a>>) {
        self.bids.clear();
        self.offers.clear();
        (self.last, self.vwap) = (None, None);
        for entry in entries {
            match entry.entry_type {
                Some(MdEntryType::BID) => self.bids.put(entry),
                Some(MdEntryType::OFFER) => self.offers.put(entry),
                Some(MdEntryType::TRADE) => {
                    self.last = entry.price;
                    self.trades.of_snapshot(entry);
                }
                _ => self.change(at, MdUpdateAction::NEW, entry),
            }
        }
        self.is_quote_newer = self.last.is_none();
    }

    /// Carries out an entry of a MarketDataIncrementalRefresh(X) of this moment with this MDUpdateAction(279).
    pub fn change(&mut self, at: UtcTimestamp, action: MdUpdateAction, entry: BookEntry<'_>) {
        let is_gone = action == MdUpdateAction::DELETE;
        match entry.entry_type {
            Some(MdEntryType::BID) => self.bids.change(action, entry),
            Some(MdEntryType::OFFER) => self.offers.change(action, entry),
            Some(MdEntryType::TRADE) => self.change_trade(at, action, entry),
            Some(MdEntryType::TRADING_SESSION_VWAP_PRICE) => self.vwap = entry.price.filter(|_| !is_gone),
            None if self.bids.knows(entry) => self.bids.change(action, entry),
            None if self.offers.knows(entry) => self.offers.change(action, entry),
            None if self.trades.knows(entry) => self.change_trade(at, action, entry),
            _ => {}
        }
        let is_trade = entry.entry_type == Some(MdEntryType::TRADE);
        self.is_quote_newer = !is_trade;
    }

    fn change_trade(&mut self, at: UtcTimestamp, action: MdUpdateAction, entry: BookEntry<'_>) {
        match action {
            MdUpdateAction::NEW | MdUpdateAction::CHANGE if self.trades.put(at, action, entry) => {
                self.last = entry.price.or(self.last);
            }
            // What was the last one then is not known where the one taken back is not.
            MdUpdateAction::DELETE => match self.trades.take_back(entry) {
                Some(Gone::Last(price)) if self.last == Some(price) => self.last = self.trades.last(),
                Some(_) => {}
                None => self.last = None,
            },
            _ => {}
        }
    }

    /// True if an entry of the book has this MDEntryID(278) or MDEntryRefID(280).
    pub fn knows(&self, entry: BookEntry<'_>) -> bool {
        self.bids.knows(entry) || self.offers.knows(entry) || self.trades.knows(entry)
    }

    /// The highest bid.
    pub fn bid(&self) -> Option<Decimal> {
        self.bids.best()
    }

    /// The lowest ask.
    pub fn ask(&self) -> Option<Decimal> {
        self.offers.best()
    }

    /// The prices of one side or the other, the best first, as many as were asked for.
    pub fn bids(&self) -> Vec<BookLevel> {
        self.bids.levels()
    }

    /// See [`bids`](Self::bids).
    pub fn asks(&self) -> Vec<BookLevel> {
        self.offers.levels()
    }

    /// True if the counterparty told of more prices than are kept.
    pub fn is_cut(&self) -> bool {
        self.bids.is_cut() || self.offers.is_cut()
    }

    /// The last trades that it told of with their times, the newest first.
    pub fn trades(&self) -> Vec<MarketTrade> {
        self.trades.newest_first()
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
