//! Plays every `scenarios/*.fix` file against the engine, in virtual time. See `scenarios/README.md`.

#![allow(unreachable_pub, dead_code, reason = "the modules of a test have no outside, and share a store")]

extern crate alloc;

#[path = "scenarios/support/mod.rs"]
mod support;

use std::path::PathBuf;

use support::play;

/// All scripts, or those of the folder named by the environment variable `FIX_SCENARIOS`.
#[test]
fn every_scenario_plays_as_written() {
    let default = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    let folder = std::env::var_os("FIX_SCENARIOS").map_or(default, PathBuf::from);
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "fix"))
        .collect();
    files.sort();
    let mut played = 0;
    let mut failures = Vec::new();
    for file in &files {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        match play(&name, &std::fs::read_to_string(file).unwrap()) {
            Ok(roles) => played += roles,
            Err(failure) => failures.push(failure),
        }
    }
    assert!(
        failures.is_empty(),
        "{} of {} files fail:\n{}",
        failures.len(),
        files.len(),
        failures.join("\n")
    );
    println!("{} files, {played} plays", files.len());
    assert!(played > 0, "no scenario in {}", folder.display());
}
