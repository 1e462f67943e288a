//! What can be seen of the venue: books, and the trades since somebody looked last.

use std::{collections::VecDeque, sync::Arc};

use super::{Venue, figures::DayFigures, request::Named};
use crate::exchange::{
    book::{Book, Event, OrderId, Phase, Quantity, Side, Ticks},
    orders::{self, Listing},
};

/// Trades that are kept for those who follow.
const KEPT: usize = 4_096;

/// A trade.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trade {
    /// Counted over all instruments, from one or from where an earlier start of the venue has not been.
    pub number: u64,
    /// Which instrument, by its [place](Listing::place).
    pub place: usize,
    /// At what price.
    pub price: Ticks,
    /// How much.
    pub qty: Quantity,
}

/// The last trades, and the figures of the day of all of them.
#[derive(Debug, Default)]
pub(super) struct Tape {
    /// By the place of the instrument.
    days: Vec<DayFigures>,
    trades: VecDeque<Trade>,
    count: u64,
}

impl Tape {
    /// True if the event is a trade.
    pub(super) fn record(&mut self, place: usize, event: Event) -> bool {
        let (Event::Traded { price, qty, .. } | Event::Crossed { price, qty, .. }) = event else {
            return false;
        };
        self.day_mut(place).trade(price, qty);
        self.count += 1;
        if self.trades.len() == KEPT {
            self.trades.pop_front();
        }
        self.trades.push_back(Trade { number: self.count, place, price, qty });
        true
    }
}

impl Tape {
    /// Trades are counted on behind this number.
    pub(super) fn begin_numbers(&mut self, number: u64) {
        self.count = number;
    }

    pub(super) fn day_mut(&mut self, place: usize) -> &mut DayFigures {
        if self.days.len() <= place {
            self.days.resize_with(place + 1, DayFigures::default);
        }
        &mut self.days[place]
    }
}

/// What market data shows of a book.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Feed {
    /// What it has.
    #[default]
    True,
    /// Its bids as much too high that the best one has the price of the best offer, which no book has: a fault on purpose.
    Locked,
    /// The same, and a tick more.
    Crossed,
}

/// The market of one instrument as it is.
#[derive(Clone, Copy, Debug)]
pub struct Depth<'a> {
    /// The instrument.
    pub listing: &'a Arc<Listing>,
    /// Its book: prices, quantities, orders, the last price.
    pub book: &'a Book,
    /// What market data shows of it.
    pub feed: Feed,
    /// Grows with whatever changes the book, and is that of no other change.
    pub changes: u64,
}

impl Depth<'_> {
    /// How many ticks too high market data shows the bids.
    pub fn bids_too_high(&self) -> Ticks {
        let gap = || Some(self.book.best(Side::Sell)? - self.book.best(Side::Buy)?);
        match self.feed {
            Feed::True => 0,
            Feed::Locked => gap().unwrap_or(0),
            Feed::Crossed => gap().map_or(0, |gap| gap + 1),
        }
    }
}

impl Venue {
    /// The instruments, by their [places](Listing::place).
    pub fn listings(&self) -> &[Arc<Listing>] {
        self.listings.all()
    }

    /// The market of the instrument at this place.
    pub fn depth(&self, place: usize) -> Option<Depth<'_>> {
        let market = self.markets.get(place)?;
        let (listing, feed, changes) = (self.listings().get(place)?, market.feed, market.changes);
        Some(Depth { listing, book: &market.book, feed, changes })
    }

    /// Market data shows the book of an instrument so from now on.
    pub fn show(&mut self, place: usize, feed: Feed) {
        if let Some(market) = self.markets.get_mut(place) {
            self.changes += 1;
            (market.feed, market.changes) = (feed, self.changes);
        }
    }

    /// The orders that the venue knows, oldest first, as they are: with those that have ended, or without.
    pub fn orders(&self, with_ended: bool) -> Vec<orders::Picture<'_>> {
        self.orders.pictures(with_ended)
    }

    /// An order that the venue knows, as it is.
    pub fn order(&self, id: OrderId) -> Option<orders::Picture<'_>> {
        self.orders.picture(id)
    }

    /// The orders that any session knows by this ClOrdID(11), also those by which they were known before.
    pub fn known(&self, cl_ord_id: &str) -> impl Iterator<Item = OrderId> {
        self.orders.known_to_any(cl_ord_id)
    }

    /// The order of an execution.
    pub fn of_execution(&self, exec_id: u64) -> Option<OrderId> {
        self.orders.of_execution(exec_id)
    }

    /// How often an instrument has come to another phase.
    pub fn phase_changes(&self) -> u64 {
        self.phase_changes
    }

    /// The last change of any book.
    pub fn changes(&self) -> u64 {
        self.changes
    }

    /// The number of the last trade.
    pub fn last_trade(&self) -> u64 {
        self.trades.count
    }

    /// The trades behind this number, oldest first; if more have been since than are kept, the first of them say by their
    /// numbers how many are missing.
    pub fn trades_since(&self, number: u64) -> impl Iterator<Item = &Trade> + Clone {
        let from = self.trades.trades.partition_point(|trade| trade.number <= number);
        self.trades.trades.range(from..)
    }

    /// What has traded in the instrument at this place; `None` if nothing ever has.
    pub fn day(&self, place: usize) -> Option<&DayFigures> {
        self.trades.days.get(place)
    }

    /// The place of an instrument that there is a book for.
    pub fn find(&self, named: Named<'_>) -> Option<usize> {
        self.listings.find(named).map(|listing| listing.place)
    }

    /// The places of several; `None` if there is one without a book.
    pub fn find_all(&self, named: &[Named<'_>]) -> Option<Vec<usize>> {
        named.iter().map(|named| self.find(*named)).collect()
    }

    /// The phase that an instrument is in.
    pub fn phase_of(&self, place: usize) -> Option<Phase> {
        self.markets.get(place).map(|market| market.book.phase())
    }

    /// The best price of a side.
    pub fn best(&self, place: usize, side: Side) -> Option<Ticks> {
        self.markets.get(place)?.book.best(side)
    }
}
