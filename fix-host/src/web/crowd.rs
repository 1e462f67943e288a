//! Who has to go when there is no place for another connection.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::task::{AbortHandle, Id};

/// So long a connection with a request in work stays, whoever waits.
const UNDISTURBED: Duration = Duration::from_secs(1);

/// What one connection is at.
pub(super) struct Activity {
    /// A request is whole enough to be worked on.
    is_working: AtomicBool,
    /// When that last changed.
    since: Mutex<Instant>,
}

impl Activity {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Activity { is_working: AtomicBool::new(false), since: Mutex::new(Instant::now()) })
    }

    /// A request begins, or is answered.
    pub(super) fn set_working(&self, is_working: bool) {
        *self.since.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
        self.is_working.store(is_working, Ordering::Relaxed);
    }

    fn since(&self) -> Instant {
        *self.since.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The open connections.
#[derive(Default)]
pub(super) struct Crowd(HashMap<Id, (Arc<Activity>, AbortHandle)>);

impl Crowd {
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn add(&mut self, activity: Arc<Activity>, task: AbortHandle) {
        self.0.insert(task.id(), (activity, task));
    }

    pub(super) fn remove(&mut self, id: Id) {
        self.0.remove(&id);
    }

    /// Closes the connection that has been idle for the longest time, or whose request has been in work for the
    /// longest, at least a second. False if there is none.
    pub(super) fn make_room(&mut self) -> bool {
        let key = |activity: &Activity| (activity.is_working.load(Ordering::Relaxed), activity.since());
        let longest =
            self.0.iter().map(|(id, (activity, _))| (key(activity), *id)).min_by_key(|(key, _)| *key);
        match longest {
            Some(((is_working, since), id)) if !is_working || since.elapsed() >= UNDISTURBED => {
                if let Some((_, task)) = self.0.remove(&id) {
                    task.abort();
                }
                true
            }
            _ => false,
        }
    }
}
