//! Instructions, counted. Under `-icount shift=6` QEMU gives every instruction 64 ns, and the board's TIMER0
//! counts down at 25 MHz, one tick in 40 ns.

const TIMER0_CTRL: *mut u32 = 0x4000_0000 as *mut u32;
const TIMER0_VALUE: *mut u32 = 0x4000_0004 as *mut u32;
const TIMER0_RELOAD: *mut u32 = 0x4000_0008 as *mut u32;
const ENABLE: u32 = 1;

/// The running timer.
pub struct Counter {
    /// What reading the timer twice counts by itself.
    overhead: u32,
}

impl Counter {
    /// Starts the timer.
    pub fn start() -> Self {
        // SAFETY: the registers of the board's first timer, which nothing else touches.
        unsafe {
            TIMER0_RELOAD.write_volatile(u32::MAX);
            TIMER0_VALUE.write_volatile(u32::MAX);
            TIMER0_CTRL.write_volatile(ENABLE);
        }
        let mut counter = Counter { overhead: 0 };
        counter.overhead = counter.instructions(1, || {});
        counter
    }

    /// The instructions of one `work`, on average over `times`.
    #[inline(never)]
    pub fn instructions(&self, times: u32, mut work: impl FnMut()) -> u32 {
        let begin = ticks();
        for _ in 0..times {
            work();
        }
        let passed = u64::from(begin.wrapping_sub(ticks()));
        (passed * 40 / 64 / u64::from(times.max(1))) as u32 - self.overhead
    }
}

fn ticks() -> u32 {
    // SAFETY: as above.
    unsafe { TIMER0_VALUE.read_volatile() }
}
