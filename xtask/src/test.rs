//! `cargo xtask test`: everything a user runs to see that the checkout is good.

use std::time::Instant;

use clap::Args as ClapArgs;

use crate::step::{self, Outcome, cargo};

#[derive(ClapArgs)]
pub(crate) struct Args {
    /// Only the parts whose name contains this
    only: Option<String>,
}

/// One part of the test run.
struct Part {
    name: &'static str,
    run: fn() -> Outcome,
}

const PARTS: &[Part] = &[
    Part { name: "tidy", run: crate::tidy::run },
    Part { name: "format", run: || step::run(cargo(&["fmt", "--all", "--check"])) },
    Part {
        name: "clippy",
        run: || step::run(cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])),
    },
    Part { name: "bare metal", run: crate::firmware::run },
    Part { name: "embedded driver", run: crate::firmware::driver },
    Part { name: "workspace tests", run: || step::run(cargo(&["test", "--workspace", "--no-fail-fast"])) },
    Part { name: "every short input", run: crate::exhaustive::run },
    Part { name: "no panic", run: crate::no_panic::run },
    Part { name: "instruction counts", run: crate::bench::run_ours },
    Part { name: "simulator", run: crate::sim::run_all },
    Part { name: "model check", run: crate::model::run_all },
    Part { name: "fuzz", run: crate::fuzz::run_some },
    Part { name: "Cortex-M4", run: crate::qemu::run },
    Part { name: "acceptance", run: crate::acceptance::run },
    Part { name: "interop", run: crate::interop::run },
    Part { name: "kill", run: crate::kill::run_some },
    Part { name: "loopback", run: crate::loopback::run_some },
];

fn run_all(args: &Args) -> (usize, Vec<String>) {
    let mut passed = 0;
    let mut failed = Vec::new();
    for part in
        PARTS.iter().filter(|part| args.only.as_ref().is_none_or(|only| part.name.contains(only.as_str())))
    {
        println!("\n== {}", part.name);
        let begin = Instant::now();
        let outcome = (part.run)();
        println!("-- {}: {} s", part.name, begin.elapsed().as_secs());
        match outcome {
            Ok(()) => passed += 1,
            Err(message) => {
                println!("FAILED {}: {message}", part.name);
                failed.push(part.name.to_owned());
            }
        }
    }
    (passed, failed)
}

pub(crate) fn run(args: &Args) -> Outcome {
    let (passed, failed) = run_all(args);
    println!("\n{passed} passed, {} failed", failed.len());
    if failed.is_empty() { Ok(()) } else { Err(format!("failed: {}", failed.join(", "))) }
}
