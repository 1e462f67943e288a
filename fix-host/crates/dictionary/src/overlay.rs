//! Overlays: the differences of a counterparty, laid on top of a dictionary.
//!
//! An overlay is a dictionary file with only the sections and elements that differ. What it names and the
//! dictionary lacks is added; what both have is changed to what the overlay says: the type of a field, the meaning
//! of a value, whether a member is required. The application half of a FIX 5.0 dictionary is an overlay of its
//! FIXT 1.1 half.

use std::{
    collections::{BTreeMap, HashMap, hash_map::Entry},
    mem::{self, Discriminant},
};

use crate::{
    error::{SpecError, Warnings},
    model::{Component, Field, Member, MemberKind, Message, Spec, Value, Version},
};

/// Lays `overlay` on top of `base`.
///
/// # Errors
/// [`SpecError`] if the overlay is for another version or contradicts the numbers and names of the dictionary.
pub fn apply(base: &mut Spec, overlay: Spec, warnings: &mut Warnings) -> Result<(), SpecError> {
    check_version(base, &overlay)?;
    apply_fields(&mut base.fields, overlay.fields)?;
    apply_components(&mut base.components, overlay.components);
    apply_messages(&mut base.messages, overlay.messages, warnings);
    apply_members(&mut base.header, overlay.header);
    apply_members(&mut base.trailer, overlay.trailer);
    base.unusable.extend(overlay.unusable);
    Ok(())
}

fn check_version(base: &mut Spec, overlay: &Spec) -> Result<(), SpecError> {
    let Some(version) = &overlay.version else { return Ok(()) };
    let transport = |version: &Version| version.kind == "FIXT";
    match &base.version {
        None => base.version = Some(version.clone()),
        Some(of_base) if of_base == version => {}
        // The halves of FIX 5.0: the session is FIXT.1.1 whichever of them comes first.
        Some(of_base) if transport(of_base) && version.major >= 5 => {}
        Some(of_base) if of_base.major >= 5 && transport(version) => base.version = Some(version.clone()),
        Some(of_base) => {
            let message = format!(
                "is for {}, but the dictionary below it, {}, is for {}",
                version.begin_string(),
                base.at.file,
                of_base.begin_string()
            );
            return Err(SpecError::new(&overlay.at, message));
        }
    }
    Ok(())
}

fn apply_fields(fields: &mut Vec<Field>, overlay: Vec<Field>) -> Result<(), SpecError> {
    let places = || fields.iter().enumerate();
    let mut by_number: HashMap<i32, usize> = places().map(|(place, field)| (field.number, place)).collect();
    let mut by_name: HashMap<String, usize> =
        places().map(|(place, field)| (field.name.clone(), place)).collect();
    for new in overlay {
        let place = by_number.get(&new.number).or_else(|| by_name.get(&new.name));
        let Some(field) = place.and_then(|place| fields.get_mut(*place)) else {
            by_number.insert(new.number, fields.len());
            by_name.insert(new.name.clone(), fields.len());
            fields.push(new);
            continue;
        };
        if field.number != new.number || field.name != new.name {
            let message = format!(
                "{}({}) contradicts {}({}) of {}: give the field another number and name, or both of that one",
                new.name, new.number, field.name, field.number, field.at
            );
            return Err(SpecError::new(&new.at, message));
        }
        field.kind = new.kind.or(field.kind);
        field.open = new.open.or(field.open);
        apply_values(&mut field.values, new.values);
    }
    Ok(())
}

fn apply_values(values: &mut Vec<Value>, overlay: Vec<Value>) {
    if overlay.is_empty() {
        return;
    }
    let places = values.iter().enumerate();
    let mut by_code: HashMap<String, usize> =
        places.map(|(place, value)| (value.code.clone(), place)).collect();
    for new in overlay {
        match by_code.entry(new.code.clone()) {
            Entry::Occupied(place) => values[*place.get()].name = new.name,
            Entry::Vacant(place) => {
                place.insert(values.len());
                values.push(new);
            }
        }
    }
}

fn apply_components(components: &mut Vec<Component>, overlay: Vec<Component>) {
    let mut by_name: HashMap<String, usize> = HashMap::new();
    for (place, component) in components.iter().enumerate() {
        // Of two with one name the first counts.
        by_name.entry(component.name.clone()).or_insert(place);
    }
    let mut changes: BTreeMap<usize, Vec<Member>> = BTreeMap::new();
    for new in overlay {
        match by_name.entry(new.name.clone()) {
            Entry::Occupied(place) => changes.entry(*place.get()).or_default().extend(new.members),
            Entry::Vacant(place) => {
                place.insert(components.len());
                components.push(new);
            }
        }
    }
    for (place, members) in changes {
        apply_members(&mut components[place].members, members);
    }
}

fn apply_messages(messages: &mut Vec<Message>, overlay: Vec<Message>, warnings: &mut Warnings) {
    let places = messages.iter().enumerate();
    let mut by_type: HashMap<String, usize> =
        places.map(|(place, message)| (message.msg_type.clone(), place)).collect();
    let mut changes: BTreeMap<usize, Vec<Member>> = BTreeMap::new();
    for new in overlay {
        match by_type.entry(new.msg_type.clone()) {
            Entry::Occupied(place) => {
                let message = &messages[*place.get()];
                if message.name != new.name {
                    let what = format!(
                        "msgtype \"{}\" is {} in the dictionary ({}), not {}: it keeps that name",
                        new.msg_type, message.name, message.at, new.name
                    );
                    warnings.push(&new.at, what);
                }
                changes.entry(*place.get()).or_default().extend(new.members);
            }
            Entry::Vacant(place) => {
                place.insert(messages.len());
                messages.push(new);
            }
        }
    }
    for (place, members) in changes {
        apply_members(&mut messages[place].members, members);
    }
}

fn apply_members(members: &mut Vec<Member>, overlay: Vec<Member>) {
    if overlay.is_empty() {
        return;
    }
    let key = |member: &Member| (mem::discriminant(&member.kind), member.name.clone());
    let mut by_key: HashMap<(Discriminant<MemberKind>, String), usize> = HashMap::new();
    for (place, member) in members.iter().enumerate() {
        by_key.entry(key(member)).or_insert(place);
    }
    let mut entries: BTreeMap<usize, Vec<Member>> = BTreeMap::new();
    for mut new in overlay {
        match by_key.entry(key(&new)) {
            Entry::Occupied(place) => {
                let old = &mut members[*place.get()];
                old.required = new.required.or(old.required);
                if let MemberKind::Group(entry) = new.kind {
                    entries.entry(*place.get()).or_default().extend(entry);
                }
            }
            Entry::Vacant(place) => {
                new.overlay = true;
                place.insert(members.len());
                members.push(new);
            }
        }
    }
    for (place, entry) in entries {
        if let MemberKind::Group(old) = &mut members[place].kind {
            apply_members(old, entry);
        }
    }
}
