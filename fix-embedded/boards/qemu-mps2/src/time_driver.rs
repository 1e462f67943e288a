//! embassy's time, in microseconds: TIMER0 counts, TIMER1 is the alarm (CMSDK APB timer, DDI0479D, 4.4).

use core::{cell::RefCell, task::Waker};

use critical_section::{CriticalSection, Mutex};
use embassy_time_driver::Driver;
use embassy_time_queue_utils::Queue;

use crate::{interrupts::Interrupt, registers::Registers};

// SAFETY: the two timers of the board, which only this file touches.
const TIMER0: Registers = unsafe { Registers::at(0x4000_0000) };
// SAFETY: as above.
const TIMER1: Registers = unsafe { Registers::at(0x4000_1000) };

const CTRL: usize = 0x0;
const VALUE: usize = 0x4;
const RELOAD: usize = 0x8;
/// INTSTATUS when read, INTCLEAR when written.
const INT: usize = 0xC;

const ENABLE: u32 = 1;
const INTERRUPT_ENABLE: u32 = 1 << 3;

/// The timers' clock: 25 MHz.
const TICKS_PER_MICROSECOND: u64 = 25;
/// The furthest alarm, in microseconds: what TIMER1 can count is 171 s. One that is further away is set again then.
const FURTHEST: u64 = 100_000_000;

/// What is kept between two interrupts.
struct State {
    /// How often TIMER0 began anew.
    wraps: u32,
    queue: Queue,
}

struct Timers {
    state: Mutex<RefCell<State>>,
}

embassy_time_driver::time_driver_impl!(
    static TIMERS: Timers = Timers { state: Mutex::new(RefCell::new(State { wraps: 0, queue: Queue::new() })) }
);

/// Starts the clock at 0.
pub(crate) fn start() {
    TIMER0.write(RELOAD, u32::MAX);
    TIMER0.write(VALUE, u32::MAX);
    TIMER0.write(CTRL, ENABLE | INTERRUPT_ENABLE);
    Interrupt::Timer0.enable();
    Interrupt::Timer1.enable();
}

/// TIMER0 began anew. Reading the time does what is to be done.
pub(crate) extern "C" fn on_wrap() {
    critical_section::with(|section| TIMERS.state.borrow_ref_mut(section).now());
}

pub(crate) extern "C" fn on_alarm() {
    TIMER1.write(CTRL, 0);
    TIMER1.write(INT, 1);
    critical_section::with(|section| TIMERS.state.borrow_ref_mut(section).set_alarm());
}

impl State {
    /// Microseconds since the start. Called often enough to see each wrap: its interrupt does.
    fn now(&mut self) -> u64 {
        let mut value = TIMER0.read(VALUE);
        if TIMER0.read(INT) != 0 {
            TIMER0.write(INT, 1);
            self.wraps = self.wraps.wrapping_add(1);
            // The value read before may be from before the wrap or from after it; this one is from after it.
            value = TIMER0.read(VALUE);
        }
        (u64::from(self.wraps) << 32 | u64::from(u32::MAX - value)) / TICKS_PER_MICROSECOND
    }

    /// Wakes whose time has come, and sets the alarm for the next one.
    fn set_alarm(&mut self) {
        let now = self.now();
        let next = self.queue.next_expiration(now);
        if next == u64::MAX {
            return;
        }
        let wait = next.saturating_sub(now).clamp(1, FURTHEST) * TICKS_PER_MICROSECOND;
        // At most 100 s of 25 MHz: it fits.
        let ticks = wait as u32;
        TIMER1.write(CTRL, 0);
        TIMER1.write(INT, 1);
        TIMER1.write(RELOAD, ticks);
        TIMER1.write(VALUE, ticks);
        TIMER1.write(CTRL, ENABLE | INTERRUPT_ENABLE);
    }
}

impl Timers {
    fn with<R>(&self, work: impl FnOnce(&mut State) -> R) -> R {
        critical_section::with(|section: CriticalSection<'_>| work(&mut self.state.borrow_ref_mut(section)))
    }
}

impl Driver for Timers {
    fn now(&self) -> u64 {
        self.with(State::now)
    }

    fn schedule_wake(&self, at: u64, waker: &Waker) {
        self.with(|state| {
            if state.queue.schedule_wake(at, waker) {
                state.set_alarm();
            }
        });
    }
}
