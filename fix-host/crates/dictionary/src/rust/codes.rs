//! Code sets, and constants for their values.

use std::{collections::HashMap, fmt::Write as _};

use super::{
    Flavor,
    names::{Names, comment, constant, module},
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

/// A module for each field with codes. Boolean fields are `bool`, and message types have constants of their own.
pub(super) fn constants(dictionary: &Resolved) -> String {
    let mut out = "//! The values of fields with codes: a module for each field.\n//!\n//! Of type `u8` where the \
         field holds one character, `u32` (or `i64` if one is negative) where it holds a number, else `&str`.\n"
        .to_owned();
    let mut modules = Names::default();
    for field in &dictionary.fields {
        let boolean = field.kind.is_some_and(|kind| kind.xml == "BOOLEAN");
        if field.values.is_empty() || boolean || matches!(field.name.as_str(), "MsgType" | "RefMsgType") {
            continue;
        }
        _ = writeln!(out, "\n/// Values of `{}({})`.", comment(&field.name), field.number);
        _ = writeln!(out, "pub mod {} {{", modules.unique(module(&field.name)));
        let kind = constant_type(field);
        let mut names = Names::default();
        for value in &field.values {
            let name = names.unique(constant(&value.name));
            let literal = match kind {
                "u8" => format!("b{:?}", char::from(value.code.as_bytes()[0])),
                "&str" => format!("{:?}", value.code),
                _ => value.code.trim_start_matches('0').parse::<i64>().unwrap_or_default().to_string(),
            };
            _ = writeln!(out, "    /// `{}`.", comment(&value.code));
            _ = writeln!(out, "    pub const {name}: {kind} = {literal};");
        }
        out.push_str("}\n");
    }
    out
}

fn constant_type(field: &Field) -> &'static str {
    let kind = field.kind.map_or("", |kind| kind.xml);
    let all = |test: fn(&Value) -> bool| field.values.iter().all(test);
    match kind {
        "CHAR" if all(|value| value.code.len() == 1) => "u8",
        "INT" if all(|value| value.code.parse::<u32>().is_ok()) => "u32",
        "INT" if all(|value| value.code.parse::<i64>().is_ok()) => "i64",
        _ => "&str",
    }
}
