//! The end of the stack.

use cortex_m::{asm, peripheral::MPU};

use crate::fault::bounds;

/// Lets the MPU refuse the `1 << bits` bytes below the stack, which has to lie at the foot of the RAM: memory.x says so. What
/// is there may answer, or be silent, as the bus wants; now it faults, always.
///
/// # Panics
/// If the stack does not end where the guard can.
pub fn guard(bits: u32) {
    /// Memory as it is without MPU, beside its regions (ARMv7-M Architecture Reference Manual, B3.5.5).
    const PRIVDEFENA: u32 = 1 << 2;
    const ENABLE: u32 = 1;
    /// RBAR has the number of the region, which is 0.
    const VALID: u32 = 1 << 4;
    /// No code. No access is AP = 0.
    const EXECUTE_NEVER: u32 = 1 << 28;
    let base = bounds().1 as u32 - (1 << bits);
    assert!(base.is_multiple_of(1 << bits));
    // SAFETY: the MPU of the core, which nobody else uses; what it refuses holds no code and no variable.
    unsafe {
        let mpu = &*MPU::PTR;
        mpu.rbar.write(base | VALID);
        mpu.rasr.write(EXECUTE_NEVER | (bits - 1) << 1 | ENABLE);
        mpu.ctrl.write(PRIVDEFENA | ENABLE);
    }
    asm::dsb();
    asm::isb();
}
