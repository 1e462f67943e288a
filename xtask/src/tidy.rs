//! `cargo xtask tidy`: house rules that no compiler checks.

use std::{collections::BTreeSet, fs, path::Path, process::Command};

use crate::step::{Outcome, root};

/// Lines a source file may have unless it is generated.
const MAX_LINES: usize = 600;

/// Words that must not be in a source file, and why.
const FORBIDDEN: &[(&str, &str)] = &[
    (concat!("#[", "ignore"), "a test that never runs looks green"),
    (concat!("todo", "!("), "unfinished code"),
    (concat!("unimplemented", "!("), "unfinished code"),
    (concat!("FIX", "ME"), "unfinished code"),
];

/// `(folder, module that it never imports, why)`: the direction of the arrows.
const LAYERS: &[(&str, &str, &str)] = &[
    ("fix-core/src/wire", "session", "wire knows no session"),
    ("fix-core/src/msg", "session", "msg knows no session"),
    ("fix-core/src/session", "engine", "session knows no engine"),
    ("fix-host/src/web", "net", "web never imports net"),
    ("fix-host/src/bus", "net", "bus never imports net"),
    ("fix-host/src/market", "net", "market never imports net"),
    ("fix-host/src/exchange", "net", "exchange never imports net"),
];

/// What nothing else in the program imports.
const CLI: &str = "fix-host/src/cli/";

pub(crate) fn run() -> Outcome {
    let mut findings = Vec::new();
    let mut sizes = Vec::new();
    for file in tracked_sources()? {
        let text = fs::read_to_string(root().join(&file)).map_err(|error| format!("{file}: {error}"))?;
        check_file(&file, &text, &mut findings, &mut sizes);
    }
    sizes.sort_unstable();
    let median = sizes.get(sizes.len() / 2).copied().unwrap_or(0);
    println!("{} source files, median {median} lines, largest {}", sizes.len(), sizes.last().unwrap_or(&0));
    if median > 250 {
        findings.push(format!("the median file has {median} lines; keep it under 250"));
    }
    findings.iter().for_each(|finding| println!("{finding}"));
    if findings.is_empty() { Ok(()) } else { Err(format!("{} findings", findings.len())) }
}

fn tracked_sources() -> Result<Vec<String>, String> {
    let output = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard", "--", "*.rs"])
        .current_dir(root())
        .output()
        .map_err(|error| format!("git ls-files: {error}"))?;
    let listed = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok(listed.lines().filter(|file| Path::new(&root().join(file)).exists()).map(str::to_owned).collect())
}

fn check_file(file: &str, text: &str, findings: &mut Vec<String>, sizes: &mut Vec<usize>) {
    let head = text.lines().take(5).collect::<String>();
    if head.contains("@generated") {
        return;
    }
    let lines = text.lines().count();
    sizes.push(lines);
    if lines > MAX_LINES {
        findings.push(format!("{file}: {lines} lines; split it where the concepts part (limit {MAX_LINES})"));
    }
    let imported = modules_used(text);
    for (folder, module, why) in LAYERS {
        if file.starts_with(folder) && imported.contains(module) {
            findings.push(format!("{file}: crate::{module}: {why}"));
        }
    }
    if file.starts_with("fix-host/src/") && !file.starts_with(CLI) && imported.contains("cli") {
        findings.push(format!("{file}: crate::cli: nothing imports cli"));
    }
    for (number, line) in text.lines().enumerate() {
        for (word, why) in FORBIDDEN {
            if line.contains(word) {
                findings.push(format!("{file}:{}: {word}: {why}", number + 1));
            }
        }
    }
}

/// The modules of its own crate that a file names: `a` and `b` of `crate::a::X` and `use crate::{a::X, b};`.
fn modules_used(text: &str) -> BTreeSet<&str> {
    let mut modules = BTreeSet::new();
    for (at, start) in text.match_indices("crate::") {
        let path = &text[at + start.len()..];
        let Some(list) = path.strip_prefix('{') else {
            modules.insert(first_name(path));
            continue;
        };
        let mut depth = 0_usize;
        let mut at_name = true;
        for (at, byte) in list.bytes().enumerate() {
            match byte {
                b'{' => depth += 1,
                b'}' if depth == 0 => break,
                b'}' => depth -= 1,
                b',' if depth == 0 => at_name = true,
                byte if at_name && !byte.is_ascii_whitespace() => {
                    modules.insert(first_name(&list[at..]));
                    at_name = false;
                }
                _ => {}
            }
        }
    }
    modules
}

fn first_name(path: &str) -> &str {
    let end = path.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(path.len());
    &path[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_import_is_seen_in_every_form() {
        let text =
            "use crate::{\n    bus::{a, net},\n    net::driver,\n    cli,\n};\nfn f() { crate::web::g() }";
        assert_eq!(modules_used(text), BTreeSet::from(["bus", "cli", "net", "web"]));
        let mut findings = Vec::new();
        check_file("fix-host/src/web/a.rs", text, &mut findings, &mut Vec::new());
        assert_eq!(findings.len(), 2, "{findings:?}");
    }
}
