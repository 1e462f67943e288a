//! What the codec costs on a Cortex-M4, and that nothing of it can panic there: a part of `cargo xtask firmware size`.

use std::{fs, path::Path, process::Command};

use object::{Object, ObjectSymbol};

use super::{
    COMPILED, session,
    size::{Sizes, bound},
};
use crate::{
    cross::Library,
    step::{self, Outcome},
};

const FOLDER: &str = "fix-embedded/measure";
const TARGET: &str = "thumbv7em-none-eabihf";
const EMULATOR: &str = "qemu-system-arm";
/// Every instruction takes 64 ns of the board's time: the counts are exact, and the same on every machine.
const BOARD: &[&str] = &[
    "-M",
    "mps2-an386",
    "-icount",
    "shift=6",
    "-semihosting-config",
    "enable=on,target=native",
    "-display",
    "none",
    "-monitor",
    "none",
    "-serial",
    "none",
];
/// Bounds that a change may not exceed unseen: instructions of `decode` and `encode`, bytes of flash of both.
const MOST_DECODE: u32 = 3_000;
const MOST_ENCODE: u32 = 7_700;
const MOST_FLASH: u64 = 7_200;

pub(crate) fn run() -> Outcome {
    let how = "qemu-system-arm (Debian: qemu-system-arm) and `rustup target add thumbv7em-none-eabihf`, or \
               Debian's rustc-web and rust-web-src";
    let (true, Some(mut build)) =
        (step::has(EMULATOR), super::cargo_for(FOLDER, TARGET, Library::Core, COMPILED))
    else {
        return step::skip("Cortex-M4 under QEMU", how);
    };
    build.args(["build", "--release", "--target", TARGET]);
    step::run(build)?;
    let programs = super::images(COMPILED, TARGET);
    let counts = counted(&programs.join("count"))?;
    print!("{counts}");
    bound("decode", figure(&counts, "decode")?, MOST_DECODE)?;
    bound("encode", figure(&counts, "encode")?, MOST_ENCODE)?;
    let codec = programs.join("codec");
    let flash = Sizes::of(&codec)?.flash.saturating_sub(Sizes::of(&programs.join("baseline"))?.flash);
    println!("decode and encode together: {flash} bytes of flash");
    bound("flash", flash, MOST_FLASH)?;
    panic_free(&codec)?;
    session::run(&programs)
}

/// Runs the program that counts and returns what it prints.
pub(super) fn counted(program: &Path) -> Result<String, String> {
    let output = Command::new(EMULATOR).args(BOARD).arg("-kernel").arg(program).output();
    let output = output.map_err(|error| format!("{EMULATOR}: {error}"))?;
    if !output.status.success() {
        return Err(format!("{EMULATOR}: {}: {}", output.status, String::from_utf8_lossy(&output.stderr)));
    }
    // Semihosting with `target=native` prints to the standard error of some versions.
    Ok(format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr)))
}

/// The number in `NAME ...: 123 instructions`.
pub(super) fn figure(counts: &str, name: &str) -> Result<u32, String> {
    let line = counts.lines().find(|line| line.starts_with(name));
    let number = line.and_then(|line| line.split(": ").nth(1)?.split(' ').next()?.parse().ok());
    number.ok_or_else(|| format!("the board did not count {name}: {counts}"))
}

/// The program that decodes and encodes has nothing of the panicking machinery in it, so nothing calls it.
pub(super) fn panic_free(program: &Path) -> Outcome {
    let bytes = read(program)?;
    let file = object::File::parse(&*bytes).map_err(|error| format!("{}: {error}", program.display()))?;
    let found: Vec<_> = file
        .symbols()
        .filter_map(|symbol| symbol.name().ok())
        .filter(|name| name.contains("panick"))
        .collect();
    if found.is_empty() {
        println!("no panicking symbol in the program");
        return Ok(());
    }
    Err(format!("{}: something can panic: {}", program.display(), found.join(", ")))
}

fn read(program: &Path) -> Result<Vec<u8>, String> {
    fs::read(program).map_err(|error| format!("{}: {error}", program.display()))
}
