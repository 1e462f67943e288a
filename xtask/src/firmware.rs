//! `cargo xtask firmware`: the core and the embedded library type-check for bare metal.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use crate::step::{self, Outcome};

/// Where a distribution's compiler lies that brings the source of `core` along (Debian: rustc-web and
/// rust-web-src), for machines on which rustup can fetch no target.
const DISTRIBUTION_RUSTC: &str = "/usr/bin/rustc";

/// Folder of the crate, target triple, further cargo arguments.
const CHECKS: &[(&str, &str, &[&str])] = &[
    ("fix-core", "thumbv6m-none-eabi", &[]),
    ("fix-core", "riscv32imc-unknown-none-elf", &[]),
    ("fix-core", "thumbv7em-none-eabihf", &["--features", "defmt"]),
    ("fix-embedded", "thumbv7em-none-eabihf", &["--all-features"]),
];

pub(crate) fn run() -> Outcome {
    step::run(step::cargo(&["check", "-p", "fix-core", "--features", "defmt", "--test", "defmt"]))?;
    for (folder, target, arguments) in CHECKS {
        let Some(mut command) = cargo_for(folder, target) else {
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

/// A cargo that can compile `core` for `target`: rustup's own target where it is installed, otherwise the
/// distribution's compiler building `core` from its source.
pub(crate) fn cargo_for(folder: &str, target: &str) -> Option<Command> {
    let mut command = step::nested_cargo(folder, &[]);
    command.env("CARGO_TARGET_DIR", step::target().join("firmware"));
    if has_target("rustc", target) {
        return Some(command);
    }
    if !Path::new(DISTRIBUTION_RUSTC).exists() || !has_core_source() {
        return None;
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let with_linker = std::iter::once(linker_folder()?).chain(std::env::split_paths(&path));
    command
        .env("RUSTC", DISTRIBUTION_RUSTC)
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_UNSTABLE_BUILD_STD", "core")
        .env("PATH", std::env::join_paths(with_linker).ok()?);
    Some(command)
}

/// The driver loop of fix-embedded, tested on the host.
pub(crate) fn driver() -> Outcome {
    let mut command = step::nested_cargo("fix-embedded", &["test"]);
    command.env("CARGO_TARGET_DIR", step::target().join("embedded"));
    step::run(command)
}

fn has_target(rustc: &str, target: &str) -> bool {
    printed(rustc, &["--print", "target-libdir", "--target", target]).is_some_and(|folder| folder.exists())
}

fn has_core_source() -> bool {
    printed(DISTRIBUTION_RUSTC, &["--print", "sysroot"])
        .is_some_and(|sysroot| sysroot.join("lib/rustlib/src/rust/library/core").exists())
}

/// rust-lld comes with the rustup toolchain and needs no gcc.
fn linker_folder() -> Option<PathBuf> {
    let sysroot = printed("rustc", &["--print", "sysroot"])?;
    let host = printed("rustc", &["--print", "host-tuple"])?;
    Some(sysroot.join("lib/rustlib").join(host).join("bin"))
}

fn printed(program: &str, arguments: &[&str]) -> Option<PathBuf> {
    let output = Command::new(program).args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| PathBuf::from(text.trim()))
}
