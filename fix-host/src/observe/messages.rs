//! The last messages of all sessions of a process, both ways, and what the engine decided about them: for people who look.
//!
//! Memory is taken once, when the first one comes; after that a message costs a copy. Most of them nobody ever looks at: so
//! secrets are masked when they are read, which is here and nowhere else. Prices (W, X) have their own part of it: a market that
//! moves all day pushes out no order.

use std::{
    collections::VecDeque,
    ops::Range,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use fix_core::time::UtcTimestamp;

use crate::log::{Redactor, are_prices};

/// What is kept of all but prices: messages and decisions, and their bytes.
const MOST: usize = 24_576;
const MOST_BYTES: usize = 6 * 1024 * 1024;
/// What is kept of prices.
const MOST_PRICES: usize = 8_192;
const MOST_PRICE_BYTES: usize = 2 * 1024 * 1024;

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// A message that was received.
    In,
    /// A message that was sent.
    Out,
    /// What the engine decided, in words.
    Engine,
    /// What begins here, in words: nothing of it is about the message before.
    Begin,
}

/// A session whose messages are kept, and what is masked in them.
#[derive(Debug)]
pub struct Speaker {
    session: Arc<str>,
    redactor: Redactor,
    /// The number of what was said last, decisions about it apart; 0 before the first.
    last: AtomicU64,
}

impl Speaker {
    /// Of `session`, as `redactor` masks.
    pub fn new(session: &str, redactor: Redactor) -> Arc<Self> {
        Arc::new(Speaker { session: session.into(), redactor, last: AtomicU64::new(0) })
    }
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Its number: the first is 1, and each has one more than the one before, also if that one is no longer kept.
    pub number: u64,
    /// Of a decision: the number of what it is about, which may no longer be kept. Of others: their own number.
    pub about: u64,
    /// The session.
    pub session: Arc<str>,
    /// What it is.
    pub said: Said,
    /// When.
    pub at: UtcTimestamp,
    /// The bytes of the message with its secrets masked, or the words.
    pub bytes: Vec<u8>,
}

/// The last messages. Clones share them.
#[derive(Clone, Default)]
pub struct Messages(Arc<Mutex<Store>>);

impl std::fmt::Debug for Messages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Messages")
    }
}

#[derive(Default)]
struct Store {
    /// The number of the newest entry.
    last: u64,
    prices: Ring<MOST_PRICES, MOST_PRICE_BYTES>,
    others: Ring<MOST, MOST_BYTES>,
}

#[derive(Clone)]
struct Entry {
    number: u64,
    about: u64,
    speaker: Arc<Speaker>,
    said: Said,
    at: UtcTimestamp,
    len: usize,
}

impl Messages {
    /// Adds one.
    pub fn add(&self, speaker: &Arc<Speaker>, said: Said, at: UtcTimestamp, bytes: &[u8]) {
        let are_prices = matches!(said, Said::In | Said::Out) && are_prices(bytes);
        let mut store = self.store();
        store.last += 1;
        let number = store.last;
        let about = match (said, speaker.last.load(Relaxed)) {
            (Said::Engine, about @ 1..) => about,
            _ => number,
        };
        speaker.last.store(about, Relaxed);
        let entry = Entry { number, about, speaker: Arc::clone(speaker), said, at, len: bytes.len() };
        // A decision goes with what it is about.
        match are_prices || about != number && store.prices.has(about) {
            true => store.prices.push(entry, bytes),
            false => store.others.push(entry, bytes),
        }
    }

    /// The number of the last one; 0 before the first.
    pub fn last(&self) -> u64 {
        self.store().last
    }

    /// Those behind `number`, oldest first, at most `most`, without those that are no longer kept.
    pub fn behind(&self, number: u64, most: usize) -> Vec<Kept> {
        let found = {
            let store = self.store();
            let begin = store.up_to(number);
            store.copied(begin, store.forward(begin, most))
        };
        // Sessions write here too: masked is what was copied.
        found.into_iter().map(Raw::masked).collect()
    }

    /// Those before `number`, newest first, as far as `is_wanted` says so, at most `most`.
    pub fn before(&self, number: u64, most: usize, is_wanted: impl Fn(&Kept) -> bool) -> Vec<Kept> {
        let (mut found, mut end) = (Vec::new(), number);
        // In pieces: sessions write here too.
        while found.len() < most {
            let piece = {
                let store = self.store();
                let end = store.up_to(end.saturating_sub(1));
                store.copied(store.back(end, PIECE), end)
            };
            let Some(oldest) = piece.first() else { break };
            end = oldest.entry.number;
            let wanted = piece.into_iter().rev().map(Raw::masked).filter(&is_wanted);
            found.extend(wanted.take(most - found.len()));
        }
        found
    }

    fn store(&self) -> MutexGuard<'_, Store> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Entries that are looked at together.
const PIECE: usize = 512;

/// A place in each of the rings.
#[derive(Clone, Copy)]
struct Places {
    prices: usize,
    others: usize,
}

impl Store {
    /// Behind all that have that number or a smaller one.
    fn up_to(&self, number: u64) -> Places {
        Places { prices: self.prices.up_to(number), others: self.others.up_to(number) }
    }

    /// So many further, in the order they came in.
    fn forward(&self, mut at: Places, most: usize) -> Places {
        for _ in 0..most {
            match (self.prices.number(at.prices), self.others.number(at.others)) {
                (None, None) => break,
                (Some(price), other) if other.is_none_or(|other| price < other) => at.prices += 1,
                _ => at.others += 1,
            }
        }
        at
    }

    /// So many back.
    fn back(&self, mut at: Places, most: usize) -> Places {
        for _ in 0..most {
            let price = at.prices.checked_sub(1).and_then(|place| self.prices.number(place));
            let other = at.others.checked_sub(1).and_then(|place| self.others.number(place));
            match (price, other) {
                (None, None) => break,
                _ if price > other => at.prices -= 1,
                _ => at.others -= 1,
            }
        }
        at
    }

    /// The entries between, oldest first.
    fn copied(&self, begin: Places, end: Places) -> Vec<Raw> {
        let mut found = self.prices.copied(begin.prices..end.prices);
        found.extend(self.others.copied(begin.others..end.others));
        found.sort_by_key(|raw| raw.entry.number);
        found
    }
}

/// The last entries, at most `MOST`, with at most `BYTES` bytes.
struct Ring<const MOST: usize, const BYTES: usize> {
    entries: VecDeque<Entry>,
    /// Their bytes, one behind the other.
    bytes: VecDeque<u8>,
}

impl<const MOST: usize, const BYTES: usize> Default for Ring<MOST, BYTES> {
    fn default() -> Self {
        Ring { entries: VecDeque::new(), bytes: VecDeque::new() }
    }
}

impl<const MOST: usize, const BYTES: usize> Ring<MOST, BYTES> {
    /// Adds one, with the bytes that it says it has; one that never finds room is left out.
    fn push(&mut self, entry: Entry, bytes: &[u8]) {
        if bytes.len() > BYTES {
            return;
        }
        if self.entries.capacity() == 0 {
            self.entries.reserve(MOST);
            self.bytes.reserve(BYTES);
        }
        while self.entries.len() >= MOST || self.bytes.len() + bytes.len() > BYTES {
            let Some(oldest) = self.entries.pop_front() else { break };
            self.bytes.drain(..oldest.len);
        }
        self.bytes.extend(bytes);
        self.entries.push_back(entry);
    }

    /// How many entries have that number or a smaller one.
    fn up_to(&self, number: u64) -> usize {
        self.entries.partition_point(|entry| entry.number <= number)
    }

    fn number(&self, place: usize) -> Option<u64> {
        self.entries.get(place).map(|entry| entry.number)
    }

    fn has(&self, number: u64) -> bool {
        self.entries.binary_search_by_key(&number, |entry| entry.number).is_ok()
    }

    /// The entries at those places.
    fn copied(&self, places: Range<usize>) -> Vec<Raw> {
        let bytes_of = |range| self.entries.range(range).map(|entry| entry.len).sum::<usize>();
        // From the nearer end: who follows asks for the last few.
        let mut start = match places.start * 2 < self.entries.len() {
            true => bytes_of(0..places.start),
            false => self.bytes.len() - bytes_of(places.start..self.entries.len()),
        };
        let raw = |entry: &Entry| {
            let bytes = self.bytes.range(start..start + entry.len).copied().collect();
            start += entry.len;
            Raw { entry: entry.clone(), bytes }
        };
        self.entries.range(places).map(raw).collect()
    }
}

/// An entry with its bytes as they came.
struct Raw {
    entry: Entry,
    bytes: Vec<u8>,
}

impl Kept {
    /// False for words.
    pub fn is_message(&self) -> bool {
        matches!(self.said, Said::In | Said::Out)
    }
}

impl Raw {
    fn masked(self) -> Kept {
        let Raw { entry: Entry { number, about, speaker, said, at, .. }, bytes } = self;
        let bytes = match said {
            Said::Engine | Said::Begin => bytes,
            Said::In | Said::Out => {
                let mut masked = Vec::with_capacity(bytes.len());
                speaker.redactor.write(&bytes, &mut masked);
                masked
            }
        };
        Kept { number, about, session: Arc::clone(&speaker.session), said, at, bytes }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: UtcTimestamp = UtcTimestamp::from_unix(1, 0);

    #[test]
    fn the_last_are_kept_in_bounded_memory_and_numbered() {
        let (messages, speaker) = (Messages::default(), Speaker::new("S", Redactor::default()));
        assert_eq!((messages.last(), messages.behind(0, 10).len()), (0, 0));
        for number in 1..=2 * MOST as u64 {
            messages.add(&speaker, Said::In, AT, number.to_string().as_bytes());
        }
        let last = 2 * MOST as u64;
        assert_eq!(messages.last(), last);
        let behind = messages.behind(last - 2, 10);
        assert_eq!(behind.iter().map(|one| one.number).collect::<Vec<_>>(), [last - 1, last]);
        assert_eq!(behind[1].bytes, last.to_string().as_bytes());
        let oldest = messages.behind(0, 1);
        assert_eq!(
            (oldest[0].number, &*oldest[0].bytes),
            (MOST as u64 + 1, (MOST + 1).to_string().as_bytes())
        );
        for _ in 0..20 {
            messages.add(&speaker, Said::Out, AT, &vec![b'x'; MOST_BYTES / 10]);
        }
        let kept = || {
            let store = messages.store();
            (store.others.bytes.len(), store.others.entries.len())
        };
        assert!(kept().0 <= MOST_BYTES && kept().1 <= 10);
        messages.add(&speaker, Said::Out, AT, &vec![b'x'; MOST_BYTES + 1]);
        assert!(kept().1 <= 10);
    }

    #[test]
    fn prices_push_out_no_order_and_all_stand_in_the_order_they_came_in() {
        let (messages, speaker) = (Messages::default(), Speaker::new("S", Redactor::default()));
        let add = |said, msg_type: &str| {
            let message = format!("8=FIX.4.4\x019=5\x0135={msg_type}\x01");
            messages.add(&speaker, said, AT, message.as_bytes());
        };
        add(Said::Out, "D");
        for number in 0..3 * MOST_PRICES {
            add(Said::In, if number % 2 == 0 { "W" } else { "X" });
            if number == 2 * MOST_PRICES + 7 {
                add(Said::In, "8");
                messages.add(&speaker, Said::Engine, AT, b"35=W is a word here");
            }
        }
        let is_order = |one: &Kept| !are_prices(&one.bytes);
        let orders: Vec<_> = messages.before(u64::MAX, 9, is_order).iter().map(|one| one.number).collect();
        let report = 2 * MOST_PRICES as u64 + 10;
        assert_eq!(orders, [report + 1, report, 1]);
        let kept: Vec<_> = messages.behind(0, usize::MAX).iter().map(|one| one.number).collect();
        assert_eq!(kept.len(), MOST_PRICES + 3);
        assert!(kept.is_sorted() && kept[0] == 1 && kept.last() == Some(&messages.last()));
        let mut back: Vec<_> =
            messages.before(u64::MAX, usize::MAX, |_| true).iter().map(|one| one.number).collect();
        back.reverse();
        assert_eq!(back, kept);
        // Whoever follows meets each once, across the places where some are gone.
        let (mut followed, mut at) = (Vec::new(), 0);
        loop {
            let next = messages.behind(at, 100);
            let Some(last) = next.last() else { break };
            at = last.number;
            followed.extend(next.iter().map(|one| one.number));
        }
        assert_eq!(followed, kept);
    }

    #[test]
    fn secrets_are_masked_in_what_is_read() {
        let (messages, speaker) = (Messages::default(), Speaker::new("S", Redactor::default()));
        let logon = b"8=FIX.4.4\x019=5\x0135=A\x01554=pass\x01";
        for said in [Said::In, Said::Out] {
            messages.add(&speaker, said, AT, logon);
        }
        let read = [messages.behind(0, 9), messages.before(3, 9, |one| !one.bytes.ends_with(b"pass\x01"))];
        for kept in read.iter().flatten() {
            assert_eq!(kept.bytes, b"8=FIX.4.4\x019=5\x0135=A\x01554=***\x01");
        }
        assert_eq!(read.map(|kept| kept.len()), [2, 2]);
    }

    /// A market whose every message is complained about must not push out an order either, and no complaint may stand with
    /// another message than its own.
    #[test]
    fn a_decision_goes_with_what_it_is_about() {
        let (messages, speaker) = (Messages::default(), Speaker::new("S", Redactor::default()));
        let other = Speaker::new("T", Redactor::default());
        messages.add(&speaker, Said::Engine, AT, b"alone");
        messages.add(&speaker, Said::Out, AT, b"8=FIX.4.4\x019=5\x0135=D\x01");
        messages.add(&other, Said::In, AT, b"8=FIX.4.4\x019=5\x0135=8\x01");
        messages.add(&speaker, Said::Engine, AT, b"about the order");
        for _ in 0..MOST {
            messages.add(&speaker, Said::In, AT, b"8=FIX.4.4\x019=5\x0135=W\x01");
            messages.add(&speaker, Said::Engine, AT, b"cannot be read");
        }
        let kept = messages.behind(0, usize::MAX);
        let about: Vec<_> = kept[..4].iter().map(|one| (one.number, one.about)).collect();
        assert_eq!(about, [(1, 1), (2, 2), (3, 3), (4, 2)]);
        assert_eq!(kept.len(), 4 + MOST_PRICES);
        let complaints = kept[4..].iter().filter(|one| one.said == Said::Engine);
        assert!(complaints.clone().count() > 0 && complaints.clone().all(|one| one.about == one.number - 1));
    }

    #[test]
    fn a_search_goes_back_from_a_place_and_finds_the_newest_first() {
        let (messages, speaker) = (Messages::default(), Speaker::new("S", Redactor::default()));
        for number in 0..2_000 {
            let said = if number % 100 == 0 { Said::Engine } else { Said::In };
            messages.add(&speaker, said, AT, b"x");
        }
        let numbers = |before, most| {
            let found = messages.before(before, most, |one| one.said == Said::Engine);
            found.iter().map(|one| one.number).collect::<Vec<_>>()
        };
        assert_eq!(numbers(messages.last() + 1, 3), [1901, 1801, 1701]);
        assert_eq!(numbers(1801, 2), [1701, 1601]);
        assert_eq!(numbers(2, 10), [1]);
        assert!(numbers(1, 10).is_empty());
        assert_eq!(numbers(2_001, 100).len(), 20);
    }
}
