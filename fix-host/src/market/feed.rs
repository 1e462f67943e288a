//! The market's clockwork.

use std::{future, sync::Arc, time::Duration};

use tokio::{
    sync::{Notify, watch},
    time::{MissedTickBehavior, interval, sleep},
};

use super::{CounterpartyPrices, Market};
use crate::{
    clock::utc_now,
    contract::{
        price::{Price, Snapshot},
        publisher::Publisher,
    },
};

/// How often prices move and are published.
pub const FEED_PERIOD: Duration = Duration::from_secs(1);

/// Prices that others move within the period are shown so soon after the first of them: an update of many
/// instruments is shown as one, and at most so often.
const MOVES_APART: Duration = Duration::from_millis(2);

/// Where prices come from.
pub enum Feed {
    /// The simulator, which moves after each time it is asked.
    Simulated(Market),
    /// What the counterparties say.
    Counterparty(CounterpartyPrices),
    /// A venue in this process.
    Venue(VenuePrices),
}

/// The prices of a venue in this process.
pub struct VenuePrices {
    look: Box<dyn Fn() -> Snapshot + Send + Sync>,
    moved: Arc<Notify>,
    shown: Vec<Price>,
}

impl VenuePrices {
    /// `look` gives the prices of now, and `moved` is told when they may be others.
    pub fn new(moved: Arc<Notify>, look: impl Fn() -> Snapshot + Send + Sync + 'static) -> Self {
        VenuePrices { look: Box::new(look), moved, shown: Vec::new() }
    }

    /// The prices of now. Between two periods those that did not move are as old as they were.
    fn next(&mut self, is_due: bool) -> Snapshot {
        let mut snapshot = (self.look)();
        if !is_due {
            for (price, shown) in snapshot.prices.iter_mut().zip(&self.shown) {
                let as_shown = Price { at: shown.at, ..price.clone() };
                if as_shown == *shown {
                    *price = as_shown;
                }
            }
        }
        self.shown.clone_from(&snapshot.prices);
        snapshot
    }
}

impl Feed {
    fn next(&mut self, is_due: bool) -> Snapshot {
        match self {
            Feed::Simulated(market) => {
                let snapshot = market.snapshot(utc_now());
                market.tick();
                snapshot
            }
            Feed::Counterparty(prices) => prices.snapshot(),
            Feed::Venue(prices) => prices.next(is_due),
        }
    }

    /// Waits until others have moved prices, and a little for more of that.
    async fn moved(&self) {
        self.is_told().await;
        sleep(MOVES_APART).await;
        // What was said meanwhile is in what is shown now.
        tokio::select! {
            biased;
            () = self.is_told() => {}
            () = future::ready(()) => {}
        }
    }

    /// Waits until others say that they move prices; the simulator moves its own when it is asked.
    async fn is_told(&self) {
        match self {
            Feed::Simulated(_) => future::pending().await,
            Feed::Counterparty(prices) => prices.moved().await,
            Feed::Venue(prices) => prices.moved.notified().await,
        }
    }
}

/// Publishes the prices every `period`, if there are any, and shows between that what has moved by others, until
/// `stop` is true or its sender is gone.
pub async fn publish(
    mut feed: Feed,
    publisher: Arc<dyn Publisher>,
    period: Duration,
    mut stop: watch::Receiver<bool>,
) {
    let mut interval = interval(period.max(Duration::from_millis(1)));
    interval.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        let is_due = tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => return,
            _ = interval.tick() => true,
            () = feed.moved() => false,
        };
        let snapshot = feed.next(is_due);
        match (snapshot.prices.is_empty(), is_due) {
            (true, _) => {}
            (false, true) => publisher.prices(Arc::new(snapshot)),
            (false, false) => publisher.moved(Arc::new(snapshot)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use fix_core::{dict::fix44::code::MdEntryType, time::UtcTimestamp};

    use super::*;
    use crate::{
        market::{BookEntry, TOP_OF_BOOK, default_instruments},
        observe::{Board, changes::Change},
    };

    #[tokio::test(start_paused = true)]
    async fn what_a_counterparty_moves_is_shown_at_once_and_together() {
        let (board, prices) = (Board::default(), CounterpartyPrices::default());
        let session = prices.add("S", &default_instruments(), TOP_OF_BOOK);
        let (_stop, stopped) = watch::channel(false);
        tokio::spawn(publish(Feed::Counterparty(prices), Arc::new(board.clone()), FEED_PERIOD, stopped));
        let mut changes = board.changes().follow();
        // The first second is begun, without prices.
        sleep(Duration::from_millis(1)).await;
        for bid in ["99.5", "99.75"] {
            let entry = BookEntry {
                entry_type: Some(MdEntryType::BID),
                price: Some(bid.parse().unwrap()),
                ..BookEntry::default()
            };
            let said = tokio::time::Instant::now();
            for place in [0, 1] {
                session.restart(place, at(1), |book| book.replace(at(1), [entry].into_iter()));
            }
            assert!(matches!(changes.next().await, Ok((_, Change::Moves))));
            assert!(said.elapsed() <= Duration::from_millis(12), "{:?}", said.elapsed());
            let shown = board.prices().unwrap();
            assert_eq!(shown.prices.iter().map(|price| price.bid).collect::<Vec<_>>(), [entry.price; 2]);
        }
        assert!(matches!(changes.next().await, Ok((_, Change::Prices))), "and each second, moved or not");
    }

    #[tokio::test(start_paused = true)]
    async fn what_a_venue_moves_is_newer_than_what_it_does_not() {
        let board = Board::default();
        let (moved, shown) = (Arc::<Notify>::default(), Arc::new(Mutex::new(Market::new(1).snapshot(at(1)))));
        let look = Arc::clone(&shown);
        let venue = VenuePrices::new(Arc::clone(&moved), move || look.lock().unwrap().clone());
        let (_stop, stopped) = watch::channel(false);
        tokio::spawn(publish(Feed::Venue(venue), Arc::new(board.clone()), FEED_PERIOD, stopped));
        let mut changes = board.changes().follow();
        assert!(matches!(changes.next().await, Ok((_, Change::Prices))));
        {
            let prices = &mut shown.lock().unwrap().prices;
            prices.iter_mut().for_each(|price| price.at = at(2));
            prices[1].bid = None;
        }
        moved.notify_one();
        assert!(matches!(changes.next().await, Ok((_, Change::Moves))));
        let times: Vec<_> = board.prices().unwrap().prices[..3].iter().map(|price| price.at).collect();
        assert_eq!(times, [at(1), at(2), at(1)]);
    }

    fn at(seconds: i64) -> UtcTimestamp {
        UtcTimestamp::from_unix(seconds, 0)
    }

    #[tokio::test(start_paused = true)]
    async fn prices_come_each_period_until_the_stop() {
        let board = Board::default();
        let (stop, stopped) = watch::channel(false);
        let publisher = Arc::new(board.clone());
        let running = tokio::spawn(publish(Feed::Simulated(Market::new(4)), publisher, FEED_PERIOD, stopped));
        let mut changes = board.changes().follow();
        let mut expected = Market::new(4);
        for _ in 0..5 {
            assert!(matches!(changes.next().await, Ok((_, Change::Prices))));
            let snapshot = board.prices().unwrap();
            let bids: Vec<_> = snapshot.prices.iter().map(|price| price.bid).collect();
            let quotes = expected.quotes();
            assert_eq!(bids, quotes.iter().map(|quote| Some(quote.bid)).collect::<Vec<_>>());
            expected.tick();
        }
        stop.send_replace(true);
        running.await.unwrap();
    }
}
