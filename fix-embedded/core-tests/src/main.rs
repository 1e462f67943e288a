//! fix-core's scenario files and its tests of two engines, played on a Cortex-M4 in virtual time. What happened is
//! printed over semihosting; QEMU ends with a failure if something failed.
#![no_std]
#![no_main]

extern crate alloc;

mod machine;

use cortex_m_rt::entry;
use cortex_m_semihosting::hprintln;

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

#[entry]
fn main() -> ! {
    machine::begin();
    let is_good = scenarios();
    tests();
    machine::end(is_good)
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
