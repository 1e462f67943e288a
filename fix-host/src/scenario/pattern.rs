//! What a field must be like.

use std::{cmp::Ordering, fmt};

use fix_core::{decimal::Decimal, dict::is_secret, tag::Tag};
use regex_lite::Regex;

use super::{
    message, names,
    template::{Template, Values},
};

/// A field, where it stands for the `occurrence`th time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FieldRef {
    pub(super) tag: Tag,
    /// From 1 on.
    pub(super) occurrence: usize,
}

impl fmt::Display for FieldRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.occurrence {
            1 => write!(f, "{}", self.tag),
            occurrence => write!(f, "{}[{occurrence}]", self.tag),
        }
    }
}

/// What is said of one field.
#[derive(Clone, Debug)]
pub(super) struct Condition {
    pub(super) field: FieldRef,
    pub(super) pattern: Pattern,
    /// The name that the value gets.
    pub(super) capture: Option<String>,
}

/// What a value must be like.
#[derive(Clone, Debug)]
pub(super) enum Pattern {
    Any,
    Absent,
    Is(Template),
    IsNot(Template),
    Compares(Comparison, Template),
    Between(Template, Template),
    OneOf(Vec<Template>),
    /// `*` and `?` stand for what they do in file names.
    Like(Template),
    Matches(Regex),
}

/// How a number compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Less,
    AtMost,
    Greater,
    AtLeast,
}

impl Comparison {
    fn holds(self, order: Ordering) -> bool {
        match self {
            Comparison::Less => order.is_lt(),
            Comparison::AtMost => order.is_le(),
            Comparison::Greater => order.is_gt(),
            Comparison::AtLeast => order.is_ge(),
        }
    }

    fn symbol(self) -> &'static str {
        match self {
            Comparison::Less => "<",
            Comparison::AtMost => "<=",
            Comparison::Greater => ">",
            Comparison::AtLeast => ">=",
        }
    }
}

/// A condition held against a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Judgement {
    pub(super) field: FieldRef,
    pub(super) is_met: bool,
    /// As the script says it, filled in.
    pub(super) expected: String,
    pub(super) found: Option<Vec<u8>>,
}

impl Condition {
    /// Holds it against a message; `msg_type` is the MsgType(35) that it speaks of.
    ///
    /// # Errors
    /// A `$name` of it has no value.
    pub(super) fn judge(
        &self,
        message: &[u8],
        msg_type: &[u8],
        values: &mut Values<'_>,
    ) -> Result<Judgement, String> {
        let FieldRef { tag, occurrence } = self.field;
        let found = message::field(message, tag, occurrence);
        let (is_met, expected) = self.pattern.judge(tag, msg_type, found, values)?;
        Ok(Judgement { field: self.field, is_met, expected, found: found.map(<[u8]>::to_vec) })
    }
}

impl Pattern {
    fn judge(
        &self,
        tag: Tag,
        msg_type: &[u8],
        found: Option<&[u8]>,
        values: &mut Values<'_>,
    ) -> Result<(bool, String), String> {
        let mut fill = |template: &Template| template.fill(values);
        let shown = |value: &[u8]| names::shown_value(tag, value, msg_type);
        let holds = |test: &dyn Fn(&[u8]) -> bool| found.is_some_and(test);
        Ok(match self {
            Pattern::Any => (found.is_some(), "any".to_owned()),
            Pattern::Absent => (found.is_none(), "absent".to_owned()),
            Pattern::Is(template) => {
                let value = fill(template)?;
                (holds(&|found| is_same(tag, found, &value)), shown(&value))
            }
            Pattern::IsNot(template) => {
                let value = fill(template)?;
                (holds(&|found| !is_same(tag, found, &value)), format!("!= {}", shown(&value)))
            }
            Pattern::Compares(comparison, template) => {
                let value = fill(template)?;
                let is_met = holds(&|found| comparison.holds(order(found, &value)));
                (is_met, format!("{} {}", comparison.symbol(), shown(&value)))
            }
            Pattern::Between(least, most) => {
                let (least, most) = (fill(least)?, fill(most)?);
                let is_met = holds(&|found| order(found, &least).is_ge() && order(found, &most).is_le());
                (is_met, format!("{}..{}", shown(&least), shown(&most)))
            }
            Pattern::OneOf(templates) => {
                let wanted: Vec<_> = templates.iter().map(fill).collect::<Result<_, _>>()?;
                let is_met = holds(&|found| wanted.iter().any(|value| is_same(tag, found, value)));
                (is_met, wanted.iter().map(|value| shown(value)).collect::<Vec<_>>().join(", "))
            }
            Pattern::Like(template) => {
                let glob = fill(template)?;
                (holds(&|found| is_like(found, &glob)), format!("like {}", shown(&glob)))
            }
            Pattern::Matches(regex) => {
                let is_met = holds(&|found| regex.is_match(&String::from_utf8_lossy(found)));
                let shown = if is_secret(tag, msg_type) { "***" } else { regex.as_str() };
                (is_met, format!("matches /{shown}/"))
            }
        })
    }

    /// The templates in it.
    pub(super) fn templates(&self) -> Vec<&Template> {
        match self {
            Pattern::Any | Pattern::Absent | Pattern::Matches(_) => Vec::new(),
            Pattern::Is(one) | Pattern::IsNot(one) | Pattern::Compares(_, one) | Pattern::Like(one) => {
                vec![one]
            }
            Pattern::Between(least, most) => vec![least, most],
            Pattern::OneOf(all) => all.iter().collect(),
        }
    }
}

/// Numbers are the same whatever their zeros.
fn is_same(tag: Tag, found: &[u8], wanted: &[u8]) -> bool {
    let numbers = || Some(Decimal::parse(found).ok()? == Decimal::parse(wanted).ok()?);
    found == wanted || (names::is_number(tag) && numbers().unwrap_or_default())
}

/// Numbers by their size, all else (times too) by its text.
fn order(found: &[u8], wanted: &[u8]) -> Ordering {
    match (Decimal::parse(found), Decimal::parse(wanted)) {
        (Ok(found), Ok(wanted)) => found.cmp(&wanted),
        _ => found.cmp(wanted),
    }
}

/// In time that grows with the product of both lengths at most.
fn is_like(found: &[u8], glob: &[u8]) -> bool {
    let (mut at, mut place) = (0, 0);
    // Where the last * stood, and what it was taken for.
    let mut star: Option<(usize, usize)> = None;
    while let Some(byte) = found.get(at) {
        match glob.get(place) {
            Some(b'*') => {
                star = Some((place, at));
                place += 1;
            }
            Some(wanted) if *wanted == b'?' || wanted == byte => {
                at += 1;
                place += 1;
            }
            _ => {
                let Some((star_at, taken_to)) = star else { return false };
                star = Some((star_at, taken_to + 1));
                at = taken_to + 1;
                place = star_at + 1;
            }
        }
    }
    glob.get(place..).unwrap_or_default().iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use fix_core::tag;

    use super::*;

    #[test]
    fn numbers_are_compared_as_numbers_and_text_as_text() {
        assert!(is_same(tag::PRICE, b"96.250", b"96.25") && !is_same(tag::SYMBOL, b"1.0", b"1.00"));
        assert!(order(b"9", b"10").is_lt() && order(b"b", b"ab").is_gt());
        assert!(order(b"20261128-10:00:00", b"20261128-09:59:59.999").is_gt());
    }

    #[test]
    fn globs_are_those_of_file_names() {
        for (found, glob) in [("ORD-17", "ORD-*"), ("", "*"), ("abcb", "a*b"), ("ab", "??"), ("x", "x**")] {
            assert!(is_like(found.as_bytes(), glob.as_bytes()), "{found} {glob}");
        }
        for (found, glob) in [("ORD", "ORD-*"), ("abc", "a*b"), ("a", "??"), ("", "?"), ("ab", "a")] {
            assert!(!is_like(found.as_bytes(), glob.as_bytes()), "{found} {glob}");
        }
    }
}
