//! What kinds of requests a load is made of: `new:80,cancel:15,replace:5`.

use std::{fmt, str::FromStr};

use rand::{RngExt, rngs::ChaCha12Rng};
use serde::Serialize;

/// A kind of request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// NewOrderSingle(D).
    New,
    /// OrderCancelRequest(F).
    Cancel,
    /// OrderCancelReplaceRequest(G).
    Replace,
}

impl Kind {
    /// All of them, in the order of their numbers.
    pub const ALL: [Kind; 3] = [Kind::New, Kind::Cancel, Kind::Replace];

    /// Its name in a mix.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Kind::New => "new",
            Kind::Cancel => "cancel",
            Kind::Replace => "replace",
        }
    }
}

/// How often each kind comes, as weights: `new:80,cancel:15,replace:5` and `new:16,cancel:3,replace:1` are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mix([u32; 3]);

impl Default for Mix {
    fn default() -> Self {
        Mix([80, 15, 5])
    }
}

impl Mix {
    /// The kind of the next request. The same seed gives the same kinds.
    pub fn draw(&self, random: &mut ChaCha12Rng) -> Kind {
        let all: u32 = self.0.iter().sum();
        let mut drawn = random.random_range(0..all.max(1));
        for (kind, weight) in Kind::ALL.into_iter().zip(self.0) {
            match drawn.checked_sub(weight) {
                None => return kind,
                Some(rest) => drawn = rest,
            }
        }
        Kind::New
    }
}

impl fmt::Display for Mix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, (kind, weight)) in Kind::ALL.into_iter().zip(self.0).enumerate() {
            let comma = if place == 0 { "" } else { "," };
            write!(f, "{comma}{}:{weight}", kind.name())?;
        }
        Ok(())
    }
}

/// The largest weight of a kind.
const MOST: u32 = 1_000_000;

impl FromStr for Mix {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut weights = [None; 3];
        for part in text.split(',') {
            let (name, weight) = part.split_once(':').ok_or_else(|| {
                format!("{part:?} is not KIND:WEIGHT; write for example new:80,cancel:15,replace:5")
            })?;
            let place = Kind::ALL.iter().position(|kind| kind.name() == name.trim());
            let place =
                place.ok_or_else(|| format!("{name:?} is no kind: there are new, cancel and replace"))?;
            let weight = weight.trim().parse().ok().filter(|weight| *weight <= MOST);
            let weight = weight
                .ok_or_else(|| format!("the weight of {name} must be a whole number from 0 to {MOST}"))?;
            if weights[place].replace(weight).is_some() {
                return Err(format!("{name} is there twice"));
            }
        }
        let weights = weights.map(Option::unwrap_or_default);
        if weights[0] == 0 {
            return Err(
                "new must have a weight above 0: there is nothing else to cancel or to replace".into()
            );
        }
        Ok(Mix(weights))
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    fn drawn(mix: &str, seed: u64) -> [u32; 3] {
        let (mix, mut random): (Mix, _) = (mix.parse().unwrap(), ChaCha12Rng::seed_from_u64(seed));
        let mut counts = [0; 3];
        for _ in 0..10_000 {
            counts[mix.draw(&mut random) as usize] += 1;
        }
        counts
    }

    #[test]
    fn kinds_come_in_the_proportions_of_the_mix_and_the_same_for_the_same_seed() {
        let counts = drawn("new:80,cancel:15,replace:5", 7);
        for (count, wanted) in counts.into_iter().zip([8_000, 1_500, 500]) {
            assert!(u32::abs_diff(count, wanted) < 150, "{counts:?}");
        }
        assert_eq!(counts, drawn("new:16,cancel:3,replace:1", 7), "weights, not percents");
        assert_ne!(counts, drawn("new:80,cancel:15,replace:5", 8));
        assert_eq!(drawn("new:1", 1), [10_000, 0, 0]);
    }

    #[test]
    fn what_is_no_mix_is_refused_by_what_is_wrong_with_it() {
        let wrong = |text: &str| text.parse::<Mix>().unwrap_err();
        assert!(wrong("new").contains("is not KIND:WEIGHT"));
        assert!(wrong("now:80").contains("is no kind: there are new, cancel and replace"));
        assert!(wrong("new:-1").contains("must be a whole number from 0"));
        assert!(wrong("new:1,new:2").contains("twice"));
        assert!(wrong("cancel:5").contains("new must have a weight"));
        assert_eq!("new:80, cancel:15".parse::<Mix>().unwrap().to_string(), "new:80,cancel:15,replace:0");
    }
}
