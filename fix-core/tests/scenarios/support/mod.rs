//! The player of scenario scripts. It needs `alloc` alone, and so plays them on a microcontroller too
//! (`fix-embedded/core-tests`).

mod app;
mod script;
#[path = "../../pair/store.rs"]
mod store;
mod wire;
mod world;

use alloc::{format, string::String};

use fix_core::session::config::Role;

use script::{Line, Script};
use world::World;

/// Plays the script of the file `name` for each role that it names; returns how many.
pub fn play(name: &str, text: &str) -> Result<usize, String> {
    let script = Script::parse(text).map_err(|error| format!("{name}: {error}"))?;
    for role in script.roles() {
        play_as(&script, *role).map_err(|(line, error)| format!("{name}:{line} as {role:?}: {error}"))?;
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
