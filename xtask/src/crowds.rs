//! `cargo xtask crowds`: many peers and hostile ones at the optimised program, with the figures asserted; see
//! `fix-host/tests/crowds.rs` and `responsive.rs`.

use crate::step::{self, Outcome, cargo};

pub(crate) fn run() -> Outcome {
    let mut command = cargo(&[
        "test",
        "--profile",
        "dist",
        "--package",
        "fix-host",
        "--test",
        "crowds",
        "--test",
        "responsive",
    ]);
    command.args(["--", "--nocapture", "--test-threads=1"]);
    step::run(command)
}
