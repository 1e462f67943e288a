//! Code sets, and constants for their values.

use std::{collections::HashMap, fmt::Write as _};

use super::{
    Flavor,
    names::{Names, comment, constant, type_name},
};
use crate::{
    model::{Field, Value},
    resolve::Resolved,
};

/// The names of the different code sets: fields with the same codes share one.
pub(super) struct SetNames {
    by_codes: HashMap<Vec<(String, String)>, String>,
}

impl SetNames {
    pub(super) fn new(dictionary: &Resolved) -> Self {
        let mut names = Names::default();
        let mut by_codes = HashMap::new();
        for field in dictionary.fields.iter().filter(|field| !field.values.is_empty()) {
            by_codes.entry(codes(field)).or_insert_with(|| names.unique(constant(&field.name)));
        }
        SetNames { by_codes }
    }

    pub(super) fn of(&self, field: &Field) -> Option<&str> {
        self.by_codes.get(&codes(field)).map(String::as_str)
    }
}

/// In the order of their bytes, each once.
fn codes(field: &Field) -> Vec<(String, String)> {
    let mut codes: Vec<_> = field.values.iter().map(|v| (v.code.clone(), v.name.clone())).collect();
    codes.sort();
    codes.dedup_by(|a, b| a.0 == b.0);
    codes
}

/// The code sets.
pub(super) fn sets(dictionary: &Resolved, flavor: Flavor) -> String {
    let mut out = "//! The code sets: values with their meanings.\n\n".to_owned();
    let names = SetNames::new(dictionary);
    let mut sets: Vec<_> = names.by_codes.iter().collect();
    sets.sort_by_key(|(_, name)| *name);
    if !sets.is_empty() {
        _ = writeln!(out, "use {}::dict::{{Code, CodeSet}};\n", flavor.root());
        out.push_str(
            "const fn c(value: &'static str, name: &'static str) -> Code {\n    Code { value, name }\n}\n",
        );
    }
    let mut users: HashMap<&str, Vec<String>> = HashMap::new();
    for field in &dictionary.fields {
        if let Some(name) = names.of(field) {
            let user = format!("`{}({})`", comment(&field.name), field.number);
            users.entry(name).or_default().push(user);
        }
    }
    for (codes, name) in sets {
        _ = writeln!(
            out,
            "\n/// Of {}.",
            users.get(name.as_str()).map_or(String::new(), |users| users.join(", "))
        );
        _ = writeln!(out, "pub static {name}: CodeSet = CodeSet::new(&[");
        for (code, meaning) in codes {
            _ = writeln!(out, "    c({code:?}, {meaning:?}),");
        }
        out.push_str("]);\n");
    }
    out
}

/// A type for each field with codes; fields that say the same share one. Boolean fields are `bool`, counts are numbers,
/// and message types have constants of their own.
pub(super) fn types(dictionary: &Resolved, flavor: Flavor) -> String {
    let mut out = "//! The values of fields with codes: a type for each field.\n//!\n//! `char` types hold one \
         character, `int` types a number, `text` types any text. A list of codes is a `MultipleValue`\n//! of such \
         codes.\n"
        .to_owned();
    let types = code_types(dictionary);
    let (shared, own): (Vec<_>, Vec<_>) = types.iter().partition(|code| code.shared_with.is_some());
    if !own.is_empty() {
        _ = writeln!(out, "\n{}::codes! {{", flavor.root());
    }
    for code in &own {
        _ = writeln!(out, "    /// Values of `{}({})`.", comment(&code.field.name), code.field.number);
        _ = writeln!(out, "    {} {} {{", code.holds.word(), code.name);
        let mut names = Names::default();
        for value in &code.field.values {
            let name = names.unique(constant(&value.name));
            _ = writeln!(out, "        {name} = {},", code.holds.literal(&value.code));
        }
        out.push_str("    }\n");
    }
    if !own.is_empty() {
        out.push_str("}\n");
    }
    for (code, shared) in shared.iter().filter_map(|code| Some((code, code.shared_with.as_ref()?))) {
        _ = writeln!(out, "\n/// Values of `{}({})`.", comment(&code.field.name), code.field.number);
        _ = writeln!(out, "pub type {} = {shared};", code.generic_name());
    }
    out
}

/// The type for the codes of a field.
pub(super) struct CodeType<'d> {
    field: &'d Field,
    name: String,
    holds: Holds,
    /// The type of another field, which this one is only another name of.
    shared_with: Option<String>,
}

/// What a code is on the wire.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Holds {
    Char,
    Int,
    Text,
}

impl Holds {
    fn of(field: &Field) -> Holds {
        let all = |test: fn(&Value) -> bool| field.values.iter().all(test);
        match field.kind.map_or("", |kind| kind.xml) {
            "CHAR" if all(|value| value.code.len() == 1) => Holds::Char,
            "INT" if all(|value| value.code.parse::<i32>().is_ok()) => Holds::Int,
            _ => Holds::Text,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Holds::Char => "char",
            Holds::Int => "int",
            Holds::Text => "text",
        }
    }

    fn literal(self, code: &str) -> String {
        match self {
            Holds::Char => format!("b{:?}", char::from(code.as_bytes()[0])),
            Holds::Int => code.parse::<i32>().unwrap_or_default().to_string(),
            Holds::Text => format!("{code:?}"),
        }
    }
}

impl CodeType<'_> {
    /// The tag of the field.
    pub(super) fn number(&self) -> i32 {
        self.field.number
    }

    /// The name with its lifetime.
    pub(super) fn generic_name(&self) -> String {
        let lifetime = if self.holds == Holds::Text { "<'a>" } else { "" };
        format!("{}{lifetime}", self.name)
    }
}

pub(super) fn code_types(dictionary: &Resolved) -> Vec<CodeType<'_>> {
    let mut names = Names::default();
    let mut types: Vec<CodeType<'_>> = Vec::new();
    for field in &dictionary.fields {
        let kind = field.kind.map_or("", |kind| kind.xml);
        let without = matches!(kind, "BOOLEAN" | "NUMINGROUP")
            || matches!(field.name.as_str(), "MsgType" | "RefMsgType");
        if !field.values.is_empty() && !without {
            let name = names.unique_type(type_name(&field.name));
            types.push(CodeType { field, name, holds: Holds::of(field), shared_with: None });
        }
    }
    let shared: Vec<_> = types.iter().map(|code| shared_with(code, &types)).collect();
    types.iter_mut().zip(shared).for_each(|(code, shared)| code.shared_with = shared);
    types
}

/// `PartyRole` for `NestedPartyRole`: the shortest name of the same codes that the name ends with.
fn shared_with(code: &CodeType<'_>, types: &[CodeType<'_>]) -> Option<String> {
    let same = types.iter().filter(|other| {
        other.holds == code.holds
            && code.field.name.ends_with(&other.field.name)
            && codes(other.field) == codes(code.field)
    });
    let shortest = same.min_by_key(|other| other.field.name.len())?;
    (shortest.field.number != code.field.number).then(|| shortest.generic_name())
}
