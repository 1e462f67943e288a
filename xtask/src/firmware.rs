//! `cargo xtask firmware`: fix-core and the embedded library for bare metal.

pub(crate) mod boards;
mod calls;
pub(crate) mod codec;
pub(crate) mod conformance;
pub(crate) mod core;
mod dictionary;
mod panics;
mod session;
pub(crate) mod size;

use std::{path::PathBuf, process::Command};

use clap::{Args as ClapArgs, Subcommand};

use crate::{
    cross::{self, Library},
    step::{self, Outcome},
};

/// Cargo's folder for images that run under QEMU.
const UNDER_QEMU: &str = "firmware";
/// That for what is only compiled here: another one, so that the two are built side by side.
pub(crate) const COMPILED: &str = "bare-metal";
/// That for the tests of fix-core, for the same reason.
const TESTS: &str = "core-tests";
/// Folder of the crate, target triple, further cargo arguments: what no image is made of.
const CHECKS: &[(&str, &str, &[&str])] = &[("fix-core", "riscv32imc-unknown-none-elf", &[])];
/// What images are made of, too.
const CHECKS_WITHOUT_IMAGES: &[(&str, &str, &[&str])] = &[
    ("fix-core", "thumbv6m-none-eabi", &[]),
    ("fix-core", "thumbv7em-none-eabihf", &["--features", "defmt"]),
    // As a board that has neither flash for names nor for a dictionary takes it.
    ("fix-core", "thumbv7em-none-eabihf", &["--no-default-features", "--features", "short-ids"]),
    ("fix-embedded", "thumbv7em-none-eabihf", &["--all-features"]),
];

#[derive(ClapArgs)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: Option<What>,
}

#[derive(Clone, Copy, Subcommand)]
enum What {
    /// The core and the embedded library type-check for bare metal (also if nothing is said)
    Check,
    /// The images of the boards; of those of silicon the tests for a probe too
    Build,
    /// The gateway under QEMU, logged on to an exchange that is started for it; takes orders from this terminal
    Run {
        /// Puts the board's line on this port of 127.0.0.1, too, for a program that trades; 0 is any free port
        #[arg(long, value_name = "PORT")]
        line: Option<u16>,
    },
    /// The boards under QEMU, tested against the exchange
    Test,
    /// Instructions and flash of the codec on a Cortex-M4; flash, RAM and bytes by crate of the images
    Size,
    /// The core's scenarios, and its tests of two engines, on an emulated Cortex-M4
    Core,
    /// A conformance runner's definitions, over TCP, against an acceptor and an initiator on an emulated Cortex-M4
    Conformance,
}

pub(crate) fn run(args: &Args) -> Outcome {
    match args.what.unwrap_or(What::Check) {
        What::Check => check(),
        What::Build => boards::build(),
        What::Run { line } => boards::run(line),
        What::Test => boards::test(),
        What::Size => size::run(),
        What::Core => core::run(),
        What::Conformance => conformance::run(),
    }
}

fn check() -> Outcome {
    checked(&[CHECKS, CHECKS_WITHOUT_IMAGES].concat())
}

/// The checks that remain where [`boards`] and [`codec`] build their images.
pub(crate) fn check_beside_images() -> Outcome {
    checked(CHECKS)
}

fn checked(checks: &[(&str, &str, &[&str])]) -> Outcome {
    step::run(step::cargo(&["check", "-p", "fix-core", "--features", "defmt", "--test", "defmt"]))?;
    for (folder, target, arguments) in checks {
        let Some(mut command) = cargo_for(folder, target, Library::Core, COMPILED) else {
            return step::skip(
                "bare-metal check",
                "`rustup target add` for thumbv6m-none-eabi, thumbv7em-none-eabihf and \
                 riscv32imc-unknown-none-elf, or Debian's rustc-web and rust-web-src",
            );
        };
        command.args(["check", "--target", target]).args(*arguments);
        step::run(command)?;
    }
    Ok(())
}

/// A cargo for the crate of bare metal in `folder`, which builds in `into`.
pub(crate) fn cargo_for(folder: &str, target: &str, library: Library, into: &str) -> Option<Command> {
    let mut command = cross::cargo_for(folder, target, library)?;
    command.env("CARGO_TARGET_DIR", step::target().join(into));
    Some(command)
}

/// Where the images are that were built in `into`.
fn images(into: &str, target: &str) -> PathBuf {
    step::target().join(into).join(target).join("release")
}

/// The driver loop of fix-embedded, tested on the host.
pub(crate) fn driver() -> Outcome {
    let mut command = step::nested_cargo("fix-embedded", &["test", "--all-features"]);
    command.env("CARGO_TARGET_DIR", step::target().join("embedded"));
    step::run(command)
}
