//! Values with `$names` in them.

use std::collections::BTreeMap;

use fix_core::{
    tag::Tag,
    time::{UTC_TIMESTAMP_LEN, UtcTimestamp},
};

use super::{cursor::Word, names};

/// A value that is filled in when it is needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Template {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    /// `$name`
    Variable(String),
    /// `$in.Field`: of the message that was matched last.
    Received(Tag),
    /// `$new`: an id that is new: in real time no other run has it.
    New,
    /// `$now`: a UTCTimestamp.
    Now,
    /// `$today`: YYYYMMDD.
    Today,
    /// `$tomorrow`: YYYYMMDD.
    Tomorrow,
}

/// What templates are filled with.
pub(super) struct Values<'a> {
    pub(super) variables: &'a BTreeMap<String, Vec<u8>>,
    /// The message that was matched last.
    pub(super) received: Option<&'a [u8]>,
    pub(super) now: UtcTimestamp,
    /// Makes the next id.
    pub(super) new_id: &'a mut dyn FnMut() -> String,
}

impl Template {
    /// The value of a field: a code may be said by its name.
    pub(super) fn of_field(tag: Tag, word: &Word) -> Result<Self, String> {
        let template = Self::of(&word.text)?;
        match template.parts.as_slice() {
            [Part::Text(text)] if !word.is_quoted => {
                Ok(Template { parts: vec![Part::Text(names::code(tag, text)?)] })
            }
            _ => Ok(template),
        }
    }

    /// The value of a field that is compared with others: no code.
    pub(super) fn of_bound(tag: Tag, word: &Word) -> Result<Self, String> {
        let template = Self::of(&word.text)?;
        if let Some(text) = template.fixed().filter(|_| !word.is_quoted) {
            names::check_number(tag, text)?;
        }
        Ok(template)
    }

    pub(super) fn of(text: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            push_text(&mut parts, rest.get(..at).unwrap_or_default());
            let behind = rest.get(at + 1..).unwrap_or_default();
            if let Some(after) = behind.strip_prefix('$') {
                push_text(&mut parts, "$");
                rest = after;
                continue;
            }
            let (name, after) = name(behind)?;
            parts.push(part(name)?);
            rest = after;
        }
        push_text(&mut parts, rest);
        Ok(Template { parts })
    }

    /// Names of variables that it needs.
    pub(super) fn variables(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Variable(name) => Some(name.as_str()),
            _ => None,
        })
    }

    /// The text, if it is always the same.
    pub(super) fn fixed(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [] => Some(""),
            [Part::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// Fills it in.
    pub(super) fn fill(&self, values: &mut Values<'_>) -> Result<Vec<u8>, String> {
        let mut filled = Vec::new();
        for part in &self.parts {
            match part {
                Part::Text(text) => filled.extend_from_slice(text.as_bytes()),
                Part::Variable(name) => {
                    let missing =
                        || format!("${name} has no value yet: no step that gives it one has passed");
                    filled.extend_from_slice(values.variables.get(name).ok_or_else(missing)?);
                }
                Part::Received(tag) => filled.extend_from_slice(&received(*tag, values.received)?),
                Part::New => filled.extend_from_slice((values.new_id)().as_bytes()),
                Part::Now => filled.extend_from_slice(&timestamp(values.now)),
                Part::Today => filled.extend_from_slice(&date(values.now, 0)),
                Part::Tomorrow => filled.extend_from_slice(&date(values.now, 1)),
            }
        }
        Ok(filled)
    }
}

fn push_text(parts: &mut Vec<Part>, text: &str) {
    match parts.last_mut() {
        _ if text.is_empty() => {}
        Some(Part::Text(before)) => before.push_str(text),
        _ => parts.push(Part::Text(text.to_owned())),
    }
}

/// The name behind a `$`, and what follows it.
fn name(behind: &str) -> Result<(&str, &str), String> {
    if let Some(inside) = behind.strip_prefix('{') {
        return inside.split_once('}').ok_or_else(|| "${ is never closed by }".to_owned());
    }
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut end = behind.find(|c| !is_part(c)).unwrap_or(behind.len());
    if let Some(field) = behind.get(end..).and_then(|rest| rest.strip_prefix('.'))
        && behind.get(..end) == Some("in")
    {
        end += 1 + field.find(|c| !is_part(c)).unwrap_or(field.len());
    }
    Ok(behind.split_at(end))
}

fn part(name: &str) -> Result<Part, String> {
    if let Some(field) = name.strip_prefix("in.") {
        return Ok(Part::Received(names::field(field)?));
    }
    match name {
        "new" => Ok(Part::New),
        "now" => Ok(Part::Now),
        "today" => Ok(Part::Today),
        "tomorrow" => Ok(Part::Tomorrow),
        "in" => Err("$in needs a field: $in.ClOrdID".to_owned()),
        _ => Ok(Part::Variable(variable(name)?.to_owned())),
    }
}

/// A name that a script may give to a value.
pub(super) fn variable(name: &str) -> Result<&str, String> {
    const OWN: [&str; 5] = ["new", "now", "today", "tomorrow", "in"];
    let is_name = name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if !is_name {
        return Err(format!("\"{name}\" is no name of a value; a $ itself is written $$"));
    }
    if OWN.contains(&name) {
        return Err(format!("${name} has a meaning already; choose another name"));
    }
    Ok(name)
}

fn received(tag: Tag, message: Option<&[u8]>) -> Result<Vec<u8>, String> {
    let message = message.ok_or_else(|| format!("$in.{tag}: no message was matched yet"))?;
    let value = super::message::field(message, tag, 1);
    value.map(<[u8]>::to_vec).ok_or_else(|| format!("$in: the message matched last has no {tag}"))
}

fn date(now: UtcTimestamp, days: i64) -> Vec<u8> {
    let mut text = timestamp(now.plus_seconds(days * 86_400));
    text.truncate(8);
    text
}

/// A UTCTimestamp as it goes out.
pub(super) fn timestamp(at: UtcTimestamp) -> Vec<u8> {
    let mut buffer = [0; UTC_TIMESTAMP_LEN];
    let len = at.format(&mut buffer);
    buffer.get(..len).unwrap_or_default().to_vec()
}

/// The time as a person reads it, to the second, in UTC: `2026-01-05 09:00:00 UTC`.
#[must_use]
pub fn time_text(at: UtcTimestamp) -> String {
    let text = String::from_utf8_lossy(&timestamp(at)).into_owned();
    let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
    format!("{}-{}-{} {} UTC", part(0, 4), part(4, 6), part(6, 8), part(9, 17))
}
