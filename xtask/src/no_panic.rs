//! `cargo xtask no-panic`: proof by linking that the codec and the flight recorder of fix-core have no path to a panic.
//!
//! Twice: on the host each public function alone (the `no-panic` crate: whoever can reach a panic cannot be
//! linked), and for a microcontroller the whole program with a panic handler that does not exist.

mod coverage;

use crate::{
    cross::Library,
    firmware,
    step::{self, Outcome, nested_cargo},
};

const FOLDER: &str = "fix-core/tests/no-panic";
const TARGET: &str = "thumbv7em-none-eabi";

pub(crate) fn run() -> Outcome {
    coverage::check(&step::root().join(FOLDER).join("src"))?;
    let target_dir = format!("--target-dir={}", step::target().join("no-panic").display());
    let host = |command: &str, features: &str| {
        let args = [command, "--quiet", "--release", "--bin", "host", "--features", features, &target_dir];
        nested_cargo(FOLDER, &args)
    };
    step::run(host("run", "host"))?;
    control(host("build", "host,control"))?;
    let Some(mut bare) = firmware::cargo_for(FOLDER, TARGET, Library::Core, firmware::COMPILED) else {
        return step::skip(
            "bare-metal proof",
            "`rustup target add thumbv7em-none-eabi`, or Debian's rustc-web and rust-web-src",
        );
    };
    bare.args(["build", "--quiet", "--profile", "bare", "--bin", "bare", "--target", TARGET]);
    step::run(bare)?;
    println!("bare: links without a panic handler");
    Ok(())
}

/// A probe that does panic must not link, or the proof proves nothing.
fn control(mut build: std::process::Command) -> Outcome {
    let output = build.output().map_err(|error| format!("cargo: {error}"))?;
    let message = String::from_utf8_lossy(&output.stderr);
    if output.status.success() || !message.contains("detected panic in function `control`") {
        return Err(format!("the control probe, which panics, was not detected:\n{message}"));
    }
    println!("control: a panic is detected");
    Ok(())
}
