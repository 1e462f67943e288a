//! The scenarios that come with the program.

use super::{ScriptError, parse, script::Script};

/// Name and text of each, in the order in which they are listed.
const SHIPPED: [(&str, &str); 1] =
    [("certification", include_str!("../../../config/scenarios/certification.scenario"))];

/// The names of the scenarios that come with the program, each with what it is about: its first line.
pub fn shipped() -> impl Iterator<Item = (&'static str, &'static str)> {
    SHIPPED.into_iter().map(|(name, text)| {
        let about = text.lines().next().unwrap_or_default();
        (name, about.trim_start_matches(['#', ' ']))
    })
}

/// The text of one of them.
#[must_use]
pub fn shipped_text(name: &str) -> Option<&'static str> {
    SHIPPED.into_iter().find(|(known, _)| *known == name).map(|(_, text)| text)
}

/// One of them, read.
///
/// # Errors
/// None that a test would let pass.
pub fn load_shipped(name: &str) -> Option<Result<Script, ScriptError>> {
    shipped_text(name).map(|text| parse(name, text))
}
