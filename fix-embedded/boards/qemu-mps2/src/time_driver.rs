//! The board's timers: TIMER0 counts, TIMER1 is the alarm (CMSDK APB timer, DDI0479D, 4.4).

use qemu::{
    registers::Registers,
    time::{Time, Timers},
};

use crate::interrupts::Interrupt;

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

struct Cmsdk;

embassy_time_driver::time_driver_impl!(static TIME: Time<Cmsdk> = Time::new());

/// Starts the clock at 0.
pub(crate) fn start() {
    TIMER0.write(RELOAD, u32::MAX);
    TIMER0.write(VALUE, u32::MAX);
    TIMER0.write(CTRL, ENABLE | INTERRUPT_ENABLE);
    Interrupt::Timer0.enable();
    Interrupt::Timer1.enable();
}

pub(crate) extern "C" fn on_wrap() {
    TIME.on_wrap();
}

pub(crate) extern "C" fn on_alarm() {
    TIMER1.write(CTRL, 0);
    TIMER1.write(INT, 1);
    TIME.on_alarm();
}

impl Timers for Cmsdk {
    /// 25 MHz.
    const TICKS_PER_MICROSECOND: u32 = 25;
    const BITS: u32 = 32;

    fn count() -> u32 {
        // It wraps by reaching 0, not by leaving it.
        TIMER0.read(VALUE).wrapping_neg()
    }

    fn take_wrap() -> bool {
        let has_wrapped = TIMER0.read(INT) != 0;
        if has_wrapped {
            TIMER0.write(INT, 1);
        }
        has_wrapped
    }

    fn set_alarm(ticks: u32) {
        TIMER1.write(CTRL, 0);
        TIMER1.write(INT, 1);
        TIMER1.write(RELOAD, ticks);
        TIMER1.write(VALUE, ticks);
        TIMER1.write(CTRL, ENABLE | INTERRUPT_ENABLE);
    }
}
