//! The depth and the trades of one instrument, as the counterparty of a session tells of them.

use std::sync::Arc;

use fix_core::{decimal::Decimal, time::UtcTimestamp};
use serde_json::{Value, json};

use super::number;

/// Where books of counterparties can be looked at.
pub trait MarketBooks: Send + Sync {
    /// What is known of an instrument; `None` if no session has asked for it.
    fn book(&self, symbol: &str) -> Option<MarketBook>;

    /// Grows with each change of [`book`](Self::book).
    fn changes(&self, symbol: &str) -> u64;
}

/// The books, or none.
pub type Books = Option<Arc<dyn MarketBooks>>;

/// A book as its counterparty tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MarketBook {
    /// Symbol(55).
    pub symbol: &'static str,
    /// The session whose counterparty says so.
    pub session: String,
    /// MarketDepth(264) that was asked for: 0 is all, 1 the best price alone.
    pub market_depth: u32,
    /// Who buys, the best price first.
    pub bids: Vec<BookLevel>,
    /// Who sells, the best price first.
    pub asks: Vec<BookLevel>,
    /// There are prices behind these that are not kept.
    pub is_cut: bool,
    /// The last trades, newest first.
    pub trades: Vec<MarketTrade>,
    /// When something was said last; `None`: nothing yet.
    pub at: Option<UtcTimestamp>,
    /// It may not hold any more: the counterparty is not logged on, has said nothing since it is, or has refused.
    pub is_stale: bool,
    /// Why the counterparty does not tell of it.
    pub refusal: Option<String>,
}

/// A price of the book.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BookLevel {
    /// The price.
    pub price: Decimal,
    /// How much is shown at it, where the counterparty says so.
    pub qty: Option<Decimal>,
    /// How many orders, where it says so.
    pub orders: Option<u32>,
}

/// A trade.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MarketTrade {
    /// When: as the counterparty says, or else when it was heard of.
    pub time: UtcTimestamp,
    /// The price.
    pub price: Decimal,
    /// How much, where the counterparty says so.
    pub qty: Option<Decimal>,
}

impl MarketBook {
    /// With at most so many prices a side, and so many trades.
    pub fn to_json(&self, levels: usize, trades: usize) -> Value {
        let mut json = self.depth_to_json(levels);
        json["trades"] = self.trades.iter().copied().take(trades).map(MarketTrade::to_json).collect();
        json
    }

    /// The same without the trades.
    pub fn depth_to_json(&self, levels: usize) -> Value {
        let side =
            |side: &[BookLevel]| side.iter().copied().take(levels).map(BookLevel::to_json).collect::<Value>();
        let is_longer = |side: &[BookLevel]| side.len() > levels;
        json!({
            "symbol": self.symbol,
            "session": self.session,
            "marketDepth": self.market_depth,
            "bids": side(&self.bids),
            "asks": side(&self.asks),
            "more": self.is_cut || is_longer(&self.bids) || is_longer(&self.asks),
            "time": self.at.map(number::unix_seconds),
            "stale": self.is_stale,
            "refusal": self.refusal,
        })
    }

    /// The trades alone.
    pub fn trades_to_json(&self, trades: usize) -> Value {
        let trades: Value = self.trades.iter().copied().take(trades).map(MarketTrade::to_json).collect();
        json!({ "symbol": self.symbol, "session": self.session, "trades": trades })
    }
}

impl BookLevel {
    fn to_json(self) -> Value {
        json!({ "price": number::json(self.price), "qty": self.qty.map(number::json), "orders": self.orders })
    }
}

impl MarketTrade {
    fn to_json(self) -> Value {
        let time = number::unix_seconds(self.time);
        json!({ "time": time, "price": number::json(self.price), "qty": self.qty.map(number::json) })
    }
}
