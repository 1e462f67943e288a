//! `cargo xtask test`: everything a user runs to see that the checkout is good.

use std::{
    panic::{catch_unwind, resume_unwind},
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
    thread::{self, ScopedJoinHandle},
    time::Instant,
};

use clap::Args as ClapArgs;

use crate::step::{self, Outcome, cargo};

#[derive(ClapArgs)]
pub(crate) struct Args {
    /// Only the parts whose name contains this, or those of this group: quick, workspace, firmware, proofs
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

/// Parts that are run together: lanes side by side, the parts of a lane one after the other.
struct Group {
    name: &'static str,
    lanes: &'static [&'static [Part]],
}

/// What finds most mistakes soonest. Without `--quick` the other groups follow.
const QUICK: Group = Group {
    name: "quick",
    lanes: &[&[
        Part { name: "tidy", run: crate::tidy::run },
        Part { name: "format", run: || step::run(cargo(&["fmt", "--all", "--check"])) },
        Part {
            name: "clippy",
            run: || step::run(cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])),
        },
        Part { name: "unit tests", run: || tested(&["--workspace", "--lib", "--bins", "--no-fail-fast"]) },
        Part {
            name: "scenarios",
            run: || tested(&["-p", "fix-core", "--no-fail-fast", "--test", "scenarios", "--test", "answers"]),
        },
    ]],
};

/// The long proofs, one group after the other. A part that links one program for minutes, or counts on one core, stands
/// beside one that waits for other programs.
const LONG: &[Group] = &[
    Group {
        name: "workspace",
        lanes: &[
            &[
                Part { name: "examples", run: || step::run(cargo(&["build", "--workspace", "--examples"])) },
                // Some of them run the examples.
                Part {
                    name: "integration tests",
                    run: || tested(&["--workspace", "--no-fail-fast", "--test", "*"]),
                },
                Part { name: "snippets", run: || tested(&["--workspace", "--no-fail-fast", "--doc"]) },
                Part { name: "documentation", run: documentation },
            ],
            &[
                Part { name: "no panic", run: crate::no_panic::run },
                Part { name: "instruction counts", run: crate::bench::run_ours },
                Part { name: "order book", run: crate::book::run },
                Part { name: "32 bits", run: crate::test32::run },
                Part { name: "wasm", run: crate::wasm::check },
            ],
        ],
    },
    Group {
        name: "firmware",
        // What runs under QEMU waits half of the time, so it begins soon.
        lanes: &[
            &[
                Part { name: "size of the firmware", run: crate::firmware::size::images },
                Part { name: "boards under QEMU", run: crate::firmware::boards::test },
            ],
            &[
                // Its image for recordings is used under QEMU, too.
                Part { name: "scenarios on a Cortex-M4", run: crate::firmware::core::run },
                Part { name: "boards of silicon", run: crate::firmware::boards::silicon },
                Part { name: "size of the codec", run: crate::firmware::codec::run },
                Part { name: "embedded driver", run: crate::firmware::driver },
                Part { name: "bare metal", run: crate::firmware::check_beside_images },
            ],
            // It waits for most of its time. Its images lie with those of the first lane: cargo builds one after the other.
            &[Part { name: "conformance on a Cortex-M4", run: crate::firmware::conformance::run }],
        ],
    },
    Group {
        name: "proofs",
        lanes: &[
            &[
                Part { name: "every short input", run: crate::exhaustive::run },
                Part { name: "simulator", run: crate::sim::run_all },
                Part { name: "model check", run: crate::model::run_all },
                Part { name: "fuzz", run: crate::fuzz::run_some },
                Part { name: "packages", run: crate::dist::run },
            ],
            &[
                Part { name: "acceptance", run: crate::acceptance::run },
                Part { name: "interop", run: crate::interop::run },
                Part { name: "kill", run: crate::kill::run_some },
                Part { name: "page", run: crate::page::run_tests },
                Part { name: "loopback", run: crate::loopback::run_some },
            ],
        ],
    },
];

fn tested(arguments: &[&str]) -> Outcome {
    step::run(cargo(&[&["test"], arguments].concat()))
}

/// Every link of the documentation leads somewhere.
fn documentation() -> Outcome {
    let mut command = cargo(&["doc", "--workspace", "--no-deps"]);
    command.env("RUSTDOCFLAGS", "-D warnings");
    step::run(command)
}

/// How a part went.
struct Done {
    name: &'static str,
    seconds: u64,
    outcome: Outcome,
}

pub(crate) fn run(args: &Args) -> Outcome {
    let (done, groups) = run_all(args);
    if done.is_empty() {
        return Err("no part has such a name: `cargo xtask test` runs and names them all".into());
    }
    println!();
    let mut failed = Vec::new();
    for Done { name, seconds, outcome } in &done {
        let verdict = if outcome.is_ok() { "ok" } else { "FAILED" };
        println!("{name:<28} {seconds:>5} s  {verdict}");
        failed.extend(outcome.is_err().then_some(*name));
    }
    for Done { name, outcome, .. } in &done {
        if let Err(why) = outcome {
            println!("\n{name}: {why}");
        }
    }
    let groups: Vec<_> = groups.iter().map(|(name, seconds)| format!("{name} {seconds} s")).collect();
    println!("in all: {}", groups.join(", "));
    println!("\n{} passed, {} failed", done.len() - failed.len(), failed.len());
    if failed.is_empty() { Ok(()) } else { Err(format!("failed: {}", failed.join(", "))) }
}

/// How each part went, and the seconds of each group.
fn run_all(args: &Args) -> (Vec<Done>, Vec<(&'static str, u64)>) {
    let long = if args.quick { &[] } else { LONG };
    let wanted: Vec<(&str, Vec<Vec<&Part>>)> = std::iter::once(&QUICK)
        .chain(long)
        .map(|group| (group.name, group.wanted(args.only.as_deref())))
        .filter(|(_, lanes)| lanes.iter().any(|lane| !lane.is_empty()))
        .collect();
    let all = wanted.iter().flat_map(|(_, lanes)| lanes).flatten().count();
    let begun = AtomicUsize::new(0);
    let mut groups = Vec::new();
    let mut done = Vec::new();
    for (name, lanes) in &wanted {
        let begin = Instant::now();
        done.extend(run_lanes(lanes, &begun, all));
        groups.push((*name, begin.elapsed().as_secs()));
    }
    (done, groups)
}

impl Group {
    /// The lanes with the parts that were asked for: all of the group by its name, or those whose names contain what is
    /// said.
    fn wanted(&self, only: Option<&str>) -> Vec<Vec<&Part>> {
        let is_wanted = |part: &&Part| only.is_none_or(|only| self.name == only || part.name.contains(only));
        self.lanes.iter().map(|lane| lane.iter().filter(is_wanted).collect()).collect()
    }
}

/// Runs lanes side by side, the parts of each one after the other; `begun` counts the parts, of `all`, that have begun.
fn run_lanes(lanes: &[Vec<&Part>], begun: &AtomicUsize, all: usize) -> Vec<Done> {
    let run_lane = |lane: &Vec<&Part>| -> Vec<Done> {
        lane.iter().map(|part| run_part(part, begun.fetch_add(1, Relaxed) + 1, all)).collect()
    };
    thread::scope(|scope| {
        let running: Vec<_> = lanes.iter().map(|lane| scope.spawn(move || run_lane(lane))).collect();
        let joined =
            |lane: ScopedJoinHandle<'_, Vec<Done>>| lane.join().unwrap_or_else(|cause| resume_unwind(cause));
        running.into_iter().flat_map(joined).collect()
    })
}

fn run_part(part: &Part, number: usize, all: usize) -> Done {
    println!("\n== {} ({number} of {all})", part.name);
    let begin = Instant::now();
    // A part that panics fails alone: those after it in its lane still run.
    let outcome = catch_unwind(part.run).unwrap_or_else(|_| Err("the task itself panicked".into()));
    let seconds = begin.elapsed().as_secs();
    println!("-- {}: {seconds} s", part.name);
    if outcome.is_err() {
        println!("FAILED {}: why stands at the end", part.name);
    }
    Done { name: part.name, seconds, outcome }
}
