//! The last trades that a counterparty told of: New, and changed or taken back by their MDEntryID(278).

use std::collections::VecDeque;

use fix_core::{decimal::Decimal, dict::fix44::code::MdUpdateAction, time::UtcTimestamp};

use super::BookEntry;
use crate::contract::market_book::MarketTrade;

/// Trades that are kept.
pub(super) const MOST_TRADES: usize = 200;

/// Oldest first.
#[derive(Clone, Debug, Default)]
pub(super) struct Trades(VecDeque<Trade>);

#[derive(Clone, Debug)]
struct Trade {
    id: Option<Box<str>>,
    said: MarketTrade,
}

/// A trade that was taken back.
pub(super) enum Gone {
    /// The last one, at this price.
    Last(Decimal),
    /// One before it.
    Earlier,
}

impl Trades {
    /// A trade that is in a snapshot. Of one without a time nobody knows when it was; one that was told before is there.
    pub(super) fn of_snapshot(&mut self, entry: BookEntry<'_>) {
        let (Some(price), Some(time)) = (entry.price, entry.time) else { return };
        let said = MarketTrade { time, price, qty: entry.size };
        let is_known = |trade: &Trade| match (trade.id.as_deref(), entry.id) {
            (Some(known), Some(id)) => known == id,
            _ => trade.said == said,
        };
        if self.0.iter().any(is_known) {
            return;
        }
        // Snapshots have no order.
        let place = self.0.partition_point(|trade| trade.said.time <= time);
        self.0.insert(place, Trade { id: entry.id.map(Into::into), said });
        self.drop_the_oldest();
    }

    /// A trade that is new, or another one than was told; true if it is the last one now.
    pub(super) fn put(&mut self, at: UtcTimestamp, action: MdUpdateAction, entry: BookEntry<'_>) -> bool {
        let known = self.by_id(entry);
        if let Some(trade) = known.and_then(|place| self.0.get_mut(place)) {
            trade.said.price = entry.price.unwrap_or(trade.said.price);
            trade.said.qty = entry.size.or(trade.said.qty);
            trade.id = entry.id.map(Into::into).or(trade.id.take());
            return known == Some(self.0.len() - 1);
        }
        // A correction of a trade that is no longer kept is no news of the market.
        let is_correction = action == MdUpdateAction::CHANGE && entry.ref_id.is_some();
        let Some(price) = entry.price.filter(|_| !is_correction) else { return false };
        let said = MarketTrade { time: entry.time.unwrap_or(at), price, qty: entry.size };
        self.0.push_back(Trade { id: entry.id.map(Into::into), said });
        self.drop_the_oldest();
        true
    }

    /// A trade never was; `None` if it is not known here.
    pub(super) fn take_back(&mut self, entry: BookEntry<'_>) -> Option<Gone> {
        let has_size = |trade: &Trade| entry.size.is_none_or(|size| Some(size) == trade.said.qty);
        let is_it = |trade: &Trade| Some(trade.said.price) == entry.price && has_size(trade);
        let by_price = || entry.id.is_none().then(|| self.0.iter().rposition(is_it)).flatten();
        let place = self.by_id(entry).or_else(by_price)?;
        let was_last = place + 1 == self.0.len();
        let gone = self.0.remove(place)?;
        Some(if was_last { Gone::Last(gone.said.price) } else { Gone::Earlier })
    }

    pub(super) fn knows(&self, entry: BookEntry<'_>) -> bool {
        self.by_id(entry).is_some()
    }

    /// The price of the last one.
    pub(super) fn last(&self) -> Option<Decimal> {
        self.0.back().map(|trade| trade.said.price)
    }

    pub(super) fn newest_first(&self) -> Vec<MarketTrade> {
        self.0.iter().rev().map(|trade| trade.said).collect()
    }

    fn by_id(&self, entry: BookEntry<'_>) -> Option<usize> {
        let named = |id: &str| self.0.iter().rposition(|trade| trade.id.as_deref() == Some(id));
        entry.ref_id.and_then(named).or_else(|| entry.id.and_then(named))
    }

    fn drop_the_oldest(&mut self) {
        if self.0.len() > MOST_TRADES {
            self.0.pop_front();
        }
    }
}
