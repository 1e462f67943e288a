//! Overlays: the differences of a counterparty, laid on top of a dictionary.
//!
//! An overlay is a dictionary file with only the sections and elements that differ. What it names and the
//! dictionary lacks is added; what both have is changed to what the overlay says: the type of a field, the meaning
//! of a value, whether a member is required. The application half of a FIX 5.0 dictionary is an overlay of its
//! FIXT 1.1 half.

use super::{
    error::SpecError,
    model::{Component, Field, Member, MemberKind, Message, Spec, Version},
};

/// Lays `overlay` on top of `base`.
///
/// # Errors
/// [`SpecError`] if the overlay is for another version or contradicts the numbers and names of the dictionary.
pub fn apply(base: &mut Spec, overlay: Spec) -> Result<(), SpecError> {
    check_version(base, &overlay)?;
    for field in overlay.fields {
        apply_field(&mut base.fields, field)?;
    }
    for component in overlay.components {
        apply_component(&mut base.components, component);
    }
    for message in overlay.messages {
        apply_message(&mut base.messages, message)?;
    }
    apply_members(&mut base.header, overlay.header);
    apply_members(&mut base.trailer, overlay.trailer);
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

fn apply_field(fields: &mut Vec<Field>, overlay: Field) -> Result<(), SpecError> {
    let Some(field) = fields.iter_mut().find(|f| f.number == overlay.number || f.name == overlay.name) else {
        fields.push(overlay);
        return Ok(());
    };
    if field.number != overlay.number || field.name != overlay.name {
        let message = format!(
            "{}({}) contradicts {}({}) of {}: give the field another number and name, or both of that one",
            overlay.name, overlay.number, field.name, field.number, field.at
        );
        return Err(SpecError::new(&overlay.at, message));
    }
    field.kind = overlay.kind.or(field.kind);
    field.open = overlay.open.or(field.open);
    for value in overlay.values {
        match field.values.iter_mut().find(|other| other.code == value.code) {
            Some(other) => other.name = value.name,
            None => field.values.push(value),
        }
    }
    Ok(())
}

fn apply_component(components: &mut Vec<Component>, overlay: Component) {
    match components.iter_mut().find(|component| component.name == overlay.name) {
        Some(component) => apply_members(&mut component.members, overlay.members),
        None => components.push(overlay),
    }
}

fn apply_message(messages: &mut Vec<Message>, overlay: Message) -> Result<(), SpecError> {
    match messages.iter_mut().find(|message| message.msg_type == overlay.msg_type) {
        Some(message) if message.name != overlay.name => {
            let message = format!(
                "msgtype \"{}\" is {} in the dictionary ({}), not {}",
                overlay.msg_type, message.name, message.at, overlay.name
            );
            Err(SpecError::new(&overlay.at, message))
        }
        Some(message) => {
            apply_members(&mut message.members, overlay.members);
            Ok(())
        }
        None => {
            messages.push(overlay);
            Ok(())
        }
    }
}

fn apply_members(members: &mut Vec<Member>, overlay: Vec<Member>) {
    for mut new in overlay {
        let same = |old: &&mut Member| {
            old.name == new.name && std::mem::discriminant(&old.kind) == std::mem::discriminant(&new.kind)
        };
        match members.iter_mut().find(same) {
            Some(old) => {
                old.required = new.required.or(old.required);
                if let (MemberKind::Group(old), MemberKind::Group(new)) = (&mut old.kind, new.kind) {
                    apply_members(old, new);
                }
            }
            None => {
                new.overlay = true;
                members.push(new);
            }
        }
    }
}
