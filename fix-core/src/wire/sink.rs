//! Where values are written.

#[cfg(target_pointer_width = "64")]
use super::whole_field::{self, WINDOW, Window};
use super::{
    SOH,
    digits::{eight_digits, leading_zeros},
    tag_text::TagText,
    value::ToField,
    writer::EncodeError,
};
use crate::tag::Tag;

/// A cursor over the caller's buffer that remembers its first error. A buffer counts up to 2 GiB.
pub struct Sink<'b> {
    pub(super) buffer: &'b mut [u8],
    /// Half a machine word, so that the sum with the length of a field cannot overflow.
    pub(super) len: u32,
    pub(super) error: Option<EncodeError>,
}

impl<'b> Sink<'b> {
    /// A sink that starts at the beginning of `buffer`.
    #[inline(always)]
    pub fn new(buffer: &'b mut [u8]) -> Self {
        const MOST: usize = i32::MAX as usize;
        let buffer = if buffer.len() > MOST { buffer.get_mut(..MOST).unwrap_or_default() } else { buffer };
        Sink { buffer, len: 0, error: None }
    }

    /// The number of bytes written.
    #[inline(always)]
    pub(crate) fn written(&self) -> usize {
        self.len as usize
    }

    #[inline(always)]
    fn advance(&mut self, count: usize) {
        self.len = self.len.wrapping_add(count as u32);
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
        let at = self.written();
        match self.buffer.get_mut(at..at.saturating_add(bytes.len())) {
            Some(room) => {
                self.len = self.len.wrapping_add(bytes.len() as u32);
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
        match self.buffer.get_mut(self.len as usize) {
            Some(room) => {
                *room = byte;
                self.advance(1);
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
                self.advance(count);
            }
            None => self.last_word(bytes, count),
        }
    }

    /// The next bytes of the buffer, if there are so many.
    #[inline(always)]
    fn room<const N: usize>(&mut self) -> Option<&mut [u8; N]> {
        let at = self.written();
        self.buffer.get_mut(at..at.wrapping_add(N))?.first_chunk_mut()
    }

    /// A field in one go by `write`, which returns its length, or `None` for what it cannot write.
    #[cfg(target_pointer_width = "64")]
    #[inline(always)]
    pub(super) fn whole_field<T: ToField>(
        &mut self,
        tag: Tag,
        value: T,
        write: impl FnOnce(&mut Window, TagText) -> Option<usize>,
    ) {
        if let (Some(text), Some(window)) = (TagText::new(tag), self.room::<WINDOW>())
            && let Some(len) = write(window, text)
        {
            self.advance(len);
            return;
        }
        self.field_in_parts(tag, value);
    }

    /// The same for a text, which may be long.
    #[cfg(target_pointer_width = "64")]
    #[inline(always)]
    pub(super) fn whole_text(&mut self, tag: Tag, text: &[u8]) {
        if text.len() <= whole_field::MOST_TEXT {
            return self.whole_field(tag, text, |window, tag| whole_field::text(window, tag, text));
        }
        if let (Some(tag), Some(room)) = (TagText::new(tag), self.buffer.get_mut(self.len as usize..))
            && let Some(len) = whole_field::long_text(room, tag, text)
        {
            self.advance(len);
            return;
        }
        self.field_in_parts(tag, text);
    }

    #[cfg(target_pointer_width = "64")]
    #[inline(always)]
    fn field_in_parts<T: ToField>(&mut self, tag: Tag, value: T) {
        // Nobody gets the address of the sink, so it can live in registers.
        let (len, error) = field_in_parts(self.buffer, self.len, tag, value);
        self.len = len;
        self.error = self.error.or(error);
    }

    /// `tag=`, the value and SOH, one after the other.
    #[inline(always)]
    pub(super) fn parts(&mut self, tag: Tag, value: &(impl ToField + ?Sized)) {
        self.tag(tag);
        value.to_field(self);
        self.byte(SOH);
    }

    /// `tag=`.
    pub(super) fn tag(&mut self, tag: Tag) {
        match TagText::new(tag) {
            Some(text) => self.word(text.word, text.len),
            None => {
                self.number(u64::from(tag.0.unsigned_abs()));
                self.byte(b'=');
            }
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

#[cfg(target_pointer_width = "64")]
#[inline(never)]
fn field_in_parts<T: ToField>(buffer: &mut [u8], len: u32, tag: Tag, value: T) -> (u32, Option<EncodeError>) {
    let mut sink = Sink { buffer, len, error: None };
    sink.parts(tag, &value);
    (sink.len, sink.error)
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
        let (len, error) = (sink.written(), sink.error);
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
