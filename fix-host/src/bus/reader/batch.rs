//! A batch that the engine has dealt with, and what is due for it in Redis.

use redis::{Pipeline, pipe};

use crate::bus::{
    keys::{OUTGOING_ORDERS, PROCESSING, PROGRESS},
    writer::push_reports,
};

/// What became of an entry.
pub(super) enum Outcome {
    /// Handled; an answer that did not come from the counterparty goes along.
    Done(Option<String>),
    /// Not handled: the next engine shall have it first.
    PutBack,
}

/// Entries in their order, each with its outcome.
pub(super) struct Batch {
    entries: Vec<Vec<u8>>,
    outcomes: Vec<Outcome>,
    /// What [`PROGRESS`] says once the batch is settled.
    progress: String,
}

impl Batch {
    pub(super) fn new(entries: Vec<Vec<u8>>, outcomes: Vec<Outcome>, progress: String) -> Self {
        Batch { entries, outcomes, progress }
    }

    /// Adds entries behind the others, none of which was handled.
    pub(super) fn put_back(&mut self, entries: Vec<Vec<u8>>) {
        self.outcomes.extend(entries.iter().map(|_| Outcome::PutBack));
        self.entries.extend(entries);
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn progress(&self) -> &str {
        &self.progress
    }

    /// The one step that settles the batch: answers, the end of each entry, and that it was done.
    pub(super) fn settling(&self) -> Pipeline {
        let mut settling = pipe();
        settling.atomic();
        let mut answers = Vec::new();
        let mut back = Vec::new();
        for (entry, outcome) in self.entries.iter().zip(&self.outcomes) {
            match outcome {
                Outcome::Done(answer) => answers.extend(answer.as_deref()),
                Outcome::PutBack => back.push(entry),
            }
            // The oldest stands at the end; of equal ones it is the oldest that was handled.
            settling.cmd("LREM").arg(PROCESSING).arg(-1).arg(entry).ignore();
        }
        if !answers.is_empty() {
            push_reports(&mut settling, &answers);
        }
        // The one that is taken next stands at the end.
        for entry in back.iter().rev() {
            settling.cmd("RPUSH").arg(OUTGOING_ORDERS).arg(entry).ignore();
        }
        settling.cmd("SET").arg(PROGRESS).arg(&self.progress).ignore();
        settling
    }
}
