//! The program's end: QEMU exits with a code that a test sees. A panic and a fault reach the log first, see `faults`.

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
