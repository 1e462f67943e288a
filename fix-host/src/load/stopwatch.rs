//! The clock of a run, which all its sessions share.

use std::{
    sync::{
        OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

/// Started once, when every session is logged on.
#[derive(Debug, Default)]
pub struct Stopwatch {
    start: OnceLock<Instant>,
    is_over: AtomicBool,
}

impl Stopwatch {
    /// The first request is due now. Called again, it changes nothing.
    pub fn start(&self) {
        self.start.get_or_init(Instant::now);
    }

    /// Nanoseconds since the start; `None` before it.
    pub fn nanos(&self) -> Option<u64> {
        self.start.get().map(|start| u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX))
    }

    /// No more requests are sent from now on, due or not.
    pub fn end(&self) {
        self.is_over.store(true, Ordering::Relaxed);
    }

    /// Whether it was ended.
    pub fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Relaxed)
    }
}
