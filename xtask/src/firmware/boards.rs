//! `cargo xtask firmware build`, `run` and `test`: the images of the boards, and those for QEMU run there against
//! `fix-host exchange`, by the programs of `fix-embedded/runner`.

use std::{path::PathBuf, process::Command};

use super::{COMPILED, UNDER_QEMU, cargo_for, size};
use crate::{
    cross::Library,
    step::{self, Outcome},
};

const EMULATOR: &str = "qemu-system-arm";
const RUNNER: &str = "fix-embedded/runner";

/// A board's folder, the target of its processor, and further cargo arguments.
const BOARDS: &[(&str, &str, &[&str])] = &[
    ("fix-embedded/boards/qemu-mps2", "thumbv7m-none-eabi", &["--features", "tls,udp"]),
    ("fix-embedded/boards/qemu-lm3s6965", "thumbv7m-none-eabi", &[]),
];
/// Those of silicon, which nobody here has: their programs and their tests are compiled and linked. Each a workspace of its
/// own, because its HAL decides the rate of the ticks and the critical section. Behind the target: the gateway's image, and
/// what of flash, and of RAM beside the stack, a change may not exceed unseen.
const SILICON: &[(&str, &str, &str, u64, u64)] = &[
    ("fix-embedded/boards/nucleo-h743zi", "thumbv7em-none-eabihf", "nucleo-gateway", 250_000, 46_000),
    ("fix-embedded/boards/pico-w5500", "thumbv6m-none-eabi", "pico-gateway", 270_000, 47_000),
];
/// That of the boards that QEMU emulates.
pub(super) const EMULATED: &str = "thumbv7m-none-eabi";

pub(super) const HOW: &str = "qemu-system-arm (Debian: qemu-system-arm) and `rustup target add thumbv7m-none-eabi`, or Debian's \
                   rustc-web and rust-web-src";
const HOW_SILICON: &str = "`rustup target add` for thumbv7em-none-eabihf and thumbv6m-none-eabi, or Debian's rustc-web and \
                           rust-web-src";

/// Builds the images of the boards under QEMU. False where no compiler can.
pub(super) fn built() -> Result<bool, String> {
    for (folder, target, arguments) in BOARDS {
        if !cargo_ran(folder, target, UNDER_QEMU, &[&["build"], *arguments].concat())? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// False if no compiler can.
fn cargo_ran(folder: &str, target: &str, into: &str, arguments: &[&str]) -> Result<bool, String> {
    let Some(mut command) = cargo_for(folder, target, Library::Core, into) else { return Ok(false) };
    command.args(arguments).args(["--release", "--locked", "--target", target]);
    step::run(command)?;
    Ok(true)
}

/// The images and the tests of the boards of silicon compile and link.
pub(crate) fn silicon() -> Outcome {
    for (folder, target, image, most_flash, most_ram) in SILICON {
        let ran = |arguments: &[&str]| cargo_ran(folder, target, COMPILED, arguments);
        if !ran(&["build"])? || !ran(&["test", "--no-run"])? {
            return step::skip("boards of silicon", HOW_SILICON);
        }
        size::held(image, &super::images(COMPILED, target).join(image), *most_flash, *most_ram)?;
    }
    Ok(())
}

/// Where the images of the boards under QEMU are.
pub(super) fn images() -> PathBuf {
    super::images(UNDER_QEMU, EMULATED)
}

pub(crate) fn build() -> Outcome {
    if !built()? {
        return step::skip("firmware", HOW);
    }
    silicon()
}

/// The board in QEMU, logged on to an exchange, in this terminal.
pub(crate) fn run(line: Option<u16>) -> Outcome {
    let port = line.map(|port| port.to_string());
    let line = port.as_ref().map(|port| ["--", "--line", port.as_str()]);
    let arguments = ["run", "--quiet", "--locked"].into_iter().chain(line.into_iter().flatten());
    // The others take minutes, and are not run.
    let built = || {
        cargo_ran("fix-embedded/boards/qemu-mps2", EMULATED, UNDER_QEMU, &["build", "--bin", "mps2-gateway"])
    };
    runner("firmware under QEMU", &arguments.collect::<Vec<_>>(), built)
}

/// The tests of the firmware under QEMU.
pub(crate) fn test() -> Outcome {
    // Without a compiler for boards the tests themselves are skipped.
    super::core::built("replay")?;
    // Most of the time a test waits for its board.
    runner("firmware under QEMU", &["test", "--locked", "--", "--test-threads=4"], built)
}

/// The programs of the runner, over images that `built` makes.
fn runner(what: &str, arguments: &[&str], built: impl FnOnce() -> Result<bool, String>) -> Outcome {
    if !step::has(EMULATOR) || !built()? {
        return step::skip(what, HOW);
    }
    step::run(step::cargo(&["build", "--package", "fix-host", "--bin", "fix-host"]))?;
    let mut command: Command = step::nested_cargo(RUNNER, arguments);
    command
        .env("CARGO_TARGET_DIR", step::target().join("runner"))
        .env("FIRMWARE", images())
        .env("FIX_HOST", step::target().join("debug/fix-host"))
        .env("REPLAY", super::core::image("replay"));
    step::run(command)
}
