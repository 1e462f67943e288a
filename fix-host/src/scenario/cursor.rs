//! Reads the words, values and times of one line.

use std::{ops::Range, time::Duration};

use super::script::Span;
use crate::contract::parse_duration;

/// A place in a line. Errors are texts without a place; whoever knows the line adds it.
#[derive(Clone, Debug)]
pub(super) struct Cursor<'t> {
    line: &'t str,
    rest: &'t str,
    /// Where secrets stand in the line, in their order.
    secrets: Vec<Range<usize>>,
}

/// A value as it stands in the script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) text: String,
    /// In quotes: taken as it is.
    pub(super) is_quoted: bool,
}

impl<'t> Cursor<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        let line = text.trim();
        Cursor { line, rest: line, secrets: Vec::new() }
    }

    pub(super) fn is_done(&self) -> bool {
        self.rest.is_empty()
    }

    /// What is left.
    pub(super) fn rest(&self) -> &'t str {
        self.rest
    }

    /// What stands between here and `behind`, an earlier [`rest`](Self::rest), is a secret.
    pub(super) fn hide(&mut self, behind: &str) {
        let place = |rest: &str| self.line.len().saturating_sub(rest.len());
        let (from, to) = (place(behind), place(self.rest));
        let is_blank = |c: char| c.is_whitespace();
        let taken = self.line.get(from..to).unwrap_or_default().trim_end_matches(is_blank).len();
        self.secrets.push(from..from + taken);
    }

    /// The line as it may be shown: without its secrets.
    pub(super) fn shown(&self) -> String {
        let (mut shown, mut from) = (String::new(), 0);
        for secret in &self.secrets {
            shown.push_str(self.line.get(from..secret.start).unwrap_or_default());
            shown.push_str("***");
            from = secret.end;
        }
        shown.push_str(self.line.get(from..).unwrap_or_default());
        shown
    }

    fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default().trim_start();
    }

    /// Letters, digits and `_` at this place; may be empty.
    pub(super) fn peek(&self) -> &'t str {
        let end = self.rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
        self.rest.get(..end.unwrap_or(self.rest.len())).unwrap_or_default()
    }

    /// Takes the next word if it is `word`.
    pub(super) fn take(&mut self, word: &str) -> bool {
        let is_next = self.peek() == word;
        if is_next {
            self.skip(word.len());
        }
        is_next
    }

    /// Takes `symbol` if it stands here.
    pub(super) fn take_symbol(&mut self, symbol: &str) -> bool {
        let is_next = self.rest.starts_with(symbol);
        if is_next {
            self.skip(symbol.len());
        }
        is_next
    }

    /// A name made of letters, digits and `_`.
    pub(super) fn name(&mut self, what: &str) -> Result<&'t str, String> {
        let name = self.peek();
        if name.is_empty() {
            return Err(match self.rest.chars().next() {
                None => format!("{what} is missing at the end of the line"),
                Some(found) => format!("{what} is missing where {found:?} stands"),
            });
        }
        self.skip(name.len());
        Ok(name)
    }

    /// A value: in quotes, or up to the next blank or comma.
    pub(super) fn value(&mut self) -> Result<Word, String> {
        if let Some(quoted) = self.rest.strip_prefix('"') {
            return self.quoted(quoted);
        }
        let end = self.rest.find(|c: char| c.is_whitespace() || c == ',').unwrap_or(self.rest.len());
        let text = self.rest.get(..end).unwrap_or_default();
        if text.is_empty() {
            return Err("a value is missing; an empty one is written \"\"".to_owned());
        }
        self.skip(end);
        Ok(Word { text: text.to_owned(), is_quoted: false })
    }

    fn quoted(&mut self, inside: &str) -> Result<Word, String> {
        let mut text = String::new();
        let mut chars = inside.char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => {
                    self.skip(at + 2);
                    return Ok(Word { text, is_quoted: true });
                }
                '\\' => match chars.next() {
                    Some((_, escaped @ ('"' | '\\'))) => text.push(escaped),
                    _ => return Err("\\ in quotes stands before \" or \\ only".to_owned()),
                },
                c => text.push(c),
            }
        }
        Err("a \" is never closed".to_owned())
    }

    /// A text between slashes.
    pub(super) fn pattern(&mut self) -> Result<&'t str, String> {
        let missing = || "a regular expression stands between slashes: /^ORD-[0-9]+$/".to_owned();
        let inside = self.rest.strip_prefix('/').ok_or_else(missing)?;
        let mut before = ' ';
        for (at, c) in inside.char_indices() {
            if c == '/' && before != '\\' {
                self.skip(at + 2);
                return Ok(inside.get(..at).unwrap_or_default());
            }
            before = c;
        }
        Err("a / is never closed".to_owned())
    }

    /// A time such as `250ms`, `2s`, `1m`.
    pub(super) fn duration(&mut self) -> Result<Duration, String> {
        let word = self.value()?.text;
        duration(&word)
    }

    /// A time, or two with `..` between them.
    pub(super) fn span(&mut self) -> Result<Span, String> {
        let word = self.value()?.text;
        let (least, most) = word.split_once("..").unwrap_or((&word, &word));
        let span = Span { least: duration(least)?, most: duration(most)? };
        if span.least > span.most {
            return Err(format!("{word}: the shorter time stands first"));
        }
        Ok(span)
    }

    /// A whole number above 0.
    pub(super) fn count(&mut self) -> Result<u64, String> {
        let word = self.value()?.text;
        let count = word.parse().ok().filter(|count| (1..=1_000_000).contains(count));
        count.ok_or_else(|| format!("{word}: a whole number from 1 to 1000000 stands here"))
    }

    /// Nothing may be left.
    pub(super) fn end(&self) -> Result<(), String> {
        if self.is_done() { Ok(()) } else { Err(format!("{:?} is not understood here", self.rest)) }
    }
}

/// A time with its unit: in a script a bare number could be anything.
fn duration(text: &str) -> Result<Duration, String> {
    if !text.ends_with(|last: char| last.is_ascii_alphabetic()) {
        return Err(format!("{text:?} is no time; write 250ms, 2s or 1m"));
    }
    parse_duration(text).map_err(|problem| format!("{text:?} {problem}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_values_and_times_are_taken_one_by_one() {
        let mut cursor = Cursor::new(r#"send Text="a \"b\" # c",x 250ms..1.5s rest"#);
        assert!(cursor.take("send") && !cursor.take("Tex"));
        assert_eq!(cursor.name("a field"), Ok("Text"));
        assert!(cursor.take_symbol("="));
        assert_eq!(cursor.value().unwrap(), Word { text: "a \"b\" # c".into(), is_quoted: true });
        assert!(cursor.take_symbol(","));
        assert_eq!(cursor.value().unwrap().text, "x");
        let (least, most) = (Duration::from_millis(250), Duration::from_millis(1500));
        assert_eq!(cursor.span(), Ok(Span { least, most }));
        assert_eq!(cursor.end(), Err("\"rest\" is not understood here".into()));
    }

    #[test]
    fn what_is_no_time_says_how_one_is_written() {
        for wrong in ["5", "s", "5 s", "-1s", "5days", "1.x2s", "99999999999999999999s", "3m..1m", "170h"] {
            assert!(Cursor::new(wrong).span().is_err(), "{wrong}");
        }
        assert_eq!(Cursor::new("5").duration(), Err("\"5\" is no time; write 250ms, 2s or 1m".into()));
    }
}
