//! The kill switch: while a session is halted its new orders are refused, and cancels still pass.
//!
//! A halt is of the whole engine, by an operator or by Redis, or of one session; each is lifted where it was made. It
//! is in a file beside the session's journal before it is confirmed, so that it survives a restart.

mod file;

use std::{
    collections::BTreeMap,
    fmt,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
};

use fix_core::time::UtcTimestamp;
use serde_json::{Value, json};

use file::Kept;

use crate::contract::number;

/// The longest name and reason, in bytes.
pub const LONGEST_TEXT: usize = 200;

/// One halt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Halt {
    /// Who.
    pub by: String,
    /// Why; may be empty.
    pub reason: String,
    /// Since when.
    pub since: UtcTimestamp,
    /// Working orders are cancelled, now and with each Logon.
    pub cancel_working: bool,
}

impl fmt::Display for Halt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "halted by {} since {}", self.by, file::time(self.since))?;
        if self.reason.is_empty() { Ok(()) } else { write!(f, ": {}", self.reason) }
    }
}

impl Halt {
    /// The halt as JSON.
    pub fn to_json(&self) -> Value {
        json!({
            "by": self.by,
            "reason": self.reason,
            "since": number::unix_seconds(self.since),
            "cancelWorking": self.cancel_working,
        })
    }
}

/// A name or reason that may stand in reports, files and logs.
///
/// # Errors
/// What it must be.
pub fn check_text(text: &str) -> Result<(), String> {
    match text.len() <= LONGEST_TEXT && !text.chars().any(char::is_control) {
        true => Ok(()),
        false => Err(format!("must be at most {LONGEST_TEXT} bytes of printable text")),
    }
}

/// What is halted, and resumed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope<'s> {
    /// All sessions, by an operator.
    Engine,
    /// All sessions, by the key in Redis.
    Redis,
    /// The session of this name.
    Session(&'s str),
}

/// The change is not on disk.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HaltError {
    /// It is in force all the same.
    #[error("halted, but {0}: a restart would forget it")]
    NotKept(String),
    /// It is still in force.
    #[error("still halted: {0}")]
    NotResumed(String),
}

/// All halts of an engine. Clones share them.
#[derive(Clone, Default)]
pub struct Halts(Arc<Inner>);

#[derive(Default)]
struct Inner {
    /// Held while files are written, which desks must not wait for.
    changes: Mutex<()>,
    state: Mutex<State>,
    /// Called after each change, whatever it is of.
    listener: OnceLock<Box<Wake>>,
}

#[derive(Default)]
struct State {
    engine: Option<Halt>,
    redis: Option<Halt>,
    sessions: BTreeMap<String, SessionHalt>,
}

#[derive(Default)]
struct SessionHalt {
    halt: Option<Halt>,
    /// `None` without FileStorePath.
    file: Option<PathBuf>,
    wake: Option<Arc<Wake>>,
    /// How often its working orders were to be cancelled.
    cancels: u64,
}

/// Makes the desk of a session look for what there is to do.
type Wake = dyn Fn() + Send + Sync;

impl fmt::Debug for Halts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Halts")
    }
}

impl Halts {
    /// Before the engine starts: takes up what an earlier process left in the file of a configured session. What
    /// cannot be read halts the session.
    pub fn restore(&self, session: &str, file: PathBuf) {
        let kept = file::read(&file);
        let mut state = self.state();
        let state = &mut *state;
        state.engine = state.engine.take().or(kept.engine);
        state.redis = state.redis.take().or(kept.redis);
        let entry = state.sessions.entry(session.to_owned()).or_default();
        (entry.halt, entry.file) = (kept.session, Some(file));
        if let Some(halt) = state.in_force(session) {
            tracing::warn!(session, "{halt}");
        }
    }

    /// The desk of a session begins; `wake` calls it. A session that was not configured has its own halt from its file.
    pub fn attach(&self, session: &str, file: Option<PathBuf>, wake: impl Fn() + Send + Sync + 'static) {
        let is_new = !self.state().sessions.contains_key(session);
        let kept = file.as_deref().filter(|_| is_new).map(file::read);
        let mut state = self.state();
        let entry = state.sessions.entry(session.to_owned()).or_default();
        entry.wake = Some(Arc::new(wake));
        if let Some(kept) = kept {
            entry.halt = kept.session;
        }
        entry.file = file;
    }

    /// `listener` is called after each halt and each end of one. There is one such listener, the first.
    pub fn listen(&self, listener: impl Fn() + Send + Sync + 'static) {
        let _ = self.0.listener.set(Box::new(listener));
    }

    /// Halts. One that is in force already is replaced.
    ///
    /// # Errors
    /// [`HaltError::NotKept`].
    pub fn halt(&self, scope: Scope<'_>, halt: Halt) -> Result<(), HaltError> {
        let _changes = lock(&self.0.changes);
        tracing::warn!(?scope, "{halt}");
        let (files, wakes) = {
            let mut state = self.state();
            *state.place(scope) = Some(halt.clone());
            (state.files(scope), state.cancel(scope, halt.cancel_working))
        };
        let written = file::write(&files);
        wakes.iter().for_each(|wake| wake());
        self.tell();
        written.map_err(HaltError::NotKept)
    }

    /// Lifts a halt, if there is one.
    ///
    /// # Errors
    /// [`HaltError::NotResumed`].
    pub fn resume(&self, scope: Scope<'_>, by: &str) -> Result<(), HaltError> {
        let _changes = lock(&self.0.changes);
        let (files, before) = {
            let mut state = self.state();
            let Some(before) = state.place(scope).take() else { return Ok(()) };
            let files = state.files(scope);
            // In force until the files say otherwise.
            *state.place(scope) = Some(before.clone());
            (files, before)
        };
        let written = file::write(&files);
        written.map_err(HaltError::NotResumed)?;
        *self.state().place(scope) = None;
        tracing::warn!(?scope, "resumed by {by}; it was {before}");
        self.tell();
        Ok(())
    }

    fn tell(&self) {
        if let Some(listener) = self.0.listener.get() {
            listener();
        }
    }

    /// The halt that holds for a session.
    pub fn of_session(&self, session: &str) -> Option<Halt> {
        self.state().in_force(session).cloned()
    }

    /// Whether a halt holds for a session.
    pub fn is_halted(&self, session: &str) -> bool {
        self.state().in_force(session).is_some()
    }

    /// What the sender of a new order is told, if the session is halted.
    pub fn refusal(&self, session: &str) -> Option<String> {
        self.state().in_force(session).map(|halt| format!("{halt}; not sent"))
    }

    /// How often the working orders of a session were to be cancelled, if they are to be now.
    pub fn cancels(&self, session: &str) -> Option<u64> {
        let state = self.state();
        let entry = state.sessions.get(session)?;
        let mut halts = [&state.engine, &state.redis, &entry.halt].into_iter().flatten();
        halts.any(|halt| halt.cancel_working).then_some(entry.cancels)
    }

    /// The halt of exactly this scope.
    pub fn get(&self, scope: Scope<'_>) -> Option<Halt> {
        self.state().place(scope).clone()
    }

    /// All halts as JSON.
    pub fn to_json(&self) -> Value {
        let state = self.state();
        let shown = |halt: &Option<Halt>| halt.as_ref().map(Halt::to_json);
        let own = state.sessions.iter().filter_map(|(session, entry)| {
            let mut halt = entry.halt.as_ref()?.to_json();
            halt["session"] = session.as_str().into();
            Some(halt)
        });
        json!({
            "engine": shown(&state.engine),
            "redis": shown(&state.redis),
            "sessions": own.collect::<Value>(),
            "survivesRestart": state.sessions.values().all(|entry| entry.file.is_some()),
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.0.state)
    }
}

impl State {
    fn in_force(&self, session: &str) -> Option<&Halt> {
        let own = || self.sessions.get(session).and_then(|entry| entry.halt.as_ref());
        self.engine.as_ref().or(self.redis.as_ref()).or_else(own)
    }

    fn place(&mut self, scope: Scope<'_>) -> &mut Option<Halt> {
        match scope {
            Scope::Engine => &mut self.engine,
            Scope::Redis => &mut self.redis,
            Scope::Session(session) => &mut self.sessions.entry(session.to_owned()).or_default().halt,
        }
    }

    /// The files that a change concerns, and what is to stand in them.
    fn files(&self, scope: Scope<'_>) -> Vec<(PathBuf, Kept)> {
        let concerned = |session: &str| match scope {
            Scope::Session(only) => only == session,
            Scope::Engine | Scope::Redis => true,
        };
        let sessions = self.sessions.iter().filter(|(session, _)| concerned(session));
        let kept = |halt: &Option<Halt>| Kept {
            engine: self.engine.clone(),
            redis: self.redis.clone(),
            session: halt.clone(),
        };
        sessions.filter_map(|(_, entry)| Some((entry.file.clone()?, kept(&entry.halt)))).collect()
    }

    /// Asks for the cancelling of working orders, and gives what wakes the desks.
    fn cancel(&mut self, scope: Scope<'_>, is_asked: bool) -> Vec<Arc<Wake>> {
        let mut wakes = Vec::new();
        for (session, entry) in self.sessions.iter_mut().filter(|_| is_asked) {
            if !matches!(scope, Scope::Session(only) if only != session) {
                entry.cancels += 1;
                wakes.extend(entry.wake.clone());
            }
        }
        wakes
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
