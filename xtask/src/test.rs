//! `cargo xtask test`: everything a user runs to see that the checkout is good.

use std::{thread, time::Instant};

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

/// What runs one after the other; the parts of one group run side by side.
const GROUPS: &[&[Part]] = &[
    &[Part { name: "tidy", run: crate::tidy::run }],
    &[Part { name: "format", run: || step::run(cargo(&["fmt", "--all", "--check"])) }],
    &[Part {
        name: "clippy",
        run: || step::run(cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])),
    }],
    &[Part { name: "bare metal", run: crate::firmware::run }],
    &[Part { name: "embedded driver", run: crate::firmware::driver }],
    &[Part { name: "workspace tests", run: || step::run(cargo(&["test", "--workspace", "--no-fail-fast"])) }],
    &[Part { name: "every short input", run: crate::exhaustive::run }],
    &[Part { name: "no panic", run: crate::no_panic::run }],
    &[Part { name: "instruction counts", run: crate::bench::run_ours }],
    &[Part { name: "simulator", run: crate::sim::run_all }],
    // One computes on one core for minutes, the other mostly waits.
    &[
        Part { name: "model check", run: crate::model::run_all },
        Part { name: "acceptance", run: crate::acceptance::run },
    ],
    &[Part { name: "fuzz", run: crate::fuzz::run_some }],
    &[Part { name: "Cortex-M4", run: crate::qemu::run }],
    &[Part { name: "interop", run: crate::interop::run }],
    &[Part { name: "kill", run: crate::kill::run_some }],
    &[Part { name: "loopback", run: crate::loopback::run_some }],
];

fn run_all(args: &Args) -> (usize, Vec<&'static str>) {
    let is_wanted = |part: &&Part| args.only.as_ref().is_none_or(|only| part.name.contains(only.as_str()));
    let outcomes = GROUPS.iter().flat_map(|group| run_group(group.iter().filter(is_wanted)));
    let (passed, failed): (Vec<_>, Vec<_>) = outcomes.partition(|(_, outcome)| outcome.is_ok());
    (passed.len(), failed.into_iter().map(|(name, _)| name).collect())
}

fn run_group<'a>(parts: impl Iterator<Item = &'a Part>) -> Vec<(&'static str, Outcome)> {
    thread::scope(|scope| {
        let running: Vec<_> = parts.map(|part| (part.name, scope.spawn(|| run_part(part)))).collect();
        let joined = running.into_iter().map(|(name, part)| {
            (name, part.join().unwrap_or_else(|_| Err("the task itself panicked".into())))
        });
        joined.collect()
    })
}

fn run_part(part: &Part) -> Outcome {
    println!("\n== {}", part.name);
    let begin = Instant::now();
    let outcome = (part.run)();
    println!("-- {}: {} s", part.name, begin.elapsed().as_secs());
    if let Err(message) = &outcome {
        println!("FAILED {}: {message}", part.name);
    }
    outcome
}

pub(crate) fn run(args: &Args) -> Outcome {
    let (passed, failed) = run_all(args);
    println!("\n{passed} passed, {} failed", failed.len());
    if failed.is_empty() { Ok(()) } else { Err(format!("failed: {}", failed.join(", "))) }
}
