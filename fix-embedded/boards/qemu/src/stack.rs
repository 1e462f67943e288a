//! The stack's end, guarded, and how much of it was used: the start-up code painted it, and what was used is painted over.

use cortex_m::{asm, peripheral::MPU};
use cortex_m_rt::STACK_PAINT_VALUE;
use embassy_time::{Duration, Timer};

use crate::parameters::Parameters;

/// How often is looked.
const PERIOD: Duration = Duration::from_secs(1);

unsafe extern "C" {
    static _stack_start: u32;
    static _stack_end: u32;
}

/// Log2 of the guard's bytes, 256 MiB: below the RAM is nothing as far as the code's region, so no frame is too large for it.
const GUARD_BITS: u32 = 28;

/// The addresses of the stack: its upper end, and its lower.
fn bounds() -> (usize, usize) {
    ((&raw const _stack_start) as usize, (&raw const _stack_end) as usize)
}

/// Lets the MPU refuse what lies below the stack. Nothing is there, but QEMU's boards have no bus that says so: a write is
/// dropped in silence, and a read is 0.
///
/// # Panics
/// If the stack does not end where the guard can.
pub fn guard() {
    /// Memory as it is without MPU, beside its regions (ARMv7-M Architecture Reference Manual, B3.5.5).
    const PRIVDEFENA: u32 = 1 << 2;
    const ENABLE: u32 = 1;
    /// RBAR has the number of the region, which is 0.
    const VALID: u32 = 1 << 4;
    /// No code. No access is AP = 0.
    const EXECUTE_NEVER: u32 = 1 << 28;
    let base = bounds().1 as u32 - (1 << GUARD_BITS);
    assert!(base.is_multiple_of(1 << GUARD_BITS));
    // SAFETY: the MPU of every core of these boards, which nobody else uses; what it refuses holds no code and no variable.
    unsafe {
        let mpu = &*MPU::PTR;
        mpu.rbar.write(base | VALID);
        mpu.rasr.write(EXECUTE_NEVER | (GUARD_BITS - 1) << 1 | ENABLE);
        mpu.ctrl.write(PRIVDEFENA | ENABLE);
    }
    asm::dsb();
    asm::isb();
}

/// Whether a fault with SP at `sp` is a stack that overflowed; `refused` is the address that the MPU refused. SP is still
/// inside where a push was refused; what was refused further away may be any pointer gone wrong.
pub(crate) fn is_overflow(sp: usize, refused: Option<usize>) -> bool {
    /// More bytes than one instruction pushes.
    const PUSH: usize = 256;
    let end = bounds().1;
    sp < end || refused.is_some_and(|address| (end - PUSH..end).contains(&address))
}

/// Bytes of the stack that were ever used.
fn most_used() -> usize {
    let (top, end) = bounds();
    // SAFETY: the words of the stack, all of them RAM; what runs now writes at its upper end only.
    let is_painted = |at: &usize| unsafe { (*at as *const u32).read_volatile() } == STACK_PAINT_VALUE;
    let first = (end..top).step_by(4).find(|at| !is_painted(at)).unwrap_or(top);
    top - first
}

/// Logs each new maximum, if the parameter `stack` is 1.
pub async fn watch(parameters: Parameters) {
    if parameters.get("stack", 0u8) == 0 {
        return;
    }
    let mut most = 0;
    loop {
        Timer::after(PERIOD).await;
        let used = most_used();
        if used > most {
            most = used;
            defmt::info!("stack: {=usize} bytes used at most", most);
        }
    }
}
