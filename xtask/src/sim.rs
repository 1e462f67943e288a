//! `cargo xtask sim`: the seeded simulator of two sessions, in release.

use std::path::PathBuf;

use clap::Args as ClapArgs;

use crate::step::{self, Outcome, cargo};

#[derive(ClapArgs)]
pub(crate) struct Args {
    /// How many seeds
    #[arg(long, default_value_t = 10_000)]
    seeds: u64,
    /// Events of each seed; then the faults stop and both sides must find together
    #[arg(long, default_value_t = 1_000)]
    events: u64,
    /// The first seed
    #[arg(long, default_value_t = 0)]
    first: u64,
    /// Threads; all cores if it is not given
    #[arg(long)]
    threads: Option<u64>,
    /// Only this seed, to repeat a failure
    #[arg(long, conflicts_with_all = ["seeds", "first"])]
    seed: Option<u64>,
    /// Only this input of the fuzz target `pair`
    #[arg(long, conflicts_with_all = ["seeds", "first", "seed", "events"])]
    script: Option<PathBuf>,
    /// Print every message and decision of a `--seed` or `--script`
    #[arg(long)]
    trace: bool,
}

/// 10,000 seeds in CI, fewer where somebody waits for it.
pub(crate) fn run_all() -> Outcome {
    let seeds = if step::is_ci() { 10_000 } else { 1_000 };
    run(&Args { seeds, events: 1_000, first: 0, threads: None, seed: None, script: None, trace: false })
}

pub(crate) fn run(args: &Args) -> Outcome {
    let (seeds, first) = args.seed.map_or((args.seeds, args.first), |seed| (1, seed));
    let mut words: Vec<String> =
        ["run", "--release", "-p", "fix-core", "--example", "sim", "--"].map(str::to_owned).to_vec();
    let mut option = |name: &str, value: u64| words.extend([name.to_owned(), value.to_string()]);
    option("--seeds", seeds);
    option("--first", first);
    option("--events", args.events);
    if let Some(threads) = args.threads {
        option("--threads", threads);
    }
    if let Some(path) = &args.script {
        words.extend(["--script".to_owned(), path.display().to_string()]);
    }
    if args.trace {
        words.push("--trace".to_owned());
    }
    step::run(cargo(&words.iter().map(String::as_str).collect::<Vec<_>>()))
}
