//! From input to output in pieces of whole messages, on all cores.

use std::{
    io::{self, Read, Write},
    thread,
};

use super::{
    find::{announced_len, each, last_begin, next_begin},
    render::Renderer,
};

/// What is read at once.
const CHUNK: usize = 4 << 20;
/// A message longer than this is given up.
const MAX_MESSAGE: usize = 64 << 20;
/// Below this a thread costs more than it gains.
const WORTH_A_THREAD: usize = 128 << 10;
/// A beginning of `8=FIX` and the byte in front of it.
const TAIL: usize = 5;

/// How many messages there were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) good: u64,
    pub(super) garbled: u64,
}

/// Prints every message of `input`, each as soon as it is complete.
pub(super) fn decode(mut input: impl Read, mut output: impl Write, renderer: &Renderer) -> io::Result<Tally> {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let mut buffer = vec![0; CHUNK];
    let (mut filled, mut line, mut tally) = (0, 1, Tally::default());
    loop {
        if filled == buffer.len() {
            buffer.resize(buffer.len() * 2, 0);
        }
        let read = match input.read(&mut buffer[filled..]) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            other => other?,
        };
        filled += read;
        let text = &buffer[..filled];
        let end = if read == 0 || filled > MAX_MESSAGE { filled } else { end_of_whole(text) };
        for (printed, counted) in in_parallel(&text[..end], line, threads, renderer) {
            output.write_all(&printed)?;
            tally.good += counted.good;
            tally.garbled += counted.garbled;
        }
        output.flush()?;
        line += lines(&text[..end]);
        buffer.copy_within(end..filled, 0);
        filled -= end;
        if read == 0 {
            return Ok(tally);
        }
    }
}

/// Up to where the text has only whole messages: what follows may be the beginning of one.
fn end_of_whole(text: &[u8]) -> usize {
    let Some(last) = last_begin(text) else { return text.len().saturating_sub(TAIL) };
    let rest = &text[last..];
    match announced_len(rest) {
        Some(len) if len <= rest.len() => last + len,
        // More may come. If it is no message after all, the next beginning will tell.
        Some(_) => last,
        // Not separated by SOH: then a message is a line.
        None => memchr::memrchr(b'\n', rest).map_or(last, |at| last + at + 1),
    }
}

fn in_parallel(text: &[u8], line: u64, threads: usize, renderer: &Renderer) -> Vec<(Vec<u8>, Tally)> {
    let parts = split(text, threads.min(text.len() / WORTH_A_THREAD).max(1));
    let mut numbered = Vec::new();
    let mut line = line;
    for part in parts {
        numbered.push((part, line));
        line += lines(part);
    }
    thread::scope(|scope| {
        let first = numbered.pop();
        let others: Vec<_> = numbered
            .into_iter()
            .map(|(part, line)| scope.spawn(move || print(part, line, renderer)))
            .collect();
        let last = first.map(|(part, line)| print(part, line, renderer));
        let joined = others.into_iter().map(|thread| match thread.join() {
            Ok(printed) => printed,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        joined.collect::<Vec<_>>().into_iter().chain(last).collect()
    })
}

/// Cuts the text into about `count` parts, each beginning with a message.
fn split(text: &[u8], count: usize) -> Vec<&[u8]> {
    let mut parts = Vec::new();
    let mut rest = text;
    for left in (1..count).rev() {
        match next_begin(rest, rest.len() / (left + 1)) {
            Some(at) if at > 0 => {
                let (part, behind) = rest.split_at(at);
                parts.push(part);
                rest = behind;
            }
            _ => break,
        }
    }
    parts.push(rest);
    parts
}

fn print(text: &[u8], first_line: u64, renderer: &Renderer) -> (Vec<u8>, Tally) {
    let mut out = Vec::with_capacity(text.len() * 3);
    let mut tally = Tally::default();
    let (mut line, mut counted_to) = (first_line, 0);
    each(text, renderer.data_pairs, |found| {
        match found.problem {
            None => tally.good += 1,
            Some(_) => {
                tally.garbled += 1;
                line += lines(&text[counted_to..found.start]);
                counted_to = found.start;
            }
        }
        renderer.message(&mut out, &found, line);
    });
    (out, tally)
}

fn lines(text: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', text).count() as u64
}
