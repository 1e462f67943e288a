//! What becomes of a request, by the rules of a profile: no FIX but the values of a few fields, no clock, no I/O.

use std::{collections::VecDeque, slice, sync::Arc};

use fix_core::{decimal::Decimal, tag::Tag};
use rand::{RngExt, SeedableRng, rngs::ChaCha12Rng};

use super::rules::{Count, Delay, Excess, Profile, Reject, Request, Silence};

/// What is known of a request, or of one of several that a message makes.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    /// Its kind.
    pub request: Request,
    /// Symbol(55).
    pub symbol: Option<&'a str>,
    /// OrderQty(38).
    pub qty: Option<Decimal>,
    /// Price(44).
    pub price: Option<Decimal>,
    /// The middle of the venue's own prices for it.
    pub middle: Option<Decimal>,
    /// What tells it from the others of its message.
    pub named: Option<(Tag, &'a str)>,
    /// Any other field, by its tag.
    pub field: &'a dyn Fn(Tag) -> Option<&'a [u8]>,
}

/// One of several requests of a message, which is refused alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedEntry {
    /// Which of them, the first being 0.
    pub place: usize,
    /// OrdRejReason(103).
    pub reason: u32,
    /// Text(58).
    pub text: String,
}

/// What becomes of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The venue gets it now.
    Pass,
    /// The venue gets it at this moment, in microseconds of the session's clock.
    Later(u64),
    /// It is refused, with OrdRejReason(103) and Text(58).
    Refuse(u32, String),
    /// It is not answered, ever, for this reason.
    Swallow(&'static str),
    /// The session is logged out, with this Text(58).
    Logout(String),
}

/// OrdRejReason(103): Other.
const OTHER: u32 = 99;

/// The judge of one session.
pub struct Judge {
    profile: Arc<Profile>,
    random: ChaCha12Rng,
    /// When the last messages were taken, oldest first; no more than the throttle allows.
    taken: VecDeque<u64>,
    /// How many requests each rule of `reject` has fitted, but for `every`.
    rejects: Vec<u64>,
    /// The same of `silence`.
    silences: Vec<u64>,
    /// When the last request that waits is due: no later one overtakes it.
    due: u64,
}

impl Judge {
    /// A session without a past.
    #[must_use]
    pub fn new(profile: Arc<Profile>, seed: u64) -> Self {
        let (rejects, silences) = (vec![0; profile.reject.len()], vec![0; profile.silence.len()]);
        let random = ChaCha12Rng::seed_from_u64(seed);
        Judge { profile, random, taken: VecDeque::new(), rejects, silences, due: 0 }
    }

    /// Whether any rule could ever change anything.
    #[must_use]
    pub fn is_needed(profile: &Profile) -> bool {
        profile.latency.is_some()
            || profile.throttle.is_some()
            || !profile.reject.is_empty()
            || !profile.silence.is_empty()
    }

    /// Decides on the next request, which came at `now`, in microseconds of the session's clock.
    pub fn judge(&mut self, asked: &Asked<'_>, now: u64) -> Verdict {
        self.judge_all(asked, slice::from_ref(asked), now)
    }

    /// The same of a message that makes several requests, of which each may have it refused.
    pub fn judge_all(&mut self, message: &Asked<'_>, all: &[Asked<'_>], now: u64) -> Verdict {
        self.judge_by(message, now, |judge, profile| {
            let (reason, text) = all.iter().find_map(|asked| judge.refuse(profile, asked))?;
            Some(Verdict::Refuse(reason, text))
        })
    }

    /// The same of a message whose requests are refused each by itself, as the orders of a list are. Which are, is said beside
    /// the verdict on the others.
    pub fn judge_each(
        &mut self,
        message: &Asked<'_>,
        all: &[Asked<'_>],
        now: u64,
    ) -> (Verdict, Vec<RefusedEntry>) {
        let mut refused = Vec::new();
        let verdict = self.judge_by(message, now, |judge, profile| {
            refused.extend(all.iter().enumerate().filter_map(|(place, asked)| {
                let (reason, text) = judge.refuse(profile, asked)?;
                Some(RefusedEntry { place, reason, text })
            }));
            None
        });
        (verdict, refused)
    }

    fn judge_by(
        &mut self,
        message: &Asked<'_>,
        now: u64,
        refuse: impl FnOnce(&mut Self, &Profile) -> Option<Verdict>,
    ) -> Verdict {
        let request = message.request;
        let begin = match self.throttle(now) {
            Ok(begin) => begin,
            Err(verdict) => return verdict,
        };
        let profile = Arc::clone(&self.profile);
        for (rule, seen) in profile.silence.iter().zip(&mut self.silences) {
            if rule.every.is_some() && is_of(&rule.kinds, request, true) && is_turn(rule.every, seen) {
                return Verdict::Swallow("no answer");
            }
        }
        if let Some(verdict) = refuse(self, &profile) {
            return verdict;
        }
        let delay = profile.latency.of(request).map_or(0, |delay| self.drawn(delay));
        let silent = profile.silence.iter().filter(|rule| is_of(&rule.kinds, request, true));
        let silent_until = silent.filter_map(|rule| end(rule, begin)).max().unwrap_or(0);
        let due = (begin + delay).max(silent_until).max(self.due);
        if due <= now {
            return Verdict::Pass;
        }
        self.due = due;
        Verdict::Later(due)
    }

    /// What the first rule says that refuses it: the reason and Text(58).
    fn refuse(&mut self, profile: &Profile, asked: &Asked<'_>) -> Option<(u32, String)> {
        let mut rules = profile.reject.iter().zip(&mut self.rejects);
        let rule = rules
            .find_map(|(rule, seen)| (fits(rule, asked) && is_turn(rule.every, seen)).then_some(rule))?;
        let text = rule.text.as_deref().unwrap_or("refused by the venue's rules");
        let text = match asked.named {
            Some((tag, name)) => format!("{tag} {name}: {text}"),
            None => text.to_owned(),
        };
        Some((rule.reason.unwrap_or(OTHER), text))
    }

    /// Counts the message, of which it says when it is none too many; or it is one.
    fn throttle(&mut self, now: u64) -> Result<u64, Verdict> {
        let Some(throttle) = self.profile.throttle.as_ref() else { return Ok(now) };
        let Count(most) = throttle.messages;
        while self.taken.front().is_some_and(|at| now.saturating_sub(*at) >= throttle.per.micros()) {
            self.taken.pop_front();
        }
        if (self.taken.len() as u64) < most {
            self.taken.push_back(now);
            return Ok(now);
        }
        let text = throttle.text.clone();
        let text = text.unwrap_or_else(|| format!("more than {most} messages in {:?}", throttle.per.0));
        Err(match throttle.then {
            Excess::Reject => Verdict::Refuse(OTHER, text),
            Excess::Logout => Verdict::Logout(text),
            Excess::Silence => Verdict::Swallow("one message too many"),
            Excess::Delay => {
                let oldest = self.taken.pop_front().unwrap_or(now);
                let begin = oldest.saturating_add(throttle.per.micros()).max(now);
                self.taken.push_back(begin);
                return Ok(begin);
            }
        })
    }

    fn drawn(&mut self, delay: &Delay) -> u64 {
        let jitter = match delay.jitter.micros() {
            0 => 0,
            jitter => self.random.random_range(0..=jitter),
        };
        delay.at_least.micros() + jitter
    }
}

/// Whether a rule is for this kind; without kinds it is for all of them if `else_all`, else for new orders.
fn is_of(kinds: &[Request], request: Request, else_all: bool) -> bool {
    if kinds.is_empty() { else_all || request == Request::New } else { kinds.contains(&request) }
}

/// Counts one that fits; true if it is its turn.
fn is_turn(every: Option<Count>, seen: &mut u64) -> bool {
    *seen += 1;
    every.is_none_or(|Count(every)| seen.is_multiple_of(every))
}

fn fits(rule: &Reject, asked: &Asked<'_>) -> bool {
    let symbol = rule.symbol.as_ref().is_none_or(|symbol| asked.symbol == Some(symbol));
    let qty = rule.quantity_above.is_none_or(|above| asked.qty.is_some_and(|qty| qty > above.0));
    let away = rule.price_away_percent.is_none_or(|percent| {
        let known = asked.price.zip(asked.middle);
        known.is_some_and(|(price, middle)| is_away(price, middle, percent.0).unwrap_or(false))
    });
    let mut fields = rule.when.iter();
    let when = fields.all(|(name, values)| (asked.field)(name.0).is_some_and(|value| values.has(value)));
    is_of(&rule.kinds, asked.request, false) && symbol && qty && away && when
}

/// Whether a price is further than so many percent from the middle; `None` if the numbers are too large to tell.
fn is_away(price: Decimal, middle: Decimal, percent: Decimal) -> Option<bool> {
    let apart = if price > middle { price.checked_sub(middle) } else { middle.checked_sub(price) }?;
    Some(apart.checked_mul(100.into())? > middle.checked_mul(percent)?)
}

/// When the silence that `now` falls into is over.
fn end(rule: &Silence, now: u64) -> Option<u64> {
    let (from, lasts) = (rule.from?.micros(), rule.lasts?.micros());
    let since = now.checked_sub(from)?;
    let begun = rule.again.map_or(0, |again| since / again.micros().max(1) * again.micros());
    (since - begun < lasts).then_some(from + begun + lasts)
}

#[cfg(test)]
mod tests;
