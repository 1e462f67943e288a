//! `cargo xtask model`: every way that two sessions can go, up to a bound.

use clap::Args as ClapArgs;

use crate::step::{self, Outcome, cargo};

#[derive(ClapArgs)]
pub(crate) struct Args {
    /// Messages that each side sends
    #[arg(long, default_value_t = 2)]
    sends: u64,
    /// Times that the link is cut
    #[arg(long, default_value_t = 1)]
    cuts: u64,
    /// Processes that die and restart from their disk
    #[arg(long, default_value_t = 1)]
    crashes: u64,
    /// Times that time passes to the next timer
    #[arg(long, default_value_t = 1)]
    ticks: u64,
}

/// What CI runs: four messages, two cuts, a crash; a smaller bound elsewhere.
pub(crate) fn run_all() -> Outcome {
    let cuts = if step::is_ci() { 2 } else { 1 };
    run(&Args { sends: 2, cuts, crashes: 1, ticks: 0 })
}

pub(crate) fn run(args: &Args) -> Outcome {
    let mut command = cargo(&["test", "--release", "-p", "fix-core", "--test", "model", "--"]);
    for (name, value) in
        [("--sends", args.sends), ("--cuts", args.cuts), ("--crashes", args.crashes), ("--ticks", args.ticks)]
    {
        command.arg(name).arg(value.to_string());
    }
    step::run(command)
}
