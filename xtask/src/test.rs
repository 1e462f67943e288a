//! `cargo xtask test`: everything a user runs to see that the checkout is good.

use std::{thread, time::Instant};

use clap::Args as ClapArgs;

use crate::step::{self, Outcome, cargo};

#[derive(ClapArgs)]
pub(crate) struct Args {
    /// Only the parts whose name contains this
    only: Option<String>,
    /// Only what a change is tried with first: format, clippy, the unit tests, the session's scenarios
    #[arg(long)]
    quick: bool,
}

/// One part of the test run.
struct Part {
    name: &'static str,
    run: fn() -> Outcome,
}

/// What finds most mistakes soonest. Without `--quick` the other parts follow.
const QUICK: &[&[Part]] = &[
    &[Part { name: "tidy", run: crate::tidy::run }],
    &[Part { name: "format", run: || step::run(cargo(&["fmt", "--all", "--check"])) }],
    &[Part {
        name: "clippy",
        run: || step::run(cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])),
    }],
    &[Part {
        name: "unit tests",
        run: || step::run(cargo(&["test", "--workspace", "--lib", "--bins", "--no-fail-fast"])),
    }],
    &[Part {
        name: "scenarios",
        run: || {
            step::run(cargo(&[
                "test",
                "-p",
                "fix-core",
                "--no-fail-fast",
                "--test",
                "scenarios",
                "--test",
                "answers",
            ]))
        },
    }],
];

/// The long proofs. What stands here runs one after the other; the parts of one group run side by side.
const GROUPS: &[&[Part]] = &[
    &[Part { name: "bare metal", run: crate::firmware::check }],
    &[Part { name: "embedded driver", run: crate::firmware::driver }],
    &[Part { name: "examples", run: || step::run(cargo(&["build", "--workspace", "--examples"])) }],
    &[Part {
        name: "integration tests",
        // Some of them run the examples.
        run: || step::run(cargo(&["test", "--workspace", "--no-fail-fast", "--test", "*"])),
    }],
    &[Part {
        name: "snippets",
        run: || step::run(cargo(&["test", "--workspace", "--no-fail-fast", "--doc"])),
    }],
    &[Part { name: "documentation", run: documentation }],
    &[Part { name: "32 bits", run: crate::test32::run }],
    &[Part { name: "every short input", run: crate::exhaustive::run }],
    &[Part { name: "no panic", run: crate::no_panic::run }],
    &[Part { name: "instruction counts", run: crate::bench::run_ours }],
    &[Part { name: "order book", run: crate::book::run }],
    &[Part { name: "simulator", run: crate::sim::run_all }],
    // One computes on one core for minutes, the other mostly waits.
    &[
        Part { name: "model check", run: crate::model::run_all },
        Part { name: "acceptance", run: crate::acceptance::run },
    ],
    &[Part { name: "fuzz", run: crate::fuzz::run_some }],
    &[Part { name: "boards of silicon", run: crate::firmware::boards::silicon }],
    &[Part { name: "size of the firmware", run: crate::firmware::size::run }],
    &[Part { name: "scenarios on a Cortex-M4", run: crate::firmware::core::run }],
    &[Part { name: "conformance on a Cortex-M4", run: crate::firmware::conformance::run }],
    &[Part { name: "firmware", run: crate::firmware::boards::test }],
    &[Part { name: "interop", run: crate::interop::run }],
    &[Part { name: "kill", run: crate::kill::run_some }],
    &[Part { name: "wasm", run: crate::wasm::check }],
    &[Part { name: "page", run: crate::page::run_tests }],
    &[Part { name: "packages", run: crate::dist::run }],
    &[Part { name: "loopback", run: crate::loopback::run_some }],
];

/// Every link of the documentation leads somewhere.
fn documentation() -> Outcome {
    let mut command = cargo(&["doc", "--workspace", "--no-deps"]);
    command.env("RUSTDOCFLAGS", "-D warnings");
    step::run(command)
}

fn run_all(args: &Args) -> (usize, Vec<&'static str>) {
    let is_wanted = |part: &&Part| args.only.as_ref().is_none_or(|only| part.name.contains(only.as_str()));
    let long: &[&[Part]] = if args.quick { &[] } else { GROUPS };
    let groups = || QUICK.iter().chain(long).map(|group| group.iter().filter(is_wanted));
    let all: usize = groups().map(Iterator::count).sum();
    let mut begun = 0;
    let outcomes = groups().flat_map(|group| {
        let first = begun + 1;
        begun += group.clone().count();
        run_group(group, first, all)
    });
    let (passed, failed): (Vec<_>, Vec<_>) = outcomes.partition(|(_, outcome)| outcome.is_ok());
    (passed.len(), failed.into_iter().map(|(name, _)| name).collect())
}

/// Runs parts side by side, the `first`th and those after it of `all`.
fn run_group<'a>(
    parts: impl Iterator<Item = &'a Part>,
    first: usize,
    all: usize,
) -> Vec<(&'static str, Outcome)> {
    thread::scope(|scope| {
        let numbered = parts.zip(first..);
        let running: Vec<_> = numbered
            .map(|(part, number)| (part.name, scope.spawn(move || run_part(part, number, all))))
            .collect();
        let joined = running.into_iter().map(|(name, part)| {
            (name, part.join().unwrap_or_else(|_| Err("the task itself panicked".into())))
        });
        joined.collect()
    })
}

fn run_part(part: &Part, number: usize, all: usize) -> Outcome {
    println!("\n== {} ({number} of {all})", part.name);
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
    if passed + failed.len() == 0 {
        return Err("no part has such a name: `cargo xtask test` runs and names them all".into());
    }
    println!("\n{passed} passed, {} failed", failed.len());
    if failed.is_empty() { Ok(()) } else { Err(format!("failed: {}", failed.join(", "))) }
}
