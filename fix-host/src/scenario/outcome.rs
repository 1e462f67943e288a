//! What came of a scenario.

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    ops::Range,
    time::Duration,
};

use fix_core::time::Mono;

/// What came of one scenario.
#[derive(Debug)]
pub struct Outcome {
    /// The file that it stands in.
    pub file: String,
    /// The line of its title.
    pub line: u32,
    /// Its title.
    pub title: String,
    /// Its steps, in their order; at least one.
    pub steps: Vec<StepOutcome>,
    /// How long it took, in the time that it ran in.
    pub elapsed: Duration,
    /// Its messages, in their order: the last ones, if there are more than a person reads.
    pub messages: Vec<Logged>,
    /// How many messages and events before those are not kept.
    pub left_out: usize,
}

impl Outcome {
    /// True if all went as the script says.
    #[must_use]
    pub fn is_passed(&self) -> bool {
        self.steps.iter().all(|step| step.failures.is_empty() && step.is_played)
    }

    /// Says that the first messages are not kept, where that is so.
    pub(super) fn left_out_text(&self) -> Option<String> {
        (self.left_out > 0).then(|| {
            format!("the first {} messages and events are not kept: {MOST_ENTRIES} are", self.left_out)
        })
    }
}

/// What came of the lines behind one `step`.
#[derive(Debug)]
pub struct StepOutcome {
    /// Its title; that of the scenario, if it has no steps.
    pub title: String,
    /// False if the run ended before it.
    pub is_played: bool,
    /// What was not as expected.
    pub failures: Vec<Failure>,
    /// Which of [`Outcome::messages`] came while it was played.
    pub messages: Range<usize>,
}

/// Something that was not as expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The line of the script.
    pub line: u32,
    /// That line's text.
    pub statement: String,
    /// What happened instead; may be several lines.
    pub text: String,
}

/// A message or an event of a scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logged {
    /// Since the scenario began.
    pub at: Duration,
    /// Whose it is.
    pub party: String,
    /// Which way it went.
    pub what: What,
}

/// Which way something went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// The party received it.
    In(Vec<u8>),
    /// The party sent it.
    Out(Vec<u8>),
    /// Something about the session.
    Note(String),
}

/// Where parties write down what they see.
#[derive(Default)]
pub(super) struct Journal {
    pub(super) now: Cell<Mono>,
    entries: RefCell<VecDeque<Logged>>,
    /// Older entries, which are not kept.
    dropped: Cell<usize>,
}

/// More entries than a person reads: older ones are counted only.
pub(super) const MOST_ENTRIES: usize = 50_000;

impl Journal {
    pub(super) fn push(&self, party: &str, what: What) {
        let mut entries = self.entries.borrow_mut();
        if entries.len() == MOST_ENTRIES {
            entries.pop_front();
            self.dropped.set(self.dropped.get() + 1);
        }
        let at = self.now.get().since(Mono::default());
        entries.push_back(Logged { at, party: party.to_owned(), what });
    }

    /// All that was ever written down, kept or not.
    pub(super) fn len(&self) -> usize {
        self.dropped.get() + self.entries.borrow().len()
    }

    /// The last note about a party behind the first `seen` entries.
    pub(super) fn last_note(&self, party: &str, seen: usize) -> Option<String> {
        let entries = self.entries.borrow();
        let mut unseen = entries.iter().skip(seen.saturating_sub(self.dropped.get())).rev();
        unseen.find_map(|entry| match &entry.what {
            What::Note(text) if entry.party == party => Some(text.clone()),
            _ => None,
        })
    }

    /// All that is kept, with times since `begin`, and how many entries before it are not.
    pub(super) fn take(&self, begin: Mono) -> (Vec<Logged>, usize) {
        let begin = begin.since(Mono::default());
        let mut entries = Vec::from(self.entries.take());
        for entry in &mut entries {
            entry.at = entry.at.saturating_sub(begin);
        }
        (entries, self.dropped.take())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_entries_are_kept_and_all_are_counted() {
        let journal = Journal::default();
        for number in 0..MOST_ENTRIES + 3 {
            journal.push("DESK", What::Note(number.to_string()));
        }
        assert_eq!(journal.len(), MOST_ENTRIES + 3);
        let last = (MOST_ENTRIES + 2).to_string();
        assert_eq!(journal.last_note("DESK", MOST_ENTRIES + 2), Some(last.clone()));
        assert_eq!(journal.last_note("DESK", MOST_ENTRIES + 3), None);
        assert_eq!(journal.last_note("DESK", 0), Some(last));
        let (kept, left_out) = journal.take(Mono::default());
        assert_eq!((kept.len(), left_out), (MOST_ENTRIES, 3));
        assert_eq!(kept[0].what, What::Note("3".into()));
    }
}
