//! Reads a venue profile: one of those that are built in, or a file.

use std::path::Path;

use super::rules::Profile;
use crate::{config::nearest, contract::read_text};

/// The profiles that are built in, by name.
pub const SHIPPED: [(&str, &str); 5] = [
    ("plain", include_str!("../../../../config/venues/plain.toml")),
    ("quickfix-executor", include_str!("../../../../config/venues/quickfix-executor.toml")),
    ("bond-rfq", include_str!("../../../../config/venues/bond-rfq.toml")),
    ("nasty", include_str!("../../../../config/venues/nasty.toml")),
    ("crypto", include_str!("../../../../config/venues/crypto.toml")),
];

/// The largest file, in bytes.
const MAX_BYTES: u64 = 1 << 20;

/// The longest Text(58), in bytes.
const MAX_TEXT: usize = 1_000;

/// A profile that cannot be used: one line, with the place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {problem}")]
pub struct ProfileError {
    /// `FILE` or `FILE:LINE`.
    pub place: String,
    /// What is wrong, and what to do.
    pub problem: String,
}

/// Reads the profile of this name, or of this file: what has a dot or a slash in it is a file.
///
/// # Errors
/// [`ProfileError`] for the first thing that is wrong with it.
pub fn load(named: &str) -> Result<Profile, ProfileError> {
    if let Some((name, text)) = SHIPPED.into_iter().find(|(name, _)| *name == named) {
        return parse(name, &format!("config/venues/{name}.toml"), text);
    }
    let error = |problem: String| ProfileError { place: named.to_owned(), problem };
    if !named.contains(['.', '/']) {
        let known = SHIPPED.iter().map(|(name, _)| *name);
        let meant = nearest(named, known).map(|name| format!("; did you mean {name}?"));
        return Err(error(format!(
            "is no venue profile: there are {}, or name a file{}",
            names(),
            meant.unwrap_or_default()
        )));
    }
    let path = Path::new(named);
    let text = read_text(path, MAX_BYTES).map_err(error)?;
    let name = path.file_stem().map_or_else(|| named.into(), |stem| stem.to_string_lossy());
    parse(&name, named, &text)
}

/// The names of the profiles that are built in, for a line.
#[must_use]
pub fn names() -> String {
    SHIPPED.map(|(name, _)| name).join(", ")
}

/// Reads the text of a profile; `place` is its name in messages.
///
/// # Errors
/// [`ProfileError`] for the first thing that is wrong with it.
pub fn parse(name: &str, place: &str, text: &str) -> Result<Profile, ProfileError> {
    let line_at = |at: usize| text.get(..at).unwrap_or(text).matches('\n').count() + 1;
    let read: Result<Profile, _> = toml_edit::de::from_str(text);
    let profile = read.map_err(|error| ProfileError {
        place: format!("{place}:{}", line_at(error.span().map_or(0, |span| span.start))),
        problem: explained(error.message()),
    })?;
    let profile = Profile { name: name.to_owned(), ..profile };
    check(&profile).map_err(|problem| ProfileError { place: place.to_owned(), problem })?;
    Ok(profile)
}

/// What no single key is at fault for.
fn check(profile: &Profile) -> Result<(), String> {
    for (number, silence) in profile.silence.iter().enumerate() {
        let number = number + 1;
        let is_time = silence.from.is_some() && silence.lasts.is_some();
        let is_part = silence.from.is_some() || silence.lasts.is_some() || silence.again.is_some();
        if silence.every.is_some() == is_time || (is_part && !is_time) {
            return Err(format!("[[silence]] number {number} needs either `every`, or `from` and `for`"));
        }
        if silence.again.zip(silence.lasts).is_some_and(|(again, lasts)| again.0 <= lasts.0) {
            return Err(format!("[[silence]] number {number}: `again` must be longer than `for`"));
        }
    }
    let refusals = (1..).zip(&profile.reject);
    let refusals = refusals.map(|(number, rule)| (format!("[[reject]] number {number}"), &rule.text));
    let throttle = profile.throttle.iter().map(|throttle| ("[throttle]".to_owned(), &throttle.text));
    for (place, text) in refusals.chain(throttle) {
        // It goes to the counterparty as it is.
        let is_sent =
            |text: &String| (1..=MAX_TEXT).contains(&text.len()) && !text.contains(char::is_control);
        if !text.as_ref().is_none_or(is_sent) {
            return Err(format!("{place}: `text` must have 1 to {MAX_TEXT} bytes and no control characters"));
        }
    }
    for (number, event) in (1..).zip(&profile.event) {
        event.check().map_err(|why| format!("[[event]] number {number} {why}"))?;
    }
    if let Some(fills) = &profile.fills {
        fills.check().map_err(|why| format!("[fills]: {why}"))?;
    }
    profile.quotes.check().map_err(|why| format!("[quotes]: {why}"))?;
    if let Some(day) = &profile.day {
        day.check().map_err(|why| format!("[day]: {why}"))?;
    }
    Ok(())
}

/// The words of the parser, and which key was meant by one that it does not know.
fn explained(message: &str) -> String {
    let mut quoted = message.split('`').skip(1).step_by(2);
    let is_unknown = message.starts_with("unknown field") || message.starts_with("unknown variant");
    let meant = quoted.next().filter(|_| is_unknown).and_then(|unknown| nearest(unknown, quoted));
    match meant {
        Some(meant) => format!("{}; did you mean `{meant}`?", message.trim_end()),
        None => message.trim_end().to_owned(),
    }
}

#[cfg(test)]
mod tests;
