//! The program's end: QEMU exits with a code that a test sees. A panic and a fault reach the log first.

use core::panic::PanicInfo;

use cortex_m_rt::ExceptionFrame;
use cortex_m_semihosting::debug::{EXIT_FAILURE, EXIT_SUCCESS, ExitStatus, exit};

use crate::{logger, stack};

/// What a fault was (ARMv7-M Architecture Reference Manual, B3.2.15).
const CFSR: usize = 0xE000_ED28;
/// The MPU refused the address in MMFAR.
const MMARVALID: u32 = 1 << 7;
/// The address that the MPU refused.
const MMFAR: usize = 0xE000_ED34;
/// The address at which nothing answered.
const BFAR: usize = 0xE000_ED38;

/// Ends QEMU with code 0.
pub fn done() -> ! {
    stop(EXIT_SUCCESS)
}

/// Ends QEMU with code 1.
pub fn failed() -> ! {
    stop(EXIT_FAILURE)
}

fn stop(status: ExitStatus) -> ! {
    exit(status);
    loop {
        cortex_m::asm::wfi();
    }
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    match info.location() {
        Some(place) => defmt::error!("panic at {=str}:{=u32}", place.file(), place.line()),
        None => defmt::error!("panic"),
    }
    failed()
}

/// What `defmt::panic!` and the others end with, once they have logged.
#[defmt::panic_handler]
fn logged_panic() -> ! {
    failed()
}

/// The vector of a fault. What overflowed the stack left SP outside it, where the first push of a handler would fault
/// again: a fault in the handler of one is a lockup, which logs nothing. So the handler, from which nobody returns, has the
/// stack from its upper end.
#[allow(non_snake_case, reason = "the name by which cortex-m-rt puts it into the vector table")]
#[unsafe(naked)]
#[unsafe(no_mangle)]
unsafe extern "C" fn HardFault() -> ! {
    core::arch::naked_asm!(
        // All that runs here runs on MSP.
        "mrs r0, MSP",
        "movw r1, #:lower16:_stack_start",
        "movt r1, #:upper16:_stack_start",
        "mov sp, r1",
        "b {handler}",
        handler = sym on_fault,
    )
}

/// `sp` is where the processor put the registers, if there was room.
extern "C" fn on_fault(sp: usize) -> ! {
    // SAFETY: whoever was about to log never goes on.
    unsafe { logger::abandon() };
    // SAFETY: registers of every Cortex-M3 and above that may always be read.
    let read = |register: usize| unsafe { (register as *const u32).read_volatile() };
    let (status, memory, bus) = (read(CFSR), read(MMFAR), read(BFAR));
    let refused = (status & MMARVALID != 0).then_some(memory as usize);
    if stack::is_overflow(sp, refused) {
        defmt::error!("stack overflow: SP {=usize:#010x}, CFSR {=u32:#010x}", sp, status);
        failed()
    }
    // SAFETY: in the stack, and what the processor put there.
    let frame = unsafe { &*(sp as *const ExceptionFrame) };
    defmt::error!(
        "HardFault at pc {=u32:#010x}, lr {=u32:#010x}, CFSR {=u32:#010x}, MMFAR {=u32:#010x}, BFAR {=u32:#010x}",
        frame.pc(),
        frame.lr(),
        status,
        memory,
        bus
    );
    failed()
}
