//! Values as a profile writes them.

use std::{fmt, time::Duration};

use fix_core::{decimal::Decimal, dict::fix44::DICTIONARY, tag::Tag};
use serde::{Deserialize, Deserializer, de};

use crate::{config::nearest, contract::parse_duration};

/// A time, as `20ms`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Time(pub Duration);

impl Time {
    /// In microseconds, as the session's clock counts.
    #[must_use]
    pub fn micros(self) -> u64 {
        u64::try_from(self.0.as_micros()).unwrap_or(u64::MAX)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        parse_duration(&String::deserialize(from)?).map(Time).map_err(de::Error::custom)
    }
}

/// A whole number from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count(pub u64);

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let number = i64::deserialize(from)?;
        let count = u64::try_from(number).ok().filter(|count| (1..=1_000_000_000).contains(count));
        count.map(Count).ok_or_else(|| de::Error::custom("must be a whole number from 1 to 1000000000"))
    }
}

/// A decimal number that is not below 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Number(pub Decimal);

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Number;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number that is not below 0")
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Number, E> {
                self.visit_str(&number.to_string())
            }

            fn visit_f64<E: de::Error>(self, number: f64) -> Result<Number, E> {
                self.visit_str(&number.to_string())
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Number, E> {
                let number: Option<Decimal> = text.parse().ok();
                number
                    .filter(|number| !number.is_negative())
                    .map(Number)
                    .ok_or_else(|| E::custom("must be a number that is not below 0"))
            }
        }
        from.deserialize_any(Visitor)
    }
}

/// A field, by its name or tag number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name(pub Tag);

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let names = || DICTIONARY.names.iter();
        let number = text.parse().ok().filter(|tag| *tag > 0).map(Tag);
        let named = || names().find(|(_, name)| name.eq_ignore_ascii_case(&text)).map(|(tag, _)| tag);
        number.or_else(named).map(Name).ok_or_else(|| {
            let meant = nearest(&text, names().map(|(_, name)| name));
            let meant = meant.map_or(String::new(), |name| format!("; did you mean `{name}`?"));
            de::Error::custom(format!("no field is called `{text}`: write its name or tag number{meant}"))
        })
    }
}

/// One value, or a list of those of which one is enough; `*`: any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OneOf(Vec<String>);

impl OneOf {
    /// True if this value is one of them.
    #[must_use]
    pub fn has(&self, value: &[u8]) -> bool {
        self.0.iter().any(|one| one == "*" || one.as_bytes() == value)
    }
}

impl<'de> Deserialize<'de> for OneOf {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> de::Visitor<'de> for Visitor {
            type Value = OneOf;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value as it stands in the message, such as \"1\", or a list of such")
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<OneOf, E> {
                Ok(OneOf(vec![number.to_string()]))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<OneOf, E> {
                Ok(OneOf(vec![text.to_owned()]))
            }

            fn visit_seq<A: de::SeqAccess<'de>>(self, mut all: A) -> Result<OneOf, A::Error> {
                let mut values = Vec::new();
                while let Some(OneOf(one)) = all.next_element()? {
                    values.extend(one);
                }
                match values.is_empty() {
                    true => Err(de::Error::custom("names no value")),
                    false => Ok(OneOf(values)),
                }
            }
        }
        from.deserialize_any(Visitor)
    }
}
