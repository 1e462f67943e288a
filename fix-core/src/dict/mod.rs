//! Dictionaries: what the fields, messages and repeating groups of a FIX version or of a counterparty are.
//!
//! All tables are `&'static`: [`fix44`] is generated from `config/FIX44.xml` by `cargo xtask codegen`, and a host
//! can leak tables that it loads at run time. Every group, message and code set is an item of its own, so that a
//! board links only those that it names.

mod code_set;
#[doc(hidden)]
pub mod codes;
mod field_names;
mod field_type;
#[rustfmt::skip]
pub mod fix44;
mod secret;
mod tag_name;
mod tag_set;

pub use code_set::{Code, CodeSet};
pub use field_names::FieldNames;
pub use field_type::FieldType;
pub use secret::is_secret;
pub use tag_set::{DENSE_TAGS, TagSet};

use crate::tag::Tag;
pub use crate::wire::field::DataPair;

/// Tags from their numbers: meant for tables.
#[must_use]
pub const fn tags<const N: usize>(numbers: [i32; N]) -> [Tag; N] {
    let mut tags = [Tag(0); N];
    let mut index = 0;
    while index < N {
        tags[index] = Tag(numbers[index]);
        index += 1;
    }
    tags
}

/// What a field may hold.
#[derive(Clone, Copy, Debug)]
pub struct FieldDef {
    /// Its data type; [`FieldType::Undefined`] fills the gaps of [`Dictionary::fields`].
    pub kind: FieldType,
    /// Whether values outside `codes` are valid too: the code set then only names the usual ones.
    pub open: bool,
    /// The values that it may take; `None` if any value of its type will do.
    pub codes: Option<&'static CodeSet>,
    /// Any value that is not empty will do.
    any_text: bool,
}

impl FieldDef {
    /// The filler for tag numbers that no field has.
    pub const UNDEFINED: FieldDef = FieldDef::new(FieldType::Undefined);

    /// A field that takes any value of its type.
    #[must_use]
    pub const fn new(kind: FieldType) -> FieldDef {
        FieldDef { kind, open: false, codes: None, any_text: kind.is_any_text() }
    }

    /// A field that takes only the values of a code set.
    #[must_use]
    pub const fn coded(kind: FieldType, codes: &'static CodeSet) -> FieldDef {
        FieldDef { kind, open: false, codes: Some(codes), any_text: false }
    }

    /// A field with usual values, others being valid too.
    #[must_use]
    pub const fn open(kind: FieldType, codes: &'static CodeSet) -> FieldDef {
        FieldDef { kind, open: true, codes: Some(codes), any_text: false }
    }

    /// Whether any value that is not empty will do.
    #[inline]
    #[must_use]
    pub const fn is_any_text(&self) -> bool {
        self.any_text
    }
}

/// The fields of one level: the header, the trailer, the body of a message, or one entry of a repeating group.
#[derive(Clone, Copy, Debug)]
pub struct Block {
    /// The fields in their order, components opened up; a repeating group stands as its count field.
    pub members: &'static [Tag],
    /// The same fields for a constant-time test.
    pub set: TagSet,
    /// The fields that must be there. In a group that is itself optional, none is (its delimiter apart).
    pub required: &'static [Tag],
    /// The same for a test of all at once.
    pub required_set: TagSet,
    /// The repeating groups that start at this level.
    pub groups: &'static [&'static GroupDef],
}

impl Block {
    /// A level without fields.
    pub const EMPTY: Block =
        Block { members: &[], set: TagSet::EMPTY, required: &[], required_set: TagSet::EMPTY, groups: &[] };

    /// Whether the field belongs to this level; fields inside the entries of its groups do not.
    #[inline]
    #[must_use]
    pub fn contains(&self, tag: Tag) -> bool {
        self.set.contains(tag)
    }

    /// The repeating group at this level that `count` counts.
    #[must_use]
    pub fn group(&self, count: Tag) -> Option<&'static GroupDef> {
        self.groups.iter().copied().find(|group| group.count == count)
    }
}

/// A repeating group. The same count field may stand for different groups in different messages.
#[derive(Clone, Copy, Debug)]
pub struct GroupDef {
    /// The name of its component in the standard, such as `MDFullGrp`, or else of its count field.
    pub name: &'static str,
    /// The field that holds the number of entries, such as NoMDEntries(268).
    pub count: Tag,
    /// The field that every entry starts with.
    pub delimiter: Tag,
    /// The fields of an entry.
    pub entry: Block,
}

/// A message.
#[derive(Clone, Copy, Debug)]
pub struct MessageDef {
    /// The value of MsgType(35).
    pub msg_type: &'static str,
    /// Its name, such as `NewOrderSingle`.
    pub name: &'static str,
    /// Whether it belongs to the session rather than to the application.
    pub admin: bool,
    /// The fields between header and trailer.
    pub body: Block,
}

/// The fields and messages of a FIX version, as a counterparty speaks it.
#[derive(Clone, Copy, Debug)]
pub struct Dictionary {
    /// The BeginString(8) that it is for, such as `FIX.4.4`.
    pub begin_string: &'static str,
    /// The definition of each tag below [`DENSE_TAGS`], by tag number.
    pub fields: &'static [FieldDef],
    /// The definitions of the other tags, ascending.
    pub high_fields: &'static [(Tag, FieldDef)],
    /// The names of the fields.
    pub names: &'static FieldNames,
    /// The fields before the body.
    pub header: &'static Block,
    /// The fields after the body.
    pub trailer: &'static Block,
    /// The messages, ascending by [`MessageDef::key`] of their types.
    pub messages: &'static [&'static MessageDef],
    /// The keys of `messages`, in the same order.
    pub message_keys: &'static [u64],
    /// Where the messages are whose type is one letter: see [`MessageDef::letters`].
    pub message_letters: &'static [u8; 128],
    /// The data fields with their length fields, ascending by length field.
    pub data_pairs: &'static [DataPair],
    /// Those of them that FIX 4.4 does not have, and that reading a message must be told of:
    /// [`Message::parse_with`](crate::msg::message::Message::parse_with).
    pub extra_data_pairs: &'static [DataPair],
}

impl MessageDef {
    /// The order of messages in a dictionary: a number for each MsgType of up to eight bytes, 0 for all others.
    #[inline]
    #[must_use]
    pub const fn key(msg_type: &[u8]) -> u64 {
        if msg_type.len() > 8 {
            return 0;
        }
        let mut key = 0;
        let mut left = msg_type;
        while let [byte, rest @ ..] = left {
            key = key << 8 | *byte as u64;
            left = rest;
        }
        key
    }

    /// For each ASCII letter, one more than the place of the message whose type it is among ascending `keys`; zero
    /// where there is none.
    #[must_use]
    pub const fn letters(keys: &[u64]) -> [u8; 128] {
        let mut letters = [0; 128];
        let mut left = keys;
        let mut place = 0u8;
        while let [key @ 1..128, rest @ ..] = left {
            place = place.wrapping_add(1);
            letters[*key as usize] = place;
            left = rest;
        }
        letters
    }
}

impl Dictionary {
    /// The definition of a field; `None` if the dictionary does not know the tag.
    #[inline]
    #[must_use]
    pub fn field(&self, tag: Tag) -> Option<&'static FieldDef> {
        match self.fields.get(tag.0 as usize) {
            Some(field) if field.kind as u8 == FieldType::Undefined as u8 => None,
            Some(field) => Some(field),
            None => lookup(self.high_fields, tag),
        }
    }

    /// The name of a field, such as `ClOrdID`.
    #[must_use]
    pub fn field_name(&self, tag: Tag) -> Option<&'static str> {
        self.names.get(tag)
    }

    /// The field that has this name, by comparing with every name: for configuration, not for messages.
    #[must_use]
    pub fn tag(&self, name: &str) -> Option<Tag> {
        self.names.find(name)
    }

    /// What a value of a field means, such as `BUY`; `None` if the field or the value has no name.
    ///
    /// A list of codes has no meaning as a whole: ask for each.
    #[must_use]
    pub fn code_name(&self, tag: Tag, value: &[u8]) -> Option<&'static str> {
        self.field(tag)?.codes?.name(value)
    }

    /// The message with this MsgType(35).
    #[inline]
    #[must_use]
    pub fn message(&self, msg_type: &[u8]) -> Option<&'static MessageDef> {
        if let [letter @ 0..128] = msg_type {
            // Most messages have a type of one letter.
            let place = usize::from(*self.message_letters.get(usize::from(*letter))?);
            return self.messages.get(place.checked_sub(1)?).copied();
        }
        let index = self.message_keys.binary_search(&MessageDef::key(msg_type)).ok()?;
        // Leading NUL bytes do not change the key: compare the whole type.
        self.messages.get(index).copied().filter(|message| message.msg_type.as_bytes() == msg_type)
    }

    /// The data field whose size the field `length` holds.
    #[must_use]
    pub fn data_tag(&self, length: Tag) -> Option<Tag> {
        let index = self.data_pairs.binary_search_by_key(&length, |pair| pair.length).ok()?;
        self.data_pairs.get(index).map(|pair| pair.data)
    }
}

fn lookup<T>(table: &'static [(Tag, T)], tag: Tag) -> Option<&'static T> {
    let index = table.binary_search_by_key(&tag, |(number, _)| *number).ok()?;
    table.get(index).map(|(_, value)| value)
}
