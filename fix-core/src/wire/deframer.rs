//! Cutting a byte stream into frames, in one buffer of the caller's.

use super::frame::{Frame, GarbledReason, Scan, common_frame, scan_any};
use super::shift::shift_down;

/// Bytes that were skipped, and why.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Garbled<'a> {
    /// Why.
    pub reason: GarbledReason,
    /// The skipped bytes. For a message with a wrong length or check sum: the message.
    pub bytes: &'a [u8],
}

/// Holds received bytes and hands out frames borrowed from them.
///
/// The buffer's size is the largest message accepted; `B` is `&mut [u8]`, an array, or a `Vec<u8>`.
#[derive(Clone)]
pub struct Deframer<B> {
    buffer: B,
    start: usize,
    end: usize,
}

impl<B: AsRef<[u8]> + AsMut<[u8]>> Deframer<B> {
    /// An empty deframer over `buffer`.
    pub fn new(buffer: B) -> Self {
        Deframer { buffer, start: 0, end: 0 }
    }

    /// Room for more received bytes. Never empty once [`next_frame`](Self::next_frame) has returned `None`.
    pub fn space(&mut self) -> &mut [u8] {
        let buffer = self.buffer.as_mut();
        if self.start != 0 && shift_down(buffer, self.start, self.end, 0) {
            self.end = self.end.saturating_sub(self.start);
            self.start = 0;
        }
        buffer.get_mut(self.end..).unwrap_or_default()
    }

    /// `count` bytes were written into [`space`](Self::space).
    pub fn received(&mut self, count: usize) {
        self.end = self.end.saturating_add(count).min(self.buffer.as_ref().len());
    }

    /// The next message, garbled bytes, or `None` when more bytes are needed.
    #[inline(always)]
    pub fn next_frame(&mut self) -> Option<Result<Frame<'_>, Garbled<'_>>> {
        let buffer = self.buffer.as_ref();
        let pending = buffer.get(self.start..self.end)?;
        match common_frame(pending, buffer.len()) {
            Some(frame) => {
                self.start = self.start.wrapping_add(frame.bytes().len());
                Some(Ok(frame))
            }
            None => uncommon(pending, buffer.len(), &mut self.start),
        }
    }

    /// Forgets all bytes: those of a dead connection must not reach the next one.
    pub fn clear(&mut self) {
        self.start = 0;
        self.end = 0;
    }

    /// The number of bytes held that are no whole message yet.
    pub fn pending(&self) -> usize {
        self.end.saturating_sub(self.start)
    }
}

/// What else `pending` begins with; `start` is moved behind it.
#[cold]
#[inline(never)]
fn uncommon<'a>(
    pending: &'a [u8],
    max_len: usize,
    start: &mut usize,
) -> Option<Result<Frame<'a>, Garbled<'a>>> {
    if pending.is_empty() {
        return None;
    }
    match scan_any(pending, max_len) {
        Scan::Frame(frame, taken) => {
            *start = start.saturating_add(taken);
            Some(Ok(frame))
        }
        Scan::Garbled(reason, skip) => {
            let skip = skip.max(1);
            *start = start.saturating_add(skip);
            Some(Err(Garbled { reason, bytes: pending.get(..skip).unwrap_or(pending) }))
        }
        Scan::Partial => None,
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;

    const STREAM: &[u8] =
        b"8=FIX.4.4\x019=5\x0135=0\x0110=163\x01rubbish8=FIX.4.4\x019=9\x0135=0\x01junk8=FIX.4.4\x019=5\x0135=0\x0110=163\x01";

    fn frames(chunk: usize, room: usize) -> Vec<Vec<u8>> {
        let mut deframer = Deframer::new(std::vec![0; room]);
        let mut found = Vec::new();
        let mut rest = STREAM;
        while !rest.is_empty() {
            let space = deframer.space();
            assert!(!space.is_empty());
            let count = rest.len().min(chunk).min(space.len());
            space[..count].copy_from_slice(&rest[..count]);
            rest = &rest[count..];
            deframer.received(count);
            while let Some(next) = deframer.next_frame() {
                if let Ok(frame) = next {
                    found.push(frame.bytes().to_vec());
                }
            }
        }
        found
    }

    #[test]
    fn any_split_of_the_stream_gives_the_same_frames() {
        let whole = frames(usize::MAX, 4096);
        assert_eq!(whole.len(), 1, "the second good message is swallowed by the wrong BodyLength");
        for chunk in 1..STREAM.len() {
            assert_eq!(frames(chunk, 4096), whole, "{chunk}");
        }
    }

    #[test]
    fn a_full_buffer_never_blocks_the_stream() {
        // The last one ends within the value of CheckSum(10) when the buffer is full.
        for begin in [&b"8"[..], b"8=FIX", b"8=FIX.4.4\x019=", b"8=FIX.4.4\x019=7\x01xxxxxxxxx\x0110="] {
            for room in 1..48 {
                let mut deframer = Deframer::new(std::vec![0; room]);
                for byte in begin.iter().copied().cycle().take(1000) {
                    let space = deframer.space();
                    assert!(!space.is_empty(), "{} with room for {room}", begin.escape_ascii());
                    space[0] = byte;
                    deframer.received(1);
                    while deframer.next_frame().is_some() {}
                }
            }
        }
    }
}
