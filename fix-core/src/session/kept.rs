//! Messages received beyond a gap, kept until the gap closes.
//!
//! The caller's buffer bounds them. A message that does not fit is dropped: its number is still missing
//! when the gap closes, so it is asked for then. Nothing is lost, and a storm cannot grow memory.

use super::output::Buffer;
use crate::wire::shift::shift_down;

/// Bytes in front of each kept message: its number and its length.
const HEAD: usize = 12;

#[derive(Clone)]
pub(crate) struct Kept<B> {
    buffer: B,
    start: usize,
    end: usize,
}

struct Entry<'a> {
    number: u64,
    message: &'a [u8],
}

impl<B: Buffer> Kept<B> {
    pub(crate) fn new(buffer: B) -> Self {
        Kept { buffer, start: 0, end: 0 }
    }

    pub(crate) fn clear(&mut self) {
        (self.start, self.end) = (0, 0);
    }

    /// Bytes in use.
    pub(crate) fn used(&self) -> usize {
        self.end.saturating_sub(self.start)
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
        let end = self.end.saturating_add(HEAD).saturating_add(message.len());
        let Some(room) = self.buffer.as_mut().get_mut(self.end..end) else { return false };
        let Some((head, body)) = room.split_first_chunk_mut::<HEAD>() else { return false };
        let [n0, n1, n2, n3, n4, n5, n6, n7] = number.to_le_bytes();
        let [l0, l1, l2, l3] = len.to_le_bytes();
        *head = [n0, n1, n2, n3, n4, n5, n6, n7, l0, l1, l2, l3];
        let Some(body) = body.get_mut(..message.len()) else { return false };
        body.copy_from_slice(message);
        self.end = end;
        true
    }

    pub(crate) fn get(&self, number: u64) -> Option<&[u8]> {
        self.entries().find(|entry| entry.number == number).map(|entry| entry.message)
    }

    /// The lowest kept number that is not below `number`.
    pub(crate) fn lowest_from(&self, number: u64) -> Option<u64> {
        self.entries().map(|entry| entry.number).filter(|kept| *kept >= number).min()
    }

    /// Forgets what stands in front as long as its number is below `next_in`: messages mostly arrive in
    /// order, so this frees without moving bytes.
    pub(crate) fn forget_below(&mut self, next_in: u64) {
        loop {
            let Some(first) = self.entries().next() else { return self.clear() };
            if first.number >= next_in {
                return;
            }
            let size = HEAD.saturating_add(first.message.len());
            self.start = self.start.saturating_add(size);
        }
    }

    /// Moves what is still wanted to the front of the buffer.
    fn purge_below(&mut self, next_in: u64) {
        let (mut from, mut to) = (self.start, 0usize);
        while let Some((number, size)) = self.head_at(from) {
            let end = from.saturating_add(size);
            let buffer = self.buffer.as_mut();
            if number >= next_in && shift_down(buffer, from, end, to) {
                to = to.saturating_add(size);
            }
            from = end;
        }
        (self.start, self.end) = (0, to);
    }

    /// The number and the whole size of the entry that begins at `from`.
    fn head_at(&self, from: usize) -> Option<(u64, usize)> {
        let entries = self.buffer.as_ref().get(from..self.end)?;
        let (head, tail) = entries.split_first_chunk::<HEAD>()?;
        let (number, len) = split_head(head);
        (len <= tail.len()).then_some((number, HEAD.saturating_add(len)))
    }

    fn entries(&self) -> impl Iterator<Item = Entry<'_>> {
        let mut rest = self.buffer.as_ref().get(self.start..self.end).unwrap_or_default();
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
        let mut kept = Kept::new([0u8; 64]);
        assert!(kept.keep(7, b"seven", 1));
        assert!(kept.keep(5, b"five", 1));
        assert!(kept.keep(7, b"again", 1));
        assert_eq!(kept.get(7), Some(&b"seven"[..]));
        assert_eq!(kept.lowest_from(1), Some(5));
        assert_eq!(kept.lowest_from(6), Some(7));
        kept.forget_below(6);
        assert_eq!(kept.get(5), Some(&b"five"[..]), "behind a later one it waits");
        kept.forget_below(8);
        assert_eq!(kept.used(), 0);
    }

    #[test]
    fn what_was_passed_by_behind_a_later_message_makes_room() {
        let mut kept = Kept::new([0u8; 40]);
        assert!(kept.keep(9, b"12345678", 1));
        assert!(kept.keep(2, b"12345678", 1));
        kept.forget_below(3);
        assert!(kept.keep(8, b"87654321", 3));
        assert_eq!((kept.get(2), kept.get(9)), (None, Some(&b"12345678"[..])));
        assert_eq!(kept.get(8), Some(&b"87654321"[..]));
    }

    #[test]
    fn a_full_buffer_refuses_and_makes_room_again() {
        let mut kept = Kept::new([0u8; 40]);
        assert!(kept.keep(2, b"12345678", 2));
        assert!(kept.keep(3, b"12345678", 2));
        assert!(!kept.keep(4, b"x", 2));
        assert!(kept.keep(4, b"12345678", 3));
        assert_eq!(kept.get(3), Some(&b"12345678"[..]));
    }
}
