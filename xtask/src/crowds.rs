//! `cargo xtask crowds`: many peers and hostile ones at the optimised program, with the figures asserted; see
//! `fix-host/tests/crowds.rs`, `thousands.rs` and `responsive.rs`.

use crate::step::{self, Outcome, cargo};

pub(crate) fn run() -> Outcome {
    // First, since it times the creation of thousands of files: ext4 makes them slowly for a minute after others of that
    // number were removed.
    tests(&["thousands"], None)?;
    tests(&["crowds", "responsive"], None)?;
    // What one thread for everything answers in time, several must too.
    tests(&["responsive"], Some("multi"))
}

/// Runs tests on the threads that `runtime` names, or on those that the program takes by itself.
fn tests(names: &[&str], runtime: Option<&str>) -> Outcome {
    let mut command = cargo(&["test", "--profile", "dist", "--package", "fix-host"]);
    command.args(names.iter().flat_map(|name| ["--test", name]));
    command.args(["--", "--nocapture", "--test-threads=1"]);
    if let Some(runtime) = runtime {
        command.env("FIX_HOST_RUNTIME", runtime);
    }
    step::run(command)
}
