//! Cutting a byte stream into frames, in one buffer of the caller's.

use core::fmt;

use super::frame::{Frame, GarbledReason, Scan, common_frame, has_lost_its_end, scan_any};
use super::shift::shift_down;
use super::skip::Skip;

/// Bytes were skipped; [`Deframer::skipped`] has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Garbled {
    /// Why.
    pub reason: GarbledReason,
    start: usize,
    len: usize,
}

impl fmt::Display for Garbled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes skipped: {}", self.len, self.reason)
    }
}

impl core::error::Error for Garbled {}

/// Bytes in which the header of a message stands.
const HEAD: usize = 2048;

/// Holds received bytes and hands out frames borrowed from them.
///
/// The buffer's size is the largest message accepted; `B` is `&mut [u8]`, an array, or a `Vec<u8>`.
///
/// ```
/// use fix_core::Deframer;
///
/// let mut deframer = Deframer::new([0; 256]);
/// let received = b"noise8=FIX.4.4\x019=5\x0135=0\x0110=163\x01";
/// deframer.space()[..received.len()].copy_from_slice(received);
/// deframer.received(received.len());
/// let garbled = deframer.next_frame().unwrap().unwrap_err();
/// assert_eq!(deframer.skipped(&garbled), b"noise");
/// assert_eq!(deframer.next_frame().unwrap()?.body(), b"35=0\x01");
/// assert!(deframer.next_frame().is_none(), "wait for more");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Deframer<B> {
    buffer: B,
    start: usize,
    end: usize,
    passing: Passing,
    /// Up to here the buffer was written to since [`give_back`](Self::give_back).
    used: usize,
}

/// What of the stream is not looked at.
#[derive(Clone, Default)]
struct Passing {
    skip: Skip,
    /// Bytes passed over since the last report.
    count: usize,
}

impl<B: AsRef<[u8]> + AsMut<[u8]>> Deframer<B> {
    /// An empty deframer over `buffer`.
    pub fn new(buffer: B) -> Self {
        Deframer { buffer, start: 0, end: 0, passing: Passing::default(), used: 0 }
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
        self.used = self.used.max(self.end);
    }

    /// The next message, garbled bytes, or `None` when more bytes are needed.
    #[inline(always)]
    pub fn next_frame(&mut self) -> Option<Result<Frame<'_>, Garbled>> {
        let buffer = self.buffer.as_ref();
        let pending = buffer.get(self.start..self.end)?;
        match common_frame(pending, buffer.len()) {
            Some(frame) if self.passing.skip == Skip::Nothing => {
                self.start = self.start.wrapping_add(frame.bytes().len());
                Some(Ok(frame))
            }
            _ => uncommon(buffer, &mut self.start, self.end, &mut self.passing),
        }
    }

    /// The bytes that were skipped, until [`space`](Self::space) is called. For a message with a wrong length or check
    /// sum: the message. Of one that is too large, or whose end is not in sight: the beginning; the rest is passed over
    /// without another report.
    pub fn skipped(&self, garbled: &Garbled) -> &[u8] {
        let from = self.buffer.as_ref().get(garbled.start..).unwrap_or_default();
        from.get(..garbled.len).unwrap_or(from)
    }

    /// Forgets all bytes: those of a dead connection must not reach the next one.
    pub fn clear(&mut self) {
        self.start = 0;
        self.end = 0;
        self.passing = Passing::default();
    }

    /// The number of bytes held that are no whole message yet.
    pub fn pending(&self) -> usize {
        self.end.saturating_sub(self.start)
    }

    /// How many bytes of a message have come that is not all there, those of one that is passed over included.
    pub(crate) fn begun(&self) -> usize {
        match self.passing.skip {
            Skip::Nothing => self.pending(),
            _ => self.pending().saturating_add(self.passing.count),
        }
    }

    /// The last `count` bytes that were received.
    pub(crate) fn last_received(&self, count: usize) -> &[u8] {
        self.buffer.as_ref().get(self.end.saturating_sub(count)..self.end).unwrap_or_default()
    }

    /// The size of the buffer if it holds nothing, else 0.
    pub(crate) fn room_at_rest(&self) -> usize {
        if self.pending() == 0 { self.buffer.as_ref().len() } else { 0 }
    }

    /// The buffer, if it holds nothing, and more than `least` bytes of it were written to since the last time.
    pub(crate) fn give_back(&mut self, least: usize) -> Option<&mut B> {
        if self.used <= least || self.pending() > 0 {
            return None;
        }
        self.used = 0;
        Some(&mut self.buffer)
    }
}

/// What else there is in `buffer` from `start` to `end`; `start` is moved behind it.
#[cold]
#[inline(never)]
fn uncommon<'a>(
    buffer: &'a [u8],
    start: &mut usize,
    end: usize,
    passing: &mut Passing,
) -> Option<Result<Frame<'a>, Garbled>> {
    if passing.skip != Skip::Nothing {
        let pending = buffer.get(*start..end).unwrap_or_default();
        // A buffer that is too small for any message must not stand still.
        let taken = passing.skip.take(pending).max(usize::from(pending.len() >= buffer.len()));
        *start = start.saturating_add(taken);
        passing.count = passing.count.saturating_add(taken);
        if passing.skip != Skip::Nothing {
            return None;
        }
    }
    let pending = buffer.get(*start..end).filter(|pending| !pending.is_empty())?;
    let (reason, taken) = match scan_any(pending, buffer.len()) {
        Scan::Frame(frame, taken) => {
            *start = start.saturating_add(taken);
            return Some(Ok(frame));
        }
        Scan::Partial if has_lost_its_end(pending) => {
            passing.skip = Skip::ToCheckSum;
            (GarbledReason::WrongBodyLength, passing.skip.take(pending))
        }
        Scan::Partial => return None,
        Scan::Garbled(reason @ GarbledReason::TooLong { len, limit }, _) if len > limit => {
            let mut skip = Skip::Message(usize::try_from(len).unwrap_or(usize::MAX));
            let taken = skip.take(pending);
            // So much of it is waited for that its MsgSeqNum(34) can be told.
            if skip != Skip::Nothing && pending.len() < HEAD.min(buffer.len()) {
                return None;
            }
            passing.skip = skip;
            (reason, taken)
        }
        Scan::Garbled(reason, taken) => (reason, taken),
    };
    let garbled = Garbled { reason, start: *start, len: taken.max(1).min(pending.len()) };
    *start = start.saturating_add(garbled.len);
    passing.count = garbled.len;
    Some(Err(garbled))
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

    /// A message that claims `body_length` bytes and has `body`.
    fn claiming(body_length: usize, body: &[u8]) -> Vec<u8> {
        [std::format!("8=FIX.4.4\x019={body_length}\x0135=0\x01").as_bytes(), body].concat()
    }

    /// Frames and reports of a stream that comes in pieces of `chunk` bytes.
    fn counted(stream: &[u8], room: usize, chunk: usize) -> (usize, Vec<GarbledReason>) {
        let mut deframer = Deframer::new(std::vec![0; room]);
        let (mut frames, mut reports) = (0, Vec::new());
        let mut rest = stream;
        while !rest.is_empty() {
            let space = deframer.space();
            let count = chunk.min(rest.len()).min(space.len());
            space[..count].copy_from_slice(&rest[..count]);
            rest = &rest[count..];
            deframer.received(count);
            while let Some(next) = deframer.next_frame() {
                match next {
                    Ok(_) => frames += 1,
                    Err(garbled) => reports.push(garbled.reason),
                }
            }
        }
        (frames, reports)
    }

    const HEARTBEAT: &[u8] = b"8=FIX.4.4\x019=5\x0135=0\x0110=163\x01";

    #[test]
    fn a_message_that_is_too_large_is_one_report_and_the_next_ones_are_there() {
        // Each `448=` looks like the begin of a message.
        let body = [&b"448=P\x01447=D\x01".repeat(1000)[..], b"10=000\x01"].concat();
        let large = claiming(body.len() - 7 + 5, &body);
        let stream = [&large[..], HEARTBEAT, HEARTBEAT].concat();
        for chunk in [1, 7, 100, 1024] {
            let (frames, reports) = counted(&stream, 1024, chunk);
            let limit = 1024;
            assert_eq!(reports, [GarbledReason::TooLong { len: large.len() as u32, limit }], "{chunk}");
            assert_eq!(frames, 2, "{chunk}");
        }
    }

    #[test]
    fn a_false_length_swallows_no_message_behind_it() {
        let liar = claiming(999_999_999, b"58=x\x0110=000\x01");
        let stream = [&liar[..], HEARTBEAT, HEARTBEAT].concat();
        for chunk in 1..80 {
            let (frames, reports) = counted(&stream, 1024, chunk);
            assert_eq!((frames, reports.len()), (2, 1), "{chunk}");
        }
    }

    #[test]
    fn the_end_of_a_message_with_a_wrong_length_is_not_looked_for_twice() {
        let body = [&b"448=P\x01".repeat(4000)[..], b"10=000\x01"].concat();
        let stream = [&claiming(20, &body)[..], HEARTBEAT].concat();
        for chunk in [1, 7, 1000] {
            let (frames, reports) = counted(&stream, 65_536, chunk);
            assert_eq!((frames, &reports[..]), (1, &[GarbledReason::WrongBodyLength][..]), "{chunk}");
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
