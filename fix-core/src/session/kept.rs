//! Messages received beyond a gap, kept until the gap closes.
//!
//! The caller's buffer bounds them. A message that does not fit is dropped: its number is still missing
//! when the gap closes, so it is asked for then. Nothing is lost, and a storm cannot grow memory.

use super::output::Buffer;
use crate::wire::shift::shift_down;

/// Bytes in front of each kept message: its number and its length.
const HEAD: usize = 12;

/// The bytes of the buffer that are in use.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Span {
    start: usize,
    end: usize,
}

/// The caller's buffer, and what of it is in use.
#[derive(Clone)]
pub(crate) struct KeptBuffer<B> {
    buffer: B,
    span: Span,
}

impl<B: Buffer> KeptBuffer<B> {
    pub(crate) fn new(buffer: B) -> Self {
        KeptBuffer { buffer, span: Span::default() }
    }

    pub(crate) fn kept(&mut self) -> Kept<'_> {
        Kept::new(self.buffer.as_mut(), &mut self.span)
    }

    pub(crate) fn clear(&mut self) {
        self.span.clear();
    }

    /// Bytes in use.
    pub(crate) fn used(&self) -> usize {
        self.span.used()
    }
}

/// The messages that are kept.
pub(crate) struct Kept<'a> {
    buffer: &'a mut [u8],
    span: &'a mut Span,
}

struct Entry<'a> {
    number: u64,
    message: &'a [u8],
}

impl Span {
    pub(crate) fn clear(&mut self) {
        *self = Span::default();
    }

    /// Bytes in use.
    pub(crate) fn used(&self) -> usize {
        self.end.saturating_sub(self.start)
    }
}

impl<'a> Kept<'a> {
    pub(crate) fn new(buffer: &'a mut [u8], span: &'a mut Span) -> Self {
        Kept { buffer, span }
    }

    pub(crate) fn clear(&mut self) {
        self.span.clear();
    }

    /// Keeps `message` under `number`; false if there is no room even without those below `next_in`.
    /// One that is already there stays.
    pub(crate) fn keep(&mut self, number: u64, message: &[u8], next_in: u64) -> bool {
        if self.get(number).is_some() || self.put(number, message) {
            return true;
        }
        self.purge_below(next_in);
        self.put(number, message)
    }

    fn put(&mut self, number: u64, message: &[u8]) -> bool {
        let Ok(len) = u32::try_from(message.len()) else { return false };
        let end = self.span.end.saturating_add(HEAD).saturating_add(message.len());
        let Some(room) = self.buffer.get_mut(self.span.end..end) else { return false };
        let Some((head, body)) = room.split_first_chunk_mut::<HEAD>() else { return false };
        let [n0, n1, n2, n3, n4, n5, n6, n7] = number.to_le_bytes();
        let [l0, l1, l2, l3] = len.to_le_bytes();
        *head = [n0, n1, n2, n3, n4, n5, n6, n7, l0, l1, l2, l3];
        let Some(body) = body.get_mut(..message.len()) else { return false };
        body.copy_from_slice(message);
        self.span.end = end;
        true
    }

    /// Mostly so: nothing is missed.
    fn is_empty(&self) -> bool {
        self.span.start >= self.span.end
    }

    pub(crate) fn get(&self, number: u64) -> Option<&[u8]> {
        if self.is_empty() {
            return None;
        }
        self.entries().find(|entry| entry.number == number).map(|entry| entry.message)
    }

    /// The lowest kept number that is not below `number`.
    pub(crate) fn lowest_from(&self, number: u64) -> Option<u64> {
        self.entries().map(|entry| entry.number).filter(|kept| *kept >= number).min()
    }

    /// Forgets what stands in front as long as its number is below `next_in`: messages mostly arrive in
    /// order, so this frees without moving bytes.
    pub(crate) fn forget_below(&mut self, next_in: u64) {
        while !self.is_empty() {
            let Some(first) = self.entries().next() else { return self.clear() };
            if first.number >= next_in {
                return;
            }
            let size = HEAD.saturating_add(first.message.len());
            self.span.start = self.span.start.saturating_add(size);
        }
        self.clear();
    }

    /// Moves what is still wanted to the front of the buffer.
    fn purge_below(&mut self, next_in: u64) {
        let (mut from, mut to) = (self.span.start, 0usize);
        while let Some((number, size)) = self.head_at(from) {
            let end = from.saturating_add(size);
            if number >= next_in && shift_down(self.buffer, from, end, to) {
                to = to.saturating_add(size);
            }
            from = end;
        }
        *self.span = Span { start: 0, end: to };
    }

    /// The number and the whole size of the entry that begins at `from`.
    fn head_at(&self, from: usize) -> Option<(u64, usize)> {
        let entries = self.buffer.get(from..self.span.end)?;
        let (head, tail) = entries.split_first_chunk::<HEAD>()?;
        let (number, len) = split_head(head);
        (len <= tail.len()).then_some((number, HEAD.saturating_add(len)))
    }

    fn entries(&self) -> impl Iterator<Item = Entry<'_>> {
        let mut rest = self.buffer.get(self.span.start..self.span.end).unwrap_or_default();
        core::iter::from_fn(move || {
            let (head, tail) = rest.split_first_chunk::<HEAD>()?;
            let (number, len) = split_head(head);
            let (message, after) = tail.split_at_checked(len)?;
            rest = after;
            Some(Entry { number, message })
        })
    }
}

fn split_head(head: &[u8; HEAD]) -> (u64, usize) {
    let [n0, n1, n2, n3, n4, n5, n6, n7, l0, l1, l2, l3] = *head;
    let number = u64::from_le_bytes([n0, n1, n2, n3, n4, n5, n6, n7]);
    let len = u32::from_le_bytes([l0, l1, l2, l3]);
    (number, usize::try_from(len).unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kept_messages_come_back_by_number() {
        let (mut buffer, mut span) = ([0; 64], Span::default());
        let mut kept = Kept::new(&mut buffer, &mut span);
        assert!(kept.keep(7, b"seven", 1));
        assert!(kept.keep(5, b"five", 1));
        assert!(kept.keep(7, b"again", 1));
        assert_eq!(kept.get(7), Some(&b"seven"[..]));
        assert_eq!(kept.lowest_from(1), Some(5));
        assert_eq!(kept.lowest_from(6), Some(7));
        kept.forget_below(6);
        assert_eq!(kept.get(5), Some(&b"five"[..]), "behind a later one it waits");
        kept.forget_below(8);
        assert_eq!(kept.span.used(), 0);
    }

    #[test]
    fn what_was_passed_by_behind_a_later_message_makes_room() {
        let (mut buffer, mut span) = ([0; 40], Span::default());
        let mut kept = Kept::new(&mut buffer, &mut span);
        assert!(kept.keep(9, b"12345678", 1));
        assert!(kept.keep(2, b"12345678", 1));
        kept.forget_below(3);
        assert!(kept.keep(8, b"87654321", 3));
        assert_eq!((kept.get(2), kept.get(9)), (None, Some(&b"12345678"[..])));
        assert_eq!(kept.get(8), Some(&b"87654321"[..]));
    }

    #[test]
    fn a_full_buffer_refuses_and_makes_room_again() {
        let (mut buffer, mut span) = ([0; 40], Span::default());
        let mut kept = Kept::new(&mut buffer, &mut span);
        assert!(kept.keep(2, b"12345678", 2));
        assert!(kept.keep(3, b"12345678", 2));
        assert!(!kept.keep(4, b"x", 2));
        assert!(kept.keep(4, b"12345678", 3));
        assert_eq!(kept.get(3), Some(&b"12345678"[..]));
    }
}
