//! The program's end: QEMU exits with a code that a test sees. A panic and a fault reach the log first.

use core::panic::PanicInfo;

use cortex_m_rt::{ExceptionFrame, exception};
use cortex_m_semihosting::debug::{EXIT_FAILURE, EXIT_SUCCESS, ExitStatus, exit};

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

#[exception]
unsafe fn HardFault(frame: &ExceptionFrame) -> ! {
    // SAFETY: CFSR and BFAR, registers of every Cortex-M3 and above that may always be read.
    let (status, address) =
        unsafe { ((0xE000_ED28 as *const u32).read_volatile(), (0xE000_ED38 as *const u32).read_volatile()) };
    defmt::error!(
        "HardFault at pc {=u32:#010x}, lr {=u32:#010x}, CFSR {=u32:#010x}, BFAR {=u32:#010x}",
        frame.pc(),
        frame.lr(),
        status,
        address
    );
    failed()
}
