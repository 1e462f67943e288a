//! The fields of a dictionary by their numbers, and which of them carry the lengths of others.

use std::collections::{BTreeMap, HashMap, btree_map::Entry};

use crate::{
    error::{SpecError, Warnings},
    model::{Field, Spec, Value},
};

/// MsgType(35).
const MSG_TYPE: i32 = 35;

/// The fields by number; what a file says twice about one is put together, the last name and type counting.
///
/// # Errors
/// [`SpecError`] for a name that stands for two numbers, a field without a type, or no field at all.
pub(crate) fn merge(spec: &Spec, warnings: &mut Warnings) -> Result<BTreeMap<i32, Field>, SpecError> {
    let mut by_number: BTreeMap<i32, Field> = BTreeMap::new();
    let mut by_name: HashMap<&str, &Field> = HashMap::new();
    for field in &spec.fields {
        if let Some(other) = by_name.insert(&field.name, field)
            && other.number != field.number
        {
            let message = format!(
                "{}({}) is there twice: also with the number {} at {}",
                field.name, field.number, other.number, other.at
            );
            return Err(SpecError::new(&field.at, message));
        }
        match by_number.entry(field.number) {
            Entry::Vacant(place) => _ = place.insert(field.clone()),
            Entry::Occupied(mut place) => {
                let other = place.get_mut();
                warnings.push(&field.at, twice(field, other));
                let values = std::mem::take(&mut other.values);
                let (kind, open) = (field.kind.or(other.kind), field.open.or(other.open));
                *other = Field { kind, open, values, ..field.clone() };
                other.values.extend(field.values.iter().cloned());
            }
        }
    }
    if let Some(field) = by_number.values().find(|field| field.kind.is_none()) {
        return Err(SpecError::new(&field.at, format!("{}({}) needs a type", field.name, field.number)));
    }
    if by_number.is_empty() {
        return Err(SpecError::new(&spec.at, "no <fields>: a dictionary defines every field that it uses"));
    }
    if let Some(msg_type) = by_number.get_mut(&MSG_TYPE).filter(|field| !field.values.is_empty()) {
        name_messages(msg_type, spec);
    }
    Ok(by_number)
}

/// A message that is declared is a value of MsgType(35), whether the field lists it or not: an overlay that adds a
/// message need not say so twice.
fn name_messages(msg_type: &mut Field, spec: &Spec) {
    for message in &spec.messages {
        if msg_type.values.iter().all(|value| value.code != message.msg_type) {
            msg_type.values.push(Value { code: message.msg_type.clone(), name: message.name.clone() });
        }
    }
}

fn twice(field: &Field, other: &Field) -> String {
    let Field { name, number, .. } = field;
    if other.name == *name {
        format!("{name}({number}) is there twice: put together with {}", other.at)
    } else {
        format!("{number} is {name} here and {} at {}: called {name}", other.name, other.at)
    }
}

/// A data field's length stands in the field called the same with `Len` or `Length` behind, or, failing that, in
/// the length field with the number before.
pub(crate) fn data_pairs(fields: &[Field]) -> Vec<(i32, i32)> {
    let kind = |field: &Field| field.kind.map_or("", |kind| kind.xml);
    let lengths = || fields.iter().filter(|field| matches!(kind(field), "LENGTH" | "INT"));
    let by_name: HashMap<&str, i32> = lengths().map(|field| (field.name.as_str(), field.number)).collect();
    let mut pairs = BTreeMap::new();
    for (index, data) in fields.iter().enumerate() {
        if !data.kind.is_some_and(|kind| kind.is_data()) {
            continue;
        }
        let named = |suffix: &str| by_name.get(format!("{}{suffix}", data.name).as_str()).copied();
        let by_name = [named("Len"), named("Length")].into_iter().flatten().min();
        let before = || {
            let before = &fields[index.checked_sub(1)?];
            (before.number == data.number - 1 && kind(before) == "LENGTH").then_some(before.number)
        };
        if let Some(length) = by_name.or_else(before) {
            pairs.entry(length).or_insert(data.number);
        }
    }
    pairs.into_iter().collect()
}
