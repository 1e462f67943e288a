//! `cargo xtask page`: the page of the dashboard, its modules in node and all of it in a browser.
//!
//! The browser's pictures are kept under the target folder, for a look at them.

use std::{fs, path::PathBuf};

use crate::step::{self, Outcome};

/// What Debian's package is called, and what else there may be.
const BROWSERS: [&str; 3] = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

pub(crate) fn run() -> Outcome {
    if !step::has("node") {
        return step::skip("page", "needs node 20 or newer: apt-get install nodejs npm chromium");
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

fn tests() -> PathBuf {
    step::root().join("fix-host/page/test")
}
