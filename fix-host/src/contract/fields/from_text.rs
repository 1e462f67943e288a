//! Fields as on the wire, from a configuration.

use std::{iter::Peekable, slice::Iter};

use fix_core::{dict::Block, tag::Tag};

use super::{Content, FieldProblem, FieldsError, OrderField, check::value_of, name::Names};
use crate::contract::order_error::Quoted;

/// Tags or names, and values.
type Pairs<'a, 'p> = Peekable<Iter<'a, (&'p str, &'p str)>>;

/// Reads all pairs as fields of the message's body; those of a group follow its count field.
pub(super) fn read_pairs(pairs: &[(&str, &str)], names: Names<'_>) -> Result<Vec<OrderField>, FieldsError> {
    let mut rest = pairs.iter().peekable();
    let mut fields: Vec<OrderField> = Vec::new();
    while let Some(pair) = rest.next() {
        let field = read_field(pair, &mut rest, names.body(), true, names)?;
        if fields.iter().any(|other| other.tag == field.tag) {
            return Err(names.error_of(field.tag, FieldProblem::Duplicate));
        }
        fields.push(field);
    }
    Ok(fields)
}

fn read_field(
    (key, value): &(&str, &str),
    rest: &mut Pairs<'_, '_>,
    level: Option<&'static Block>,
    is_top: bool,
    names: Names<'_>,
) -> Result<OrderField, FieldsError> {
    let tag = names.field(key.trim(), level, is_top)?;
    let Some(group) = level.and_then(|level| level.group(tag)) else {
        return Ok(OrderField { tag, content: value_of(tag, (*value).to_owned(), names)? });
    };
    let mut entries = Vec::new();
    while let Some(delimiter) = rest.next_if(|next| is(next, group.delimiter, names)) {
        let mut entry = vec![read_field(delimiter, rest, Some(&group.entry), false, names)?];
        while let Some(next) = rest.next_if(|next| {
            !is(next, group.delimiter, names) && group.entry.members.iter().any(|tag| is(next, *tag, names))
        }) {
            entry.push(read_field(next, rest, Some(&group.entry), false, names)?);
        }
        entries.push(entry);
    }
    if value.parse() != Ok(entries.len()) || entries.is_empty() {
        let problem = FieldProblem::Count { found: Quoted::new(value), entries: entries.len() };
        return Err(names.error_of(tag, problem));
    }
    Ok(OrderField { tag, content: Content::Group(entries) })
}

fn is(pair: &(&str, &str), tag: Tag, names: Names<'_>) -> bool {
    names.find(pair.0.trim()) == Some(tag)
}
