//! What happens by schedule.

use serde::Deserialize;

use super::{Count, Time};

/// Something out of the ordinary that happens to the market at its time.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Event {
    /// What.
    #[serde(rename = "do")]
    pub what: What,
    /// To which instruments; to one that the seed draws each time, if none is named.
    #[serde(default)]
    pub symbols: Vec<String>,
    /// To all instruments.
    #[serde(default)]
    pub all: bool,
    /// For the first time so long after the start of the exchange; after `every`, if it is not said.
    pub after: Option<Time>,
    /// Again and again.
    pub every: Option<Time>,
    /// Up to so much later each time, drawn by the seed.
    #[serde(default)]
    pub jitter: Time,
    /// For so long: then all is as before.
    #[serde(rename = "for")]
    pub lasts: Option<Time>,
    /// By so many ticks prices jump: up, or down if it is below 0.
    pub ticks: Option<i64>,
    /// So many quotes.
    pub quotes: Option<Count>,
}

/// What happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// Trading is halted, and goes on.
    Halt,
    /// The venue's own quotes jump.
    Gap,
    /// Market data shows the best bid at the price of the best offer.
    Lock,
    /// Market data shows the best bid a tick above the best offer.
    Cross,
    /// The venue quotes again and again in a short time.
    Burst,
    /// The venue's own quotes are gone.
    Withdraw,
}

/// The most ticks that prices jump by.
const MOST_TICKS: i64 = 1_000_000;

/// The shortest time between two of the same, in microseconds.
const LEAST_EVERY: u64 = 10_000;

/// The most quotes of one burst.
const MOST_QUOTES: u64 = 100_000;

impl Event {
    /// What no single key is at fault for.
    pub(in super::super) fn check(&self) -> Result<(), &'static str> {
        let needs_end = matches!(self.what, What::Halt | What::Lock | What::Cross | What::Withdraw);
        let lasts = self.lasts.map_or(0, Time::micros);
        if self.after.is_none() && self.every.is_none() {
            return Err("needs `after` or `every`");
        }
        if self.all && !self.symbols.is_empty() {
            return Err("has `symbols` or `all`, not both");
        }
        if needs_end && lasts == 0 {
            return Err("needs `for`: how long it lasts");
        }
        if (self.what == What::Gap) != self.ticks.is_some() {
            return Err("needs `ticks` if it does `gap`, and takes them for nothing else");
        }
        if self.ticks.is_some_and(|ticks| ticks == 0 || !(-MOST_TICKS..=MOST_TICKS).contains(&ticks)) {
            return Err("`ticks` is a whole number from -1000000 to 1000000, and not 0");
        }
        if (self.what == What::Burst) != self.quotes.is_some() {
            return Err("needs `quotes` if it does `burst`, and takes them for nothing else");
        }
        if self.quotes.is_some_and(|quotes| quotes.0 > MOST_QUOTES) {
            return Err("`quotes` is at most 100000");
        }
        if self.what == What::Burst && lasts == 0 {
            return Err("needs `for`: in which time it quotes so often");
        }
        if self.every.is_some_and(|every| every.micros() < LEAST_EVERY) {
            return Err("`every` must be at least 10ms");
        }
        let most = lasts.saturating_add(self.jitter.micros());
        if self.every.is_some_and(|every| every.micros() <= most) {
            return Err("`every` must be longer than `for` and `jitter` together");
        }
        Ok(())
    }
}
