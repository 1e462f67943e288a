//! The last news of the stream, numbered: kept once for all readers, each of whom reads at its own pace.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use super::{
    prices::Move,
    topic::{Topic, Topics},
};

/// So many are kept at most.
const MOST: usize = 16_384;
/// So many bytes of JSON are kept at most.
const MOST_BYTES: usize = 8 * 1024 * 1024;

/// One piece of news, its text made once for all who read it.
#[derive(Debug)]
pub(super) enum News {
    /// Prices that moved: of more of these, the latest of each row count.
    Prices(Vec<Move>),
    /// There are other instruments: the prices are to be told whole.
    OtherPrices,
    /// A row, none of which may be left out.
    Row(Topic, Box<str>),
    /// A state that replaces the one before.
    State(Topic, Box<str>),
    /// The state of one symbol, which replaces the one before.
    OfSymbol(Topic, Arc<str>, Box<str>),
    /// A state that another one of its topic has replaced, which comes behind it.
    Replaced(Topic),
}

impl News {
    pub(super) fn topic(&self) -> Topic {
        match self {
            News::Prices(_) | News::OtherPrices => Topic::Prices,
            News::Row(topic, _)
            | News::State(topic, _)
            | News::OfSymbol(topic, ..)
            | News::Replaced(topic) => *topic,
        }
    }

    fn bytes(&self) -> usize {
        match self {
            News::Prices(moves) => moves.iter().map(|(_, text)| text.len()).sum(),
            // Of each topic there is one state at most: however large, it takes no room from rows.
            News::OtherPrices | News::State(..) | News::Replaced(_) => 0,
            News::Row(_, text) | News::OfSymbol(_, _, text) => text.len(),
        }
    }

    /// True if it is for a reader of these topics, who named this symbol.
    pub(super) fn is_for(&self, topics: Topics, symbol: Option<&str>) -> bool {
        topics.has(self.topic())
            && match self {
                News::OfSymbol(_, of, _) => symbol == Some(of),
                _ => true,
            }
    }

    /// Of what it is the state.
    fn state(&self) -> Option<StateOf> {
        match self {
            News::State(topic, _) => Some((*topic as usize, None)),
            News::OfSymbol(topic, symbol, _) => Some((*topic as usize, Some(Arc::clone(symbol)))),
            _ => None,
        }
    }
}

/// A topic, by its place in [`Topic::ALL`], or one symbol of it.
type StateOf = (usize, Option<Arc<str>>);

/// The news from one number on.
#[derive(Debug)]
pub(super) struct Ring {
    /// The number of the oldest one that is kept; the first of all is 1.
    first: u64,
    news: VecDeque<Arc<News>>,
    bytes: usize,
    /// The number of the last state of each that has some.
    states: BTreeMap<StateOf, u64>,
}

impl Default for Ring {
    fn default() -> Self {
        Ring { first: 1, news: VecDeque::new(), bytes: 0, states: BTreeMap::new() }
    }
}

/// What came behind a number.
#[derive(Debug)]
pub(super) enum Behind {
    /// These, oldest first.
    News(Vec<Arc<News>>),
    /// Some of it is no longer kept.
    Missed,
}

impl Ring {
    /// The number of the last one; 0 before the first.
    pub(super) fn last(&self) -> u64 {
        self.first + self.news.len() as u64 - 1
    }

    pub(super) fn push(&mut self, news: News) {
        self.bytes += news.bytes();
        if let Some(of) = news.state() {
            self.replace_state(of);
        }
        self.news.push_back(Arc::new(news));
        while self.news.len() > MOST || self.bytes > MOST_BYTES {
            let Some(oldest) = self.news.pop_front() else { break };
            self.bytes -= oldest.bytes();
            if let Some(of) = oldest.state() {
                self.states.remove(&of);
            }
            self.first += 1;
        }
    }

    /// Another state of this comes. There is one of each at most, so what goes is the last one.
    fn replace_state(&mut self, of: StateOf) {
        let (next, topic) = (self.last() + 1, Topic::ALL[of.0]);
        let before = self.states.insert(of, next).and_then(|number| number.checked_sub(self.first));
        let place = before.and_then(|place| usize::try_from(place).ok());
        if let Some(old) = place.and_then(|place| self.news.get_mut(place)) {
            self.bytes -= old.bytes();
            *old = Arc::new(News::Replaced(topic));
        }
    }

    /// Forgets all. A number is left out, so that who has the last one is told that he missed something.
    pub(super) fn clear(&mut self) {
        *self = Ring { first: self.last() + 2, ..Ring::default() };
    }

    /// True if nothing that came behind `number` is forgotten.
    pub(super) fn reaches(&self, number: u64) -> bool {
        (self.first..=self.last() + 1).contains(&number.saturating_add(1))
    }

    /// What came behind `number`.
    pub(super) fn behind(&self, number: u64) -> Behind {
        if !self.reaches(number) {
            return Behind::Missed;
        }
        let known = usize::try_from(number + 1 - self.first).unwrap_or(usize::MAX);
        Behind::News(self.news.range(known.min(self.news.len())..).cloned().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(text: &str) -> News {
        News::Row(Topic::Orders, text.into())
    }

    fn count(ring: &Ring, number: u64) -> Option<usize> {
        match ring.behind(number) {
            Behind::News(news) => Some(news.len()),
            Behind::Missed => None,
        }
    }

    #[test]
    fn a_place_is_good_until_what_is_behind_it_is_forgotten() {
        let mut ring = Ring::default();
        assert_eq!((ring.last(), count(&ring, 0), count(&ring, 1)), (0, Some(0), None));
        for _ in 0..MOST {
            ring.push(row("{}"));
        }
        assert_eq!(count(&ring, 0), Some(MOST));
        ring.push(row("{}"));
        assert_eq!((count(&ring, 0), count(&ring, 1), count(&ring, u64::MAX)), (None, Some(MOST), None));
        let last = ring.last();
        ring.clear();
        assert_eq!((count(&ring, last), ring.last()), (None, last + 1));
        assert_eq!(count(&ring, last + 1), Some(0));
    }

    #[test]
    fn large_news_make_room_for_each_other() {
        let mut ring = Ring::default();
        let large = "x".repeat(MOST_BYTES / 4);
        for _ in 0..100 {
            ring.push(row(&large));
        }
        assert_eq!(ring.news.len(), 4);
    }

    #[test]
    fn a_large_state_pushes_nothing_out_and_only_the_last_one_is_kept() {
        let mut ring = Ring::default();
        ring.push(row("{}"));
        for number in 0..3 {
            let text = format!("{number}{}", "x".repeat(2 * MOST_BYTES));
            ring.push(News::State(Topic::Exchange, text.into()));
            ring.push(News::State(Topic::Health, "{}".into()));
        }
        let Behind::News(news) = ring.behind(0) else { panic!("the row is kept") };
        let states = news.iter().filter_map(|news| match &**news {
            News::State(topic, text) => Some((*topic, &text[..1])),
            _ => None,
        });
        assert_eq!(states.collect::<Vec<_>>(), [(Topic::Exchange, "2"), (Topic::Health, "{")]);
        assert_eq!((news.len(), ring.last()), (7, 7), "numbers stay");
    }

    #[test]
    fn of_each_symbol_the_last_state_is_kept_and_takes_room_once() {
        let mut ring = Ring::default();
        let large = "x".repeat(MOST_BYTES / 4);
        for _ in 0..10 {
            for symbol in ["2Y", "5Y"] {
                ring.push(News::OfSymbol(Topic::Depth, symbol.into(), large.as_str().into()));
            }
        }
        let Behind::News(news) = ring.behind(0) else { panic!("nothing is pushed out") };
        let kept: Vec<_> = news.iter().filter(|news| matches!(***news, News::OfSymbol(..))).collect();
        let of = |news: &News, symbol| news.is_for([Topic::Depth].into_iter().collect(), symbol);
        assert_eq!((news.len(), kept.len()), (20, 2));
        assert!(of(kept[0], Some("2Y")) && !of(kept[0], Some("5Y")) && !of(kept[0], None));
        for symbol in ["3Y", "7Y", "10Y"] {
            ring.push(News::OfSymbol(Topic::Depth, symbol.into(), large.as_str().into()));
        }
        assert_eq!(ring.states.len(), 4, "the state of 2Y is pushed out");
    }
}
