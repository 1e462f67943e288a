//! Two sessions over a bad network, as in the simulator, but every decision is a byte of the input: rules,
//! sizes, what is sent, how much arrives, what fails. All invariants of the simulator are checked.
#![no_main]

#[path = "../../fix-core/tests/sim/app.rs"]
mod app;
#[path = "../../fix-core/tests/sim/disk.rs"]
mod disk;
#[path = "../../fix-core/tests/sim/ledger.rs"]
mod ledger;
#[path = "../../fix-core/tests/sim/link.rs"]
mod link;
#[path = "../../fix-core/tests/sim/note.rs"]
mod note;
#[path = "../../fix-core/tests/sim/plan.rs"]
mod plan;
#[path = "../../fix-core/tests/sim/record.rs"]
mod record;
#[path = "../../fix-core/tests/sim/rng.rs"]
mod rng;
#[path = "../../fix-core/tests/sim/tamper.rs"]
mod tamper;
#[path = "../../fix-core/tests/sim/wire_watch.rs"]
mod wire_watch;
#[path = "../../fix-core/tests/sim/world.rs"]
mod world;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let events = bytes.len() as u64 / 2;
    if let Err((event, what)) = world::World::new(rng::Rng::scripted(bytes), false).run(events) {
        panic!("event {event}: {what}");
    }
});
