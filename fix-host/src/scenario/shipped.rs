//! The scenarios that come with the program.

use super::{ScriptError, parse, script::Script};

macro_rules! shipped_file {
    ($name:literal) => {
        ($name, include_str!(concat!("../../../config/scenarios/", $name, ".scenario")))
    };
}

/// Name and text of each file of `config/scenarios`, in the order in which they are listed.
const SHIPPED: [(&str, &str); 15] = [
    shipped_file!("certification"),
    shipped_file!("limit-order-rests"),
    shipped_file!("market-order-fills"),
    shipped_file!("replace-then-cancel"),
    shipped_file!("unknown-order"),
    shipped_file!("immediate-or-cancel"),
    shipped_file!("market-data"),
    shipped_file!("gap-recovery"),
    shipped_file!("raw-logon"),
    shipped_file!("raw-bad-messages"),
    shipped_file!("partial-fills"),
    shipped_file!("cancel-too-late"),
    shipped_file!("broker"),
    shipped_file!("request-for-quote"),
    shipped_file!("two-desks"),
];

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
