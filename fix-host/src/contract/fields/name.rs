//! Which field a key means, and whether it may stand there.

use fix_core::{
    dict::{Block, Dictionary},
    msg::{
        header::{is_header_tag, is_trailer_tag},
        msg_type::MsgType,
    },
    tag::{self, Tag},
};

use super::{FieldProblem, FieldsError, Place};
use crate::{config::nearest, contract::order_error::Quoted};

/// The lowest tag that counterparties may give a meaning of their own.
const FIRST_USER_DEFINED: i32 = 5000;

/// The fields that an order has under keys of its own.
const OWN: [(Tag, &str); 12] = [
    (tag::CL_ORD_ID, "clOrdID"),
    (tag::ORIG_CL_ORD_ID, "origClOrdID"),
    (tag::SYMBOL, "symbol"),
    (tag::SIDE, "side"),
    (tag::ORDER_QTY, "qty"),
    (tag::ORD_TYPE, "ordType"),
    (tag::PRICE, "price"),
    (tag::STOP_PX, "stopPx"),
    (tag::TIME_IN_FORCE, "timeInForce"),
    (tag::EXPIRE_TIME, "expireTime"),
    (tag::ACCOUNT, "account"),
    (tag::TRANSACT_TIME, "timestamp"),
];

/// True of the fields that an order has under keys of its own and that may be the same for many: what the order says
/// wins.
const MAY_BE_DEFAULT: [Tag; 2] = [tag::ACCOUNT, tag::TIME_IN_FORCE];

/// True if orders have the field under a key of their own, so that no instrument can set it.
pub fn is_own_of_order(tag: Tag) -> bool {
    OWN.iter().any(|(own, _)| *own == tag) && !MAY_BE_DEFAULT.contains(&tag)
}

/// What gives keys their meaning.
#[derive(Clone, Copy)]
pub(super) struct Names<'a> {
    pub dictionary: &'a Dictionary,
    pub msg_type: MsgType,
    pub place: Place,
}

impl Names<'_> {
    /// The body of the message; `None` if the dictionary does not have it.
    pub(super) fn body(&self) -> Option<&'static Block> {
        self.dictionary.message(self.msg_type.as_bytes()).map(|message| &message.body)
    }

    /// The field that a key means, whatever its case and separators; in an entry of a group, `level` is the entry.
    pub(super) fn field(&self, key: &str, level: Option<&Block>, is_top: bool) -> Result<Tag, FieldsError> {
        let error = |problem| Err(self.error(key, problem));
        let found = self.find(key);
        let Some(tag) = found else {
            let names = self.dictionary.names.iter().map(|(_, name)| name);
            let near =
                nearest(key, names).and_then(|name| self.dictionary.tag(name)).map(|tag| self.shown(tag));
            return error(FieldProblem::Unknown { near });
        };
        if is_header_tag(tag) || is_trailer_tag(tag) || self.dictionary.header.contains(tag) {
            return error(FieldProblem::OfSession);
        }
        let own = OWN.iter().find(|(own, _)| *own == tag).filter(|_| is_top);
        if let Some((tag, key)) = own
            && (self.place == Place::Order || !MAY_BE_DEFAULT.contains(tag))
        {
            return error(FieldProblem::OfOrder { key });
        }
        if !belongs(tag, level) {
            let message = match self.dictionary.message(self.msg_type.as_bytes()) {
                Some(message) if is_top => format!("{}({})", message.name, message.msg_type),
                _ => "an entry of this group".to_owned(),
            };
            return error(FieldProblem::OfOtherMessage { message });
        }
        if let Some(data) = self.dictionary.data_tag(tag) {
            return error(FieldProblem::Counted { data });
        }
        Ok(tag)
    }

    pub(super) fn find(&self, key: &str) -> Option<Tag> {
        let number = key.bytes().all(|byte| byte.is_ascii_digit()).then(|| key.parse::<i32>().ok()).flatten();
        if let Some(number) = number {
            let tag = Tag(number);
            let is_known = number >= FIRST_USER_DEFINED || self.dictionary.field(tag).is_some();
            return (number > 0 && is_known).then_some(tag);
        }
        let plain = plain(key);
        self.dictionary.names.iter().find(|(_, name)| is_plain(name, &plain)).map(|(tag, _)| tag)
    }

    /// `ClOrdID(11)`; a tag without a name is its number.
    pub(super) fn shown(&self, tag: Tag) -> String {
        match self.dictionary.field_name(tag) {
            Some(name) => format!("{name}({})", tag.0),
            None => tag.0.to_string(),
        }
    }

    /// An error about the field that a key means, or about the key.
    pub(super) fn error(&self, key: &str, problem: FieldProblem) -> FieldsError {
        let field = self.find(key).map_or_else(|| Quoted::new(key).to_string(), |tag| self.shown(tag));
        FieldsError::new(self.place, field, problem)
    }

    /// An error about a field.
    pub(super) fn error_of(&self, tag: Tag, problem: FieldProblem) -> FieldsError {
        FieldsError::new(self.place, self.shown(tag), problem)
    }
}

/// True if the field may stand at this level; a message that the dictionary does not have may hold any.
pub(super) fn belongs(tag: Tag, level: Option<&Block>) -> bool {
    tag.0 >= FIRST_USER_DEFINED || level.is_none_or(|level| level.contains(tag))
}

/// Without separators, in small letters.
fn plain(key: &str) -> String {
    key.chars().filter(|c| !matches!(c, '_' | '-' | ' ')).map(|c| c.to_ascii_lowercase()).collect()
}

fn is_plain(name: &str, plain: &str) -> bool {
    let letters = name.bytes().filter(|byte| *byte != b'_').map(|byte| byte.to_ascii_lowercase());
    name.len() >= plain.len() && letters.eq(plain.bytes())
}
