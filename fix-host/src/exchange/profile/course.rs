//! The course of a venue's time: what its profile has happen by schedule and by the clock. No clock, no I/O.

use std::{cmp::Reverse, collections::BinaryHeap, sync::Arc};

use fix_core::time::UtcTimestamp;
use rand::{RngExt, SeedableRng, rngs::ChaCha12Rng};

use super::rules::{Day, Event, Profile, What};
use crate::{config::nearest, contract::by_hand::MarketPhase};

/// What is to be done at its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// When.
    pub at: UtcTimestamp,
    /// What.
    pub act: Act,
}

/// Something that happens to the market; an instrument is meant by its place in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// The whole venue comes to this phase.
    Phase(MarketPhase),
    /// Something out of the ordinary happens to these instruments.
    Begin(What, Vec<usize>),
    /// It is over.
    End(What, Vec<usize>),
    /// The venue's own quotes move by so many ticks.
    Shift(Vec<usize>, i64),
}

/// What is to come.
#[derive(Debug)]
pub struct Course {
    profile: Arc<Profile>,
    random: ChaCha12Rng,
    /// By the place of the instrument.
    symbols: Vec<String>,
    /// The soonest first; of the same moment in the order in which they were planned. In microseconds since 1970.
    coming: BinaryHeap<Reverse<(i64, u64, Planned)>>,
    planned: u64,
    /// The next change of phase.
    phase: Option<(UtcTimestamp, MarketPhase)>,
}

/// By the number of the event in its profile.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Planned {
    /// It happens, which was due at this moment but for its jitter.
    Begin(usize, i64),
    End(usize, Vec<usize>),
    /// Quotes move.
    Shift(Vec<usize>, i64),
    Burst(Burst),
}

/// Quotes that are spread over a time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Burst {
    places: Vec<usize>,
    begin: i64,
    lasts: i64,
    /// An even number.
    quotes: i64,
    /// The next of them.
    quote: i64,
}

/// So late, in microseconds, is nothing unless the clock has jumped.
const LATE: i64 = 1_000_000;

impl Course {
    /// The course of a venue with these instruments that starts at `start`; `None` if nothing is to come.
    ///
    /// # Errors
    /// An event names an instrument that is none of them.
    pub fn new(
        profile: &Arc<Profile>,
        symbols: Vec<String>,
        seed: u64,
        start: UtcTimestamp,
    ) -> Result<Option<Self>, String> {
        for (number, event) in (1..).zip(&profile.event) {
            if let Some(unknown) = event.symbols.iter().find(|symbol| !symbols.contains(symbol)) {
                let meant = nearest(unknown, symbols.iter().map(String::as_str));
                let meant = meant.map_or(String::new(), |symbol| format!("; did you mean {symbol}?"));
                return Err(format!(
                    "venue profile {}: [[event]] number {number}: no instrument {unknown:?} is listed{meant}",
                    profile.name
                ));
            }
        }
        if profile.day.is_none() && (profile.event.is_empty() || symbols.is_empty()) {
            return Ok(None);
        }
        let mut course = Course {
            profile: Arc::clone(profile),
            random: ChaCha12Rng::seed_from_u64(seed),
            symbols,
            coming: BinaryHeap::new(),
            planned: 0,
            phase: profile.day.as_ref().and_then(|day| day.next(start)),
        };
        if !course.symbols.is_empty() {
            for (number, event) in profile.event.iter().enumerate() {
                let after = event.after.or(event.every).map_or(0, micros);
                course.plan_event(number, since_1970(start) + after);
            }
        }
        Ok(Some(course))
    }

    /// The name of the profile, for the log.
    #[must_use]
    pub fn profile(&self) -> &str {
        &self.profile.name
    }

    /// The phase by the clock; `None`: the clock says nothing of it.
    #[must_use]
    pub fn phase_at(&self, now: UtcTimestamp) -> Option<MarketPhase> {
        self.profile.day.as_ref().map(|day| day.phase_at(now))
    }

    /// When something is due next.
    #[must_use]
    pub fn next(&self) -> Option<UtcTimestamp> {
        let event = self.coming.peek().map(|Reverse((at, ..))| *at);
        let phase = self.phase.map(|(at, _)| since_1970(at));
        event.into_iter().chain(phase).min().map(moment)
    }

    /// The first of what is due, which is to be done before the next is asked for. If the clock has jumped (the machine slept),
    /// an event that would be over is left out. A day that was under way goes on to its close, which ends orders; of the days
    /// behind that one only the phase of `now` is left.
    pub fn due(&mut self, now: UtcTimestamp) -> Option<Step> {
        loop {
            let at = self.next().filter(|at| *at <= now)?;
            if let Some((_, phase)) = self.phase.filter(|(due, _)| *due == at) {
                self.phase = self.profile.day.as_ref().and_then(|day| next_phase(day, (at, phase), now));
                return Some(Step { at, act: Act::Phase(phase) });
            }
            let Reverse((at, _, planned)) = self.coming.pop()?;
            if let Some(act) = self.act(planned, at, since_1970(now)) {
                return Some(Step { at: moment(at), act });
            }
        }
    }

    /// What was planned for `at`, now that it is due; `None` if it was missed.
    fn act(&mut self, planned: Planned, at: i64, now: i64) -> Option<Act> {
        let profile = Arc::clone(&self.profile);
        let event = |number: usize| profile.event.get(number);
        Some(match planned {
            Planned::Shift(places, ticks) => Act::Shift(places, ticks),
            Planned::Burst(burst) => self.quote(burst, at, now),
            Planned::End(number, places) => Act::End(event(number)?.what, places),
            Planned::Begin(number, due) => {
                let event = event(number)?;
                // What lasts for good has not passed, if it happens once.
                let is_over = event.lasts.map_or(event.every.is_some(), |lasts| now - at >= micros(lasts));
                let is_missed = now - at > LATE && is_over;
                if let Some(every) = event.every.map(micros) {
                    let times = if is_missed { (now - due) / every } else { 0 };
                    self.plan_event(number, due + (times + 1) * every);
                }
                if is_missed {
                    return None;
                }
                let places = self.places(event);
                self.plan_end(number, event, at, &places);
                Act::Begin(event.what, places)
            }
        })
    }

    /// A quote of a burst, after which the next is planned. Up and down again, so that each is another one and the last is as
    /// before. Of those that were missed the first is left out with the second, and so on.
    fn quote(&mut self, mut burst: Burst, at: i64, now: i64) -> Act {
        if now - at > LATE {
            let past = i128::from(now - burst.begin) * i128::from(burst.quotes) / i128::from(burst.lasts);
            let past = i64::try_from(past).unwrap_or(i64::MAX).min(burst.quotes - 1);
            burst.quote += (past - burst.quote).max(0) / 2 * 2;
        }
        let act = Act::Shift(burst.places.clone(), if burst.quote % 2 == 0 { 1 } else { -1 });
        burst.quote += 1;
        if burst.quote < burst.quotes {
            self.plan(burst.begin + burst.lasts * burst.quote / burst.quotes, Planned::Burst(burst));
        }
        act
    }

    /// The symbols of instruments, for the log.
    #[must_use]
    pub fn names(&self, places: &[usize]) -> String {
        if places.len() == self.symbols.len() && places.len() > 1 {
            return "all instruments".to_owned();
        }
        let names: Vec<&str> =
            places.iter().filter_map(|place| self.symbols.get(*place)).map(String::as_str).collect();
        names.join(", ")
    }

    fn plan(&mut self, at: i64, planned: Planned) {
        self.planned += 1;
        self.coming.push(Reverse((at, self.planned, planned)));
    }

    /// The event happens at `due`, or as much later as is drawn.
    fn plan_event(&mut self, number: usize, due: i64) {
        let jitter = self.profile.event.get(number).map_or(0, |event| micros(event.jitter));
        let drawn = if jitter == 0 { 0 } else { self.random.random_range(0..=jitter) };
        self.plan(due + drawn, Planned::Begin(number, due));
    }

    /// What comes of an event that begins.
    fn plan_end(&mut self, number: usize, event: &Event, at: i64, places: &[usize]) {
        let lasts = event.lasts.map(micros);
        match (event.what, event.ticks, event.quotes, lasts) {
            (What::Gap, Some(ticks), _, lasts) => {
                self.plan(at, Planned::Shift(places.to_vec(), ticks));
                if let Some(lasts) = lasts {
                    self.plan(at + lasts, Planned::Shift(places.to_vec(), -ticks));
                    self.plan(at + lasts, Planned::End(number, places.to_vec()));
                }
            }
            (What::Burst, _, Some(quotes), Some(lasts)) => {
                let quotes = i64::try_from(quotes.0.next_multiple_of(2)).unwrap_or(i64::MAX);
                let places = places.to_vec();
                self.plan(at, Planned::Burst(Burst { places, begin: at, lasts, quotes, quote: 0 }));
            }
            (_, _, _, Some(lasts)) => self.plan(at + lasts, Planned::End(number, places.to_vec())),
            _ => {}
        }
    }

    fn places(&mut self, event: &Event) -> Vec<usize> {
        let all = 0..self.symbols.len();
        if event.all {
            return all.collect();
        }
        if event.symbols.is_empty() {
            return vec![self.random.random_range(all)];
        }
        let place = |symbol: &String| self.symbols.iter().position(|own| own == symbol);
        event.symbols.iter().filter_map(place).collect()
    }
}

/// What follows a phase that began at its time, and that the clock has come to only now.
fn next_phase(
    day: &Day,
    (at, phase): (UtcTimestamp, MarketPhase),
    now: UtcTimestamp,
) -> Option<(UtcTimestamp, MarketPhase)> {
    let is_late = since_1970(now) - since_1970(at) > LATE;
    if phase != MarketPhase::Close || !is_late {
        return day.next(at);
    }
    let latest = day.latest(now).filter(|(latest, phase)| *latest > at && *phase != MarketPhase::Close);
    latest.or_else(|| day.next(now))
}

fn micros(time: super::rules::Time) -> i64 {
    i64::try_from(time.micros()).unwrap_or(i64::MAX)
}

fn since_1970(at: UtcTimestamp) -> i64 {
    at.unix_seconds().saturating_mul(1_000_000).saturating_add(i64::from(at.subsec_nanos() / 1000))
}

fn moment(micros: i64) -> UtcTimestamp {
    let nanos = u32::try_from(micros.rem_euclid(1_000_000) * 1000).unwrap_or_default();
    UtcTimestamp::from_unix(micros.div_euclid(1_000_000), nanos)
}

#[cfg(test)]
mod tests;
