//! The commands of a page of docs/, to be run as they stand there.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its own part of this")]

use std::path::Path;

/// The `fix-host` commands in the console blocks of `docs/NAME`, as their arguments.
pub fn commands(name: &str) -> Vec<Vec<String>> {
    let page = page(name);
    let mut is_console = false;
    let mut commands = Vec::new();
    for line in page.lines() {
        if line.starts_with("```") {
            is_console = line == "```console";
        } else if let Some(command) = line.strip_prefix("$ fix-host ").filter(|_| is_console) {
            let command = command.split("  #").next().unwrap_or(command);
            commands.push(command.split_whitespace().map(str::to_owned).collect());
        }
    }
    assert!(!commands.is_empty(), "docs/{name} has no command");
    commands
}

/// What stands in the one block of this language in `docs/NAME`.
pub fn block(name: &str, language: &str) -> String {
    let page = page(name);
    let blocks: Vec<&str> = page.split(&format!("```{language}\n")).collect();
    assert_eq!(blocks.len(), 2, "docs/{name} has one block of {language}");
    blocks[1].split("```").next().unwrap_or_default().to_owned()
}

fn page(name: &str) -> String {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs").join(name);
    std::fs::read_to_string(page).expect("a page")
}
