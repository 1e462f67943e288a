//! The market's clockwork.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::watch,
    time::{MissedTickBehavior, interval},
};

use super::{CounterpartyPrices, Market};
use crate::{
    clock::utc_now,
    contract::{price::Snapshot, publisher::Publisher},
};

/// How often prices move and are published.
pub const FEED_PERIOD: Duration = Duration::from_secs(1);

/// Where prices come from.
pub enum Feed {
    /// The simulator, which moves after each time it is asked.
    Simulated(Market),
    /// What the counterparties say.
    Counterparty(CounterpartyPrices),
}

impl Feed {
    fn next(&mut self) -> Snapshot {
        match self {
            Feed::Simulated(market) => {
                let snapshot = market.snapshot(utc_now());
                market.tick();
                snapshot
            }
            Feed::Counterparty(prices) => prices.snapshot(),
        }
    }
}

/// Publishes the prices every `period`, if there are any, until `stop` is true or its sender is gone.
pub async fn publish(
    mut feed: Feed,
    publisher: Arc<dyn Publisher>,
    period: Duration,
    mut stop: watch::Receiver<bool>,
) {
    let mut interval = interval(period.max(Duration::from_millis(1)));
    interval.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => return,
            _ = interval.tick() => {}
        }
        let snapshot = feed.next();
        if !snapshot.prices.is_empty() {
            publisher.prices(Arc::new(snapshot));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::{Board, changes::Change};

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
