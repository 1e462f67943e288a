//! What came of a scenario.

use std::{
    cell::{Cell, RefCell},
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
    /// All messages of it, in their order.
    pub messages: Vec<Logged>,
}

impl Outcome {
    /// True if all went as the script says.
    #[must_use]
    pub fn is_passed(&self) -> bool {
        self.steps.iter().all(|step| step.failures.is_empty() && step.is_played)
    }
}

/// What came of the lines behind one `step`.
#[derive(Debug)]
pub struct StepOutcome {
    /// Its title; that of the scenario, if it has no steps.
    pub title: String,
    /// Where it begins.
    pub line: u32,
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
    entries: RefCell<Vec<Logged>>,
}

/// More entries than a person reads; later ones are counted only.
pub(super) const MOST_ENTRIES: usize = 50_000;

impl Journal {
    pub(super) fn push(&self, party: &str, what: What) {
        let mut entries = self.entries.borrow_mut();
        if entries.len() < MOST_ENTRIES {
            let at = self.now.get().since(Mono::default());
            entries.push(Logged { at, party: party.to_owned(), what });
        }
    }

    pub(super) fn len(&self) -> usize {
        self.entries.borrow().len()
    }

    /// The last note about a party behind the first `seen` entries.
    pub(super) fn last_note(&self, party: &str, seen: usize) -> Option<String> {
        let entries = self.entries.borrow();
        let mut unseen = entries.get(seen..).unwrap_or_default().iter().rev();
        unseen.find_map(|entry| match &entry.what {
            What::Note(text) if entry.party == party => Some(text.clone()),
            _ => None,
        })
    }

    /// All of it, with times since `begin`.
    pub(super) fn take(&self, begin: Mono) -> Vec<Logged> {
        let begin = begin.since(Mono::default());
        let mut entries = self.entries.take();
        for entry in &mut entries {
            entry.at = entry.at.saturating_sub(begin);
        }
        entries
    }
}
