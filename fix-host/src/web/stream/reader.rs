//! One reader of the stream: its topics, and how far it has read. What it gets depends on nobody but itself.

use std::{sync::Arc, time::Duration};

use super::{
    frame,
    hub::Seat,
    ring::{Behind, News},
    topic::{Place, Topic, Topics, Wish},
};
use crate::clock::utc_now;

/// Without other frames there is one of these each second, so that a dead connection is told from a quiet market.
pub(super) const HEARTBEAT: Duration = Duration::from_secs(1);

pub(super) struct Reader {
    seat: Seat,
    topics: Topics,
    /// Of which it wants to know depth and trades.
    symbol: Option<Arc<str>>,
    /// The number of the last news that were looked at.
    at: u64,
    /// The number that the reader was told last.
    told: u64,
}

impl Reader {
    pub(super) fn new(seat: Seat) -> Self {
        let at = seat.last();
        Reader { seat, topics: Topics::default(), symbol: None, at, told: at }
    }

    /// What the reader said; the frames that answer it.
    pub(super) fn hear(&mut self, text: &str) -> Vec<String> {
        match serde_json::from_str(text) {
            Ok(Wish::Sub { topics, since, symbol }) => {
                self.subscribe(topics.into_iter().collect(), symbol.as_deref(), since.as_ref())
            }
            Err(error) => {
                let what = r#"must be JSON like {"op":"sub","topics":["prices","orders"]}"#;
                vec![frame::error(&format!("{what}: {error}"))]
            }
        }
    }

    /// These topics from now on: what came since, of those that the reader has already, and the others whole. Those of a
    /// symbol are always told whole: the news may be of another one.
    pub(super) fn subscribe(
        &mut self,
        topics: Topics,
        symbol: Option<&str>,
        since: Option<&Place>,
    ) -> Vec<String> {
        self.symbol = symbol.map(Arc::from);
        let unfollowed = self.seat.watch(topics, self.symbol.as_ref());
        let since = since.filter(|place| place.boot == self.seat.boot() && self.seat.reaches(place.seq));
        let resumed: Topics = match since {
            Some(place) => {
                let is_followed = |topic: &Topic| !topic.is_of_symbol() && !unfollowed.has(*topic);
                topics.iter().filter(|topic| place.has(*topic) && is_followed(topic)).collect()
            }
            None => Topics::default(),
        };
        let mut frames = Vec::new();
        match since {
            Some(place) if resumed != Topics::default() => {
                self.topics = resumed;
                (self.at, self.told) = (place.seq, place.seq);
                frames = self.collect();
            }
            _ => self.at = self.seat.last(),
        }
        self.topics = topics;
        let others: Topics = topics.iter().filter(|topic| !resumed.has(*topic)).collect();
        if others != Topics::default() {
            frames.extend(self.snaps(others));
        }
        frames
    }

    /// The frames of what is new.
    pub(super) fn collect(&mut self) -> Vec<String> {
        let news = match self.seat.behind(self.at) {
            Behind::News(news) => news,
            Behind::Missed => {
                let missed = frame::gap(self.told + 1, self.seat.last());
                return std::iter::once(missed).chain(self.whole()).collect();
            }
        };
        self.at += news.len() as u64;
        // Moves of a table that is told whole behind them say nothing: they are in it, or of one before.
        let is_other_table = news.iter().any(|news| matches!(**news, News::OtherPrices));
        let has_prices = self.topics.has(Topic::Prices);
        let topics = match is_other_table && has_prices {
            true => self.topics.iter().filter(|topic| *topic != Topic::Prices).collect(),
            false => self.topics,
        };
        let mut frames =
            Vec::from_iter(frame::delta(&news, (topics, self.symbol.as_deref()), self.told, self.at));
        if is_other_table && has_prices {
            let rows = self.seat.rows(Topic::Prices, None);
            frames.push(frame::snap(self.seat.boot(), self.at, Topic::Prices, &rows));
        }
        if !frames.is_empty() {
            self.told = self.at;
        }
        frames
    }

    /// Nothing was said for a while.
    pub(super) fn heartbeat(&mut self) -> String {
        self.told = self.at;
        let now = utc_now();
        frame::heartbeat(self.at, now.unix_seconds() * 1000 + i64::from(now.subsec_nanos() / 1_000_000))
    }

    /// The number that the reader was told last.
    pub(super) fn place(&self) -> u64 {
        self.told
    }

    /// Waits for more; what is dropped while it waits has lost nothing.
    pub(super) async fn changed(&mut self) {
        self.seat.changed().await;
    }

    fn whole(&mut self) -> Vec<String> {
        self.at = self.seat.last();
        self.snaps(self.topics)
    }

    /// These topics whole, at least as new as the number that was looked at last.
    fn snaps(&mut self, topics: Topics) -> Vec<String> {
        self.told = self.at;
        let snap = |topic| {
            frame::snap(self.seat.boot(), self.at, topic, &self.seat.rows(topic, self.symbol.as_deref()))
        };
        topics.iter().map(snap).collect()
    }
}
