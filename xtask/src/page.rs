//! `cargo xtask page`: the page of the dashboard, its modules in node and all of it in a browser.
//!
//! The browser's pictures are kept under the target folder, for a look at them.

mod ping;

use std::{
    fs,
    path::{Path, PathBuf},
};

use clap::Args as ClapArgs;

use crate::step::{self, Outcome};

#[derive(ClapArgs)]
pub(crate) struct Args {
    /// Measure instead: how soon a price is painted, the work of a frame, bytes, memory, and what readers cost a session
    #[arg(long, group = "by_hand")]
    figures: bool,
    /// Instead: take the two pictures of the README anew, of the demonstration, into `docs/`; it takes two minutes
    #[arg(long, group = "by_hand")]
    pictures: bool,
    /// With --figures and --pictures: the program whose page it is, instead of one that is built for it
    #[arg(long, value_name = "PATH", requires = "by_hand")]
    program: Option<PathBuf>,
    /// With --figures: seconds of each measurement
    #[arg(long, default_value_t = 30, requires = "figures")]
    seconds: u32,
    /// With --figures: minutes over which memory is watched; 0 leaves that out
    #[arg(long, default_value_t = 10, requires = "figures")]
    minutes: u32,
    /// With --figures: megabytes of the log that the inspector opens; 0 leaves that out
    #[arg(long, default_value_t = 200, requires = "figures")]
    log: u32,
    /// What the figures are made of: print the median of TestRequest to Heartbeat at this port, in nanoseconds
    #[arg(long, hide = true)]
    ping: Option<u16>,
    #[arg(long, hide = true, default_value_t = 2000)]
    pings: u32,
}

/// What Debian's package is called, and what else there may be.
const BROWSERS: [&str; 3] = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/// The oldest node that runs the tests.
const NODE: u32 = 20;

/// What `cargo xtask test` runs: the tests.
pub(crate) fn run_tests() -> Outcome {
    run(&Args {
        figures: false,
        pictures: false,
        program: None,
        seconds: 0,
        minutes: 0,
        log: 0,
        ping: None,
        pings: 0,
    })
}

pub(crate) fn run(args: &Args) -> Outcome {
    if let Some(port) = args.ping {
        let nanos =
            ping::median(port, args.pings).map_err(|error| format!("ping at port {port}: {error}"))?;
        println!("{nanos}");
        return Ok(());
    }
    let node = step::version("node");
    if node.as_deref().and_then(major).is_none_or(|major| major < NODE) {
        let found = node.map_or_else(|| "there is none".into(), |version| format!("{version} is here"));
        return step::skip(
            "page",
            &format!("needs node {NODE} or newer, {found}: apt-get install nodejs npm chromium"),
        );
    }
    let is_test = !args.figures && !args.pictures;
    if is_test {
        modules()?;
    }
    let has_browser = std::env::var_os("CHROMIUM").is_some()
        || BROWSERS.iter().any(|path| fs::exists(path).is_ok_and(|is| is));
    if !has_browser || !step::has("npm") {
        return step::skip("page in a browser", "needs npm and a browser: apt-get install npm chromium");
    }
    let folder = tests().join("browser");
    if !has_packages(&folder)? {
        return Ok(());
    }
    match (args.figures, args.pictures) {
        (true, _) => figures(&folder, args),
        (_, true) => pictures(&folder, args),
        _ => browser(&folder),
    }
}

/// What needs no browser: formats, filters, the state of the stream; and how large the page is.
fn modules() -> Outcome {
    let folder = tests();
    let listed = fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut files: Vec<PathBuf> = listed
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.to_string_lossy().ends_with(".test.js"))
        .collect();
    files.sort();
    let mut command = step::command("node", &["--test", "--test-reporter=dot"]);
    command.args(files);
    step::run(command)
}

/// Brings what the programs of a folder need, such as what drives the browser; false if it cannot be had here.
fn has_packages(folder: &Path) -> Result<bool, String> {
    if folder.join("node_modules").exists() {
        return Ok(true);
    }
    let mut install = step::command("npm", &["ci", "--no-audit", "--no-fund", "--ignore-scripts"]);
    install.current_dir(folder);
    match step::run(install) {
        Ok(()) => Ok(true),
        Err(why) => step::skip("page in a browser", &format!("needs network access: {why}")).map(|()| false),
    }
}

/// What goals the dashboard has, measured and printed as a table; one that is missed is a failure. By hand: it takes a quarter of
/// an hour, and a quiet machine.
fn figures(folder: &Path, args: &Args) -> Outcome {
    let program = program_of(args, step::dist_program)?;
    let this = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut measure = step::command("node", &["figures/main.js"]);
    measure.current_dir(folder).arg(program).arg(this);
    measure.args([args.seconds, args.minutes, args.log].map(|number| number.to_string()));
    step::run(measure)
}

/// The pictures of the README. By hand, when the page looks otherwise: each run has other prices and times in it.
fn pictures(folder: &Path, args: &Args) -> Outcome {
    if !has_packages(&folder.join("pictures"))? {
        return Ok(());
    }
    let program = program_of(args, debug_program)?;
    let mut take = step::command("node", &["pictures/main.js"]);
    take.current_dir(folder).arg(program).arg(step::root().join("docs"));
    step::run(take)
}

fn program_of(args: &Args, built: fn() -> Result<PathBuf, String>) -> Result<PathBuf, String> {
    match &args.program {
        Some(program) => fs::canonicalize(program).map_err(|error| format!("{}: {error}", program.display())),
        None => built(),
    }
}

fn browser(folder: &Path) -> Outcome {
    let program = debug_program()?;
    let mut play = step::command("node", &["run.js"]);
    play.current_dir(folder).arg(program).arg(step::target().join("page"));
    step::run(play)
}

fn debug_program() -> Result<PathBuf, String> {
    step::run(step::cargo(&["build", "--package", "fix-host", "--bin", "fix-host"]))?;
    Ok(step::target().join("debug/fix-host"))
}

/// 20 of `v20.19.2`.
fn major(version: &str) -> Option<u32> {
    version.strip_prefix('v')?.split('.').next()?.parse().ok()
}

fn tests() -> PathBuf {
    step::root().join("fix-host/page/test")
}

#[cfg(test)]
mod tests {
    use super::major;

    #[test]
    fn the_major_number_of_a_version_is_read() {
        assert_eq!(
            ["v20.19.2", "v18.20.4", "v21", "20.1", ""].map(major),
            [Some(20), Some(18), Some(21), None, None]
        );
    }
}
