//! Where a message ends that is not plainly good, what it is with SOH between its fields, and what is wrong with it.

use fix_core::wire::{SOH, field::DataPair};

use super::{
    begin::{BEGIN, Begin, Begins},
    escapes,
    head::{HeadAsWritten, head},
    pieces::{Flaw, Pieces},
    separated::Separated,
    trailer,
};

/// A message longer than this is given up.
pub(super) const MAX_MESSAGE: usize = 64 << 20;
/// How far a message may go beyond where another one seems to begin, unless BodyLength(9) alone tells where it ends:
/// the same bytes must not be read again for each of many beginnings.
const NEAR: usize = 64 << 10;
/// Bytes that a notation may have for one of the message.
const MAX_EXPANSION: usize = 16;
/// How often data fields may lead beyond what looks like another beginning.
const MAX_JUMPS: usize = 16;
/// `2147483647=`.
const MAX_TAG: usize = 11;
/// `10=nnn`.
const TRAILER: usize = 6;

/// A message in a text.
#[derive(Debug)]
pub(super) struct Judged {
    /// Its bytes in the text.
    pub(super) len: usize,
    /// The message, separated by SOH.
    pub(super) bytes: Vec<u8>,
    /// What is wrong with it.
    pub(super) problem: Option<String>,
    /// Whether `len` has a separator at its end.
    has_end: bool,
}

/// What can be said of a beginning.
#[derive(Debug)]
pub(super) enum Verdict {
    /// The message.
    Message(Judged),
    /// So many bytes of text must be there first.
    More(usize),
}

/// How a text shows a message.
#[derive(Clone, Debug)]
struct Notation {
    separator: Vec<u8>,
    escapes: Escapes,
    /// A separator counts only in front of a tag: `58=a,b,10=` has one.
    may_be_text: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Escapes {
    None,
    /// How often they were escaped: `\\u0001` twice.
    Backslashes(usize),
    Entities,
}

pub(super) struct Judge<'j> {
    pub(super) begins: &'j Begins,
    pub(super) pairs: &'static [DataPair],
}

impl Judge<'_> {
    /// Judges the message at the beginning of `text`, of which all is there if `last`.
    pub(super) fn judge(&self, text: &[u8], last: bool) -> Verdict {
        let head = head(text);
        if !head.is_decided && !last {
            return Verdict::More(text.len() + 1);
        }
        let wanted = head
            .body_length
            .and_then(|length| head.plain_len.checked_add(length)?.checked_add(TRAILER))
            .filter(|wanted| *wanted <= MAX_MESSAGE);
        let mut placed = None;
        if let Some(wanted) = wanted {
            if text.len() < wanted && !last {
                return Verdict::More(wanted);
            }
            match measure(text, &head, wanted, last) {
                Measured::Good(message) => {
                    return with_separator(self.with_problem(message, &head), text, &head, last);
                }
                Measured::More(len) => return Verdict::More(len),
                Measured::WrongCheckSum(notation) => placed = Some(notation),
                Measured::No => {}
            }
        }
        let notation = placed.unwrap_or_else(|| Notation::usual(head.separator));
        self.walk(text, &head, &notation, wanted.unwrap_or(0), last)
    }

    /// The message ends with the first CheckSum(10) among its fields, else with its line, at the latest where the
    /// next one begins.
    fn walk(
        &self,
        text: &[u8],
        head: &HeadAsWritten<'_>,
        notation: &Notation,
        wanted: usize,
        last: bool,
    ) -> Verdict {
        let bound = wanted.max(NEAR).saturating_mul(notation.expansion()).min(MAX_MESSAGE) + MAX_EXPANSION;
        let near = text.get(..bound).unwrap_or(text);
        let line_end = |from: usize| {
            let end = memchr::memchr(b'\n', near.get(from..)?).map(|at| from + at);
            end.filter(|_| !head.separator.contains(&b'\n'))
        };
        let mut from = BEGIN.len();
        let mut jumps = 0;
        loop {
            let next = self.begins.next(near, from, last || near.len() < text.len());
            let mut limit = match next {
                Begin::At(at) | Begin::Undecided(at) => at,
                Begin::None => near.len(),
            };
            if head.separator != [SOH] {
                limit = line_end(from).map_or(limit, |end| limit.min(end));
            }
            // Whether more text could be part of this message.
            let is_end = limit == text.len() && limit < bound;
            let is_open = !last && (is_end || next == Begin::Undecided(limit));
            let read = notation.read(&near[..limit]);
            match self.end(&read, notation, is_open) {
                End::At(end) => {
                    return with_separator(self.message(&read, end, head), text, head, last);
                }
                End::Undecided => return Verdict::More(text.len() + 1),
                End::Beyond(at) if jumps < MAX_JUMPS && at < near.len() && near[at] == head.separator[0] => {
                    from = at;
                    jumps += 1;
                }
                End::Beyond(at) if at >= text.len() && at < bound && !last => return Verdict::More(at + 1),
                _ if is_open => return Verdict::More(a_step_more(text)),
                _ => {
                    let cut = line_end(from).map_or(limit, |end| limit.min(end));
                    let read = notation.read(near[..cut].trim_ascii_end());
                    return Verdict::Message(self.message(&read, read.bytes.len(), head));
                }
            }
        }
    }

    fn end(&self, read: &Separated, notation: &Notation, is_open: bool) -> End {
        for piece in Pieces::new(&read.bytes, self.pairs) {
            if piece.raw.starts_with(b"10=") {
                let Some(end) = trailer::end(&read.bytes, piece.at, !is_open) else { return End::Undecided };
                // At the end of the text half an escape looks longer than it is, and what seems to be a separator in
                // front of a tag may be text in front of the next message.
                let there = read.ends.last().map_or(0, |last| last - read.ends[piece.at]);
                let is_certain = notation.is_byte_for_byte() && !notation.may_be_text;
                let is_short = there < 2 * trailer::MAX_VALUE * MAX_EXPANSION && !is_certain;
                let is_plain =
                    piece.raw.iter().skip(3).take(3).filter(|byte| byte.is_ascii_digit()).count() == 3;
                return if is_open && is_short && !is_plain { End::Undecided } else { End::At(end) };
            }
            if let Some(Flaw::Length { end, .. }) = piece.flaw {
                if end >= read.bytes.len() && notation.is_byte_for_byte() {
                    return End::Beyond(end);
                }
                // A separator at the end of the text may still prove to be one.
                if is_open && end.saturating_add(MAX_TAG) >= read.bytes.len() {
                    return End::Undecided;
                }
            }
        }
        End::None
    }

    fn message(&self, read: &Separated, end: usize, head: &HeadAsWritten<'_>) -> Judged {
        let mut bytes = read.bytes[..end].to_vec();
        let has_end = bytes.last() == Some(&SOH);
        if !has_end {
            bytes.push(SOH);
        }
        let len = end.checked_sub(1).map_or(0, |last| read.ends[last]);
        self.with_problem(Judged { len, bytes, problem: None, has_end }, head)
    }

    fn with_problem(&self, mut message: Judged, head: &HeadAsWritten<'_>) -> Judged {
        message.problem = trailer::problem(&message.bytes, head.plain_len, head.body_length, self.pairs);
        message
    }
}

/// Where the fields of a message end.
enum End {
    At(usize),
    /// More of the text could move it.
    Undecided,
    /// A data field is said to go up to here, which is not in the text that was looked at.
    Beyond(usize),
    None,
}

enum Measured {
    Good(Judged),
    /// BodyLength(9) leads to a CheckSum(10), which is wrong.
    WrongCheckSum(Notation),
    More(usize),
    No,
}

/// Reads the text in each way in which it may be meant, until BodyLength(9) and CheckSum(10) say that it is right.
fn measure(text: &[u8], head: &HeadAsWritten<'_>, wanted: usize, last: bool) -> Measured {
    let body_end = wanted - TRAILER;
    let mut wrong = None;
    for notation in Notation::possible(head.separator, text, wanted) {
        let near = text.get(..notation.reach(wanted)).unwrap_or(text);
        if notation.is_byte_for_byte() && near.get(body_end..body_end + 3) != Some(b"10=") {
            continue;
        }
        let read = notation.read(near);
        if read.bytes.len() < wanted {
            if near.len() == text.len() && !last {
                return Measured::More(a_step_more(text));
            }
            continue;
        }
        match trailer::check(&read.bytes, body_end) {
            Some(true) => {
                let has_end = read.bytes.get(wanted) == Some(&SOH);
                let len = read.ends[wanted - usize::from(!has_end)];
                let mut bytes = read.bytes;
                bytes.truncate(wanted);
                bytes.push(SOH);
                return Measured::Good(Judged { len, bytes, problem: None, has_end });
            }
            Some(false) => _ = wrong.get_or_insert(notation),
            None => {}
        }
    }
    wrong.map_or(Measured::No, Measured::WrongCheckSum)
}

impl Notation {
    /// All ways to read a text with this separator, the likely ones first.
    fn possible(separator: &[u8], text: &[u8], wanted: usize) -> Vec<Notation> {
        let new = |escapes, may_be_text| Notation { separator: separator.to_vec(), escapes, may_be_text };
        let mut all = vec![new(Escapes::None, false)];
        if separator == [SOH] {
            return all;
        }
        all.push(new(Escapes::None, true));
        let near = text.get(..wanted.saturating_mul(MAX_EXPANSION).min(NEAR)).unwrap_or(text);
        for escapes in [Escapes::Backslashes(times_escaped(separator)), Escapes::Entities] {
            let mark = if escapes == Escapes::Entities { b'&' } else { b'\\' };
            if memchr::memchr(mark, near).is_some() {
                all.extend([new(escapes, false), new(escapes, true)]);
            }
        }
        all
    }

    /// The way to show a message that is right in no way.
    fn usual(separator: &[u8]) -> Notation {
        let escapes = match separator.first() {
            Some(b'\\') => Escapes::Backslashes(times_escaped(separator)),
            Some(b'&') => Escapes::Entities,
            _ => Escapes::None,
        };
        let is_text =
            |byte: &u8| matches!(byte, b' ' | b',' | b';' | b'#' | b'~' | b'^' | b'\t' | b'\n' | b'\r');
        let may_be_text = !separator.is_empty() && separator.iter().all(is_text);
        Notation { separator: separator.to_vec(), escapes, may_be_text }
    }

    fn read(&self, text: &[u8]) -> Separated {
        let (mut read, mut separator) = (Separated::whole(text), Separated::whole(&self.separator));
        match self.escapes {
            Escapes::None => {}
            Escapes::Backslashes(times) => {
                for _ in 0..times {
                    (read, separator) = (escapes::backslashes(&read), escapes::backslashes(&separator));
                }
            }
            Escapes::Entities => {
                (read, separator) = (escapes::entities(&read), escapes::entities(&separator))
            }
        }
        read.at_separators(&separator.bytes, self.may_be_text)
    }

    /// Whether each byte of the text is one of the message.
    fn is_byte_for_byte(&self) -> bool {
        self.separator.len() == 1 && self.escapes == Escapes::None
    }

    fn expansion(&self) -> usize {
        if self.is_byte_for_byte() { 1 } else { MAX_EXPANSION }
    }

    /// The text in which a message of so many bytes ends, with the separator behind it.
    fn reach(&self, wanted: usize) -> usize {
        if self.is_byte_for_byte() {
            return wanted;
        }
        // A long one is looked for only where its separators alone could make it so long.
        let longest = wanted.saturating_mul(MAX_EXPANSION);
        longest.min(NEAR.max(wanted.saturating_mul(2))).saturating_add(MAX_EXPANSION)
    }
}

/// The bytes that must be there for another look: with each, a long text is read again.
fn a_step_more(text: &[u8]) -> usize {
    text.len() + if text.len() > NEAR { text.len() / 8 } else { 1 }
}

/// Takes the separator behind a message too, whatever follows it.
fn with_separator(mut message: Judged, text: &[u8], head: &HeadAsWritten<'_>, last: bool) -> Verdict {
    let behind = text.get(message.len..).unwrap_or_default();
    if !last && behind.len() < MAX_EXPANSION && head.has_damaged_separator() {
        return Verdict::More(text.len() + 1);
    }
    if message.has_end {
        return Verdict::Message(message);
    }
    if !last && may_be_separator(behind, head.separator) {
        return Verdict::More(text.len() + 1);
    }
    if behind.starts_with(head.separator) {
        message.len += head.separator.len();
    }
    Verdict::Message(message)
}

/// Whether a separator, or an escape that stands for one, may begin here at the end of the text.
fn may_be_separator(behind: &[u8], separator: &[u8]) -> bool {
    let is_escape = matches!(behind, [b'\\' | b'&', ..]) && behind.len() < MAX_EXPANSION;
    behind.len() < separator.len() && separator.starts_with(behind) || is_escape
}

/// `\u0001` once, `\\u0001` twice, `\\\\u0001` three times.
fn times_escaped(separator: &[u8]) -> usize {
    let backslashes = separator.iter().take_while(|byte| **byte == b'\\').count();
    backslashes.max(1).ilog2() as usize + 1
}
