//! Why an order in JSON was refused, in words its sender can act on.

use std::fmt;

use serde_json::Value;

use super::number::NumberError;

/// The most characters of a client's value that an error repeats.
const QUOTED_CHARS: usize = 40;

/// An order that was refused before it came near the engine. One line: the field, then what is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct OrderError {
    /// The order's ClOrdID(11), where it could be read and is well-formed; it addresses the answer.
    pub cl_ord_id: Option<String>,
    /// `symbol`, `side`, `qty` and `price`, as far as they are well-formed: the answer repeats them.
    pub known: Vec<(&'static str, Value)>,
    /// What it asks for, as far as that can be read.
    pub asked: Box<Asked>,
    /// What is wrong.
    pub problem: OrderProblem,
}

/// What a refused entry asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// A new order, or nothing that can be read.
    New,
    /// To cancel the order with this OrigClOrdID(41), where it could be read.
    Cancel(Option<String>),
    /// To replace it.
    Replace(Option<String>),
}

/// What is wrong with an order.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OrderProblem {
    /// Longer than [`MAX_ORDER_BYTES`](super::parse::MAX_ORDER_BYTES).
    #[error("the order is {bytes} bytes long; at most {max} are taken")]
    TooLong {
        /// Its length.
        bytes: usize,
        /// The limit.
        max: usize,
    },
    /// A list of orders that cannot be cut into its entries.
    #[error("the list of orders is not valid JSON: {why}; no order was sent")]
    NoList {
        /// What is wrong with it.
        why: &'static str,
    },
    /// A list without orders.
    #[error("the list has no orders")]
    NoOrders,
    /// More than [`MAX_ORDERS`](super::parse::MAX_ORDERS).
    #[error("the list has {orders} orders; at most {max} are taken")]
    TooManyOrders {
        /// How many.
        orders: usize,
        /// The limit.
        max: usize,
    },
    /// Not UTF-8.
    #[error("the order is not UTF-8 text (byte {at} is the first wrong one)")]
    NotUtf8 {
        /// Where, counted from 1.
        at: usize,
    },
    /// Not JSON.
    #[error("the order is not valid JSON: {0}")]
    NotJson(String),
    /// JSON, but not `{...}`.
    #[error("the order must be a JSON object, not {0}")]
    NotAnObject(&'static str),
    /// A field that must be there is not.
    #[error("{field}: missing")]
    Missing {
        /// The field.
        field: &'static str,
    },
    /// A field of a request that its order would tell, were it known.
    #[error("{field}: missing, and the order {order} is not known here")]
    MissingOfOrder {
        /// The field.
        field: &'static str,
        /// OrigClOrdID(41), quoted.
        order: Quoted,
    },
    /// A key that is one letter off one of the contract: it is more likely to mean something than not.
    #[error("{field}: unknown key; did you mean {near}?")]
    Misspelt {
        /// The key, quoted.
        field: Quoted,
        /// The one of the contract.
        near: &'static str,
    },
    /// An origClOrdID without a type, with a key that a cancel does not have.
    #[error(
        "type: missing; with {key} this can be read as a replacement of the order origClOrdID (type REPLACE), or as its \
         cancel (type CANCEL): say which, or leave origClOrdID out for a new order"
    )]
    TwoReadings {
        /// The key.
        key: &'static str,
    },
    /// The same field twice: which one is meant?
    #[error("{field}: given twice")]
    Duplicate {
        /// The field, quoted.
        field: Quoted,
    },
    /// A field of the wrong JSON type.
    #[error("{field}: must be {expected}, not {found}")]
    WrongType {
        /// The field.
        field: &'static str,
        /// What it must be.
        expected: &'static str,
        /// What it is.
        found: &'static str,
    },
    /// NaN and Infinity, which Python writes and JSON does not have.
    #[error("{field}: {value} is not a number")]
    NotANumber {
        /// The field.
        field: &'static str,
        /// `NaN`, `Infinity` or `-Infinity`.
        value: &'static str,
    },
    /// A number that cannot be held exactly.
    #[error("{field}: {error}")]
    Number {
        /// The field.
        field: &'static str,
        /// Why.
        error: NumberError,
    },
    /// Zero or below.
    #[error("{field}: must be greater than 0")]
    NotPositive {
        /// The field.
        field: &'static str,
    },
    /// No characters.
    #[error("{field}: is empty")]
    Empty {
        /// The field.
        field: &'static str,
    },
    /// Too many characters.
    #[error("{field}: is {chars} characters long; at most {max} are taken")]
    TooManyChars {
        /// The field.
        field: &'static str,
        /// Its length.
        chars: usize,
        /// The limit.
        max: usize,
    },
    /// SOH, another control character, or anything else beyond printable ASCII, which is what a FIX 4.4
    /// `String` holds (Vol. 1, "String"; SOH would even begin a field of its own).
    #[error("{field}: {character:?} (character {at}) is not printable ASCII")]
    BadCharacter {
        /// The field.
        field: &'static str,
        /// The character.
        character: char,
        /// Where, counted from 1.
        at: usize,
    },
    /// A word that is none of those allowed.
    #[error("{field}: must be {allowed}, not {found}")]
    NotOneOf {
        /// The field.
        field: &'static str,
        /// The words.
        allowed: &'static str,
        /// What it is.
        found: Quoted,
    },
    /// A symbol that is not in the list, with `OnlyKnownSymbols=Y`.
    #[error("symbol: {symbol} is not traded here (OnlyKnownSymbols=Y); known are {known}")]
    UnknownSymbol {
        /// The symbol, quoted.
        symbol: Quoted,
        /// The known ones.
        known: String,
    },
    /// A price that orders of this OrdType(40) do not have.
    #[error("{field}: only {owners} orders have one; leave it out, or set ordType")]
    NotOfThisType {
        /// The field.
        field: &'static str,
        /// The types that have it.
        owners: &'static str,
    },
    /// A price that orders of this OrdType(40) must have.
    #[error("{field}: missing; {owners} orders need one")]
    NeededByThisType {
        /// The field.
        field: &'static str,
        /// The types that have it.
        owners: &'static str,
    },
    /// A GTD order that says no end.
    #[error("expireTime: missing; a GTD order needs one, or an ExpireDate(432) among its fields")]
    NoExpireTime,
    /// An end of an order that has another, or none.
    #[error("expireTime: only a GTD order has one; leave it out, or set timeInForce to GTD")]
    ExpireTimeWithoutGtd,
    /// No time, or one before 1970 or after 9999.
    #[error(
        "{field}: must be seconds since 1970-01-01, up to the year 9999, or a time such as 2026-11-24T16:00:00Z or \
         20261124-16:00:00"
    )]
    Timestamp {
        /// The field.
        field: &'static str,
    },
    /// An order and its cancel with the same id.
    #[error("clOrdID: a {request} needs an id of its own, different from origClOrdID")]
    SameId {
        /// What has it.
        request: &'static str,
    },
    /// A command that another page of the HTTP API takes.
    #[error("type: a {what} goes to {page}")]
    OtherPage {
        /// What it is.
        what: &'static str,
        /// Where it goes.
        page: &'static str,
    },
}

/// What a client should know of how his order was read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Note {
    /// A key that this contract does not have.
    #[error("{key}: unknown key, passed over; known are {known}")]
    UnknownKey {
        /// The key, quoted.
        key: Quoted,
        /// The keys there are.
        known: &'static str,
    },
    /// A key of other commands.
    #[error("{field}: passed over; a {command} has none")]
    NotUsed {
        /// The key.
        field: &'static str,
        /// What was read.
        command: &'static str,
    },
    /// A market order with a price.
    #[error("price: passed over; a MARKET order has none")]
    PriceOfMarketOrder,
    /// A time without a zone.
    #[error("{field}: has no time zone, taken as UTC")]
    NoZone {
        /// The key.
        field: &'static str,
    },
}

/// Untrusted text, shortened and escaped for an error message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quoted(String);

impl Quoted {
    /// Keeps the first 40 characters.
    pub fn new(text: &str) -> Self {
        Quoted(text.chars().take(QUOTED_CHARS + 1).collect())
    }
}

impl fmt::Display for Quoted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.char_indices().nth(QUOTED_CHARS) {
            None => write!(f, "\"{}\"", self.0.escape_default()),
            Some((end, _)) => write!(f, "\"{}...\"", self.0.get(..end).unwrap_or_default().escape_default()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_text_is_short_and_escaped() {
        assert_eq!(Quoted::new("a\u{1}\"b").to_string(), "\"a\\u{1}\\\"b\"");
        let long = "x".repeat(1000);
        assert_eq!(Quoted::new(&long).to_string(), format!("\"{}...\"", &long[..40]));
    }
}
