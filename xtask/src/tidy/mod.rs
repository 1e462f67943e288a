//! `cargo xtask tidy`: house rules that no compiler checks.

mod imports;
mod layers;
mod rooms;

use std::{fs, path::Path, process::Command};

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

pub(crate) fn run() -> Outcome {
    let mut findings = Vec::new();
    let mut sizes = Vec::new();
    let files = tracked_sources()?;
    findings.extend(layers::check(&files)?);
    for file in &files {
        let text = fs::read_to_string(root().join(file)).map_err(|error| format!("{file}: {error}"))?;
        check_file(file, &text, &mut findings, &mut sizes);
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
    for (number, line) in text.lines().enumerate() {
        for (word, why) in FORBIDDEN {
            if line.contains(word) {
                findings.push(format!("{file}:{}: {word}: {why}", number + 1));
            }
        }
    }
}
