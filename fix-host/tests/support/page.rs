//! The commands of a page of docs/, to be run as they stand there.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its own part of this")]

use std::path::Path;

/// The `fix-host` commands in the console blocks of `docs/NAME`, as their arguments.
pub fn commands(name: &str) -> Vec<Vec<String>> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs").join(name);
    let page = std::fs::read_to_string(page).expect("a page");
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
