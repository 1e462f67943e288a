//! Where values are written.

use super::{
    SOH,
    digits::{eight_digits, leading_zeros},
    writer::EncodeError,
};

/// A cursor over the caller's buffer that remembers its first error.
pub struct Sink<'b> {
    pub(super) buffer: &'b mut [u8],
    pub(super) len: usize,
    pub(super) error: Option<EncodeError>,
}

impl<'b> Sink<'b> {
    /// A sink that starts at the beginning of `buffer`.
    pub fn new(buffer: &'b mut [u8]) -> Self {
        Sink { buffer, len: 0, error: None }
    }

    /// The number of bytes written.
    pub(crate) fn written(&self) -> usize {
        self.len
    }

    /// Writes bytes as they are.
    #[inline]
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.copy(bytes);
    }

    /// Writes the bytes of a value that must not contain SOH and must not be empty.
    #[inline]
    pub fn text(&mut self, bytes: &[u8]) {
        if bytes.is_empty() || self.copy(bytes) {
            self.fail(EncodeError::BadValue);
        }
    }

    /// Writes bytes and tells whether there is an SOH among them.
    #[inline(always)]
    fn copy(&mut self, bytes: &[u8]) -> bool {
        let end = self.len.saturating_add(bytes.len());
        match self.buffer.get_mut(self.len..end) {
            Some(room) => {
                self.len = end;
                copy(room, bytes)
            }
            None => {
                self.fail(EncodeError::Full);
                bytes.contains(&SOH)
            }
        }
    }

    /// Writes one byte.
    #[inline]
    pub fn byte(&mut self, byte: u8) {
        match self.buffer.get_mut(self.len) {
            Some(room) => {
                *room = byte;
                self.len = self.len.wrapping_add(1);
            }
            None => self.fail(EncodeError::Full),
        }
    }

    /// Writes the first `count` bytes of a word, the lowest byte first; at most all eight.
    ///
    /// Where there is room for eight bytes they are all stored, which is one instruction: what is behind `len`
    /// means nothing.
    #[inline(always)]
    pub(crate) fn word(&mut self, word: u64, count: usize) {
        let bytes = word.to_le_bytes();
        match self.buffer.get_mut(self.len..).and_then(|room| room.first_chunk_mut::<8>()) {
            Some(room) => {
                *room = bytes;
                self.len = self.len.wrapping_add(count);
            }
            None => self.last_word(bytes, count),
        }
    }

    #[cold]
    #[inline(never)]
    fn last_word(&mut self, bytes: [u8; 8], count: usize) {
        self.bytes(bytes.get(..count).unwrap_or_default());
    }

    /// Writes a number in decimal, without leading zeros.
    #[inline]
    pub fn number(&mut self, number: u64) {
        match u32::try_from(number) {
            Ok(number) if number < 100_000_000 => {
                let digits = eight_digits(number);
                let zeros = leading_zeros(digits);
                self.word(digits >> (8 * zeros), 8usize.wrapping_sub(zeros as usize));
            }
            _ => self.long_number(number),
        }
    }

    /// Nine to twenty digits: those in front of the last eight, and the last eight.
    #[cold]
    #[inline(never)]
    fn long_number(&mut self, number: u64) {
        self.number(number / 100_000_000);
        self.word(eight_digits((number % 100_000_000) as u32), 8);
    }

    #[cold]
    pub(super) fn fail(&mut self, error: EncodeError) {
        self.error.get_or_insert(error);
    }
}

/// Copies by whole words, the last one overlapping, rather than by a call, and looks for SOH on the way.
#[inline(always)]
fn copy(room: &mut [u8], bytes: &[u8]) -> bool {
    let mut soh = 0;
    if let (Some(last), Some(last_room)) = (bytes.last_chunk::<8>(), room.last_chunk_mut::<8>()) {
        *last_room = *last;
        soh |= soh_in(u64::from_le_bytes(*last));
        let (words, _) = bytes.as_chunks::<8>();
        let (rooms, _) = room.as_chunks_mut::<8>();
        for (room, word) in rooms.iter_mut().zip(words) {
            *room = *word;
            soh |= soh_in(u64::from_le_bytes(*word));
        }
    } else {
        for (room, byte) in room.iter_mut().zip(bytes) {
            *room = *byte;
            soh |= u64::from(*byte == SOH);
        }
    }
    soh != 0
}

/// Not zero if one of the eight bytes is SOH.
#[inline(always)]
fn soh_in(word: u64) -> u64 {
    const ONES: u64 = u64::MAX / 255;
    let other = word ^ (ONES * SOH as u64);
    other.wrapping_sub(ONES) & !other & (ONES << 7)
}

#[cfg(test)]
mod tests {
    use std::{format, vec, vec::Vec};

    use super::*;

    fn written(size: usize, write: impl FnOnce(&mut Sink<'_>)) -> Result<Vec<u8>, EncodeError> {
        let mut buffer = vec![0xAA; size];
        let mut sink = Sink::new(&mut buffer);
        write(&mut sink);
        let (len, error) = (sink.len, sink.error);
        buffer.truncate(len);
        error.map_or(Ok(buffer), Err)
    }

    #[test]
    fn numbers_of_every_length_in_buffers_of_every_size() {
        let mut number = 0u64;
        for digit in (1..=9).chain(1..=9).chain(0..=1) {
            number = number.wrapping_mul(10).wrapping_add(digit);
            for number in [number, number - 1, u64::MAX] {
                let text = format!("{number}");
                assert_eq!(written(40, |sink| sink.number(number)), Ok(text.clone().into_bytes()));
                assert_eq!(written(text.len(), |sink| sink.number(number)), Ok(text.clone().into_bytes()));
                assert_eq!(written(text.len() - 1, |sink| sink.number(number)), Err(EncodeError::Full));
            }
        }
    }

    #[test]
    fn texts_of_every_length() {
        for len in 1..70 {
            let text: Vec<u8> = (0..len).map(|at| b'A' + at as u8 % 26).collect();
            assert_eq!(written(len, |sink| sink.text(&text)), Ok(text.clone()));
            assert_eq!(written(len - 1, |sink| sink.text(&text)), Err(EncodeError::Full));
            for at in 0..len {
                let mut text = text.clone();
                text[at] = 1;
                assert_eq!(written(100, |sink| sink.text(&text)), Err(EncodeError::BadValue));
            }
        }
        assert_eq!(written(10, |sink| sink.text(b"")), Err(EncodeError::BadValue));
    }
}
