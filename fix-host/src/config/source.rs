//! The text of a configuration file: sections, lines and where they stand. Knows no key.

use std::borrow::Cow;
use std::sync::Arc;

use super::environment::Environment;
use super::expand::{ExpandError, expand};
use super::problem::{Origin, Problems};
use super::secret::names_a_secret;
use super::suggest;

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
    let mut orphans = Orphans::default();
    let bytes = &*utf8(bytes);
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
            let kind = section_kind(name, &origin, problems);
            skipping = kind.is_none();
            sections.extend(kind.map(|kind| Section { kind, origin, lines: Vec::new() }));
            continue;
        }
        if skipping {
            continue;
        }
        let Some(line) = key_and_value(line, origin, environment, problems) else { continue };
        match sections.last_mut() {
            Some(section) => section.lines.push(line),
            None => orphans.add(line),
        }
    }
    orphans.report(problems);
    sections
}

/// The text without its byte order mark. What was saved as UTF-16 (Windows, and QuickFIX/n reads it) becomes
/// UTF-8.
fn utf8(bytes: &[u8]) -> Cow<'_, [u8]> {
    let utf16 = |rest: &[u8], unit: fn([u8; 2]) -> u16| {
        let units = rest.chunks(2).map(|pair| unit([pair[0], pair.get(1).copied().unwrap_or_default()]));
        let text: String =
            char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
        Cow::Owned(text.into_bytes())
    };
    match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => Cow::Borrowed(rest),
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes),
        _ => Cow::Borrowed(bytes),
    }
}

/// Lines above the first section: QuickFIX reads past them, here they are one error.
#[derive(Default)]
struct Orphans {
    first: Option<Line>,
    others: usize,
}

impl Orphans {
    fn add(&mut self, line: Line) {
        self.others += usize::from(self.first.is_some());
        self.first.get_or_insert(line);
    }

    fn report(self, problems: &mut Problems) {
        let Some(Line { key, origin, .. }) = self.first else { return };
        let more = match self.others {
            0 => String::new(),
            others => format!(", like {others} more"),
        };
        let text = format!("stands before any section{more}; write [DEFAULT] or [SESSION] above it");
        problems.error(&origin, Some(&key), text);
    }
}

/// `None` for any other section, which is read past with a warning, as QuickFIX does without one.
fn section_kind(name: &str, origin: &Origin, problems: &mut Problems) -> Option<SectionKind> {
    let Some(name) = name.strip_suffix(']').map(str::trim) else {
        problems.error(origin, None, "the section header does not end in \"]\"");
        return None;
    };
    if name.eq_ignore_ascii_case("DEFAULT") {
        return Some(SectionKind::Default);
    }
    if name.eq_ignore_ascii_case("SESSION") {
        return Some(SectionKind::Session);
    }
    let remedy = match suggest::nearest(name, ["DEFAULT", "SESSION"].into_iter()) {
        Some(near) => format!("did you mean [{near}]?"),
        None => "there are only [DEFAULT] and [SESSION]".to_owned(),
    };
    let name: String = name.escape_debug().take(60).collect();
    problems.warn(origin, None, format!("[{name}] is not a section, and its lines are not read; {remedy}"));
    None
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
