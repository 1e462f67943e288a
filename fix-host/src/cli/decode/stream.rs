//! From input to output in pieces of whole messages, on all cores.

use std::{
    io::{self, Read, Write},
    mem, thread,
};

use super::{
    output::Output,
    render::{Renderer, Shown},
    versions::AllTables,
};
use fix_decoder::reading::{
    Beside, Message, Pieces, Progress, Reader, Utf16, Version, logged_at, problem_of_fields,
};

/// What is read at once.
const CHUNK: usize = 4 << 20;
/// Below this a thread costs more than it gains.
const WORTH_A_THREAD: usize = 128 << 10;

/// What was in the input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) messages: u64,
    /// How many of them something is wrong with.
    pub(super) garbled: u64,
    /// How many of them are not printed, because --filter does not take them.
    pub(super) filtered: u64,
    pub(super) beside: Beside,
    /// Messages of FIXT of which nothing says which application version they speak.
    pub(super) assumed_versions: u64,
    /// The input is UTF-16 with something in it that is no character.
    pub(super) is_damaged_utf16: bool,
}

/// Turns an input into an output.
pub(super) struct Decoder<'d> {
    renderer: &'d Renderer,
    tables: &'d AllTables,
    threads: usize,
    /// One for each thread: their memory is used again for every piece of the input.
    outputs: Vec<Output>,
    tally: Tally,
    /// The line of the input that the text which is not done with begins in.
    line: u64,
}

impl<'d> Decoder<'d> {
    pub(super) fn new(renderer: &'d Renderer, tables: &'d AllTables) -> Self {
        let threads = thread::available_parallelism().map_or(1, usize::from);
        Decoder { renderer, tables, threads, outputs: Vec::new(), tally: Tally::default(), line: 1 }
    }

    /// Prints every message of `input`, each as soon as it is complete.
    pub(super) fn decode(mut self, mut input: impl Read, mut output: impl Write) -> io::Result<Tally> {
        let mut reader = Reader::new(|version: Version| self.tables.of(version).pairs);
        let mut utf16 = Utf16::default();
        let mut text = Text::default();
        let mut messages = Vec::new();
        loop {
            let is_last = text.fill(&mut input, &mut utf16)? == 0;
            if is_last || text.filled >= text.needed {
                let Progress { taken, needed } =
                    reader.read(&text.bytes[..text.filled], is_last, &mut messages);
                self.print(&text.bytes[..taken], &messages, &mut output)?;
                messages.clear();
                text.take(taken, needed);
            }
            if is_last {
                break;
            }
        }
        self.tally.beside = reader.beside;
        self.tally.assumed_versions = reader.assumed_versions;
        self.tally.is_damaged_utf16 = utf16.is_damaged();
        Ok(self.tally)
    }

    fn print(&mut self, text: &[u8], messages: &[Message], output: &mut impl Write) -> io::Result<()> {
        let (parts, line_behind) = self.split(text, messages);
        let mut outputs = mem::take(&mut self.outputs);
        outputs.resize_with(parts.len().max(outputs.len()), Output::default);
        let printed: Vec<Printed> = thread::scope(|scope| {
            let mut parts = parts.into_iter().zip(&mut outputs);
            let first = parts.next();
            let print = |(part, out)| self.part(text, part, out);
            let others: Vec<_> = parts.map(|part| scope.spawn(move || print(part))).collect();
            let first = first.map(print);
            let joined = others.into_iter().map(|thread| match thread.join() {
                Ok(printed) => printed,
                Err(panic) => std::panic::resume_unwind(panic),
            });
            first.into_iter().chain(joined).collect()
        });
        for (Printed { garbled, filtered }, out) in printed.iter().zip(&outputs) {
            output.write_all(out.as_bytes())?;
            self.tally.garbled += garbled;
            self.tally.filtered += filtered;
        }
        self.outputs = outputs;
        self.tally.messages += messages.len() as u64;
        self.line = line_behind;
        output.flush()
    }

    /// Parts for the threads, with where each begins, and the line where the text ends.
    fn split<'m>(&self, text: &[u8], messages: &'m [Message]) -> (Vec<Part<'m>>, u64) {
        let count = self.threads.min(text.len() / WORTH_A_THREAD).max(1);
        let (mut from, mut line) = (0, self.line);
        let parts = messages.chunks(messages.len().div_ceil(count).max(1));
        let with_begin = parts.map(|messages| {
            let part = Part { messages, from, line };
            let end = messages.last().map_or(from, |message| message.end);
            line += lines(&text[from..end]);
            from = end;
            part
        });
        let with_begin = with_begin.collect();
        (with_begin, line + lines(&text[from..]))
    }

    fn part(&self, text: &[u8], part: Part<'_>, out: &mut Output) -> Printed {
        let size = part.messages.last().map_or(0, |last| last.end - part.from);
        out.truncate(0);
        out.reserve(size * 3);
        let mut printed = Printed { garbled: 0, filtered: 0 };
        let mut place = Place { line: part.line, counted_to: part.from };
        let mut end = part.from;
        for message in part.messages {
            let front = &text[end..message.start];
            end = message.end;
            let tables = self.tables.of(message.version);
            let bytes = message.bytes(text);
            if !tables.filter.is_empty()
                && !tables.filter.takes(tables.dictionary, || Pieces::new(bytes, tables.pairs))
            {
                printed.filtered += 1;
                let is_garbled =
                    message.problem().is_some() || problem_of_fields(bytes, tables.pairs).is_some();
                printed.garbled += u64::from(is_garbled);
                continue;
            }
            let mut shown = Shown {
                bytes,
                problem: message.problem(),
                is_unread: message.found.is_none(),
                line: 0,
                logged_at: logged_at(&front[memchr::memrchr(b'\n', front).map_or(0, |at| at + 1)..]),
            };
            if shown.problem.is_some() {
                shown.line = place.line_of(text, message.start);
            }
            let before = out.len();
            let is_garbled = self.renderer.message(out, tables, &shown);
            if is_garbled && shown.problem.is_none() {
                // Seen only when its fields were read: then the line is not counted yet.
                out.truncate(before);
                shown.line = place.line_of(text, message.start);
                self.renderer.message(out, tables, &shown);
            }
            printed.garbled += u64::from(is_garbled);
        }
        printed
    }
}

/// What a thread has met in its part.
struct Printed {
    garbled: u64,
    filtered: u64,
}

/// Lines are counted only up to messages that something is wrong with.
struct Place {
    line: u64,
    counted_to: usize,
}

impl Place {
    fn line_of(&mut self, text: &[u8], at: usize) -> u64 {
        self.line += lines(&text[self.counted_to..at]);
        self.counted_to = at;
        self.line
    }
}

struct Part<'m> {
    messages: &'m [Message],
    /// Where the message before it ends.
    from: usize,
    /// The line there.
    line: u64,
}

/// The part of the input that is not done with.
#[derive(Default)]
struct Text {
    bytes: Vec<u8>,
    filled: usize,
    /// How many bytes must be there before reading them makes sense.
    needed: usize,
    /// Input that is UTF-16, or may be.
    raw: Vec<u8>,
}

impl Text {
    /// Reads once. Returns how many bytes there were: none at the end.
    fn fill(&mut self, input: &mut impl Read, utf16: &mut Utf16) -> io::Result<usize> {
        if self.bytes.len() - self.filled < CHUNK / 2 {
            self.bytes.resize((self.bytes.len() * 2).max(CHUNK), 0);
        }
        if utf16.is_over() {
            let read = read_once(input, &mut self.bytes[self.filled..])?;
            self.filled += read;
            return Ok(read);
        }
        self.raw.resize(CHUNK / 8, 0);
        let read = read_once(input, &mut self.raw)?;
        self.bytes.truncate(self.filled);
        utf16.push(&self.raw[..read], read == 0, &mut self.bytes);
        self.filled = self.bytes.len();
        self.bytes.resize(self.filled.max(CHUNK), 0);
        Ok(read)
    }

    fn take(&mut self, taken: usize, needed: usize) {
        self.bytes.copy_within(taken..self.filled, 0);
        self.filled -= taken;
        self.needed = needed;
        if self.filled < CHUNK && self.bytes.len() > 4 * CHUNK {
            self.bytes.truncate(2 * CHUNK);
            self.bytes.shrink_to_fit();
        }
    }
}

fn read_once(input: &mut impl Read, into: &mut [u8]) -> io::Result<usize> {
    loop {
        match input.read(into) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

fn lines(text: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', text).count() as u64
}
