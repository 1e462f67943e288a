//! `cargo xtask wasm`: the decoder of the page (`fix-host/crates/decoder`) as WebAssembly.
//!
//! The built module is committed, so that nobody needs its target to build the engine. It is built anew and compared:
//! with the same compiler its bytes are the same; with another one, both must offer the same and say the same of the
//! messages of a corpus.

use std::{
    fs,
    path::{Path, PathBuf},
};

use clap::Args as ClapArgs;

use crate::{
    cross::{self, Library},
    step::{self, Outcome},
};

const TARGET: &str = "wasm32-unknown-unknown";

#[derive(ClapArgs)]
pub(crate) struct Args {
    /// Write the committed module, instead of comparing with it
    #[arg(long)]
    write: bool,
}

pub(crate) fn run(args: &Args) -> Outcome {
    let Some(built) = build()? else {
        return step::skip(
            "wasm",
            "`rustup target add wasm32-unknown-unknown`, or Debian's rustc-web and rust-web-src",
        );
    };
    let committed = committed();
    if args.write {
        // Not copied: it would be made a program.
        return fs::read(&built)
            .and_then(|module| fs::write(&committed, &module).map(|()| module.len()))
            .map(|bytes| println!("{}: {bytes} bytes", committed.display()))
            .map_err(|error| format!("{}: {error}", committed.display()));
    }
    compare(&built, &committed)
}

/// As a part of `cargo xtask test`.
pub(crate) fn check() -> Outcome {
    run(&Args { write: false })
}

/// Builds the module. `None` where no compiler for it is.
fn build() -> Result<Option<PathBuf>, String> {
    let Some(mut command) = cross::cargo_for("fix-host/crates/decoder", TARGET, Library::StdThatAborts)
    else {
        return Ok(None);
    };
    let folder = step::target().join("wasm");
    command
        .args(["rustc", "--lib", "--crate-type", "cdylib", "--profile", "wasm", "--target", TARGET])
        .env("CARGO_TARGET_DIR", &folder)
        .env("RUSTFLAGS", without_places());
    step::run(command)?;
    Ok(Some(folder.join(TARGET).join("wasm/fix_decoder.wasm")))
}

/// Flags by which the module names no folder of this machine: its bytes are the same wherever it is built.
fn without_places() -> String {
    let home = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
    let registry = std::env::var_os("CARGO_HOME").map_or_else(|| home.join(".cargo"), PathBuf::from);
    let flag = |from: &Path, to: &str| format!("--remap-path-prefix={}={to}", from.display());
    [flag(&registry, "cargo"), flag(&step::root(), "fix"), flag(Path::new("/usr/lib/rustlib/src"), "src")]
        .join(" ")
}

fn compare(built: &Path, committed: &Path) -> Outcome {
    let read = |path: &Path| fs::read(path).map_err(|error| format!("{}: {error}", path.display()));
    if read(built)? == read(committed)? {
        println!("the committed module is the built one, byte by byte");
        return Ok(());
    }
    println!("the bytes differ, as another compiler's do: what they offer and say is compared");
    if !step::has("node") {
        return step::skip("comparison of both modules", "needs node 20 or newer: apt-get install nodejs");
    }
    let script = step::root().join("fix-host/page/test/compare-decoders.js");
    let mut command = step::command("node", &[]);
    command.arg(script).arg(built).arg(committed);
    step::run(command)
        .map_err(|why| format!("{why}; `cargo xtask wasm --write` writes the committed module anew"))
}

fn committed() -> PathBuf {
    step::root().join("fix-host/page/wasm/decoder.wasm")
}
