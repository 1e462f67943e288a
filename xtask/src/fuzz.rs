//! `cargo xtask fuzz`: builds the targets of `fuzz/` with libFuzzer and runs them. It takes no other tool than a
//! stable cargo and a C++ compiler for libFuzzer itself; `cargo fuzz` understands the folder too.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    thread,
};

use crate::step::{self, Outcome};

/// Coverage as libFuzzer reads it.
const COVERAGE: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Ccodegen-units=1";
/// Seconds after which an input counts as a hang.
const HANG: u32 = 20;
/// Targets that run at the same time.
const PARALLEL: usize = 2;

/// Options of `cargo xtask fuzz`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only this target: a file of fuzz/fuzz_targets
    target: Option<String>,
    /// Seconds for each target
    #[arg(long, default_value_t = 60)]
    seconds: u32,
}

/// Builds the targets and runs them.
pub(crate) fn run(args: &Args) -> Outcome {
    let mut targets = targets()?;
    if let Some(only) = &args.target {
        if !targets.contains(only) {
            return Err(format!("no fuzz target {only}; there are {}", targets.join(", ")));
        }
        targets.retain(|target| target == only);
    }
    let programs = build()?;
    let mut failed: Vec<String> =
        targets.chunks(PARALLEL).flat_map(|some| run_together(&programs, some, args.seconds)).collect();
    if args.target.is_none() {
        failed.retain(|target| !is_open(target));
    }
    if failed.is_empty() { Ok(()) } else { Err(format!("fuzz targets that failed: {}", failed.join(", "))) }
}

/// True for a target with a finding that is not mended yet: an input of it lies in `fuzz/open`. Such a target
/// runs and its failure is printed, but only a run of that target alone fails for it.
fn is_open(target: &str) -> bool {
    let Ok(entries) = fs::read_dir(step::root().join("fuzz/open")) else { return false };
    let mut names = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
    let found = names.find(|name| name.starts_with(&format!("{target}-")));
    if let Some(name) = &found {
        println!("OPEN {target}: a known finding, not mended yet: fuzz/open/{name}");
    }
    found.is_some()
}

/// The part of `cargo xtask test`: longer where nobody waits for it.
pub(crate) fn run_some() -> Outcome {
    if !step::has("c++") {
        return step::skip("fuzz targets", "a C++ compiler, for libFuzzer");
    }
    run(&Args { target: None, seconds: if step::is_ci() { 60 } else { 5 } })
}

/// The names of the targets, in their order.
fn targets() -> Result<Vec<String>, String> {
    let folder = step::root().join("fuzz/fuzz_targets");
    let entries = fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let stem = |path: PathBuf| Some(path.file_stem()?.to_string_lossy().into_owned());
    let mut names: Vec<String> = entries.flatten().filter_map(|entry| stem(entry.path())).collect();
    names.sort();
    Ok(names)
}

/// Builds all targets and returns the folder of the programs.
fn build() -> Result<PathBuf, String> {
    let target = step::target().join("fuzz");
    // With an explicit target the flags are for the programs alone, not for build scripts.
    let host = host()?;
    let mut command = step::nested_cargo("fuzz", &["build", "--release", "--target", &host]);
    command.env("CARGO_TARGET_DIR", &target).env("RUSTFLAGS", COVERAGE);
    step::run(command)?;
    Ok(target.join(host).join("release"))
}

fn host() -> Result<String, String> {
    let printed = Command::new("rustc").args(["--print", "host-tuple"]).output();
    let printed = printed.map_err(|error| format!("rustc: {error}"))?;
    String::from_utf8(printed.stdout).map(|host| host.trim().to_owned()).map_err(|error| error.to_string())
}

/// Runs some targets at the same time and returns the names of those that failed.
fn run_together(programs: &Path, targets: &[String], seconds: u32) -> Vec<String> {
    let run = |target: &String| match run_target(programs, target, seconds) {
        Ok(line) => {
            println!("{target}: {line}");
            None
        }
        Err(message) => {
            println!("FAILED {target}: {message}");
            Some(target.clone())
        }
    };
    thread::scope(|scope| {
        let running: Vec<_> = targets.iter().map(|target| scope.spawn(|| run(target))).collect();
        running.into_iter().filter_map(|thread| thread.join().ok().flatten()).collect()
    })
}

/// Runs one target; what it finds goes to the build folder, only the seeds are committed.
fn run_target(programs: &Path, target: &str, seconds: u32) -> Result<String, String> {
    let fuzz = step::root().join("fuzz");
    let found = step::target().join("fuzz/corpus").join(target);
    let crashes = fuzz.join("artifacts").join(target);
    for folder in [&found, &crashes] {
        fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    let words = match target {
        "dictionary" => "xml.dict",
        "profile" => "profile.dict",
        "scenario" => "scenario.dict",
        _ => "fix.dict",
    };
    let output = Command::new(programs.join(target))
        .current_dir(&fuzz)
        .arg(format!("-max_total_time={seconds}"))
        .arg(format!("-timeout={HANG}"))
        .arg("-max_len=4096")
        // The same start each time: what a run finds, the next one finds too.
        .arg("-seed=1")
        .arg(format!("-dict={words}"))
        .arg(format!("-artifact_prefix={}/", crashes.display()))
        .arg(found)
        .arg(fuzz.join("corpus").join(target))
        .output()
        .map_err(|error| format!("{target}: {error}"))?;
    let log = String::from_utf8_lossy(&output.stderr);
    if output.status.success() {
        return Ok(log.lines().rfind(|line| line.contains("DONE")).unwrap_or("no input run").to_owned());
    }
    let begin = log.find("panicked at").or_else(|| log.find("ERROR: libFuzzer")).unwrap_or(0);
    let shown: Vec<&str> = log[begin..].lines().take(12).collect();
    Err(format!(
        "{}; the input is in fuzz/artifacts/{target}\n{}\n{}",
        output.status,
        shown.join("\n"),
        newest_input(&crashes)
    ))
}

/// The input that was found last, for a reader who has the output only.
fn newest_input(crashes: &Path) -> String {
    let files = fs::read_dir(crashes).into_iter().flatten().flatten().map(|entry| entry.path());
    let newest = files.max_by_key(|path| fs::metadata(path).and_then(|about| about.modified()).ok());
    match newest.and_then(|path| fs::read(path).ok()) {
        Some(input) => format!("input: b\"{}\"", input.escape_ascii()),
        None => "no input was kept".to_owned(),
    }
}
