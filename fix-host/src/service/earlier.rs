//! What an earlier process sent and received, out of the journal, for people who look at messages: as far as it is there,
//! and as many as are looked through in a moment.

use fix_core::{store::MessageStore, tag, time::UtcTimestamp, wire::field::Fields};

use super::hosted::Shown;
use crate::{
    observe::Said,
    store::{Content, Entries},
};

/// Messages of one session that are shown, each way.
const MOST: u64 = 500;
/// The longest that is shown, in bytes.
const LONGEST: usize = 64 * 1024;

/// What the first of them says.
const WHAT: &str = "what an earlier process left in the journal: messages that were sent, and application messages that were \
     received, with SendingTime(52) as their time; what was decided about them is not kept there";

/// What the row behind the last of them says.
const NOW: &str = "the engine started";

/// Messages that may still be shown: with thousands of sessions, those of the first ones.
#[derive(Clone, Copy, Debug)]
pub(super) struct Budget(usize);

impl Default for Budget {
    fn default() -> Self {
        Budget(4_000)
    }
}

/// Shows the last messages of `store` in the order of their times.
pub(super) fn show<S: Entries>(store: &mut S, shown: &Shown, budget: &mut Budget, now: UtcTimestamp) {
    if budget.0 == 0 {
        return;
    }
    let mut messages = sent(store);
    received(store, &mut messages);
    // Those of one time stay as they are: what was sent first.
    messages.sort_by_key(|(_, at, _)| (at.unix_seconds(), at.subsec_nanos()));
    let left_out = messages.len().saturating_sub(budget.0);
    budget.0 -= messages.len() - left_out;
    if let Some((_, at, _)) = messages.get(left_out) {
        shown.add(Said::Begin, (*at).min(now), WHAT.as_bytes());
    }
    for (said, at, message) in messages.iter().skip(left_out) {
        shown.add(*said, *at, message);
    }
    if messages.len() > left_out {
        shown.add(Said::Begin, now, NOW.as_bytes());
    }
}

type Earlier = (Said, UtcTimestamp, Vec<u8>);

fn sent<S: MessageStore>(store: &mut S) -> Vec<Earlier> {
    let (end, mut buffer) = (store.next_out(), vec![0; LONGEST]);
    let numbers = end.saturating_sub(MOST).max(1)..end;
    let read = numbers.filter_map(|number| {
        let len = store.read(number, &mut buffer).ok().flatten()?;
        with_time(Said::Out, buffer.get(..len)?)
    });
    read.collect()
}

fn received<S: Entries>(store: &mut S, messages: &mut Vec<Earlier>) {
    let (mut after, mut buffer) = (store.before_last(usize::try_from(MOST).unwrap_or(0)), Vec::new());
    let mut found = Vec::new();
    // A damaged one ends it: whoever needs it is told elsewhere.
    while let Ok(Some(entry)) = store.next_entry(after, &mut buffer) {
        after = entry.position;
        if let Content::Received { message, .. } = entry.content
            && message.len() <= LONGEST
        {
            found.extend(with_time(Said::In, message));
        }
    }
    let first = found.len().saturating_sub(usize::try_from(MOST).unwrap_or(0));
    messages.extend(found.into_iter().skip(first));
}

/// `None` for what has no SendingTime(52): it has no place among the others.
fn with_time(said: Said, message: &[u8]) -> Option<Earlier> {
    let time = Fields::new(message).valid().find(|field| field.tag == tag::SENDING_TIME)?.value;
    Some((said, UtcTimestamp::parse(time).ok()?, message.to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        log::Redactor,
        observe::Messages,
        store::{Keeps, MemoryStore},
    };

    fn message(msg_type: &str, number: u64, second: u64, rest: &str) -> Vec<u8> {
        format!("8=FIX.4.4|9=5|35={msg_type}|34={number}|52=20260105-09:00:{second:02}|{rest}10=000|")
            .replace('|', "\x01")
            .into_bytes()
    }

    #[test]
    fn both_ways_in_the_order_of_time_with_secrets_masked() {
        let mut store = MemoryStore::new(Keeps { history: 100, consumers: &[] });
        store.append(1, &message("A", 1, 1, "554=secret|")).unwrap();
        store.append(2, &message("D", 2, 3, "11=A1|")).unwrap();
        store.append(3, b"8=FIX.4.4\x01no time\x01").unwrap();
        store.received(1, &message("8", 2, 4, "11=A1|")).unwrap();
        store.received(2, &message("8", 3, 2, "11=A0|")).unwrap();
        store.flush().unwrap();
        let messages = Messages::default();
        let shown = Shown::new(messages.clone(), "S", Redactor::default());
        let mut budget = Budget(3);
        let now = UtcTimestamp::from_unix(2_000_000_000, 0);
        show(&mut store, &shown, &mut budget, now);
        let told: Vec<_> = messages.behind(0, 10).into_iter().map(|one| (one.said, one.bytes)).collect();
        let texts: Vec<_> = told.iter().map(|(_, bytes)| String::from_utf8_lossy(bytes)).collect();
        assert_eq!(
            told.iter().map(|(said, _)| *said).collect::<Vec<_>>(),
            [Said::Begin, Said::In, Said::Out, Said::In, Said::Begin]
        );
        assert!(
            texts[1].contains("11=A0") && texts[2].contains("35=D") && texts[3].contains("11=A1"),
            "{texts:?}"
        );
        show(&mut store, &shown, &mut budget, now);
        assert_eq!(messages.last(), 5, "the budget is used up");

        let all = Messages::default();
        let shown = Shown::new(all.clone(), "S", Redactor::default());
        show(&mut store, &shown, &mut Budget::default(), now);
        let logon = all.behind(1, 1);
        let logon = String::from_utf8_lossy(&logon[0].bytes);
        assert!(logon.contains("554=") && !logon.contains("secret"), "{logon}");
    }

    #[test]
    fn an_empty_store_shows_nothing() {
        let messages = Messages::default();
        let shown = Shown::new(messages.clone(), "S", Redactor::default());
        let mut store = MemoryStore::new(Keeps::default());
        show(&mut store, &shown, &mut Budget::default(), UtcTimestamp::from_unix(0, 0));
        assert_eq!(messages.last(), 0);
    }
}
