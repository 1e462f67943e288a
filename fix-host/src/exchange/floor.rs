//! The floor: the one place where all sessions of an exchange meet.
//!
//! What all of them see stands here (the prices), and here one reaches another: what is delivered to a [`Seat`] waits
//! until the session that has it takes it, in its own task and in order. Nobody waits for a session.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use super::{orders::Execution, securities::Securities};
use crate::market::{Market, Quote};

/// Executions that may wait for one session to take them.
pub const MOST_WAITING: usize = 10_000;

/// The floor of one exchange. Clones are the same one.
#[derive(Clone)]
pub struct Floor(Arc<Shared>);

struct Shared {
    state: Mutex<State>,
    securities: Securities,
    /// How often the prices have moved: whoever has seen them all need not ask for the lock.
    ticks: AtomicU64,
}

struct State {
    market: Market,
    quotes: Arc<[Quote]>,
    seats: BTreeMap<SeatId, Taken>,
    next: u64,
}

/// A seat that a session has.
struct Taken {
    session: String,
    /// Woken for new prices.
    watches: bool,
    waiting: VecDeque<Execution>,
    wake: Arc<Wake>,
}

/// Makes the task of a session look at its seat.
type Wake = dyn Fn() + Send + Sync;

/// Which seat; none has the number of another, even of one that was left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SeatId(u64);

/// Why an execution did not reach a seat; it is given back.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotDelivered {
    /// The session is gone for good.
    #[error("the session has left the exchange")]
    Left(Box<Execution>),
    /// The session takes nothing.
    #[error("{MOST_WAITING} executions wait for the session already")]
    Full(Box<Execution>),
}

impl Floor {
    /// A floor without sessions, whose prices begin as `market`.
    pub fn new(market: Market) -> Self {
        let securities = Securities::new(&market.instruments());
        let (quotes, seats) = (market.quotes().into(), BTreeMap::new());
        let state = Mutex::new(State { market, quotes, seats, next: 0 });
        Floor(Arc::new(Shared { state, securities, ticks: AtomicU64::new(0) }))
    }

    /// A session joins. `wake` is called whenever something is delivered to it, and for new prices if it
    /// [watches](Seat::watch) them; it must neither wait nor call the floor.
    pub fn join(&self, session: &str, wake: impl Fn() + Send + Sync + 'static) -> Seat {
        let mut state = self.state();
        let id = SeatId(state.next);
        state.next += 1;
        let (session, wake) = (session.to_owned(), Arc::new(wake));
        state.seats.insert(id, Taken { session, watches: false, waiting: VecDeque::new(), wake });
        Seat { floor: self.clone(), id, ticks: None, watches: false }
    }

    /// Moves all prices by one step, and wakes those who watch.
    pub fn tick(&self) {
        let wakes: Vec<Arc<Wake>> = {
            let mut state = self.state();
            state.market.tick();
            state.quotes = state.market.quotes().into();
            self.0.ticks.fetch_add(1, Ordering::Release);
            let watching = state.seats.values().filter(|taken| taken.watches);
            watching.map(|taken| Arc::clone(&taken.wake)).collect()
        };
        wakes.iter().for_each(|wake| wake());
    }

    /// The sessions that have joined, in that order.
    pub fn sessions(&self) -> Vec<(SeatId, String)> {
        self.state().seats.iter().map(|(id, taken)| (*id, taken.session.clone())).collect()
    }

    /// Gives a session an execution to report, whoever caused it.
    ///
    /// # Errors
    /// [`NotDelivered`].
    pub fn deliver(&self, to: SeatId, execution: Execution) -> Result<(), NotDelivered> {
        let wake = {
            let mut state = self.state();
            let Some(taken) = state.seats.get_mut(&to) else {
                return Err(NotDelivered::Left(Box::new(execution)));
            };
            if taken.waiting.len() >= MOST_WAITING {
                return Err(NotDelivered::Full(Box::new(execution)));
            }
            taken.waiting.push_back(execution);
            Arc::clone(&taken.wake)
        };
        wake();
        Ok(())
    }

    /// A panic elsewhere leaves at worst the prices of one tick behind.
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The place of one session. Dropped, the session has left.
pub struct Seat {
    floor: Floor,
    id: SeatId,
    /// The tick whose prices were seen last.
    ticks: Option<u64>,
    watches: bool,
}

impl Seat {
    /// By which others reach it.
    pub fn id(&self) -> SeatId {
        self.id
    }

    /// What is listed.
    pub fn securities(&self) -> Securities {
        self.floor.0.securities.clone()
    }

    /// The prices, if they are not those seen last: who comes late misses steps, not the latest.
    pub fn new_quotes(&mut self) -> Option<Arc<[Quote]>> {
        let ticks = &self.floor.0.ticks;
        if self.ticks == Some(ticks.load(Ordering::Acquire)) {
            return None;
        }
        let state = self.floor.state();
        // Counted under the lock.
        self.ticks = Some(ticks.load(Ordering::Acquire));
        Some(Arc::clone(&state.quotes))
    }

    /// Is woken for new prices from now on, or no longer. True if it was not before: prices may have moved meanwhile.
    pub fn watch(&mut self, watches: bool) -> bool {
        if watches == self.watches {
            return false;
        }
        self.watches = watches;
        if let Some(taken) = self.floor.state().seats.get_mut(&self.id) {
            taken.watches = watches;
        }
        watches
    }

    /// Takes the executions that were delivered, oldest first.
    pub fn take(&self) -> VecDeque<Execution> {
        let mut state = self.floor.state();
        state.seats.get_mut(&self.id).map(|taken| std::mem::take(&mut taken.waiting)).unwrap_or_default()
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let left = self.floor.state().seats.remove(&self.id);
        // Its waker may belong to anybody: not while the lock is held.
        drop(left);
    }
}

#[cfg(test)]
mod tests;
