//! What the image runs, taken from fix-core's own tests: the scenario files as they are, and the test files but for
//! their `#[test]`, because a target without `std` has no test runner. So nothing of them stands here twice, and
//! no test can be forgotten.

use std::{
    env,
    fmt::Write,
    fs,
    path::{Path, PathBuf},
};

/// The files of fix-core/tests whose tests run on the board.
const TESTS: &[&str] = &["pair", "answers"];

fn main() {
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    let here = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let tests = here.join("../../fix-core/tests").canonicalize().expect("fix-core/tests");
    fs::copy("memory.x", out.join("memory.x")).expect("memory.x");
    println!("cargo:rustc-link-search={}", out.display());
    println!("cargo:rustc-link-arg-bins=--nmagic");
    println!("cargo:rustc-link-arg-bins=-Tlink.x");
    println!("cargo:rerun-if-changed=memory.x");
    println!("cargo:rerun-if-changed={}", tests.display());
    fs::write(out.join("scenarios.rs"), scenarios(&tests.join("scenarios"))).expect("scenarios.rs");
    let mut modules = String::new();
    for name in TESTS {
        let source = tests.join(name).with_extension("rs");
        let text = fs::read_to_string(&source).expect("a test file");
        let copy = out.join(name).with_extension("rs");
        fs::write(&copy, without_runner(&text, &tests)).expect("a copy of the test file");
        writeln!(modules, "#[path = {copy:?}]\nmod {name};").expect("a string");
    }
    let names = TESTS.iter().map(|name| format!("({name:?}, {name}::TESTS),")).collect::<String>();
    writeln!(modules, "const FILES: &[(&str, &[(&str, fn())])] = &[{names}];").expect("a string");
    fs::write(out.join("tests.rs"), modules).expect("tests.rs");
}

/// The name and text of each scenario file.
fn scenarios(folder: &Path) -> String {
    let entries = fs::read_dir(folder).expect("the scenarios").map(|entry| entry.expect("an entry").path());
    let mut files: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|extension| extension == "fix")).collect();
    files.sort();
    let line = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default();
        format!("    ({name:?}, include_str!({path:?})),\n")
    };
    let lines: String = files.iter().map(line).collect();
    format!("const SCENARIOS: &[(&str, &str)] = &[\n{lines}];\n")
}

/// The test file with plain functions and a list of them, for a module elsewhere.
fn without_runner(text: &str, folder: &Path) -> String {
    let mut names = String::new();
    let mut lines = text.lines().peekable();
    let mut out = String::new();
    while let Some(line) = lines.next() {
        if line == "#[test]" {
            let next = lines.peek().expect("a function below #[test]");
            let name = next.strip_prefix("fn ").and_then(|rest| rest.split('(').next());
            let name = name.expect("`fn name()` below #[test]");
            write!(names, "({name:?}, {name}),").expect("a string");
        } else {
            writeln!(out, "{line}").expect("a string");
        }
    }
    let folder = folder.display();
    let out = out.replace("#[path = \"", &format!("#[path = \"{folder}/"));
    format!("{out}pub const TESTS: &[(&str, fn())] = &[{names}];\n")
}
