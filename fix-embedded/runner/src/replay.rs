//! Flight recordings done again: by `fix-host replay`, and by the same core on an emulated Cortex-M4.

use std::{
    fs::{self, File},
    path::Path,
    process::{Command, ExitStatus, Stdio},
    time::Duration,
};

use crate::{
    emulator::PROGRAM,
    place::{self, Scratch},
    process::Running,
};

/// What `fix-host replay` says of a recording.
///
/// # Errors
/// What it says if a message is not the same.
pub fn on_host(recording: &Path) -> Result<String, String> {
    let program = place::fix_host()?;
    let output = Command::new(&program).arg("replay").arg(recording).output();
    let output = output.map_err(|error| format!("{}: {error}", program.display()))?;
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    same(output.status, &said)
}

/// What the Cortex-M4 says of it.
///
/// # Errors
/// As [`on_host`].
pub fn on_board(recording: &Path) -> Result<String, String> {
    let (image, scratch) = (place::replay_image()?, Scratch::new()?);
    let error = |error| format!("{}: {error}", recording.display());
    // The image reads the file of that name in the folder that it is started in.
    fs::copy(recording, scratch.file("recording")).map_err(error)?;
    let said = File::create(scratch.file("said")).map_err(error)?;
    let mut command = Command::new(PROGRAM);
    command
        .args(["-M", "mps2-an386", "-display", "none", "-monitor", "none", "-serial", "none"])
        .args(["-semihosting-config", "enable=on,target=native", "-kernel"])
        .arg(image)
        .current_dir(scratch.file(""))
        .stdin(Stdio::null())
        // Semihosting prints to the standard error of some versions.
        .stderr(said.try_clone().map_err(error)?)
        .stdout(said);
    let mut running = Running(command.spawn().map_err(|error| format!("{PROGRAM}: {error}"))?);
    let status = running.ended("the replay on the board", Duration::from_secs(120))?;
    let said = fs::read_to_string(scratch.file("said")).map_err(error)?;
    same(status, &said)
}

/// The counts of a replay that went well, `7 entries, ..., all the same`: both say them alike.
fn same(status: ExitStatus, said: &str) -> Result<String, String> {
    let line = said.lines().find(|line| status.success() && line.ends_with("all the same"));
    // The host says of which session before, and from when to when.
    let counts = line.and_then(|line| line.rsplit(": ").next());
    counts.map(str::to_owned).ok_or_else(|| format!("{status}: {said}"))
}
