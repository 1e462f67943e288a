//! Colours, for a terminal.

/// What is written around the parts of a message; all empty where there is no terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Colours {
    pub(super) headline: &'static str,
    pub(super) problem: &'static str,
    pub(super) tag: &'static str,
    pub(super) meaning: &'static str,
    pub(super) end: &'static str,
}

impl Colours {
    pub(super) const NONE: Colours = Colours { headline: "", problem: "", tag: "", meaning: "", end: "" };
    /// The eight colours that every terminal has, as its user has set them.
    pub(super) const TERMINAL: Colours = Colours {
        headline: "\x1b[1m",
        problem: "\x1b[31m",
        tag: "\x1b[36m",
        meaning: "\x1b[32m",
        end: "\x1b[0m",
    };
}
