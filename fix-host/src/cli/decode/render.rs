//! A message in words.

use std::io::Write as _;

use fix_core::{
    dict::{DataPair, Dictionary, is_secret},
    tag::{self, Tag},
    wire::{
        SOH,
        field::{Field, Fields},
    },
};

use super::{
    Format,
    columns::{Columns, name},
    escape,
    find::Found,
    json,
    nesting::{Entry, Nesting},
};

/// Where values begin in the text format.
const COLUMN: usize = 36;

/// What it takes to print messages.
pub(super) struct Renderer {
    pub(super) dictionary: &'static Dictionary,
    /// The data fields beside those of FIX 4.4.
    pub(super) data_pairs: &'static [DataPair],
    format: Format,
    columns: Columns,
}

impl Renderer {
    pub(super) fn new(dictionary: &'static Dictionary, format: Format) -> Self {
        let data_pairs = dictionary.extra_data_pairs;
        Renderer { dictionary, data_pairs, format, columns: Columns::new(dictionary) }
    }

    /// Appends a message. `line` is where it stands in its file.
    pub(super) fn message(&self, out: &mut Vec<u8>, found: &Found<'_>, line: u64) {
        let msg_type = msg_type(found.bytes, self.data_pairs);
        match self.format {
            Format::Line => self.line(out, found, msg_type, line),
            Format::Text => self.text(out, found, msg_type, line),
            Format::Json => json::message(self, out, found, msg_type, line),
        }
    }

    /// The fields up to the first that is none: what comes then may be part of a secret.
    pub(super) fn fields<'a>(&self, bytes: &'a [u8]) -> impl Iterator<Item = Field<'a>> {
        Fields::with_data_tags(bytes, self.data_pairs).map_while(Result::ok)
    }

    fn line(&self, out: &mut Vec<u8>, found: &Found<'_>, msg_type: &[u8], line: u64) {
        self.headline(out, found, msg_type, line);
        let is_plain = is_plain(found.bytes);
        for Field { tag, value } in self.fields(found.bytes) {
            match self.columns.get(tag) {
                Some(column) if is_plain && !column.special => {
                    out.extend_from_slice(&column.label);
                    out.extend_from_slice(value);
                    if let Some(meaning) = column.meaning(value) {
                        out.push(b' ');
                        out.extend_from_slice(meaning.as_bytes());
                    }
                    continue;
                }
                Some(column) => out.extend_from_slice(&column.label),
                None => _ = write!(out, " | {}=", name(self.dictionary, tag)),
            }
            self.value(out, msg_type, tag, value);
        }
        out.push(b'\n');
    }

    fn text(&self, out: &mut Vec<u8>, found: &Found<'_>, msg_type: &[u8], line: u64) {
        self.headline(out, found, msg_type, line);
        out.push(b'\n');
        let mut nesting = Nesting::new(self.dictionary, msg_type);
        for Field { tag, value } in self.fields(found.bytes) {
            let place = nesting.place(tag);
            let start = out.len();
            out.resize(start + 2 + 4 * place.depth, b' ');
            if let (Some(Entry::First | Entry::Next), [.., mark, _]) = (place.entry, out.as_mut_slice()) {
                *mark = b'-';
            }
            _ = write!(out, "{}", name(self.dictionary, tag));
            out.resize(out.len().max(start + COLUMN), b' ');
            out.extend_from_slice(b" = ");
            self.value(out, msg_type, tag, value);
            out.push(b'\n');
        }
        out.push(b'\n');
    }

    fn headline(&self, out: &mut Vec<u8>, found: &Found<'_>, msg_type: &[u8], line: u64) {
        if let Some(problem) = &found.problem {
            _ = write!(out, "GARBLED at line {line}: {problem}: ");
        }
        match self.dictionary.message(msg_type) {
            Some(message) => out.extend_from_slice(message.name.as_bytes()),
            None => {
                out.extend_from_slice(b"unknown message ");
                escape::terminal(out, msg_type);
            }
        }
    }

    fn value(&self, out: &mut Vec<u8>, msg_type: &[u8], tag: Tag, value: &[u8]) {
        if is_secret(tag, msg_type) {
            out.extend_from_slice(b"***");
            return;
        }
        escape::terminal(out, value);
        let before = out.len();
        self.meaning(out, tag, value, b' ');
        if out.len() > before {
            // Between the value and what it means.
            out.insert(before, b' ');
        }
    }

    /// Appends what a value means, or for a list of codes what each of them means.
    pub(super) fn meaning(&self, out: &mut Vec<u8>, tag: Tag, value: &[u8], separator: u8) {
        let Some((kind, codes)) =
            self.dictionary.field(tag).and_then(|field| Some((field.kind, field.codes?)))
        else {
            return;
        };
        if !kind.is_multiple_value() {
            out.extend_from_slice(codes.name(value).unwrap_or_default().as_bytes());
            return;
        }
        let names = value.split(|byte| *byte == b' ').filter_map(|code| codes.name(code));
        for (index, name) in names.enumerate() {
            if index > 0 {
                out.push(separator);
            }
            out.extend_from_slice(name.as_bytes());
        }
    }
}

/// Whether nothing but separators needs escaping: looked at all at once, which is cheaper than value by value.
fn is_plain(bytes: &[u8]) -> bool {
    bytes.iter().fold(true, |plain, byte| plain & (matches!(byte, b' '..=b'~') | (*byte == SOH)))
}

/// The value of MsgType(35), which may stand in the wrong place in a garbled message.
fn msg_type<'a>(bytes: &'a [u8], data_pairs: &'static [DataPair]) -> &'a [u8] {
    let mut fields = Fields::with_data_tags(bytes, data_pairs).map_while(Result::ok);
    fields.find(|field| field.tag == tag::MSG_TYPE).map_or(&[], |field| field.value)
}
