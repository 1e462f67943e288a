//! Fields in JSON, in the shape of reports.

use fix_core::{
    dict::{Block, GroupDef},
    tag::Tag,
};
use serde_json::{Map, Value};

use super::{Content, FieldProblem, FieldsError, OrderField, check::value_of, name::Names};
use crate::contract::{json_object::type_name, number};

/// Reads the fields of the message's body; `null` counts as left out.
pub(super) fn read_object(
    json: &Map<String, Value>,
    names: Names<'_>,
) -> Result<Vec<OrderField>, FieldsError> {
    read_level(json, names.body(), true, names)
}

fn read_level(
    json: &Map<String, Value>,
    level: Option<&'static Block>,
    is_top: bool,
    names: Names<'_>,
) -> Result<Vec<OrderField>, FieldsError> {
    let mut fields: Vec<OrderField> = Vec::with_capacity(json.len());
    for (key, value) in json.iter().filter(|(_, value)| !value.is_null()) {
        let tag = names.field(key, level, is_top)?;
        if fields.iter().any(|field| field.tag == tag) {
            return Err(names.error_of(tag, FieldProblem::Duplicate));
        }
        let content = match level.and_then(|level| level.group(tag)) {
            Some(group) => read_group(value, group, names)?,
            None => read_value(tag, value, names)?,
        };
        if content != Content::Group(Vec::new()) {
            fields.push(OrderField { tag, content });
        }
    }
    Ok(fields)
}

fn read_group(value: &Value, group: &'static GroupDef, names: Names<'_>) -> Result<Content, FieldsError> {
    let wrong = |found: &Value| {
        let problem = FieldProblem::WrongType { expected: "a list of objects", found: type_name(found) };
        names.error_of(group.count, problem)
    };
    let mut entries = Vec::new();
    for entry in value.as_array().ok_or_else(|| wrong(value))? {
        let entry = entry.as_object().ok_or_else(|| wrong(entry))?;
        let mut fields = read_level(entry, Some(&group.entry), false, names)?;
        if !fields.iter().any(|field| field.tag == group.delimiter) {
            let problem = FieldProblem::NoDelimiter { delimiter: group.delimiter };
            return Err(names.error_of(group.count, problem));
        }
        // An entry's fields stand in the dictionary's order (FIX 4.4 Vol. 1, "Repeating Groups").
        fields.sort_by_key(|field| place(field.tag, group));
        entries.push(fields);
    }
    Ok(Content::Group(entries))
}

/// Where a field stands in an entry; those of the counterparty's own come last.
fn place(tag: Tag, group: &GroupDef) -> usize {
    let members = group.entry.members;
    let place = members.iter().position(|member| *member == tag).unwrap_or(members.len());
    if tag == group.delimiter { 0 } else { place + 1 }
}

fn read_value(tag: Tag, value: &Value, names: Names<'_>) -> Result<Content, FieldsError> {
    let text = match value {
        Value::String(text) => text.clone(),
        // Digits as they stand, but for exponents, which FIX does not have.
        Value::Number(number) => match number::decimal(number) {
            Ok(decimal) if number.as_str().contains(['e', 'E']) => decimal.to_string(),
            _ => number.to_string(),
        },
        Value::Bool(is_true) => if *is_true { "Y" } else { "N" }.to_owned(),
        other => {
            let found = type_name(other);
            return Err(names.error_of(tag, FieldProblem::WrongType { expected: "one value", found }));
        }
    };
    value_of(tag, text, names)
}
