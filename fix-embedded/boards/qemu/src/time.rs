//! embassy's time, in microseconds, over a timer that counts and another that gives alarms.

use core::{cell::RefCell, marker::PhantomData, task::Waker};

use critical_section::Mutex;
use embassy_time_driver::Driver;
use embassy_time_queue_utils::Queue;

/// The timers of a board. The counter's interrupt calls [`Time::on_wrap`], the alarm's [`Time::on_alarm`].
pub trait Timers: 'static {
    /// The clock of both.
    const TICKS_PER_MICROSECOND: u32;
    /// How many bits the counter has.
    const BITS: u32;

    /// What was counted since the start or the last wrap.
    fn count() -> u32;

    /// Says whether the counter wrapped since this was asked last.
    fn take_wrap() -> bool;

    /// Lets the alarm's interrupt come after so many ticks, once; what was set before is forgotten.
    fn set_alarm(ticks: u32);
}

/// What is kept between two interrupts.
struct State {
    wraps: u64,
    queue: Queue,
}

/// The driver, for `embassy_time_driver::time_driver_impl!`.
pub struct Time<T> {
    state: Mutex<RefCell<State>>,
    timers: PhantomData<fn() -> T>,
}

impl<T: Timers> Time<T> {
    /// At 0.
    pub const fn new() -> Self {
        let state = State { wraps: 0, queue: Queue::new() };
        Time { state: Mutex::new(RefCell::new(state)), timers: PhantomData }
    }

    /// The counter wrapped: reading the time does what is to be done.
    pub fn on_wrap(&self) {
        self.with(now::<T>);
    }

    /// The alarm's time has come.
    pub fn on_alarm(&self) {
        self.with(set_alarm::<T>);
    }

    fn with<R>(&self, work: impl FnOnce(&mut State) -> R) -> R {
        critical_section::with(|section| work(&mut self.state.borrow_ref_mut(section)))
    }
}

impl<T: Timers> Default for Time<T> {
    fn default() -> Self {
        Self::new()
    }
}

/// Microseconds since the start. Called often enough to see each wrap: its interrupt does.
fn now<T: Timers>(state: &mut State) -> u64 {
    let mut count = T::count();
    if T::take_wrap() {
        state.wraps += 1;
        // The count read before may be from before the wrap or from after it; this one is from after it.
        count = T::count();
    }
    (state.wraps << T::BITS | u64::from(count)) / u64::from(T::TICKS_PER_MICROSECOND)
}

/// Wakes whose time has come, and sets the alarm for the next one.
fn set_alarm<T: Timers>(state: &mut State) {
    let now = now::<T>(state);
    let next = state.queue.next_expiration(now);
    if next < u64::MAX {
        // An alarm further away than the timer counts is set again then.
        let furthest = u32::MAX / T::TICKS_PER_MICROSECOND;
        let wait = u32::try_from(next.saturating_sub(now)).unwrap_or(furthest).clamp(1, furthest);
        T::set_alarm(wait * T::TICKS_PER_MICROSECOND);
    }
}

impl<T: Timers> Driver for Time<T> {
    fn now(&self) -> u64 {
        self.with(now::<T>)
    }

    fn schedule_wake(&self, at: u64, waker: &Waker) {
        self.with(|state| {
            if state.queue.schedule_wake(at, waker) {
                set_alarm::<T>(state);
            }
        });
    }
}
