//! The board's timers: SysTick counts (24 bits: it wraps three times a second), Timer 0 is the alarm.

use cortex_m::peripheral::{SCB, SYST, syst::SystClkSource};
use cortex_m_rt::exception;
use qemu::{
    registers::Registers,
    time::{Time, Timers},
};

use crate::interrupts::Interrupt;

// SAFETY: general-purpose timer 0, which only this file touches.
const TIMER0: Registers = unsafe { Registers::at(0x4003_0000) };

const GPTMCFG: usize = 0x00;
const GPTMTAMR: usize = 0x04;
const GPTMCTL: usize = 0x0C;
const GPTMIMR: usize = 0x18;
const GPTMICR: usize = 0x24;
const GPTMTAILR: usize = 0x28;

/// GPTMCFG: 32 bits.
const ONE_TIMER: u32 = 0;
/// GPTMTAMR: one-shot.
const ONE_SHOT: u32 = 1;
/// GPTMCTL: TAEN.
const ENABLE: u32 = 1;
/// GPTMIMR, GPTMICR: the time-out of timer A.
const TIME_OUT: u32 = 1;

/// The counter's largest value.
const LAST: u32 = 0x00FF_FFFF;

struct Stellaris;

embassy_time_driver::time_driver_impl!(static TIME: Time<Stellaris> = Time::new());

/// Starts the clock at 0.
pub(crate) fn start(mut counter: SYST) {
    counter.set_clock_source(SystClkSource::Core);
    counter.set_reload(LAST);
    counter.clear_current();
    counter.enable_counter();
    counter.enable_interrupt();
    TIMER0.write(GPTMCTL, 0);
    TIMER0.write(GPTMCFG, ONE_TIMER);
    TIMER0.write(GPTMTAMR, ONE_SHOT);
    TIMER0.write(GPTMIMR, TIME_OUT);
    Interrupt::Timer0A.enable();
}

/// The interrupt clears the pending bit by coming, so it is counted here.
#[exception]
fn SysTick() {
    SCB::set_pendst();
    TIME.on_wrap();
}

pub(crate) extern "C" fn on_alarm() {
    TIMER0.write(GPTMICR, TIME_OUT);
    TIME.on_alarm();
}

impl Timers for Stellaris {
    /// 50 MHz.
    const TICKS_PER_MICROSECOND: u32 = 50;
    const BITS: u32 = 24;

    fn count() -> u32 {
        // It wraps by reaching 0, not by leaving it.
        SYST::get_current().wrapping_neg() & LAST
    }

    fn take_wrap() -> bool {
        let has_wrapped = SCB::is_pendst_pending();
        if has_wrapped {
            SCB::clear_pendst();
        }
        has_wrapped
    }

    fn set_alarm(ticks: u32) {
        TIMER0.write(GPTMCTL, 0);
        TIMER0.write(GPTMICR, TIME_OUT);
        TIMER0.write(GPTMTAILR, ticks);
        TIMER0.write(GPTMCTL, ENABLE);
    }
}
