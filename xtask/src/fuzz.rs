//! `cargo xtask fuzz`: builds the targets of `fuzz/` with libFuzzer and runs them.

use crate::step::Outcome;

/// Options of `cargo xtask fuzz`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only this target
    target: Option<String>,
    /// Seconds for each target
    #[arg(long, default_value_t = 60)]
    seconds: u32,
}

/// Builds the targets and runs them.
pub(crate) fn run(args: &Args) -> Outcome {
    build()?;
    run_target(args.target.as_deref().unwrap_or("frame"), args.seconds)
}

/// Coverage as libFuzzer reads it; with a plain stable cargo, so that no other tool is needed.
const COVERAGE: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Ccodegen-units=1";

fn build() -> Outcome {
    let mut command = crate::step::nested_cargo("fuzz", &["build", "--release", "--target", "host-tuple"]);
    command.env("CARGO_TARGET_DIR", crate::step::target().join("fuzz")).env("RUSTFLAGS", COVERAGE);
    crate::step::run(command)
}

fn run_target(name: &str, seconds: u32) -> Outcome {
    let program = crate::step::target().join("fuzz/x86_64-unknown-linux-gnu/release").join(name);
    let mut command = crate::step::command(&program.to_string_lossy(), &[]);
    command.arg(format!("-max_total_time={seconds}"));
    crate::step::run(command)
}
