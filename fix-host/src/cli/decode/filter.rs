//! Which messages are printed.

use std::{fmt, str::FromStr};

use fix_core::{
    dict::Dictionary,
    tag::{self, Tag},
};

use fix_decoder::reading::Pieces;

/// What a user wants to see: `D`, `NewOrderSingle`, `55`, `Symbol`, `55=EUR/USD` or `Side=BUY`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    key: String,
    value: Option<String>,
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.key)?;
        self.value.iter().try_for_each(|value| write!(f, "={value}"))
    }
}

impl FromStr for Wanted {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (key, value) = match text.split_once('=') {
            Some((key, value)) => (key, Some(value.to_owned())),
            None => (text, None),
        };
        if key.is_empty() || value.as_ref().is_some_and(String::is_empty) {
            return Err(
                "write a message type or name, a field, or field=value, such as D, Symbol or 55=EUR/USD"
                    .into(),
            );
        }
        Ok(Wanted { key: key.to_owned(), value })
    }
}

/// The same for a dictionary: a message must have each of these fields, with one of the values if there are any.
#[derive(Debug, Default)]
pub(super) struct Filter(Vec<(Tag, Vec<String>)>);

impl Filter {
    /// What the dictionary has no name for, no message has.
    pub(super) fn new(dictionary: &Dictionary, all: &[Wanted]) -> Self {
        let mut filter = Filter::default();
        for wanted in all {
            let (tag, value) = wanted.in_terms_of(dictionary).unwrap_or((Tag(0), None));
            let place = filter.0.iter().position(|(other, _)| *other == tag).unwrap_or_else(|| {
                filter.0.push((tag, Vec::new()));
                filter.0.len() - 1
            });
            filter.0[place].1.extend(value);
        }
        filter
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a message is wanted.
    pub(super) fn takes<'a>(&self, dictionary: &Dictionary, pieces: impl Fn() -> Pieces<'a>) -> bool {
        self.0.iter().all(|(tag, values)| {
            pieces().filter(|piece| piece.tag == Some(*tag)).any(|piece| {
                let meaning = dictionary.code_name(*tag, piece.value);
                values.is_empty()
                    || values.iter().any(|value| {
                        value.as_bytes() == piece.value
                            || meaning.is_some_and(|meaning| meaning.eq_ignore_ascii_case(value))
                    })
            })
        })
    }
}

impl Wanted {
    /// The field, and the value that it must have; `None` if the dictionary knows no such thing.
    ///
    /// A word alone is a message before it is a field: every message has BeginString(8), but only an ExecutionReport
    /// is an `8`.
    pub(super) fn in_terms_of(&self, dictionary: &Dictionary) -> Option<(Tag, Option<String>)> {
        let message = || {
            let by_name = |name: &str| name.eq_ignore_ascii_case(&self.key);
            let all = dictionary.messages.iter();
            all.map(|message| (message.msg_type, message.name))
                .find(|(msg_type, name)| *msg_type == self.key || by_name(name))
        };
        if self.value.is_none()
            && let Some((msg_type, _)) = message()
        {
            return Some((tag::MSG_TYPE, Some(msg_type.to_owned())));
        }
        let by_name = || {
            let mut names = dictionary.names.iter();
            names.find(|(_, name)| name.eq_ignore_ascii_case(&self.key)).map(|(tag, _)| tag)
        };
        let tag = self.key.parse().ok().filter(|number| *number > 0).map(Tag).or_else(by_name)?;
        Some((tag, self.value.clone()))
    }
}

#[cfg(test)]
mod tests {
    use fix_core::dict::fix44::DICTIONARY;

    use super::*;

    #[test]
    fn words_are_messages_or_fields_and_one_field_may_have_several_values() {
        let takes = |filters: &[&str], message: &str| {
            let wanted: Vec<Wanted> = filters.iter().map(|text| text.parse().unwrap()).collect();
            let message = message.replace('|', "\u{1}");
            Filter::new(&DICTIONARY, &wanted).takes(&DICTIONARY, || Pieces::new(message.as_bytes(), &[]))
        };
        let order = "8=FIX.4.4|35=D|55=EUR/USD|54=1|";
        for filters in [
            &["D"][..],
            &["newordersingle"],
            &["35=D"],
            &["Symbol"],
            &["55"],
            &["55=EUR/USD"],
            &["symbol=EUR/USD", "D"],
            &["Side=BUY"],
            &["D", "8"],
            &[],
        ] {
            assert!(takes(filters, order), "{filters:?}");
        }
        for filters in [&["8"][..], &["44"], &["55=EUR"], &["D", "Side=2"], &["nonsense"]] {
            assert!(!takes(filters, order), "{filters:?}");
        }
        assert!(
            "".parse::<Wanted>().is_err()
                && "=x".parse::<Wanted>().is_err()
                && "55=".parse::<Wanted>().is_err()
        );
    }
}
