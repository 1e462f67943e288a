//! The last messages of all sessions of a process, both ways, and what the engine decided about them: for people who look.
//!
//! Memory is taken once, when the first one comes; after that a message costs a copy. Most of them nobody ever looks at: so
//! secrets are masked when they are read, which is here and nowhere else.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use fix_core::time::UtcTimestamp;

use crate::log::Redactor;

/// Bytes of messages that are kept.
const MOST_BYTES: usize = 8 * 1024 * 1024;
/// Messages and decisions that are kept.
const MOST: usize = 32_768;

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
}

impl Speaker {
    /// Of `session`, as `redactor` masks.
    pub fn new(session: &str, redactor: Redactor) -> Arc<Self> {
        Arc::new(Speaker { session: session.into(), redactor })
    }
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Its number: the first is 1, and each has one more than the one before.
    pub number: u64,
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
    /// The number of the oldest entry.
    first: u64,
    entries: VecDeque<Entry>,
    /// Their bytes, one behind the other.
    bytes: VecDeque<u8>,
}

#[derive(Clone)]
struct Entry {
    speaker: Arc<Speaker>,
    said: Said,
    at: UtcTimestamp,
    len: usize,
}

impl Messages {
    /// Adds one.
    pub fn add(&self, speaker: &Arc<Speaker>, said: Said, at: UtcTimestamp, bytes: &[u8]) {
        if bytes.len() > MOST_BYTES {
            return;
        }
        let mut store = self.store();
        if store.first == 0 {
            store.first = 1;
            store.entries.reserve(MOST);
            store.bytes.reserve(MOST_BYTES);
        }
        while store.entries.len() >= MOST || store.bytes.len() + bytes.len() > MOST_BYTES {
            let Some(oldest) = store.entries.pop_front() else { break };
            store.bytes.drain(..oldest.len);
            store.first += 1;
        }
        store.bytes.extend(bytes);
        store.entries.push_back(Entry { speaker: Arc::clone(speaker), said, at, len: bytes.len() });
    }

    /// The number of the last one; 0 before the first.
    pub fn last(&self) -> u64 {
        let store = self.store();
        (store.first + store.entries.len() as u64).saturating_sub(1)
    }

    /// Those behind `number`, oldest first, at most `most`, without those that are no longer kept.
    pub fn behind(&self, number: u64, most: usize) -> Vec<Kept> {
        // Sessions write here too: masked is what was copied.
        self.raw_behind(number, most).into_iter().map(Raw::masked).collect()
    }

    fn raw_behind(&self, number: u64, most: usize) -> Vec<Raw> {
        let store = self.store();
        let skipped = usize::try_from((number + 1).saturating_sub(store.first)).unwrap_or(usize::MAX);
        let skipped = skipped.min(store.entries.len());
        // From the nearer end: who follows asks for the last few.
        let mut start: usize = match skipped * 2 < store.entries.len() {
            true => store.entries.range(..skipped).map(|entry| entry.len).sum(),
            false => store.bytes.len() - store.entries.range(skipped..).map(|entry| entry.len).sum::<usize>(),
        };
        let entries = store.entries.iter().enumerate().skip(skipped).take(most);
        entries
            .map(|(place, entry)| {
                let bytes = store.bytes.range(start..start + entry.len).copied().collect();
                start += entry.len;
                Raw { number: store.first + place as u64, entry: entry.clone(), bytes }
            })
            .collect()
    }

    /// Those before `number`, newest first, as far as `is_wanted` says so, at most `most`.
    pub fn before(&self, number: u64, most: usize, is_wanted: impl Fn(&Kept) -> bool) -> Vec<Kept> {
        let (mut found, mut end) = (Vec::new(), number);
        // In pieces: sessions write here too.
        while found.len() < most && end > 1 {
            let begin = end.saturating_sub(PIECE).max(1);
            let piece = self.behind(begin - 1, usize::try_from(end - begin).unwrap_or(0));
            let Some(oldest) = piece.first().map(|one| one.number).filter(|oldest| *oldest < end) else {
                break;
            };
            let wanted = piece.into_iter().rev().filter(|one| one.number < end && is_wanted(one));
            found.extend(wanted.take(most - found.len()));
            end = oldest;
            if oldest > begin {
                break;
            }
        }
        found
    }

    fn store(&self) -> MutexGuard<'_, Store> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Entries that are looked at together.
const PIECE: u64 = 512;

/// An entry with its bytes as they came.
struct Raw {
    number: u64,
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
        let Raw { number, entry: Entry { speaker, said, at, .. }, bytes } = self;
        let bytes = match said {
            Said::Engine | Said::Begin => bytes,
            Said::In | Said::Out => {
                let mut masked = Vec::with_capacity(bytes.len());
                speaker.redactor.write(&bytes, &mut masked);
                masked
            }
        };
        Kept { number, session: Arc::clone(&speaker.session), said, at, bytes }
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
        assert!(messages.store().bytes.len() <= MOST_BYTES && messages.store().entries.len() <= 10);
        messages.add(&speaker, Said::Out, AT, &vec![b'x'; MOST_BYTES + 1]);
        assert!(messages.store().entries.len() <= 10);
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
