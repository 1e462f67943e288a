//! The vector of a fault.

use core::ptr;

use cortex_m_rt::ExceptionFrame;

use crate::{end, kept::Why};

unsafe extern "C" {
    static _stack_start: u32;
    static _stack_end: u32;
}

/// The addresses of the stack: its upper end, and its lower.
pub(crate) fn bounds() -> (usize, usize) {
    ((&raw const _stack_start) as usize, (&raw const _stack_end) as usize)
}

/// The vector of a fault. What overflowed the stack left SP outside it, where the first push of a handler would fault
/// again: a fault in the handler of one is a lockup, which logs nothing. So the handler, from which nobody returns, has the
/// stack from its upper end.
#[allow(non_snake_case, reason = "the name by which cortex-m-rt puts it into the vector table")]
#[unsafe(naked)]
#[unsafe(no_mangle)]
unsafe extern "C" fn HardFault() -> ! {
    // In instructions that every Cortex-M has.
    core::arch::naked_asm!(
        // All that runs here runs on MSP.
        "mrs r0, MSP",
        "ldr r1, 1f",
        "mov sp, r1",
        "ldr r1, 2f",
        "bx r1",
        ".balign 4",
        "1: .word _stack_start",
        "2: .word {handler}",
        handler = sym on_fault,
    )
}

/// `sp` is where the processor put the registers, if there was room.
extern "C" fn on_fault(sp: usize) -> ! {
    let cause = Cause::read();
    if cause.is_overflow(sp) {
        end(Why::Overflow { sp, cause })
    }
    // SAFETY: in the stack, and what the processor put there.
    let frame = unsafe { ptr::read_volatile(sp as *const ExceptionFrame) };
    end(Why::Fault { pc: frame.pc(), lr: frame.lr(), cause })
}

/// What a fault was (ARMv7-M Architecture Reference Manual, B3.2.15): 0 where the core does not say.
#[derive(Clone, Copy)]
pub(crate) struct Cause {
    /// CFSR.
    pub(crate) status: u32,
    /// MMFAR: the address that the MPU refused.
    pub(crate) memory: u32,
    /// BFAR: the address at which nothing answered.
    pub(crate) bus: u32,
}

#[cfg(not(armv6m))]
impl Cause {
    fn read() -> Self {
        // SAFETY: registers of Armv7-M and later that may always be read.
        let read = |register: usize| unsafe { (register as *const u32).read_volatile() };
        Cause { status: read(0xE000_ED28), memory: read(0xE000_ED34), bus: read(0xE000_ED38) }
    }

    /// Whether a fault with SP at `sp` is a stack that overflowed. SP is still inside where a push was refused; what was
    /// refused further away may be any pointer gone wrong.
    fn is_overflow(self, sp: usize) -> bool {
        /// MMFAR is the address that was refused.
        const MMARVALID: u32 = 1 << 7;
        /// More bytes than one instruction pushes.
        const PUSH: usize = 256;
        let end = bounds().1;
        let is_refused = self.status & MMARVALID != 0;
        sp < end || is_refused && (end - PUSH..end).contains(&(self.memory as usize))
    }
}

#[cfg(armv6m)]
impl Cause {
    fn read() -> Self {
        Cause { status: 0, memory: 0, bus: 0 }
    }

    /// Whether a fault with SP at `sp` is a stack that overflowed: it is outside, or so near that a push would have been.
    fn is_overflow(self, sp: usize) -> bool {
        /// The guard of the HAL, which lies inside, and the registers that one instruction pushes.
        const NEAR: usize = 32 + 9 * 4;
        sp < bounds().1 + NEAR
    }
}
