//! The text of a configuration file: sections, lines and where they stand. Knows no key.

use std::sync::Arc;

use super::environment::Environment;
use super::expand::{ExpandError, expand};
use super::problem::{Origin, Problems};
use super::secret::names_a_secret;

/// `[DEFAULT]` or `[SESSION]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SectionKind {
    Default,
    Session,
}

/// One section in the order of the file.
pub(super) struct Section {
    pub(super) kind: SectionKind,
    /// The line of the header.
    pub(super) origin: Origin,
    pub(super) lines: Vec<Line>,
}

/// One `Key=value` line, variables expanded.
pub(super) struct Line {
    /// The key as written.
    pub(super) key: String,
    pub(super) value: String,
    pub(super) origin: Origin,
}

/// Splits a file into sections. Every line that cannot be one is reported; the others are kept.
pub(super) fn sections(
    file: &str,
    bytes: &[u8],
    environment: &dyn Environment,
    problems: &mut Problems,
) -> Vec<Section> {
    let file: Arc<str> = file.into();
    let mut sections: Vec<Section> = Vec::new();
    // Lines below a header that is neither [DEFAULT] nor [SESSION]: reported once, by that header.
    let mut skipping = false;
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    for (number, line) in (1..).zip(bytes.split(|&byte| byte == b'\n')) {
        let origin = Origin { file: file.clone(), line: number };
        if problems.are_too_many() {
            break;
        }
        let line = line.trim_ascii();
        if line.is_empty() || line.starts_with(b"#") {
            continue;
        }
        let Ok(line) = std::str::from_utf8(line) else {
            problems.error(&origin, None, "this line is not UTF-8 text; save the file as UTF-8");
            continue;
        };
        if let Some(name) = line.strip_prefix('[') {
            match section_kind(name) {
                Ok(kind) => sections.push(Section { kind, origin, lines: Vec::new() }),
                Err(text) => problems.error(&origin, None, text),
            }
            skipping = section_kind(name).is_err();
            continue;
        }
        let Some(line) = key_and_value(line, origin, environment, problems) else { continue };
        match sections.last_mut() {
            _ if skipping => {}
            Some(section) => section.lines.push(line),
            None => problems.error(
                &line.origin,
                Some(&line.key),
                "stands before any section; write [DEFAULT] or [SESSION] above it",
            ),
        }
    }
    sections
}

fn section_kind(name: &str) -> Result<SectionKind, String> {
    match name.strip_suffix(']').map(str::trim) {
        Some(name) if name.eq_ignore_ascii_case("DEFAULT") => Ok(SectionKind::Default),
        Some(name) if name.eq_ignore_ascii_case("SESSION") => Ok(SectionKind::Session),
        Some(name) => {
            Err(format!("[{}] is not a section; there are only [DEFAULT] and [SESSION]", name.escape_debug()))
        }
        None => Err("the section header does not end in \"]\"".to_owned()),
    }
}

fn key_and_value(
    line: &str,
    origin: Origin,
    environment: &dyn Environment,
    problems: &mut Problems,
) -> Option<Line> {
    // The line is not quoted back: without a key there is no telling whether it is a password.
    let Some((key, value)) = line.split_once('=') else {
        let text = "this line is neither [SECTION] nor Key=value; a comment starts with #";
        problems.error(&origin, None, text);
        return None;
    };
    let key = key.trim();
    if key.is_empty() || !key.chars().all(|c| c.is_ascii_graphic()) {
        problems.error(&origin, None, "the text before \"=\" is not a key; write Key=value");
        return None;
    }
    let value = match expand(value.trim(), |name| environment.var(name)) {
        Ok(value) => value,
        Err(error) => {
            problems.error(&origin, Some(key), expand_error_text(key, &error));
            return None;
        }
    };
    // SOH ends a FIX field: a value that holds one could forge fields.
    if value.contains('\u{1}') {
        problems.error(&origin, Some(key), "the value holds the FIX field separator SOH (0x01); remove it");
        return None;
    }
    Some(Line { key: key.to_owned(), value, origin })
}

/// A `$` inside a password is easily taken for a variable: its name is then part of the secret.
fn expand_error_text(key: &str, error: &ExpandError) -> String {
    match error {
        _ if names_a_secret(key) => {
            "a variable in the value is not set or not closed; write $$ for a literal $".to_owned()
        }
        ExpandError::Unset(name) => format!(
            "the environment variable \"{}\" is not set; set it, or write $$ for a literal $",
            name.escape_debug()
        ),
        ExpandError::Unclosed => "\"${\" or \"$(\" is not closed; write $$ for a literal $".to_owned(),
    }
}
