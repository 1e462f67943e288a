//! The player of scenario scripts.

mod app;
mod script;
#[path = "../../pair/store.rs"]
mod store;
mod wire;
mod world;

use std::path::Path;

use fix_core::session::config::Role;

use script::{Line, Script};
use world::World;

/// Plays a script for each role that it names; returns how many.
pub fn play(path: &Path) -> Result<usize, String> {
    let text = std::fs::read_to_string(path).unwrap();
    let script = Script::parse(&text).map_err(|error| format!("{}: {error}", path.display()))?;
    for role in script.roles() {
        play_as(&script, *role).map_err(|(line, error)| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            format!("{name}:{line} as {role:?}: {error}")
        })?;
    }
    Ok(script.roles().len())
}

fn play_as(script: &Script, role: Role) -> Result<(), (usize, String)> {
    let mut world = World::new(script, role).map_err(|error| (1, error))?;
    for (number, line) in &script.lines {
        let done = match line {
            Line::Action(action) => world.quiet().and_then(|()| world.act(action)),
            Line::At(millis) => world.quiet().and_then(|()| world.advance_to(*millis)),
            Line::In(text) => world.quiet().and_then(|()| world.receive(text)),
            Line::Out(text) => world.expect(text),
            Line::Journal(text) => world.expect_journal(text),
            Line::State(text) => world.expect_state(text),
        };
        done.map_err(|error| (*number, error))?;
    }
    world.quiet().map_err(|error| (script.lines.last().map_or(0, |line| line.0), error))
}
