//! A batch that the engine has dealt with, and what is due for it in Redis.

use redis::{Pipeline, RedisResult, cmd, pipe};

use crate::{
    bus::{
        connection::Connection,
        keys::{OUTGOING_ORDERS, PROCESSING, PROGRESS},
        writer::push_reports,
    },
    orders::Noted,
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
    progress: Progress,
}

/// Fields of [`PROGRESS`].
pub(super) const SETTLED: &str = "settled";
pub(super) const ENGINE: &str = "engine";
const JOURNALS: &str = "journals";

/// What [`PROGRESS`] says once a batch is settled.
pub(super) struct Progress {
    engine: String,
    /// Engine and number of the batch.
    settled: String,
    journals: Note,
}

/// What is to be noted of the journals.
pub(super) enum Note {
    /// What stands there holds.
    AsIs,
    /// Where they are now.
    Anew(Noted),
    /// Nothing holds: another engine takes orders too.
    Nothing,
}

impl Progress {
    pub(super) fn new(engine: &str, batch: u64, journals: Note) -> Self {
        Progress { engine: engine.to_owned(), settled: format!("{engine}/{batch}"), journals }
    }

    /// What the last engine noted of its journals; nothing, if it is not the one that settled the last batch: then another
    /// one was at work, whose orders it knows nothing of.
    pub(super) async fn noted(connection: &mut Connection) -> RedisResult<Noted> {
        let (settled, engine, journals): (Option<String>, Option<String>, Option<String>) =
            cmd("HMGET").arg(PROGRESS).arg(&[SETTLED, ENGINE, JOURNALS]).query_async(connection).await?;
        let is_one = settled.zip(engine).is_some_and(|(settled, engine)| {
            settled.split_once('/').is_some_and(|(settled, _)| settled == engine)
        });
        let journals = journals.filter(|_| is_one);
        Ok(journals.and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_default())
    }

    /// The engine and the number of the batch that was settled last.
    pub(super) async fn settled(connection: &mut Connection) -> RedisResult<Option<String>> {
        cmd("HGET").arg(PROGRESS).arg(SETTLED).query_async(connection).await
    }

    fn note(&self, pipe: &mut Pipeline) {
        let note = pipe.cmd("HSET").arg(PROGRESS).arg(SETTLED).arg(&self.settled).ignore();
        let json = match &self.journals {
            Note::AsIs => return,
            Note::Anew(noted) => serde_json::to_string(noted).ok(),
            Note::Nothing => None,
        };
        match json {
            Some(json) => note.arg(ENGINE).arg(&self.engine).arg(JOURNALS).arg(json).ignore(),
            None => note.cmd("HDEL").arg(PROGRESS).arg(&[ENGINE, JOURNALS]).ignore(),
        };
    }
}

impl Batch {
    pub(super) fn new(entries: Vec<Vec<u8>>, outcomes: Vec<Outcome>, progress: Progress) -> Self {
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

    /// True if `settled`, which Redis says, is this batch.
    pub(super) fn is_settled(&self, settled: Option<&str>) -> bool {
        settled == Some(self.progress.settled.as_str())
    }

    /// The one step that settles the batch: answers, the end of each entry, and that it was done. Its result is what was
    /// settled before.
    pub(super) fn settling(&self) -> Pipeline {
        let mut settling = pipe();
        settling.atomic();
        settling.cmd("HGET").arg(PROGRESS).arg(SETTLED);
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
        self.progress.note(&mut settling);
        settling
    }
}
