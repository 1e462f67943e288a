//! `cargo xtask kill`: the engine killed again and again under load, at random and at every named crash point, and the exchange at random;
//! see `fix-host/tests/kill`.

use clap::Args as ClapArgs;

use crate::step::{self, Outcome, cargo};

#[derive(ClapArgs)]
pub(crate) struct Args {
    /// No random kill begins after so many seconds
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Kills at random moments
    #[arg(long, default_value_t = 2000)]
    kills: u64,
    /// Deaths at each named crash point of the journal
    #[arg(long, default_value_t = 1)]
    deaths: u64,
    /// Kills of the exchange at random moments, while a session trades with it
    #[arg(long, default_value_t = 200)]
    lives: u64,
}

/// What `cargo xtask test` runs: three minutes in CI, half a minute for a user.
pub(crate) fn run_some() -> Outcome {
    run(&Args { seconds: if step::is_ci() { 180 } else { 30 }, kills: 2000, deaths: 1, lives: 10 })
}

pub(crate) fn run(args: &Args) -> Outcome {
    let mut command =
        cargo(&["test", "--package", "fix-host", "--features", "crash-points", "--test", "kill"]);
    command.args(["--", "--nocapture", "--test-threads=1"]);
    command
        .env("KILL_SECONDS", args.seconds.to_string())
        .env("KILL_KILLS", args.kills.to_string())
        .env("KILL_DEATHS", args.deaths.to_string())
        .env("KILL_LIVES", args.lives.to_string());
    step::run(command)
}
