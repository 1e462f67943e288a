//! Looks names up and opens components up: from a dictionary as written to the tables that messages are read with.
//!
//! Which fields are required is decided as QuickFIX does, because its users' dictionaries rely on it: a field of a
//! component counts only if every component around it is required where it is used; a field of a group's entry
//! only if the group says `required="Y"` itself, and never if it comes from a component inside the group.

use std::collections::BTreeMap;

use crate::{
    error::{SpecError, Warnings},
    fields::{self, data_pairs},
    members::Resolver,
    model::{self, Field, Spec},
    standard,
};

/// A dictionary without open names.
#[derive(Debug)]
pub struct Resolved {
    /// The BeginString(8).
    pub begin_string: String,
    /// Ascending by number.
    pub fields: Vec<Field>,
    /// The header.
    pub header: Block,
    /// The trailer.
    pub trailer: Block,
    /// Ascending by [`message_key`].
    pub messages: Vec<Message>,
    /// Every different group once, inner groups before the groups around them.
    pub groups: Vec<Group>,
    /// The tags of length fields and of their data fields, ascending.
    pub data_pairs: Vec<(i32, i32)>,
}

/// The fields of one level.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Block {
    /// In their order.
    pub members: Vec<i32>,
    /// In their order.
    pub required: Vec<i32>,
    /// Indices into [`Resolved::groups`].
    pub groups: Vec<usize>,
}

/// A message.
#[derive(Debug)]
pub struct Message {
    /// Its name.
    pub name: String,
    /// The value of MsgType(35).
    pub msg_type: String,
    /// Whether it belongs to the session.
    pub admin: bool,
    /// The body.
    pub body: Block,
}

/// A repeating group.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Group {
    /// The component that it alone makes up, or its count field without `No`.
    pub name: String,
    /// The count field.
    pub count: i32,
    /// The fields of an entry; the first is the delimiter.
    pub entry: Block,
}

/// The order of messages in the tables: by length, then by bytes.
pub fn message_key(msg_type: &str) -> u64 {
    msg_type.bytes().fold(0, |key, byte| key << 8 | u64::from(byte))
}

/// Resolves a dictionary.
///
/// # Errors
/// [`SpecError`] for the first name that is not defined, or is defined twice or in terms of itself.
pub fn resolve(spec: &Spec, warnings: &mut Warnings) -> Result<Resolved, SpecError> {
    let Some(version) = &spec.version else {
        return Err(SpecError::new(
            &spec.at,
            "<fix> needs major and minor: is this an overlay, not a dictionary?",
        ));
    };
    // FIX 5.0 keeps them in the transport's dictionary.
    let has_ends = version.kind == "FIXT" || version.major < 5;
    let mut fields = fields::merge(spec, warnings)?;
    let header = standard::header(spec, &mut fields, has_ends, warnings);
    let trailer = standard::trailer(spec, &mut fields, has_ends, warnings);
    let mut resolver = Resolver::new(spec, &fields, warnings);
    let header = resolver.end(header.as_deref().unwrap_or(&spec.header), has_ends)?;
    let trailer = resolver.end(trailer.as_deref().unwrap_or(&spec.trailer), has_ends)?;
    let messages = messages(spec, &mut resolver)?;
    let groups = resolver.groups();
    let fields: Vec<Field> = fields.into_values().collect();
    Ok(Resolved {
        begin_string: version.begin_string(),
        header,
        trailer,
        messages,
        groups,
        data_pairs: data_pairs(&fields),
        fields,
    })
}

/// The messages by their key; of those with the same MsgType the members are put together, as QuickFIX does.
fn messages(spec: &Spec, resolver: &mut Resolver<'_>) -> Result<Vec<Message>, SpecError> {
    let mut by_key: BTreeMap<u64, Vec<&model::Message>> = BTreeMap::new();
    for message in &spec.messages {
        let same = by_key.entry(message_key(&message.msg_type)).or_default();
        if let Some(other) = same.first() {
            let what =
                format!("msgtype \"{}\" is there twice: put together with {}", message.msg_type, other.at);
            resolver.warn(&message.at, what);
        }
        same.push(message);
    }
    let resolve = |same: Vec<&model::Message>| {
        let body = resolver.body(same.iter().map(|message| message.members.as_slice()))?;
        let first = same[0];
        let (name, msg_type) = (first.name.clone(), first.msg_type.clone());
        Ok(Message { name, msg_type, admin: first.admin, body })
    };
    by_key.into_values().map(resolve).collect()
}
