//! How the venue quotes who asks for a quote.

use serde::Deserialize;

use super::Time;

/// Quotes to those who ask for one by QuoteRequest(R).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Quotes {
    /// ValidUntilTime(62) is so much later; 30 seconds, if it is not said.
    pub valid_for: Option<Time>,
    /// So many ticks away from the best prices of the book, on each side.
    pub spread_ticks: u32,
    /// In so many cases out of a hundred a quote is withdrawn when it is taken, drawn by the seed.
    pub last_look_percent: u32,
}

impl Quotes {
    /// What no single key is at fault for.
    pub(in super::super) fn check(&self) -> Result<(), &'static str> {
        match self.last_look_percent <= 100 && self.spread_ticks <= 1_000_000 {
            true => Ok(()),
            false => Err("`last-look-percent` is at most 100, and `spread-ticks` at most 1000000"),
        }
    }
}
