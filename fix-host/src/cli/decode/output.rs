//! What is printed, put together from many short texts.
//!
//! Nearly all of them have at most 32 bytes: those are written as a block, or as two parts that overlap, without a call
//! for each. What is behind the text is written over by the next one.

/// The bytes that are written at once.
const BLOCK: usize = 32;

/// A text that stands in many lines.
#[derive(Debug)]
pub(super) struct Word {
    text: Box<[u8]>,
    /// The text once more, if it has room here, with zeros behind it.
    block: [u8; BLOCK],
}

impl Word {
    pub(super) fn new(text: impl Into<Vec<u8>>) -> Self {
        let text = text.into().into_boxed_slice();
        let mut block = [0; BLOCK];
        if let Some(start) = block.get_mut(..text.len()) {
            start.copy_from_slice(&text);
        }
        Word { text, block }
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.text
    }
}

/// What a thread has printed; its memory is used again.
#[derive(Debug, Default)]
pub(super) struct Output {
    /// Behind `len` is room for more.
    bytes: Vec<u8>,
    len: usize,
}

impl Output {
    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }

    /// Makes room for `more` bytes.
    pub(super) fn reserve(&mut self, more: usize) {
        let needed = self.len + more;
        if self.bytes.len() < needed {
            // Zeros that come with the memory cost nothing.
            let mut bytes = vec![0; needed.max(2 * self.bytes.len())];
            bytes[..self.len].copy_from_slice(self.as_bytes());
            self.bytes = bytes;
        }
    }

    /// Appends a label, a value, and what that means.
    #[inline(always)]
    pub(super) fn field(&mut self, label: &Word, value: &[u8], meaning: Option<&Word>) {
        match self.short_field(label, value) {
            Some(len) => self.len += len,
            None => {
                self.text(&label.text);
                self.text(value);
            }
        }
        if let Some(meaning) = meaning {
            self.word(meaning);
        }
    }

    #[inline(always)]
    fn short_field(&mut self, label: &Word, value: &[u8]) -> Option<usize> {
        let room: &mut [u8; 2 * BLOCK] = self.bytes.get_mut(self.len..)?.first_chunk_mut()?;
        *room.first_chunk_mut()? = label.block;
        let behind_label = room.get_mut(label.text.len()..)?.first_chunk_mut()?;
        write_short(behind_label, value).then_some(label.text.len() + value.len())
    }

    #[inline(always)]
    fn word(&mut self, word: &Word) {
        let room = self.bytes.get_mut(self.len..).and_then(|room| room.first_chunk_mut());
        match room {
            Some(room) if word.text.len() <= BLOCK => {
                *room = word.block;
                self.len += word.text.len();
            }
            _ => self.text(&word.text),
        }
    }

    /// Appends a text that is nearly always short.
    #[inline(always)]
    pub(super) fn short(&mut self, text: &[u8]) {
        let room = self.bytes.get_mut(self.len..).and_then(|room| room.first_chunk_mut());
        if room.is_some_and(|room| write_short(room, text)) {
            self.len += text.len();
        } else {
            self.text(text);
        }
    }

    /// Appends a text of any length.
    #[inline(never)]
    pub(super) fn text(&mut self, text: &[u8]) {
        // Room for the next field too.
        self.reserve(text.len() + 2 * BLOCK);
        let end = self.len + text.len();
        self.bytes[self.len..end].copy_from_slice(text);
        self.len = end;
    }
}

/// Writes a text of at most 32 bytes; false if it has more. Behind it, bytes may be written too.
#[inline(always)]
fn write_short(room: &mut [u8; BLOCK], text: &[u8]) -> bool {
    match text {
        [] => {}
        [a] => room[0] = *a,
        [a, b] => room[..2].copy_from_slice(&[*a, *b]),
        [a, b, c] => room[..3].copy_from_slice(&[*a, *b, *c]),
        _ if text.len() < 8 => return write_ends::<4>(room, text),
        _ if text.len() <= 16 => return write_ends::<8>(room, text),
        _ => return text.len() <= BLOCK && write_ends::<16>(room, text),
    }
    true
}

/// The first and the last `N` bytes of a text that has up to twice as many.
#[inline(always)]
fn write_ends<const N: usize>(room: &mut [u8; BLOCK], text: &[u8]) -> bool {
    let (Some(first), Some(last)) = (text.first_chunk::<N>(), text.last_chunk::<N>()) else { return false };
    room[..N].copy_from_slice(first);
    let Some(behind) = room.get_mut(text.len() - N..).and_then(|behind| behind.first_chunk_mut()) else {
        return false;
    };
    *behind = *last;
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_any_length_stand_one_behind_the_other() {
        let text: Vec<u8> = (0..200).map(|at| b'a' + at % 26).collect();
        let mut out = Output::default();
        for (label, meaning) in [(20, 5), (32, 32), (33, 3), (0, 40), (7, 0)] {
            let mut expected = Vec::new();
            out.truncate(0);
            for len in (0..=40).chain([100, 200, 0, 3]) {
                let (label, meaning) = (&text[..label], &text[..meaning]);
                out.field(&Word::new(label), &text[..len], Some(&Word::new(meaning)));
                out.field(&Word::new(label), &text[200 - len..], None);
                out.short(meaning);
                expected.extend([label, &text[..len], meaning, label, &text[200 - len..], meaning].concat());
                assert_eq!(out.as_bytes(), expected, "{len}");
            }
        }
    }
}
