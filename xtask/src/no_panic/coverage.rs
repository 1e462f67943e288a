//! Every public function of the codec has a probe: told from the sources, so that a new one cannot be forgotten.
//!
//! A function without `self` must be named with its type (`Date::new(`), a method called (`.year(`) at least as often
//! as there are public methods of that name.

use std::{collections::BTreeMap, fs, path::Path};

use crate::step::{Outcome, root};

const CODEC: &[&str] =
    &["ascii", "wire", "msg", "msg_type.rs", "dict", "pre_trade", "time", "decimal.rs", "tag.rs", "flight"];
/// Constructors of tables, which run when a program is compiled, not when it works.
const OF_TABLES: &[&str] = &[
    "CodeSet::new",
    "FieldDef::coded",
    "FieldDef::new",
    "FieldDef::open",
    "FieldNames::new",
    "MessageDef::key",
    "MessageDef::letters",
    "tags",
];

/// Fails with the names of the public functions that no file in the folder `probes` calls.
pub(crate) fn check(probes: &Path) -> Outcome {
    let mut text = String::new();
    for entry in fs::read_dir(probes).map_err(|error| format!("{}: {error}", probes.display()))? {
        let path = entry.map_err(|error| format!("{}: {error}", probes.display()))?.path();
        text += &fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    let probes = text;
    let mut functions = Vec::new();
    for part in CODEC {
        collect(&root().join("fix-core/src").join(part), &mut functions)?;
    }
    if functions.len() < 100 {
        return Err(format!("only {} public functions found in the codec", functions.len()));
    }
    let missing = missing(&functions, &probes);
    if missing.is_empty() {
        println!("{} public functions of the codec, all with a probe", functions.len());
        return Ok(());
    }
    Err(format!("public functions of the codec without a probe: {}", missing.join(", ")))
}

/// `Date::new`, `.year`, or `check_sum`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Function {
    Of(String, String),
    Method(String),
    Free(String),
}

fn collect(path: &Path, functions: &mut Vec<Function>) -> Outcome {
    let error = |error| format!("{}: {error}", path.display());
    if path.is_dir() {
        for entry in fs::read_dir(path).map_err(error)? {
            let path = entry.map_err(error)?.path();
            // Generated tables have no functions.
            if !path.ends_with("fix44") {
                collect(&path, functions)?;
            }
        }
    } else if path.extension().is_some_and(|extension| extension == "rs") {
        functions.extend(public_functions(&fs::read_to_string(path).map_err(error)?));
    }
    Ok(())
}

fn public_functions(source: &str) -> Vec<Function> {
    let source = source.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    let (mut functions, mut of_type) = (Vec::new(), None);
    for (at, line) in source.match_indices('\n').map(|(at, _)| (at + 1, &source[at + 1..])) {
        let line = line.lines().next().unwrap_or_default();
        if line.starts_with("impl") && !line.ends_with("{}") {
            of_type = Some(type_of(line));
        } else if line.starts_with('}') {
            of_type = None;
        }
        let code = line.trim_start();
        let signature = ["pub fn ", "pub const fn "].iter().find_map(|start| code.strip_prefix(start));
        let Some(signature) = signature else { continue };
        // What exported macros expand to: the probes of what they declare go through it.
        let attributes = source[..at].lines().rev().take_while(|line| line.trim_start().starts_with('#'));
        if attributes.into_iter().any(|line| line.contains("doc(hidden)")) {
            continue;
        }
        let name: String = signature.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        // The parameters may stand on the lines below.
        let parameters = source[at..].split_once(&name).and_then(|(_, rest)| rest.split_once(')'));
        let is_method = parameters.is_some_and(|(parameters, _)| parameters.contains("self"));
        functions.push(match &of_type {
            _ if is_method => Function::Method(name),
            Some(of_type) => Function::Of(of_type.clone(), name),
            None => Function::Free(name),
        });
    }
    functions
}

/// `Date` of `impl<'a> Date<'a> {`.
fn type_of(line: &str) -> String {
    let mut rest = line.strip_prefix("impl").unwrap_or(line);
    if rest.starts_with('<') {
        let mut depth = 0;
        let end = rest.find(|c| {
            depth += i32::from(c == '<') - i32::from(c == '>');
            depth == 0
        });
        rest = &rest[end.map_or(0, |end| end + 1)..];
    }
    let rest = rest.split_once(" for ").map_or(rest, |(_, of)| of);
    rest.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

fn missing(functions: &[Function], probes: &str) -> Vec<String> {
    let mut wanted: BTreeMap<&Function, usize> = BTreeMap::new();
    for function in functions {
        *wanted.entry(function).or_default() += 1;
    }
    let calls = |start: &str, free: bool| {
        let is_call = |(at, _): &(usize, &str)| {
            let behind = &probes[at + start.len()..];
            let before = probes[..*at].chars().next_back();
            (behind.starts_with('(') || behind.starts_with("::<") || behind.starts_with([')', ',']))
                && !(free && before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '.')))
        };
        probes.match_indices(start).filter(is_call).count()
    };
    wanted
        .into_iter()
        .filter_map(|(function, count)| {
            let (name, found) = match function {
                Function::Of(of_type, name) => {
                    let name = format!("{of_type}::{name}");
                    let found = calls(&name, true).max(usize::from(OF_TABLES.contains(&name.as_str())));
                    (name, usize::from(found > 0) * count)
                }
                Function::Method(name) => (
                    format!(".{name}"),
                    calls(&format!(".{name}"), false) + calls(&format!("::{name}"), false),
                ),
                Function::Free(name) => {
                    let found = calls(name, true).max(usize::from(OF_TABLES.contains(&name.as_str())));
                    (name.clone(), usize::from(found > 0) * count)
                }
            };
            (found < count).then(|| format!("{name} ({found} of {count})"))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "
impl<'a, T: Into<u8>> Date<'a> {
    /// A day.
    pub const fn new(day: u8) -> Self {}
    pub fn day(\n        self,\n    ) -> u8 {}
    pub(crate) fn inner(self) {}
    #[doc(hidden)]
    #[inline]
    pub fn of_macros(self) {}
}
impl Error for Date {}
pub fn check_sum(bytes: &[u8]) -> u8 {}
#[cfg(test)]
mod tests {
    pub fn not_this() {}
}";

    #[test]
    fn a_function_without_a_probe_is_named() {
        let functions = public_functions(SOURCE);
        assert_eq!(functions.len(), 3);
        assert!(missing(&functions, "Date::new(1).day() + check_sum(&[])").is_empty());
        assert_eq!(
            missing(&functions, "Date::new(1).days() + my_check_sum(&[])").join(", "),
            ".day (0 of 1), check_sum (0 of 1)"
        );
    }
}
