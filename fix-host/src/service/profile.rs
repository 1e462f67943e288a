//! A venue profile on the sessions of an exchange.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use fix_core::{dict::Dictionary, time::UtcTimestamp};
use tokio::{sync::mpsc, time::sleep};

use super::exchange::Look;
use crate::{
    clock::utc_now,
    config::Settings,
    exchange::{
        InParts, QuoteRules,
        floor::Floor,
        journal,
        profile::{
            Profile,
            course::Course,
            faulty::{Faulty, Whose},
            gate::{Gate, Surroundings},
            rules::{Quotes, Time},
            tamper::Tamper,
        },
    },
    market::Instrument,
    net::{
        line::{Duplex, Line},
        stream::Stream,
    },
};

/// The floor follows what a profile has happen by schedule and by the clock. True if something does: then it is to be told of
/// [what is due](Floor::due) by [`Floor::advance`].
///
/// # Errors
/// The profile does not go with the instruments.
pub fn follow(
    floor: &Floor,
    profile: &Arc<Profile>,
    instruments: &[Instrument],
    seed: u64,
    now: UtcTimestamp,
) -> Result<bool, String> {
    let symbols = instruments.iter().map(|instrument| instrument.symbol.to_owned()).collect();
    let course = Course::new(profile, symbols, seed, now)?;
    let is_timed = course.is_some() || profile.fills.is_some();
    if let Some(fills) = &profile.fills {
        let least = fills.pause.at_least.micros();
        let rule = InParts {
            percent: (fills.part.at_least.0, fills.part.at_most.0),
            pause: (least, least.saturating_add(fills.pause.jitter.micros())),
            every: fills.every.map_or(1, |every| every.0),
        };
        floor.by_hand(|venue, _| venue.fill_in_parts(rule, seed_of(seed, "fills")));
    }
    if let Some(course) = course {
        floor.follow(course, now);
    }
    Ok(is_timed)
}

/// How a session is quoted.
#[must_use]
pub fn quote_rules(profile: &Profile, seed: u64, session: &str) -> QuoteRules {
    let Quotes { valid_for, spread_ticks, last_look_percent } = profile.quotes;
    let usual = QuoteRules::default();
    QuoteRules {
        valid_for: valid_for.map_or(usual.valid_for, Time::micros),
        spread_ticks: spread_ticks.into(),
        last_look_percent: last_look_percent.into(),
        seed: seed_of(seed, &format!("quotes of {session}")),
    }
}

/// The seed of something that is drawn, such as what a session's gate draws: by its name another one for each, whichever comes
/// first. Two things of the same name would draw the same.
#[must_use]
pub fn seed_of(seed: u64, name: &str) -> u64 {
    seed ^ u64::from(crc32fast::hash(name.as_bytes()))
}

/// The profile of one exchange, and what makes its draws repeatable.
pub(super) struct Behaviour {
    profile: Arc<Profile>,
    seed: u64,
    floor: Floor,
    gates: u64,
}

impl Behaviour {
    /// Puts the profile into `settings`, as far as it concerns the sessions themselves.
    pub(super) fn new(profile: Profile, seed: u64, floor: Floor, settings: &mut Settings) -> Self {
        if let Some(timestamps) = profile.timestamps {
            for session in &mut settings.sessions {
                session.timing.time_stamp_precision = timestamps.precision();
            }
        }
        tracing::info!("venue {}, seed {seed}: {}", profile.name, profile.description);
        Behaviour { profile: Arc::new(profile), seed, floor, gates: 0 }
    }

    /// The floor begins to do what the profile says, as [`follow`] has it.
    pub(super) fn begin(&self, instruments: &[Instrument]) -> Result<bool, String> {
        follow(&self.floor, &self.profile, instruments, self.seed, utc_now())
    }

    /// How the session `id` is quoted.
    pub(super) fn quotes(&self, id: &str) -> QuoteRules {
        quote_rules(&self.profile, self.seed, id)
    }

    /// The gate of the session `id`, if it needs one; `looks` has it look again.
    pub(super) fn gate(
        &mut self,
        id: &str,
        dictionary: &'static Dictionary,
        looks: mpsc::Sender<Look>,
    ) -> Option<Box<Gate>> {
        self.gates += 1;
        let floor = self.floor.clone();
        let around = Surroundings {
            session: id.to_owned(),
            seed: seed_of(self.seed, id),
            id_prefix: gate_prefix(utc_now(), self.gates),
            data_pairs: dictionary.extra_data_pairs,
            wake: Box::new(move |after| wake(looks.clone(), after)),
            middle: Box::new(move |symbol| floor.middle(symbol)),
        };
        Gate::new(&self.profile, around)
    }

    /// The faults of the session `id`, if there are any.
    pub(super) fn line(&self, id: &str) -> Option<Arc<dyn Line>> {
        let line = &self.profile.line;
        if !line.has_faults() {
            return None;
        }
        let whose = Whose { session: id.to_owned(), profile: self.profile.name.clone() };
        let tamper =
            Arc::new(Mutex::new(Tamper::new(line.clone(), seed_of(self.seed, &format!("line of {id}")))));
        Some(Arc::new(Faults { tamper, slow: line.slow_reader.map(|count| count.0), whose }))
    }
}

/// What the ids of a gate begin with: those of no other, and of none of another start.
fn gate_prefix(now: UtcTimestamp, number: u64) -> String {
    format!("{}-{number}", journal::prefix(now))
}

/// The faults of one session's line.
struct Faults {
    tamper: Arc<Mutex<Tamper>>,
    slow: Option<u64>,
    whose: Whose,
}

impl Line for Faults {
    fn through(&self, stream: Stream) -> Box<dyn Duplex> {
        Box::new(Faulty::new(stream, Arc::clone(&self.tamper), self.slow, self.whose.clone()))
    }
}

fn wake(looks: mpsc::Sender<Look>, after: Duration) {
    tokio::spawn(async move {
        sleep(after).await;
        // A session that has not looked yet needs no second call.
        let _ = looks.try_send(Look);
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ids_of_gates_are_others_after_a_restart_within_a_second() {
        let at = |millis: u32| UtcTimestamp::from_unix(1, millis * 1_000_000);
        let prefixes = [gate_prefix(at(1), 1), gate_prefix(at(1), 2), gate_prefix(at(900), 1)];
        assert_eq!(prefixes, ["3e9-1", "3e9-2", "76c-1"]);
    }
}
