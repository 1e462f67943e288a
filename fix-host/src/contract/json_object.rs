//! One flat JSON object from an untrusted client, with errors a person can act on.

use std::{borrow::Cow, collections::HashSet, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{self, MapAccess, Visitor},
};
use serde_json::Value;

use super::order_error::{OrderProblem, Quoted};

/// Keys and values; a key without escapes is that of the text.
pub(super) type Fields<'j> = Vec<(Cow<'j, str>, Value)>;

/// Reads an object as its fields in order; a field given twice is an error.
///
/// # Errors
/// [`OrderProblem::TooLong`], [`OrderProblem::NotUtf8`], [`OrderProblem::NotJson`], [`OrderProblem::NotANumber`],
/// [`OrderProblem::NotAnObject`], [`OrderProblem::Duplicate`].
pub(super) fn parse(json: &[u8], max: usize) -> Result<Fields<'_>, OrderProblem> {
    if json.len() > max {
        return Err(OrderProblem::TooLong { bytes: json.len(), max });
    }
    let text = std::str::from_utf8(json).map_err(|e| OrderProblem::NotUtf8 { at: e.valid_up_to() + 1 })?;
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let parsed = deserializer.deserialize_any(ObjectVisitor).and_then(|fields| {
        deserializer.end()?;
        Ok(fields)
    });
    match parsed {
        Ok(Ok(fields)) => no_duplicates(text, fields),
        Ok(Err(found)) => Err(OrderProblem::NotAnObject(found)),
        Err(error) => {
            Err(not_a_number(text, &error).unwrap_or_else(|| OrderProblem::NotJson(error.to_string())))
        }
    }
}

/// What a JSON value is, in words.
pub(super) fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// So many fields have room from the beginning.
const USUAL: usize = 12;

/// Keys that are compared with each other; among more, a set is quicker.
const FEW: usize = 32;

fn no_duplicates<'j>(text: &str, fields: Fields<'j>) -> Result<Fields<'j>, OrderProblem> {
    let is_flat = fields.iter().all(|(_, value)| !matches!(value, Value::Array(_) | Value::Object(_)));
    let twice = if is_flat && fields.len() <= FEW {
        let named = |rest: &[(Cow<'_, str>, Value)], name: &str| rest.iter().any(|(other, _)| other == name);
        let again = fields.iter().enumerate().find(|(at, (name, _))| named(&fields[..*at], name));
        again.map(|(_, (name, _))| name.clone().into_owned())
    } else {
        serde_json::from_str(text).ok().and_then(|Twice(twice)| twice)
    };
    match twice {
        Some(name) => Err(OrderProblem::Duplicate { field: Quoted::new(&name) }),
        None => Ok(fields),
    }
}

/// The first key that one object in a JSON text has twice, however deep: a [`Value`] would keep the last of them.
struct Twice(Option<String>);

impl<'de> Deserialize<'de> for Twice {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TwiceVisitor)
    }
}

struct TwiceVisitor;

impl<'de> Visitor<'de> for TwiceVisitor {
    type Value = Twice;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Twice, A::Error> {
        let (mut names, mut twice) = (HashSet::new(), None);
        while let Some(name) = map.next_key::<String>()? {
            let Twice(inside) = map.next_value()?;
            let is_again = names.contains(&name);
            twice = twice.or_else(|| is_again.then(|| name.clone())).or(inside);
            names.insert(name);
        }
        Ok(Twice(twice))
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, mut seq: A) -> Result<Twice, A::Error> {
        let mut twice = None;
        while let Some(Twice(inside)) = seq.next_element()? {
            twice = twice.or(inside);
        }
        Ok(Twice(twice))
    }

    fn visit_str<E: de::Error>(self, _: &str) -> Result<Twice, E> {
        Ok(Twice(None))
    }

    fn visit_u64<E: de::Error>(self, _: u64) -> Result<Twice, E> {
        Ok(Twice(None))
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<Twice, E> {
        Ok(Twice(None))
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Twice, E> {
        Ok(Twice(None))
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<Twice, E> {
        Ok(Twice(None))
    }

    fn visit_unit<E: de::Error>(self) -> Result<Twice, E> {
        Ok(Twice(None))
    }
}

/// Python's `json.dumps` writes NaN and Infinity, which JSON does not have: names the field where the
/// parser met one.
fn not_a_number(text: &str, error: &serde_json::Error) -> Option<OrderProblem> {
    let line_start = match error.line() {
        0 | 1 => 0,
        line => text.match_indices('\n').nth(line - 2)?.0 + 1,
    };
    // The parser stops at the offending byte or up to two behind it (`-` and `I` of `-Infinity`).
    let stopped_at = line_start.checked_add(error.column())?;
    let (at, value) = (0..3).rev().filter_map(|back| stopped_at.checked_sub(back)).find_map(|at| {
        let rest = text.get(at..)?;
        ["NaN", "-Infinity", "Infinity"]
            .into_iter()
            .find(|word| rest.starts_with(word))
            .map(|word| (at, word))
    })?;
    let before = text.get(..at)?.trim_end().strip_suffix(':')?.trim_end().strip_suffix('"')?;
    let field = ["qty", "price", "stopPx", "expireTime", "timestamp"]
        .into_iter()
        .find(|field| before.ends_with(field))?;
    Some(OrderProblem::NotANumber { field, value })
}

/// A key, borrowed where the text has it as it is.
struct Key<'de>(Cow<'de, str>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(KeyVisitor)
    }
}

struct KeyVisitor;

impl<'de> Visitor<'de> for KeyVisitor {
    type Value = Key<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_borrowed_str<E: de::Error>(self, key: &'de str) -> Result<Key<'de>, E> {
        Ok(Key(Cow::Borrowed(key)))
    }

    fn visit_str<E: de::Error>(self, key: &str) -> Result<Key<'de>, E> {
        Ok(Key(Cow::Owned(key.to_owned())))
    }
}

/// `Ok` with the fields of an object, `Err` with the name of what else it is.
struct ObjectVisitor;

impl<'de> Visitor<'de> for ObjectVisitor {
    type Value = Result<Fields<'de>, &'static str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an order object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut fields = Vec::with_capacity(USUAL);
        while let Some(Key(name)) = map.next_key()? {
            // With exact numbers, serde_json hands a bare number over as a map of this one private key.
            if name == "$serde_json::private::Number" {
                map.next_value::<de::IgnoredAny>()?;
                return Ok(Err("a number"));
            }
            fields.push((name, map.next_value()?));
        }
        Ok(Ok(fields))
    }

    fn visit_u64<E: de::Error>(self, _: u64) -> Result<Self::Value, E> {
        Ok(Err("a number"))
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Err("a number"))
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Err("a number"))
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        while seq.next_element::<de::IgnoredAny>()?.is_some() {}
        Ok(Err("a list"))
    }

    fn visit_str<E: de::Error>(self, _: &str) -> Result<Self::Value, E> {
        Ok(Err("text"))
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Err("true or false"))
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(Err("null"))
    }
}
