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
        match self.room::<8>() {
            Some(room) => {
                *room = bytes;
                self.len = self.len.wrapping_add(count);
            }
            None => self.last_word(bytes, count),
        }
    }

    /// The same for three words, of which the first `count` bytes count. False if there is no room for 24 bytes.
    #[inline(always)]
    pub(crate) fn three_words(&mut self, words: [u64; 3], count: usize) -> bool {
        let Some(room) = self.room::<24>() else { return false };
        let (rooms, _) = room.as_chunks_mut::<8>();
        rooms.iter_mut().zip(words).for_each(|(room, word)| *room = word.to_le_bytes());
        self.len = self.len.wrapping_add(count);
        true
    }

    /// The next bytes of the buffer, if there are so many.
    #[inline(always)]
    fn room<const N: usize>(&mut self) -> Option<&mut [u8; N]> {
        self.buffer.get_mut(self.len..self.len.wrapping_add(N))?.first_chunk_mut()
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
    if let (Some(last), Some(last_room)) = (bytes.last_chunk::<8>(), room.last_chunk_mut::<8>()) {
        *last_room = *last;
        let soh = soh_in(u64::from_le_bytes(*last));
        return match (bytes.first_chunk::<8>(), room.first_chunk_mut::<8>()) {
            (Some(first), Some(first_room)) if bytes.len() <= 16 => {
                *first_room = *first;
                soh | soh_in(u64::from_le_bytes(*first)) != 0
            }
            _ => copy_long(room, bytes, soh),
        };
    }
    if let (Some(last), Some(last_room)) = (bytes.last_chunk::<4>(), room.last_chunk_mut::<4>()) {
        *last_room = *last;
        if let (Some(first), Some(first_room)) = (bytes.first_chunk::<4>(), room.first_chunk_mut::<4>()) {
            *first_room = *first;
            let both = u64::from(u32::from_le_bytes(*first)) | u64::from(u32::from_le_bytes(*last)) << 32;
            return soh_in(both) != 0;
        }
    }
    let mut soh = false;
    for (room, byte) in room.iter_mut().zip(bytes) {
        *room = *byte;
        soh |= *byte == SOH;
    }
    soh
}

/// All whole words; the last eight bytes are copied already.
#[inline(never)]
fn copy_long(room: &mut [u8], bytes: &[u8], mut soh: u64) -> bool {
    let (words, _) = bytes.as_chunks::<8>();
    let (rooms, _) = room.as_chunks_mut::<8>();
    for (room, word) in rooms.iter_mut().zip(words) {
        *room = *word;
        soh |= soh_in(u64::from_le_bytes(*word));
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
