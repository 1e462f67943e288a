//! fix-core's scenario files and its tests of two engines, played on a Cortex-M4 in virtual time. What happened is
//! printed over semihosting; QEMU ends with a failure if something failed.
#![no_std]
#![no_main]

extern crate alloc;

use core::{mem::MaybeUninit, panic::PanicInfo};

use cortex_m_rt::entry;
use cortex_m_semihosting::{
    debug::{EXIT_FAILURE, EXIT_SUCCESS, exit},
    hprintln,
};
use embedded_alloc::TlsfHeap as Heap;

/// What tests print goes to the host.
macro_rules! println {
    ($($part:tt)*) => { cortex_m_semihosting::hprintln!($($part)*) };
}

// The player of scenarios, and the tests, are those of fix-core.
#[allow(dead_code)]
#[path = "../../../fix-core/tests/scenarios/support/mod.rs"]
mod support;

include!(concat!(env!("OUT_DIR"), "/scenarios.rs"));
include!(concat!(env!("OUT_DIR"), "/tests.rs"));

const HEAP_BYTES: usize = 2 << 20;
static mut HEAP_MEMORY: MaybeUninit<[u8; HEAP_BYTES]> = MaybeUninit::uninit();
/// For the tests alone: fix-core allocates nothing.
#[global_allocator]
static HEAP: Heap = Heap::empty();

#[entry]
fn main() -> ! {
    // SAFETY: called once, and nothing else touches the memory.
    unsafe { HEAP.init((&raw mut HEAP_MEMORY) as usize, HEAP_BYTES) }
    let is_good = scenarios();
    tests();
    exit(if is_good { EXIT_SUCCESS } else { EXIT_FAILURE });
    halt()
}

/// Plays every scenario; true if all went as written.
fn scenarios() -> bool {
    let (mut plays, mut failures) = (0, 0);
    for (name, text) in SCENARIOS {
        match support::play(name, text) {
            Ok(roles) => plays += roles,
            Err(failure) => {
                failures += 1;
                hprintln!("FAILED {}", failure);
            }
        }
    }
    hprintln!("scenarios: {} files, {} plays, {} failed", SCENARIOS.len(), plays, failures);
    failures == 0
}

/// Runs every test. One that fails panics, which ends the run.
fn tests() {
    for (file, tests) in FILES {
        for (name, test) in *tests {
            hprintln!("{}::{}", file, name);
            test();
        }
        hprintln!("{}: {} tests passed", file, tests.len());
    }
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    hprintln!("FAILED {}", info);
    exit(EXIT_FAILURE);
    halt()
}

fn halt() -> ! {
    loop {
        cortex_m::asm::wfi();
    }
}
