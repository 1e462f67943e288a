//! A message in words.

use std::io::Write as _;

use fix_core::{
    tag::{self, Tag},
    wire::{
        SOH,
        field::{Field, Fields},
    },
};

use super::{
    Format,
    colour::Colours,
    columns::{Columns, name},
    escape, json,
    tables::Tables,
};
use crate::reading::{Entry, Nesting, Piece, Pieces, Secrets, problem_of_fields};

/// Where values begin in the text format.
const COLUMN: usize = 36;

/// A message with what is known of it.
pub(super) struct Shown<'a> {
    /// The message, separated by SOH.
    pub(super) bytes: &'a [u8],
    /// What is wrong with it.
    pub(super) problem: Option<&'a str>,
    /// Whether its length, check sum and head are right, but its fields have not been looked at.
    pub(super) is_unread: bool,
    /// The line of the input where it begins.
    pub(super) line: u64,
    /// The time that its line has.
    pub(super) logged_at: Option<&'a str>,
}

/// Prints messages.
pub(super) struct Renderer {
    pub(super) format: Format,
    pub(super) colours: Colours,
}

impl Renderer {
    /// Appends a message. Returns whether something is wrong with it.
    pub(super) fn message(&self, out: &mut Vec<u8>, tables: &Tables, shown: &Shown<'_>) -> bool {
        if self.format == Format::Line && shown.is_unread && is_usual(shown.bytes) {
            let before = out.len();
            if self.usual_line(out, tables, shown) {
                return false;
            }
            out.truncate(before);
        }
        let found = shown.is_unread.then(|| problem_of_fields(shown.bytes, tables.pairs)).flatten();
        let shown = Shown { problem: shown.problem.or(found.as_deref()), ..*shown };
        let msg_type = msg_type(&shown, tables);
        match self.format {
            Format::Line => self.line(out, tables, &shown, msg_type),
            Format::Text => self.text(out, tables, &shown, msg_type),
            Format::Json => json::message(out, tables, &shown, msg_type),
        }
        shown.problem.is_some()
    }

    /// A message that needs no second look: by far most do not. Returns false if it does.
    fn usual_line(&self, out: &mut Vec<u8>, tables: &Tables, shown: &Shown<'_>) -> bool {
        let msg_type = shown.bytes.get(self::msg_type_at(shown.bytes)..).unwrap_or_default();
        let msg_type = &msg_type[..memchr::memchr(SOH, msg_type).unwrap_or(0)];
        self.headline(out, tables, shown, msg_type);
        let meaning = self.colours.meaning;
        for field in Fields::with_data_tags(shown.bytes, tables.pairs) {
            let Ok(Field { tag, value }) = field else { return false };
            match tables.columns.get(tag) {
                Some(column) if !column.special => {
                    out.extend_from_slice(&column.label);
                    out.extend_from_slice(value);
                    if let Some(name) = column.meaning(value) {
                        out.push(b' ');
                        out.extend_from_slice(meaning.as_bytes());
                        out.extend_from_slice(name.as_bytes());
                        out.extend_from_slice(self.colours.end.as_bytes());
                    }
                }
                Some(column) if column.is_list => {
                    out.extend_from_slice(&column.label);
                    out.extend_from_slice(value);
                    self.meaning(out, tables, tag, value);
                }
                Some(_) => return false,
                None if tables.is_data(tag) => return false,
                None => {
                    self.label(out, tables, tag);
                    out.extend_from_slice(value);
                    self.meaning(out, tables, tag, value);
                }
            }
        }
        out.push(b'\n');
        true
    }

    fn line(&self, out: &mut Vec<u8>, tables: &Tables, shown: &Shown<'_>, msg_type: &[u8]) {
        self.headline(out, tables, shown, msg_type);
        let mut secrets = Secrets::new(tables.dictionary, msg_type);
        for piece in Pieces::new(shown.bytes, tables.pairs) {
            let is_hidden = secrets.hides(&piece);
            match piece.tag {
                Some(tag) => self.label(out, tables, tag),
                None => out.extend_from_slice(b" | "),
            }
            self.value(out, tables, &piece, is_hidden);
        }
        out.push(b'\n');
    }

    fn text(&self, out: &mut Vec<u8>, tables: &Tables, shown: &Shown<'_>, msg_type: &[u8]) {
        self.headline(out, tables, shown, msg_type);
        out.push(b'\n');
        let mut nesting = Nesting::new(tables.dictionary, msg_type);
        let mut secrets = Secrets::new(tables.dictionary, msg_type);
        let pieces: Vec<Piece<'_>> = Pieces::new(shown.bytes, tables.pairs).collect();
        for (index, piece) in pieces.iter().enumerate() {
            let following = pieces[index + 1..].iter().map(|piece| piece.tag);
            let place = nesting.place(piece.tag, piece.value, following);
            let start = out.len();
            out.resize(start + 2 + 4 * place.depth, b' ');
            if let (Some(Entry::First | Entry::Next), [.., mark, _]) = (place.entry, out.as_mut_slice()) {
                *mark = b'-';
            }
            if let Some(tag) = piece.tag {
                let width = out.len() - start;
                out.extend_from_slice(self.colours.tag.as_bytes());
                let name = name(tables.dictionary, tag);
                out.extend_from_slice(name.as_bytes());
                out.extend_from_slice(self.colours.end.as_bytes());
                out.resize(out.len() + COLUMN.saturating_sub(width + name.len()), b' ');
                out.extend_from_slice(b" = ");
            }
            self.value(out, tables, piece, secrets.hides(piece));
            out.push(b'\n');
        }
        out.push(b'\n');
    }

    fn headline(&self, out: &mut Vec<u8>, tables: &Tables, shown: &Shown<'_>, msg_type: &[u8]) {
        let Colours { problem, headline, end, .. } = self.colours;
        if let Some(time) = shown.logged_at {
            out.extend_from_slice(time.as_bytes());
            out.push(b' ');
        }
        if let Some(text) = shown.problem {
            _ = write!(out, "{problem}GARBLED at line {}: {text}:{end} ", shown.line);
        }
        out.extend_from_slice(headline.as_bytes());
        match tables.dictionary.message(msg_type) {
            Some(message) => out.extend_from_slice(message.name.as_bytes()),
            None => {
                out.extend_from_slice(b"unknown message ");
                escape::terminal(out, msg_type);
            }
        }
        out.extend_from_slice(end.as_bytes());
    }

    fn label(&self, out: &mut Vec<u8>, tables: &Tables, tag: Tag) {
        match tables.columns.get(tag) {
            Some(column) => out.extend_from_slice(&column.label),
            None => out.extend_from_slice(&Columns::label(tables.dictionary, tag, self.colours)),
        }
    }

    fn value(&self, out: &mut Vec<u8>, tables: &Tables, piece: &Piece<'_>, is_hidden: bool) {
        if is_hidden {
            out.extend_from_slice(b"***");
        } else {
            escape::terminal(out, piece.value);
            if let Some(tag) = piece.tag {
                self.meaning(out, tables, tag, piece.value);
            }
        }
        if let Some(flaw) = piece.flaw {
            _ = write!(out, " {}(malformed: {flaw}){}", self.colours.problem, self.colours.end);
        }
    }

    /// Appends what a value means.
    fn meaning(&self, out: &mut Vec<u8>, tables: &Tables, tag: Tag, value: &[u8]) {
        let before = out.len();
        out.push(b' ');
        out.extend_from_slice(self.colours.meaning.as_bytes());
        let start = out.len();
        tables.meaning(out, tag, value);
        if out.len() == start {
            out.truncate(before);
        } else {
            out.extend_from_slice(self.colours.end.as_bytes());
        }
    }
}

/// Whether nothing but separators needs escaping and, at first sight, every piece is a field: looked at all at once,
/// which is cheaper than value by value.
fn is_usual(bytes: &[u8]) -> bool {
    let is_plain = |byte: u8| matches!(byte, b' '..=b'~') | (byte == SOH);
    let is_field = |before: u8, byte: u8| {
        ((before != SOH) | matches!(byte, b'1'..=b'9')) & ((before != b'=') | (byte != SOH))
    };
    let behind = bytes.get(1..).unwrap_or_default();
    bytes
        .iter()
        .zip(behind)
        .fold(true, |usual, (before, byte)| usual & is_plain(*before) & is_field(*before, *byte))
}

/// Where the value of MsgType(35) begins, which is the third field of a message whose head is right.
fn msg_type_at(bytes: &[u8]) -> usize {
    let mut fields = memchr::memchr_iter(SOH, bytes);
    fields.nth(1).map_or(bytes.len(), |at| at + 1 + b"35=".len())
}

/// The value of MsgType(35), which may stand in the wrong place in a garbled message.
fn msg_type<'a>(shown: &Shown<'a>, tables: &Tables) -> &'a [u8] {
    let mut pieces = Pieces::new(shown.bytes, tables.pairs);
    pieces.find(|piece| piece.tag == Some(tag::MSG_TYPE)).map_or(&[], |piece| piece.value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_needs_a_second_look_is_seen_at_first_sight() {
        let is_usual = |text: &str| is_usual(text.replace('|', "\u{1}").as_bytes());
        assert!(is_usual("8=FIX.4.4|9=5|35=0|58=a=b|10=163|"));
        for odd in [
            "35=0||10=1|",
            "35=0|011=1|10=1|",
            "35=0|58=|10=1|",
            "35=0|=1|10=1|",
            "35=0|58=\u{1b}|10=1|",
            "35=0|58=é|10=1|",
        ] {
            assert!(!is_usual(odd), "{odd}");
        }
    }
}
