//! Fields: tag constants, and tables by tag number.

use std::fmt::Write as _;

use super::{
    Flavor,
    codes::SetNames,
    names::{Names, comment, constant},
};
use crate::{model::Field, resolve::Resolved};

/// As in `fix_core::dict::DENSE_TAGS`.
pub(super) const DENSE_TAGS: i32 = 2048;

/// A constant for each tag.
pub(super) fn tags(dictionary: &Resolved, flavor: Flavor) -> String {
    let mut out = format!("//! The tag of every field.\n\nuse {}::tag::Tag;\n\n", flavor.root());
    let mut names = Names::default();
    for field in &dictionary.fields {
        let name = names.unique(constant(&field.name));
        let kind = field.kind.map_or("", |kind| kind.xml);
        _ = writeln!(out, "/// `{}({})`, {kind}.", comment(&field.name), field.number);
        _ = writeln!(out, "pub const {name}: Tag = Tag({});", field.number);
    }
    out
}

/// Definitions and names by tag number.
pub(super) fn tables(dictionary: &Resolved, flavor: Flavor) -> String {
    let sets = SetNames::new(dictionary);
    let dense: Vec<&Field> = dictionary.fields.iter().filter(|field| field.number < DENSE_TAGS).collect();
    let high: Vec<&Field> = dictionary.fields.iter().filter(|field| field.number >= DENSE_TAGS).collect();
    let len = dense.last().map_or(0, |field| field.number + 1);
    let mut out = "//! The fields by tag number.\n\n".to_owned();
    if dictionary.fields.iter().any(|field| !field.values.is_empty()) {
        out.push_str("use super::code_set;\n");
    }
    _ = writeln!(out, "use {}::dict::{{FieldDef, FieldType}};", flavor.root());
    _ = writeln!(out, "use {}::tag::Tag;\n", flavor.root());
    _ = writeln!(out, "pub(super) static FIELDS: [FieldDef; {len}] = [");
    by_number(&mut out, len, &dense, |field| definition(field, &sets), "FieldDef::UNDEFINED");
    _ = writeln!(out, "];\n\npub(super) static HIGH_FIELDS: &[(Tag, FieldDef)] = &[");
    for field in &high {
        _ = writeln!(
            out,
            "    (Tag({}), {}), // {}",
            field.number,
            definition(field, &sets),
            comment(&field.name)
        );
    }
    _ = writeln!(out, "];\n\npub(super) static NAMES: [&str; {len}] = [");
    by_number(&mut out, len, &dense, |field| format!("{:?}", field.name), "\"\"");
    _ = writeln!(out, "];\n\npub(super) static HIGH_NAMES: &[(Tag, &str)] = &[");
    for field in &high {
        _ = writeln!(out, "    (Tag({}), {:?}),", field.number, field.name);
    }
    out.push_str("];\n");
    out
}

fn by_number(out: &mut String, len: i32, fields: &[&Field], item: impl Fn(&Field) -> String, gap: &str) {
    let mut fields = fields.iter().peekable();
    for number in 0..len {
        match fields.next_if(|field| field.number == number) {
            Some(field) => _ = writeln!(out, "    {}, // {number}", item(field)),
            None => _ = writeln!(out, "    {gap},"),
        }
    }
}

fn definition(field: &Field, sets: &SetNames) -> String {
    let kind = field.kind.map_or("String", |kind| kind.rust);
    match sets.of(field) {
        None => format!("FieldDef::new(FieldType::{kind})"),
        Some(set) => {
            let constructor = if field.open == Some(true) { "open" } else { "coded" };
            format!("FieldDef::{constructor}(FieldType::{kind}, &code_set::{set})")
        }
    }
}
