//! A message in words.

use std::io::Write as _;

use fix_core::{
    tag::{self, Tag},
    wire::{
        SOH,
        field::{DataTags, Field, Fields},
    },
};

use super::{
    Format,
    colour::Colours,
    columns::{Column, Columns, around, name},
    output::Output,
    tables::Tables,
};
use fix_decoder::{
    escape, json,
    reading::{Entry, Nesting, Piece, Pieces, Secrets, problem_of_fields},
};

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
    pub(super) logged_at: Option<&'a [u8]>,
}

/// Prints messages.
pub(super) struct Renderer {
    pub(super) format: Format,
    pub(super) colours: Colours,
}

impl Renderer {
    /// Appends a message. Returns whether something is wrong with it.
    pub(super) fn message(&self, out: &mut Output, tables: &Tables, shown: &Shown<'_>) -> bool {
        if self.format == Format::Line && shown.is_unread && is_plain(shown.bytes) {
            let before = out.len();
            if self.usual_line(out, tables, shown) {
                return false;
            }
            out.truncate(before);
        }
        let found = shown.is_unread.then(|| problem_of_fields(shown.bytes, tables.pairs)).flatten();
        let shown = Shown { problem: shown.problem.or(found.as_deref()), ..*shown };
        let msg_type = msg_type(&shown, tables);
        let mut text = Vec::new();
        match self.format {
            Format::Line => self.line(&mut text, tables, &shown, msg_type),
            Format::Text => self.text(&mut text, tables, &shown, msg_type),
            Format::Json => {
                let Shown { bytes, problem, line, logged_at, .. } = shown;
                let shown = json::Shown { bytes, msg_type, problem, line, logged_at };
                json::message(&mut text, tables.dictionary, &shown);
                text.extend_from_slice(b"}\n");
            }
        }
        out.text(&text);
        shown.problem.is_some()
    }

    /// A message that needs no second look: by far most do not. Returns false if it does.
    fn usual_line(&self, out: &mut Output, tables: &Tables, shown: &Shown<'_>) -> bool {
        let Shown { bytes, logged_at, .. } = shown;
        let message = tables.dictionary.message(msg_type_of_usual(bytes));
        let Some(message) = message else { return false };
        if let Some(time) = logged_at {
            out.short(time);
            out.short(b" ");
        }
        for text in [self.colours.headline, message.name, self.colours.end] {
            out.short(text.as_bytes());
        }
        let is_usual = match tables.pairs {
            [] => self.usual_fields(out, tables, Fields::new(bytes), bytes.len()),
            pairs => self.usual_fields(out, tables, Fields::with_data_tags(bytes, pairs), bytes.len()),
        };
        out.short(b"\n");
        is_usual
    }

    /// The fields of such a message, which has `len` bytes; false if one needs a second look.
    #[inline(always)]
    fn usual_fields<D: DataTags>(
        &self,
        out: &mut Output,
        tables: &Tables,
        fields: Fields<'_, D>,
        len: usize,
    ) -> bool {
        // What needs a second look counts for more than the whole message.
        let unusual = len + 1;
        let size = fields.fold(0, |size, field| {
            let Ok(Field { tag, value }) = field else { return size + unusual };
            let around = match tables.columns.get(tag) {
                Some(column) if !column.special => {
                    out.field(&column.label, value, column.meaning(value));
                    column.around
                }
                column if self.rare_field(out, tables, column, tag, value) => around(tag),
                _ => unusual,
            };
            let odd = if value.is_empty() { unusual } else { 0 };
            size + odd + around + value.len()
        });
        // A tag with a sign or a zero in front has more bytes than its number.
        size == len
    }

    /// A field that is a list of codes, or has no column; false if it is one that needs a second look.
    #[cold]
    fn rare_field(
        &self,
        out: &mut Output,
        tables: &Tables,
        column: Option<&Column>,
        tag: Tag,
        value: &[u8],
    ) -> bool {
        let may_be_shown = column.map_or_else(|| !tables.is_data(tag), |column| column.is_list);
        if may_be_shown {
            let mut text = Vec::new();
            self.label(&mut text, tables, tag);
            text.extend_from_slice(value);
            self.meaning(&mut text, tables, tag, value);
            out.text(&text);
        }
        may_be_shown
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
            out.extend_from_slice(time);
            out.push(b' ');
        }
        if let Some(text) = shown.problem {
            _ = write!(out, "{problem}GARBLED at line {}: {text}:{end} ", shown.line);
        }
        out.extend_from_slice(headline.as_bytes());
        match tables.dictionary.message(msg_type) {
            Some(message) => out.extend_from_slice(message.name.as_bytes()),
            None if msg_type.is_empty() => out.extend_from_slice(b"no MsgType(35)"),
            None => {
                out.extend_from_slice(b"unknown message ");
                escape::terminal(out, msg_type);
            }
        }
        out.extend_from_slice(end.as_bytes());
    }

    fn label(&self, out: &mut Vec<u8>, tables: &Tables, tag: Tag) {
        match tables.columns.get(tag) {
            Some(column) => out.extend_from_slice(column.label.as_bytes()),
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

/// Whether nothing but separators needs escaping: looked at all at once, which is cheaper than value by value.
fn is_plain(bytes: &[u8]) -> bool {
    bytes.iter().fold(true, |plain, byte| plain & (matches!(byte, b' '..=b'~') | (*byte == SOH)))
}

/// The value of MsgType(35), which is the third field of a message whose head is right.
fn msg_type_of_usual(bytes: &[u8]) -> &[u8] {
    bytes.split(|byte| *byte == SOH).nth(2).and_then(|field| field.strip_prefix(b"35=")).unwrap_or_default()
}

/// The value of MsgType(35), which may stand in the wrong place in a garbled message.
fn msg_type<'a>(shown: &Shown<'a>, tables: &Tables) -> &'a [u8] {
    let mut pieces = Pieces::new(shown.bytes, tables.pairs);
    pieces.find(|piece| piece.tag == Some(tag::MSG_TYPE)).map_or(&[], |piece| piece.value)
}

#[cfg(test)]
mod tests {
    use fix_core::dict::fix44::DICTIONARY;

    use super::*;

    #[test]
    fn what_needs_a_second_look_is_seen_at_first_sight() {
        let tables = Tables::new(&DICTIONARY, Colours::NONE, &[]);
        let renderer = Renderer { format: Format::Line, colours: Colours::NONE };
        let line = |text: &str| {
            let text = text.replace('|', "\u{1}");
            let bytes = text.as_bytes();
            let shown = Shown { bytes, problem: None, is_unread: true, line: 1, logged_at: None };
            let mut out = Output::default();
            let is_usual = is_plain(bytes) && renderer.usual_line(&mut out, &tables, &shown);
            is_usual.then(|| String::from_utf8(out.as_bytes().to_vec()).unwrap())
        };
        assert_eq!(
            line("8=FIX.4.4|9=5|35=0|18=1 A|58=a=b|5001=x|10=163|").unwrap(),
            "Heartbeat | BeginString(8)=FIX.4.4 | BodyLength(9)=5 | MsgType(35)=0 HEARTBEAT | \
             ExecInst(18)=1 A NOT_HELD NO_CROSS | Text(58)=a=b | 5001=x | CheckSum(10)=163\n"
        );
        for odd in [
            "35=0||10=1|",
            "35=0|011=1|10=1|",
            "35=0|05001=1|10=1|",
            "35=0|-11=1|10=1|",
            "35=0|58=|10=1|",
            "35=0|5001=|10=1|",
            "35=0|=1|10=1|",
            "35=0|58=\u{1b}|10=1|",
            "35=0|58=é|10=1|",
            "35=A|554=secret|10=1|",
            "35=0|95=1|96=x|10=1|",
        ] {
            assert_eq!(line(odd), None, "{odd}");
        }
    }
}
