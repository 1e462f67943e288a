//! Why a field beside those of every order was refused.

use fix_core::tag::Tag;

use super::Place;
use crate::contract::order_error::Quoted;

/// A field that was refused: where it stands, which one it is, and what is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}{field}: {problem}")]
pub struct FieldsError {
    place: &'static str,
    field: String,
    /// What is wrong.
    pub problem: FieldProblem,
}

impl FieldsError {
    pub(super) fn new(place: Place, field: String, problem: FieldProblem) -> Self {
        let place = match place {
            Place::Order => "fields: ",
            Place::Defaults | Place::Instrument => "",
        };
        FieldsError { place, field, problem }
    }
}

/// What is wrong with a field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FieldProblem {
    /// No `tag=value`.
    #[error("is not tag=value")]
    NoPair,
    /// Neither a tag nor a name that the dictionary has.
    #[error("the dictionary has no such field{}", did_you_mean(.near))]
    Unknown {
        /// A name that differs in a letter or two.
        near: Option<String>,
    },
    /// A field of the standard header or trailer.
    #[error("the session itself writes this field")]
    OfSession,
    /// A field that the order has under a key of its own.
    #[error("give it as {key}, which every order has")]
    OfOrder {
        /// The key.
        key: &'static str,
    },
    /// A field of other messages.
    #[error("does not belong to {message}")]
    OfOtherMessage {
        /// The message, with its type, or the group.
        message: String,
    },
    /// The same field twice.
    #[error("given twice")]
    Duplicate,
    /// The Length field of a data field.
    #[error("is counted from {data}; leave it out")]
    Counted {
        /// The data field.
        data: Tag,
    },
    /// A group that is no list of objects, or a plain field that is.
    #[error("must be {expected}, not {found}")]
    WrongType {
        /// What it must be.
        expected: &'static str,
        /// What it is.
        found: &'static str,
    },
    /// An entry without the field that every entry begins with.
    #[error("an entry of this group must have {delimiter}")]
    NoDelimiter {
        /// The field.
        delimiter: Tag,
    },
    /// The count of a group in a configuration is not the number of its entries.
    #[error("says {found} entries, but {entries} follow")]
    Count {
        /// What it says.
        found: Quoted,
        /// How many there are.
        entries: usize,
    },
    /// No characters.
    #[error("is empty")]
    Empty,
    /// SOH, another control character, or what no FIX 4.4 `String` holds.
    #[error("{character:?} (character {at}) is not printable ASCII")]
    BadCharacter {
        /// The character.
        character: char,
        /// Where, counted from 1.
        at: usize,
    },
    /// A value of another type.
    #[error("{found} is no {kind}")]
    Format {
        /// The value.
        found: Quoted,
        /// The type, as FIX names it.
        kind: &'static str,
    },
    /// A value that is not one of the field's codes.
    #[error("must be one of {codes}, not {found}")]
    Code {
        /// The value.
        found: Quoted,
        /// The codes.
        codes: String,
    },
    /// Anything else that a counterparty would reject.
    #[error("{0}")]
    Other(String),
}

fn did_you_mean(near: &Option<String>) -> String {
    near.as_ref().map(|near| format!("; did you mean {near}?")).unwrap_or_default()
}
