//! `cargo xtask firmware core`: the scenarios of fix-core, and its tests of two engines, on a Cortex-M4 in virtual time.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use super::{TESTS, cargo_for};
use crate::{
    cross::Library,
    step::{self, Outcome},
};

const FOLDER: &str = "fix-embedded/core-tests";
const TARGET: &str = "thumbv7em-none-eabihf";
const EMULATOR: &str = "qemu-system-arm";
const BOARD: &[&str] = &[
    "-M",
    "mps2-an386",
    "-semihosting-config",
    "enable=on,target=native",
    "-display",
    "none",
    "-monitor",
    "none",
    "-serial",
    "none",
];
/// A board that takes longer hangs: 20 s are usual.
const LONGEST: Duration = Duration::from_secs(240);

pub(crate) fn run() -> Outcome {
    let how = "qemu-system-arm (Debian: qemu-system-arm) and `rustup target add thumbv7em-none-eabihf`, or \
               Debian's rustc-web and rust-web-src";
    if !step::has(EMULATOR) || !built("core-tests")? {
        return step::skip("scenarios on a Cortex-M4", how);
    }
    let image = image("core-tests");
    let begin = Instant::now();
    let said = std::env::temp_dir().join(format!("fix-core-tests-{}.txt", std::process::id()));
    let outcome = played(&image, &said);
    let text = fs::read_to_string(&said).unwrap_or_default();
    let _ = fs::remove_file(&said);
    print!("{text}");
    let status = outcome?;
    if !status.success() {
        return Err(format!("{EMULATOR}: {status}; what failed stands above"));
    }
    whole(&text)?;
    println!("on the Cortex-M4 in {} s", begin.elapsed().as_secs());
    Ok(())
}

/// Builds an image of the crate. False where no compiler can.
pub(super) fn built(name: &str) -> Result<bool, String> {
    let Some(mut build) = cargo_for(FOLDER, TARGET, Library::Alloc, TESTS) else { return Ok(false) };
    build.args(["build", "--release", "--bin", name, "--target", TARGET]);
    step::run(build)?;
    Ok(true)
}

/// Where it is.
pub(super) fn image(name: &str) -> PathBuf {
    super::images(TESTS, TARGET).join(name)
}

/// Runs the image to its end; what it says goes into a file, because a full pipe would stop the board.
fn played(image: &Path, said: &Path) -> Result<ExitStatus, String> {
    let error = |error| format!("{}: {error}", said.display());
    let output = fs::File::create(said).map_err(error)?;
    let mut command = Command::new(EMULATOR);
    // Semihosting prints to the standard error of some versions.
    command.args(BOARD).arg("-kernel").arg(image).stdin(Stdio::null());
    command.stderr(output.try_clone().map_err(error)?).stdout(output);
    let board = command.spawn().map_err(|error| format!("{EMULATOR}: {error}"))?;
    ended(board)
}

fn ended(mut board: Child) -> Result<ExitStatus, String> {
    let begin = Instant::now();
    loop {
        match board.try_wait() {
            Ok(Some(status)) => return Ok(status),
            Ok(None) if begin.elapsed() < LONGEST => thread::sleep(Duration::from_millis(100)),
            Ok(None) => {
                let _ = board.kill();
                let _ = board.wait();
                return Err(format!("{EMULATOR}: not at its end after {} s", LONGEST.as_secs()));
            }
            Err(error) => return Err(format!("{EMULATOR}: {error}")),
        }
    }
}

/// Every scenario file was in the image, and every test file came to its end.
fn whole(said: &str) -> Outcome {
    let folder = step::root().join("fix-core/tests/scenarios");
    let entries = fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let files = entries
        .filter_map(Result::ok)
        .filter(|entry| entry.path().extension().is_some_and(|extension| extension == "fix"))
        .count();
    for line in [format!("scenarios: {files} files, "), "pair: ".into(), "answers: ".into()] {
        if !said.lines().any(|said| said.starts_with(&line)) {
            return Err(format!("the board did not say `{line}...`"));
        }
    }
    Ok(())
}
