//! `cargo xtask page`: the page of the dashboard, its modules in node and all of it in a browser.
//!
//! The browser's pictures are kept under the target folder, for a look at them.

use std::{fs, path::PathBuf};

use crate::step::{self, Outcome};

/// What Debian's package is called, and what else there may be.
const BROWSERS: [&str; 3] = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/// The oldest node that runs the tests.
const NODE: u32 = 20;

pub(crate) fn run() -> Outcome {
    let node = step::version("node");
    if node.as_deref().and_then(major).is_none_or(|major| major < NODE) {
        let found = node.map_or_else(|| "there is none".into(), |version| format!("{version} is here"));
        return step::skip(
            "page",
            &format!("needs node {NODE} or newer, {found}: apt-get install nodejs npm chromium"),
        );
    }
    modules()?;
    let has_browser = std::env::var_os("CHROMIUM").is_some()
        || BROWSERS.iter().any(|path| fs::exists(path).is_ok_and(|is| is));
    if !has_browser || !step::has("npm") {
        return step::skip("page in a browser", "needs npm and a browser: apt-get install npm chromium");
    }
    browser()
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

fn browser() -> Outcome {
    let folder = tests().join("browser");
    if !folder.join("node_modules").exists() {
        let mut install = step::command("npm", &["ci", "--no-audit", "--no-fund", "--ignore-scripts"]);
        install.current_dir(&folder);
        if let Err(why) = step::run(install) {
            return step::skip("page in a browser", &format!("needs network access: {why}"));
        }
    }
    step::run(step::cargo(&["build", "--package", "fix-host", "--bin", "fix-host"]))?;
    let mut play = step::command("node", &["run.js"]);
    play.current_dir(&folder).arg(step::target().join("debug/fix-host")).arg(step::target().join("page"));
    step::run(play)
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
