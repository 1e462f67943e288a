//! When which request is due.

use std::time::Duration;

use fix_core::decimal::Decimal;

use super::mix::Mix;

/// What a load is to be.
#[derive(Clone, Debug)]
pub struct LoadPlan {
    /// Requests a second, of all sessions together; at least 1.
    pub rate: u64,
    /// For how long requests are due.
    pub duration: Duration,
    /// The sessions, which take turns; at least 1.
    pub sessions: u64,
    /// Kinds of requests.
    pub mix: Mix,
    /// Makes kinds and sides repeatable.
    pub seed: u64,
    /// Symbol(55) of the orders, which take turns; at least one.
    pub symbols: Vec<String>,
    /// OrderQty(38).
    pub qty: Decimal,
    /// Price(44) of the orders to buy that are meant to rest.
    pub rest_price: Decimal,
    /// So many orders of each session rest, for cancels and replacements; all others are MARKET orders.
    pub open_orders: usize,
}

impl LoadPlan {
    /// How many requests are due in the whole run.
    #[must_use]
    pub fn total(&self) -> u64 {
        let nanos = u128::from(self.rate) * self.duration.as_nanos();
        u64::try_from(nanos.div_ceil(1_000_000_000)).unwrap_or(u64::MAX)
    }

    /// When the request of this number, from 0, is meant to be sent: nanoseconds after the start.
    #[must_use]
    pub fn intended(&self, number: u64) -> u64 {
        let nanos = u128::from(number) * 1_000_000_000 / u128::from(self.rate.max(1));
        u64::try_from(nanos).unwrap_or(u64::MAX)
    }

    /// How many requests are due at this moment, in nanoseconds after the start.
    #[must_use]
    pub fn due(&self, now: u64) -> u64 {
        // Whatever is intended at `now` is due, so the first that is not is the next whole one.
        let number = (u128::from(now) + 1) * u128::from(self.rate);
        u64::try_from(number.div_ceil(1_000_000_000)).unwrap_or(u64::MAX).min(self.total())
    }
}

#[cfg(test)]
pub(super) fn plan(rate: u64, seconds: u64, sessions: u64) -> LoadPlan {
    LoadPlan {
        rate,
        duration: Duration::from_secs(seconds),
        sessions,
        mix: Mix::default(),
        seed: 1,
        symbols: vec!["10Y".into()],
        qty: 100.into(),
        rest_price: 1.into(),
        open_orders: 10,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_due_at_a_constant_rate_whatever_the_rate() {
        for rate in [1, 3, 7, 1_000, 999_983] {
            let plan = plan(rate, 2, 1);
            assert_eq!(plan.total(), 2 * rate);
            assert_eq!(plan.intended(rate), 1_000_000_000, "the second second begins");
            for number in [0, 1, 2, rate, 2 * rate - 1].into_iter().filter(|number| *number < plan.total()) {
                let at = plan.intended(number);
                assert!(plan.due(at) > number, "rate {rate}: {number} is due at {at}");
                if at > 0 {
                    assert!(plan.due(at - 1) <= number, "rate {rate}: {number} is not due before {at}");
                }
            }
            assert_eq!(plan.due(u64::MAX), plan.total(), "nothing is due after the end");
        }
    }
}
