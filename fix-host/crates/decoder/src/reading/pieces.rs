//! The fields of a message, and what is no field: nothing is left out.

use std::fmt;

use fix_core::{
    tag::Tag,
    wire::{
        SOH,
        field::{DataPair, DataTags},
    },
};

/// What stands between two SOHs, or a data field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece<'a> {
    /// Where it begins in its message.
    pub at: usize,
    /// All of it, without the SOH behind it.
    pub raw: &'a [u8],
    /// Its tag, if it has one.
    pub tag: Option<Tag>,
    /// The bytes behind the `=`; all of it if it has no tag.
    pub value: &'a [u8],
    /// What is wrong with it.
    pub flaw: Option<Flaw>,
}

/// What is wrong with a piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// It is not `tag=value`.
    NotAField,
    /// Nothing stands behind the `=`.
    NoValue,
    /// It is the length of the data field behind it, which does not end there.
    Length {
        /// The data field.
        data: Tag,
        /// Where in the message the data would end.
        end: usize,
    },
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Flaw::NotAField => f.write_str("not tag=value"),
            Flaw::NoValue => f.write_str("no value"),
            Flaw::Length { data, .. } => write!(f, "{data} does not end there"),
        }
    }
}

/// Splits a message separated by SOH.
pub struct Pieces<'a> {
    bytes: &'a [u8],
    at: usize,
    /// The length field in front leads to the end of this data field.
    data: Option<Data>,
    pairs: &'static [DataPair],
}

#[derive(Clone, Copy)]
struct Data {
    tag: Tag,
    value_at: usize,
    end: usize,
}

impl<'a> Pieces<'a> {
    /// `pairs`: the data fields beside those of FIX 4.4, ascending by length field.
    #[must_use]
    pub fn new(bytes: &'a [u8], pairs: &'static [DataPair]) -> Self {
        Pieces { bytes, at: 0, data: None, pairs }
    }

    /// The data field that begins at `at`, behind the field `length`.
    fn data(&self, length: Tag, value: &[u8], at: usize) -> Option<Data> {
        let data_tag = self.pairs.data_tag_of(length)?;
        let length: usize = std::str::from_utf8(value).ok()?.parse().ok()?;
        let rest = self.bytes.get(at..)?;
        let equals = rest.iter().take(12).position(|byte| *byte == b'=')?;
        let value_at = at + equals + 1;
        let end = value_at.checked_add(length)?;
        (tag(&rest[..=equals]) == Some(data_tag)).then_some(Data { tag: data_tag, value_at, end })
    }
}

impl<'a> Iterator for Pieces<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        let at = self.at;
        let rest = self.bytes.get(at..).filter(|rest| !rest.is_empty())?;
        if let Some(Data { tag, value_at, end }) = self.data.take() {
            self.at = end + 1;
            let (raw, value) = (&self.bytes[at..end], &self.bytes[value_at..end]);
            return Some(Piece { at, raw, tag: Some(tag), value, flaw: None });
        }
        let raw = &rest[..memchr::memchr(SOH, rest).unwrap_or(rest.len())];
        self.at = at + raw.len() + 1;
        let Some(tag) = tag(raw) else {
            return Some(Piece { at, raw, tag: None, value: raw, flaw: Some(Flaw::NotAField) });
        };
        let value = &raw[memchr::memchr(b'=', raw).map_or(raw.len(), |equals| equals + 1)..];
        let mut flaw = value.is_empty().then_some(Flaw::NoValue);
        if let Some(data) = self.data(tag, value, self.at) {
            if self.bytes.get(data.end) == Some(&SOH) {
                self.data = Some(data);
            } else {
                flaw = Some(Flaw::Length { data: data.tag, end: data.end });
            }
        }
        Some(Piece { at, raw, tag: Some(tag), value, flaw })
    }
}

/// The tag of `123=value`: a number above 0 without leading zeros.
fn tag(piece: &[u8]) -> Option<Tag> {
    let digits = &piece[..memchr::memchr(b'=', piece)?];
    let is_number =
        digits.first().is_some_and(|first| *first != b'0') && digits.iter().all(u8::is_ascii_digit);
    std::str::from_utf8(digits).ok().filter(|_| is_number)?.parse().ok().map(Tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(text: &str) -> Vec<(Option<i32>, String, Option<Flaw>)> {
        let text = text.replace('|', "\u{1}");
        let pieces = Pieces::new(text.as_bytes(), &[]);
        let mut end = 0;
        let mut all = Vec::new();
        for piece in pieces {
            assert_eq!(piece.at, end, "no byte between pieces");
            end = piece.at + piece.raw.len() + 1;
            let value = String::from_utf8_lossy(piece.value).replace('\u{1}', "|");
            all.push((piece.tag.map(|tag| tag.0), value, piece.flaw));
        }
        assert!(end >= text.len());
        all
    }

    #[test]
    fn what_is_no_field_is_a_piece_too() {
        let none = |text: &str| (None, text.to_owned(), Some(Flaw::NotAField));
        assert_eq!(
            pieces("35=D|junk||abc=1|99999999999=1|=1|-1=x|011=a|77=|58=tail"),
            [
                (Some(35), "D".into(), None),
                none("junk"),
                none(""),
                none("abc=1"),
                none("99999999999=1"),
                none("=1"),
                none("-1=x"),
                none("011=a"),
                (Some(77), String::new(), Some(Flaw::NoValue)),
                (Some(58), "tail".into(), None),
            ]
        );
    }

    #[test]
    fn data_has_the_length_that_is_announced_or_says_so() {
        let pieces = pieces("95=5|96=a|b=c|95=9|96=ab|58=x|95=0|96=|");
        assert_eq!(pieces[1], (Some(96), "a|b=c".into(), None));
        let flaw = Flaw::Length { data: Tag(96), end: 31 };
        assert_eq!(pieces[2], (Some(95), "9".into(), Some(flaw)));
        assert_eq!(pieces[3], (Some(96), "ab".into(), None));
        assert_eq!(pieces[4], (Some(58), "x".into(), None));
        assert_eq!(pieces[6], (Some(96), String::new(), None));
    }
}
