//! Lines to the host: numbered, whole, and never more than find room.

use core::{
    cell::{Cell, RefCell, RefMut},
    fmt::{self, Write as _},
};

use embassy_sync::{blocking_mutex::raw::NoopRawMutex, pipe::Pipe, signal::Signal};
use embedded_io_async::Write;
use fix_core::Tag;

use crate::intake::line::crc;

/// Bytes of lines that wait for the host.
pub const ROOM: usize = 2048;
/// The most bytes of a line to the host.
pub const LINE: usize = 384;
/// ` *hhhh` and the end of the line.
const CHECK_SUM: usize = 7;
/// What stands behind a text that was cut, and instead of fields that found no room.
const CUT: &[u8] = b" 58=..";
/// Kept back for answers and for what the session says of itself.
const KEPT_BACK: usize = 2 * LINE;

/// What waits for the host.
pub struct Reports {
    pipe: Pipe<NoopRawMutex, ROOM>,
    /// The number of the last line.
    number: Cell<u32>,
    /// Lines that found no room since the last one that did.
    lost: Cell<u32>,
    drained: Signal<NoopRawMutex, ()>,
    /// The line that is being made: here, for on the stack it would be cleared each time.
    line: RefCell<Fields>,
}

impl Reports {
    /// Nothing waits.
    pub const fn new() -> Self {
        Reports {
            pipe: Pipe::new(),
            number: Cell::new(0),
            lost: Cell::new(0),
            drained: Signal::new(),
            line: RefCell::new(Fields { bytes: [0; LINE], len: 0, is_cut: false, has_text: false }),
        }
    }

    /// How many bytes of messages from the counterparty may be worked off: a line is shorter than the message it is
    /// made of.
    pub(crate) fn room(&self) -> usize {
        self.pipe.free_capacity().saturating_sub(KEPT_BACK)
    }

    /// True if nothing waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.pipe.is_empty()
    }

    /// Ends when the last line that waited was written; it may have been so before.
    pub(crate) async fn drained(&self) {
        self.drained.wait().await;
    }

    /// True if an answer of any length finds room.
    pub(crate) fn has_room(&self) -> bool {
        self.pipe.free_capacity() >= KEPT_BACK
    }

    /// Appends a line. One that finds no room is counted: the host sees its number missing, and is told.
    pub(crate) fn say(&self, word: &str, fields: impl FnOnce(&mut Fields)) {
        if let Some(mut line) = self.begin(word) {
            fields(&mut line);
            self.end(line);
        }
    }

    /// Begins a line, behind one that tells of those that were lost. A function of its own: `say` is compiled once for
    /// each kind of line.
    #[inline(never)]
    fn begin(&self, word: &str) -> Option<RefMut<'_, Fields>> {
        let Ok(mut line) = self.line.try_borrow_mut() else {
            // No line is made while another one is.
            self.lose();
            return None;
        };
        if self.lost.get() > 0 && self.pipe.free_capacity() >= LINE {
            let lost = self.lost.take();
            self.numbered(&mut line, "LOST");
            line.shown(Tag(58), format_args!("{lost} lines found no room: ask STATUS"));
            self.pass(&mut line);
        }
        self.numbered(&mut line, word);
        Some(line)
    }

    fn numbered(&self, line: &mut Fields, word: &str) {
        let number = self.number.get().wrapping_add(1);
        self.number.set(number);
        (line.len, line.is_cut, line.has_text) = (0, false, false);
        // It has room for all of it.
        line.push(b"#");
        line.number(number);
        line.push(b" ");
        line.push(word.as_bytes());
    }

    #[inline(never)]
    fn end(&self, mut line: RefMut<'_, Fields>) {
        self.pass(&mut line);
    }

    #[inline(never)]
    fn pass(&self, line: &mut Fields) {
        if line.is_cut {
            let mark = if line.has_text { b".." } else { CUT };
            line.len = line.len.min(LINE - CHECK_SUM - mark.len());
            line.push(mark);
        }
        let [high, low] = crc(line.written()).to_be_bytes();
        line.push(b" *");
        line.hex(high);
        line.hex(low);
        line.push(b"\n");
        let mut rest = line.written();
        if self.pipe.free_capacity() < rest.len() {
            return self.lose();
        }
        // Where the pipe's memory ends, it takes a line in two.
        while let Ok(count) = self.pipe.try_write(rest) {
            rest = rest.get(count..).unwrap_or_default();
            if rest.is_empty() {
                break;
            }
        }
    }

    fn lose(&self) {
        self.lost.set(self.lost.get().saturating_add(1));
    }

    /// Writes what waits, for ever. What the host's side of the line refuses is lost to it; it sees that by the numbers.
    pub(crate) async fn pump(&self, mut writer: impl Write) -> ! {
        let mut chunk = [0; 64];
        loop {
            let count = self.pipe.read(&mut chunk).await;
            let bytes = chunk.get(..count).unwrap_or_default();
            if writer.write_all(bytes).await.is_ok() {
                let _ = writer.flush().await;
            }
            if self.pipe.is_empty() {
                self.drained.signal(());
            }
        }
    }
}

impl Default for Reports {
    fn default() -> Self {
        Self::new()
    }
}

/// The fields of a line.
pub(crate) struct Fields {
    bytes: [u8; LINE],
    len: usize,
    /// Something of it found no room.
    is_cut: bool,
    has_text: bool,
}

impl Fields {
    /// A field as the counterparty or the host gave it, if there is one.
    #[inline(never)]
    pub(crate) fn field(&mut self, tag: Tag, value: Option<&[u8]>) {
        let Some(value) = value.filter(|value| !value.is_empty()) else { return };
        let before = self.len;
        self.tag(tag);
        let is_plain = |byte: u8| matches!(byte, b'!'..=b'~') && byte != b'%';
        // Nearly always all of it.
        let plain = self.push_while(value, is_plain);
        for byte in value.get(plain..).unwrap_or_default() {
            if is_plain(*byte) {
                self.put(*byte);
            } else {
                self.put(b'%');
                self.hex(*byte);
            }
        }
        if self.len > LINE - CHECK_SUM - CUT.len() {
            // A value that is cut would say something else.
            self.len = before;
            self.is_cut = true;
        }
    }

    /// The text, which stands last and keeps its spaces.
    pub(crate) fn shown(&mut self, tag: Tag, value: impl fmt::Display) {
        self.text(tag, format_args!("{value}"));
    }

    #[inline(never)]
    fn text(&mut self, tag: Tag, value: fmt::Arguments<'_>) {
        self.tag(tag);
        self.has_text |= tag == Tag(58);
        self.is_cut |= Printable(self).write_fmt(value).is_err();
    }

    /// What stands in front of a value.
    pub(crate) fn tag(&mut self, tag: Tag) {
        self.put(b' ');
        // Those of lines are all above zero.
        self.number(tag.0.unsigned_abs());
        self.put(b'=');
    }

    /// Not by `core::fmt`: the tags of a report's line took a tenth of what all of it costs.
    fn number(&mut self, mut number: u32) {
        let mut digits = [0; 10];
        let mut first = digits.len();
        for (at, digit) in digits.iter_mut().enumerate().rev() {
            *digit = b'0' + (number % 10) as u8;
            (number, first) = (number / 10, at);
            if number == 0 {
                break;
            }
        }
        self.push(digits.get(first..).unwrap_or_default());
    }

    /// Two digits.
    pub(crate) fn hex(&mut self, byte: u8) {
        let digit = |digit: u8| if digit < 10 { b'0' + digit } else { b'A' - 10 + digit };
        self.put(digit(byte >> 4));
        self.put(digit(byte & 0xF));
    }

    fn push(&mut self, bytes: &[u8]) {
        self.push_while(bytes, |_| true);
    }

    /// Appends bytes up to the first that is not `wanted`, or that finds no room; how many.
    fn push_while(&mut self, bytes: &[u8], wanted: impl Fn(u8) -> bool) -> usize {
        let room = self.bytes.get_mut(self.len..).unwrap_or_default();
        let mut count = 0;
        for (place, byte) in room.iter_mut().zip(bytes) {
            if !wanted(*byte) {
                break;
            }
            *place = *byte;
            count += 1;
        }
        self.len += count;
        count
    }

    /// What finds no room is left out.
    fn put(&mut self, byte: u8) {
        if let Some(place) = self.bytes.get_mut(self.len) {
            *place = byte;
            self.len += 1;
        }
    }

    fn written(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }
}

/// Puts a `?` for what would end the line or not print, and leaves room for the check sum.
struct Printable<'f>(&'f mut Fields);

impl Printable<'_> {
    fn byte(&mut self, byte: u8) -> fmt::Result {
        let byte = if (b' '..=b'~').contains(&byte) { byte } else { b'?' };
        if self.0.len >= LINE - CHECK_SUM {
            return Err(fmt::Error);
        }
        self.0.put(byte);
        Ok(())
    }
}

impl fmt::Write for Printable<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        text.bytes().try_for_each(|byte| self.byte(byte))
    }

    fn write_char(&mut self, char: char) -> fmt::Result {
        self.byte(u8::try_from(char).unwrap_or(b'?'))
    }
}

#[cfg(test)]
mod tests {
    use std::{format, string::String, vec::Vec as StdVec};

    use fix_core::tag;

    use super::*;

    fn drain(reports: &Reports) -> String {
        let (mut bytes, mut chunk) = (StdVec::new(), [0; 64]);
        while let Ok(count) = reports.pipe.try_read(&mut chunk) {
            bytes.extend(&chunk[..count]);
        }
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn lines_are_numbered_whole_and_checked() {
        let reports = Reports::new();
        reports.say("OK", |line| line.field(tag::CL_ORD_ID, Some(b"A 1%")));
        reports.say("NO", |line| line.shown(tag::TEXT, "no\nnewline"));
        let text = drain(&reports);
        let lines: StdVec<&str> = text.lines().collect();
        assert!(lines[0].starts_with("#1 OK 11=A%201%25 *"), "{text}");
        assert!(lines[1].starts_with("#2 NO 58=no?newline *"), "{text}");
        for line in lines {
            let (body, sum) = line.rsplit_once(" *").unwrap();
            assert_eq!(u16::from_str_radix(sum, 16).unwrap(), crc(body.as_bytes()));
        }
    }

    #[test]
    fn a_value_that_finds_no_room_is_left_out_whole_and_the_line_says_so() {
        for before in 0..=LINE {
            let reports = Reports::new();
            reports.say("8", |line| {
                let filler = "x".repeat(before);
                line.field(tag::ORDER_ID, Some(filler.as_bytes()));
                line.field(tag::CUM_QTY, Some(b"1000"));
                line.field(tag::SIDE, Some(b"1"));
            });
            let line = drain(&reports);
            assert!(line.len() <= LINE && line.ends_with('\n'), "{line}");
            let (body, _) = line.rsplit_once(" *").unwrap();
            let filler = format!("37={}", "x".repeat(before));
            let mut whole = std::vec!["#1", "8", &filler, "14=1000", "54=1"];
            whole.retain(|part| *part != "37=");
            let parts: StdVec<_> = body.split(' ').filter(|part| *part != "58=..").collect();
            assert!(parts.iter().all(|part| whole.contains(part)), "{line}");
            assert_eq!(body.ends_with(" 58=.."), parts.len() < whole.len(), "{line}");
        }
    }

    #[test]
    fn a_text_that_is_cut_ends_with_dots() {
        for len in 0..=LINE {
            let (reports, text) = (Reports::new(), "t".repeat(len));
            reports.say("8", |line| {
                line.field(tag::CL_ORD_ID, Some(b"A1"));
                line.shown(tag::TEXT, &text);
            });
            let line = drain(&reports);
            let (body, _) = line.rsplit_once(" *").unwrap();
            let said = body.strip_prefix("#1 8 11=A1 58=").unwrap();
            let is_cut =
                said.strip_suffix("..").is_some_and(|said| said.len() + 2 < len && text.starts_with(said));
            assert!(line.len() <= LINE && (said == text || is_cut && line.len() == LINE), "{line}");
        }
    }

    #[test]
    fn a_line_without_room_is_told_of() {
        let reports = Reports::new();
        while reports.lost.get() < 3 {
            reports.say("SESSION", |line| line.shown(tag::TEXT, "x".repeat(300)));
        }
        drain(&reports);
        reports.say("PONG", |_| {});
        let text = drain(&reports);
        assert!(
            text.contains("LOST 58=3 lines found no room: ask STATUS") && text.contains("PONG"),
            "{text}"
        );
    }
}
