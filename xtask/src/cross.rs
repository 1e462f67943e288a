//! Compiling for another target than this machine's.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use crate::step;

/// Where a distribution's compiler lies that brings the source of its library along (Debian: rustc-web and
/// rust-web-src), for machines on which rustup can fetch no target.
const DISTRIBUTION_RUSTC: &str = "/usr/bin/rustc";

/// How much of the library a program needs.
#[derive(Clone, Copy)]
pub(crate) enum Library {
    /// That of bare metal.
    Core,
    /// That, and what needs a heap.
    Alloc,
    /// All of it, and what tests are caught with.
    Std,
    /// All of it, for a program that ends where it panics.
    StdThatAborts,
}

impl Library {
    fn crates(self) -> &'static str {
        match self {
            Library::Core => "core",
            Library::Alloc => "core,alloc",
            Library::Std => "std,panic_unwind",
            Library::StdThatAborts => "std,panic_abort",
        }
    }
}

/// A cargo that can compile for `target`, in `folder`: with rustup's own target where it is installed, otherwise with
/// the distribution's compiler, which builds the library from its source. `None` where neither is.
pub(crate) fn cargo_for(folder: &str, target: &str, library: Library) -> Option<Command> {
    let mut command = step::nested_cargo(folder, &[]);
    if has_target("rustc", target) {
        return Some(command);
    }
    if !Path::new(DISTRIBUTION_RUSTC).exists() || !has_library_source() {
        return None;
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let with_linker = std::iter::once(linker_folder()?).chain(std::env::split_paths(&path));
    command
        .env("RUSTC", DISTRIBUTION_RUSTC)
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_UNSTABLE_BUILD_STD", library.crates())
        .env("PATH", std::env::join_paths(with_linker).ok()?);
    Some(command)
}

fn has_target(rustc: &str, target: &str) -> bool {
    printed(rustc, &["--print", "target-libdir", "--target", target]).is_some_and(|folder| folder.exists())
}

fn has_library_source() -> bool {
    printed(DISTRIBUTION_RUSTC, &["--print", "sysroot"])
        .is_some_and(|sysroot| sysroot.join("lib/rustlib/src/rust/library/core").exists())
}

/// rust-lld comes with the rustup toolchain and needs no gcc.
fn linker_folder() -> Option<PathBuf> {
    let sysroot = printed("rustc", &["--print", "sysroot"])?;
    let host = printed("rustc", &["--print", "host-tuple"])?;
    Some(sysroot.join("lib/rustlib").join(host).join("bin"))
}

/// The path that a program prints.
pub(crate) fn printed(program: &str, arguments: &[&str]) -> Option<PathBuf> {
    let output = Command::new(program).args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| PathBuf::from(text.trim()))
}
