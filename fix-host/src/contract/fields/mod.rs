//! Fields beside those that every order has: its own (`fields`), its instrument's (further columns of `Instruments`),
//! and its session's (`OrderDefaults`), each checked against the session's dictionary.
//!
//! In JSON they have the shape of reports ([`fix_to_dict`](super::fix_to_dict)): a repeating group is a list of objects
//! under its count field. In a configuration they are `tag=value|tag=value`, as on the wire.

mod check;
mod error;
mod from_json;
mod from_text;
mod name;

use fix_core::{msg::msg_type::MsgType, tag::Tag, wire::writer::Writer};

pub use error::{FieldProblem, FieldsError};
pub use name::is_own_of_order;

use from_json::read_object;
use from_text::read_pairs;
use name::{Names, belongs};

use fix_core::dict::Dictionary;
use serde_json::{Map, Value};

/// A field of an order, or a repeating group of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderField {
    /// Its tag; of a group that of its count field.
    pub tag: Tag,
    content: Content,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Content {
    Value(String),
    /// A data field, which its Length field announces.
    Data {
        length: Tag,
        value: String,
    },
    /// The entries of a repeating group.
    Group(Vec<Vec<OrderField>>),
}

impl OrderField {
    /// Its text; `None` of data and of a group.
    pub fn text(&self) -> Option<&str> {
        match &self.content {
            Content::Value(value) => Some(value),
            Content::Data { .. } | Content::Group(_) => None,
        }
    }

    /// Appends the field, or the whole group.
    pub fn encode(&self, out: &mut Writer<'_>) {
        match &self.content {
            Content::Value(value) => {
                out.field(self.tag, value.as_str());
            }
            Content::Data { length, value } => {
                out.data(*length, self.tag, value.as_bytes());
            }
            Content::Group(entries) => {
                out.field(self.tag, entries.len() as u64);
                entries.iter().flatten().for_each(|field| field.encode(out));
            }
        }
    }
}

/// Where the fields stand: it begins the error, and says which of them may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// `fields` of an order in JSON: none that has a key of its own.
    Order,
    /// `OrderDefaults`.
    Defaults,
    /// A row of `Instruments`.
    Instrument,
}

/// Reads `fields` of an order that is sent as a message of this type.
///
/// # Errors
/// [`FieldsError`] for the first that is wrong.
pub fn of_order(
    json: &Map<String, Value>,
    msg_type: MsgType,
    dictionary: &Dictionary,
) -> Result<Vec<OrderField>, FieldsError> {
    let names = Names { dictionary, msg_type, place: Place::Order };
    let fields = read_object(json, names)?;
    check::check(&fields, names)?;
    Ok(fields)
}

/// Reads `OrderDefaults`: the fields of a NewOrderSingle(D), as `tag=value|tag=value`, a name in place of a tag too.
///
/// # Errors
/// [`FieldsError`] for the first that is wrong.
pub fn of_text(text: &str, dictionary: &Dictionary) -> Result<Vec<OrderField>, FieldsError> {
    let names = Names { dictionary, msg_type: MsgType::NEW_ORDER_SINGLE, place: Place::Defaults };
    let pairs = text.split('|').map(|pair| pair.trim()).filter(|pair| !pair.is_empty());
    let pairs = pairs.map(|pair| pair.split_once('=').ok_or_else(|| names.error(pair, FieldProblem::NoPair)));
    let fields = read_pairs(&pairs.collect::<Result<Vec<_>, _>>()?, names)?;
    check::check(&fields, names)?;
    Ok(fields)
}

/// Reads the further columns of an instrument: names or tags, and values.
///
/// # Errors
/// [`FieldsError`] for the first that is wrong.
pub fn of_columns(
    columns: &[(String, String)],
    dictionary: &Dictionary,
) -> Result<Vec<OrderField>, FieldsError> {
    let names = Names { dictionary, msg_type: MsgType::NEW_ORDER_SINGLE, place: Place::Instrument };
    let pairs: Vec<(&str, &str)> =
        columns.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    let fields = read_pairs(&pairs, names)?;
    check::check(&fields, names)?;
    Ok(fields)
}

/// True if a message of this type may hold the field: a default that it may not is left out of it.
pub fn fits(field: &OrderField, msg_type: MsgType, dictionary: &Dictionary) -> bool {
    belongs(field.tag, dictionary.message(msg_type.as_bytes()).map(|message| &message.body))
}

#[cfg(test)]
mod tests;
