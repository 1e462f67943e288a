//! The one output buffer: encoded, stored messages on their way to the socket.

use crate::{store::USUAL_HEAD, wire::shift::shift_down};

/// A buffer of the caller's: `&mut [u8]`, an array, or a `Vec<u8>` that is not resized.
pub trait Buffer: AsRef<[u8]> + AsMut<[u8]> {}

impl<B: AsRef<[u8]> + AsMut<[u8]>> Buffer for B {}

/// Bytes that may wait to be written before no more is worked on, however large the buffer is for one large message.
const ENOUGH: usize = 128 * 1024;

#[derive(Clone)]
pub(crate) struct Output<B> {
    buffer: B,
    start: usize,
    end: usize,
    /// Up to here the log knows of the messages.
    announced: usize,
    /// Up to here the buffer was written to since [`give_back`](Self::give_back).
    used: usize,
}

impl<B: Buffer> Output<B> {
    pub(crate) fn new(buffer: B) -> Self {
        Output { buffer, start: 0, end: 0, announced: 0, used: 0 }
    }

    /// What is to be written.
    pub(crate) fn pending(&self) -> &[u8] {
        self.buffer.as_ref().get(self.start..self.end).unwrap_or_default()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.start >= self.end
    }

    /// True while a received message can be worked on: the largest answer of the application and one of the
    /// session fit. Resends and what is sent from outside stop before, so that they alone never stop us
    /// from reading: two sides that send much at once would wait for each other.
    pub(crate) fn has_room(&self) -> bool {
        self.pending().len() <= self.quarter().saturating_mul(2).min(ENOUGH)
    }

    /// True while the largest message fits that is sent from outside, which leaves half of the buffer to what is received.
    pub(crate) fn has_room_outside(&self) -> bool {
        self.pending().len() <= self.quarter().min(ENOUGH)
    }

    /// True while a stored message can be read and rewritten.
    pub(crate) fn has_room_to_resend(&self) -> bool {
        self.pending().len() <= self.quarter().min(ENOUGH / 2)
    }

    /// The largest message that may be sent.
    pub(crate) fn quarter(&self) -> usize {
        self.buffer.as_ref().len() / 4
    }

    /// Room for the next message. Written bytes are not pending until [`commit`](Self::commit).
    pub(crate) fn room(&mut self) -> &mut [u8] {
        let len = self.end.saturating_sub(self.start);
        let buffer = self.buffer.as_mut();
        if self.start > 0 && shift_down(buffer, self.start, self.end, 0) {
            self.announced = self.announced.saturating_sub(self.start);
            self.start = 0;
            self.end = len;
        }
        buffer.get_mut(self.end..).unwrap_or_default()
    }

    /// The first `count` bytes of [`room`](Self::room).
    pub(crate) fn written(&self, count: usize) -> &[u8] {
        self.buffer.as_ref().get(self.end..self.end.saturating_add(count)).unwrap_or_default()
    }

    /// The first `count` bytes of [`room`](Self::room) become pending.
    pub(crate) fn commit(&mut self, count: usize) {
        self.end = self.end.saturating_add(count).min(self.buffer.as_ref().len());
        self.used = self.used.max(self.end);
    }

    /// The buffer, if it holds nothing, and more than `least` bytes of it were written to since the last time.
    pub(crate) fn give_back(&mut self, least: usize) -> Option<&mut B> {
        if self.used <= least || !self.is_empty() {
            return None;
        }
        self.used = 0;
        Some(&mut self.buffer)
    }

    /// `count` bytes were written to the socket.
    pub(crate) fn sent(&mut self, count: usize) {
        self.start = self.start.saturating_add(count).min(self.end);
        if self.start == self.end {
            self.clear();
        }
    }

    pub(crate) fn clear(&mut self) {
        (self.start, self.end, self.announced) = (0, 0, 0);
    }

    /// The next message that the log does not know of yet.
    pub(crate) fn announce(&mut self) -> Option<&[u8]> {
        let bytes = self.buffer.as_ref().get(self.announced..self.end)?;
        let message = bytes.get(..message_len(bytes)?)?;
        self.announced = self.announced.saturating_add(message.len());
        Some(message)
    }
}

/// The length of the message in front of `bytes`, which this engine has encoded: `8=..|9=nn|`, as many
/// bytes as that says, `10=nnn|`.
fn message_len(bytes: &[u8]) -> Option<usize> {
    let at = match bytes.starts_with(USUAL_HEAD) {
        true => USUAL_HEAD.len(),
        false => bytes.windows(3).position(|window| window == b"\x019=")?.saturating_add(3),
    };
    let mut length = 0usize;
    for (index, byte) in bytes.get(at..)?.iter().enumerate() {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return Some(at.saturating_add(index).saturating_add(length).saturating_add(8));
        }
        length = length.saturating_mul(10).saturating_add(digit.into());
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const MESSAGE: &[u8] = b"8=FIX.4.4\x019=5\x0135=0\x0110=163\x01";

    fn put(output: &mut Output<[u8; 96]>) {
        output.room()[..MESSAGE.len()].copy_from_slice(MESSAGE);
        assert_eq!(output.written(MESSAGE.len()), MESSAGE);
        output.commit(MESSAGE.len());
    }

    #[test]
    fn what_is_not_committed_is_not_pending() {
        let mut output = Output::new([0; 96]);
        output.room()[..5].copy_from_slice(b"8=FIX");
        assert!(output.is_empty());
        put(&mut output);
        assert_eq!(output.pending(), MESSAGE);
    }

    #[test]
    fn partial_writes_keep_the_rest_and_the_log_sees_each_message_once() {
        let mut output = Output::new([0; 96]);
        put(&mut output);
        assert_eq!(output.announce(), Some(MESSAGE));
        output.sent(4);
        put(&mut output);
        assert_eq!(output.pending().len(), 2 * MESSAGE.len() - 4);
        assert_eq!(output.announce(), Some(MESSAGE));
        assert_eq!(output.announce(), None);
        output.sent(usize::MAX);
        assert!(output.is_empty());
    }
}
