//! Figures of several rounds, by name.

use std::collections::BTreeMap;

use super::table::median;

/// What was measured, a map a round.
#[derive(Default)]
pub(super) struct Rounds(Vec<BTreeMap<String, f64>>);

impl Rounds {
    /// Begins the next round.
    pub(super) fn begin(&mut self) {
        self.0.push(BTreeMap::new());
    }

    /// A figure of this round.
    pub(super) fn add(&mut self, name: impl Into<String>, figure: f64) {
        if self.0.is_empty() {
            self.begin();
        }
        if let Some(round) = self.0.last_mut() {
            round.insert(name.into(), figure);
        }
    }

    /// The median over the rounds; `None` if it was never measured.
    pub(super) fn median(&self, name: &str) -> Option<f64> {
        median(self.0.iter().filter_map(|round| round.get(name).copied()))
    }

    /// The median of one figure divided by another of the same round.
    pub(super) fn ratio(&self, name: &str, other: &str) -> Option<f64> {
        median(self.0.iter().filter_map(|round| Some(round.get(name)? / round.get(other)?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_compared_within_a_round() {
        let mut rounds = Rounds::default();
        for (ours, echo) in [(2.0, 1.0), (40.0, 20.0), (3.0, 1.0)] {
            rounds.begin();
            rounds.add("ours", ours);
            rounds.add("echo", echo);
        }
        assert_eq!(rounds.median("ours"), Some(3.0));
        assert_eq!(rounds.ratio("ours", "echo"), Some(2.0), "not 3.0 / 1.0");
        assert_eq!(rounds.ratio("ours", "theirs"), None);
    }
}
