//! Where the fields of a message are, noted down while it is parsed, so that what reads it afterwards need not
//! look for them again.

use crate::{
    tag::Tag,
    wire::field::{DataPair, DataTags, Field, Fields, NotAField, PlacedField},
};

/// The place of one field; see [`Message::parse_indexed`](super::message::Message::parse_indexed).
#[derive(Clone, Copy, Debug, Default)]
pub struct Slot {
    tag: i32,
    /// Where the value begins.
    at: u16,
    len: u16,
}

impl Slot {
    /// A slot that is not filled.
    pub const EMPTY: Slot = Slot { tag: 0, at: 0, len: 0 };

    /// The field's tag.
    #[inline(always)]
    pub(super) const fn tag(self) -> Tag {
        Tag(self.tag)
    }

    /// The size of its value in bytes.
    #[inline(always)]
    pub(super) fn size(self) -> usize {
        self.len.into()
    }

    /// Its value in the bytes that were indexed; never `None` in those.
    #[inline(always)]
    pub(super) fn value(self, bytes: &[u8]) -> Option<&[u8]> {
        bytes.get(usize::from(self.at)..self.end())
    }

    /// Its value, and the bytes up to where that ends.
    #[inline(always)]
    pub(super) fn value_at_end(self, bytes: &[u8]) -> Option<(&[u8], &[u8])> {
        let bytes = bytes.get(..self.end())?;
        Some((bytes.get(self.at.into()..)?, bytes))
    }

    #[inline(always)]
    fn end(self) -> usize {
        usize::from(self.at).wrapping_add(self.len.into())
    }
}

/// Fills slots with the fields of a message.
pub(super) struct Indexer<'a> {
    slots: &'a mut [Slot],
    filled: usize,
}

impl<'a> Indexer<'a> {
    /// An indexer of `bytes`, which need not be indexed as a whole: the slots hold 64 KiB at most.
    pub(super) fn new(bytes: &[u8], slots: &'a mut [Slot]) -> Self {
        let slots = if bytes.len() > usize::from(u16::MAX) { &mut [] } else { slots };
        Indexer { slots, filled: 0 }
    }

    /// Notes the next field.
    #[inline(always)]
    pub(super) fn note(&mut self, placed: PlacedField<'_>) {
        let PlacedField { field, value_at } = placed;
        if let Some(slot) = self.slots.get_mut(self.filled) {
            *slot = Slot { tag: field.tag.0, at: value_at as u16, len: field.value.len() as u16 };
            self.filled = self.filled.wrapping_add(1);
        }
    }

    /// The filled slots, and where the first field behind them begins.
    pub(super) fn finish(self, data_tags: impl DataTags) -> Index<'a> {
        let (filled, free) = self.slots.split_at_mut_checked(self.filled).unwrap_or_default();
        let mut slots: &[Slot] = filled;
        // What follows a Length field can only be read together with it.
        if let (true, Some((last, before))) = (free.is_empty(), slots.split_last())
            && data_tags.announces_data(last.tag())
        {
            slots = before;
        }
        Index { slots, end: slots.last().map_or(0, |last| last.end().wrapping_add(1)) }
    }
}

/// The places of the first fields of a message.
#[derive(Clone, Copy)]
pub(super) struct Index<'a> {
    slots: &'a [Slot],
    /// Where the first field behind them begins.
    end: usize,
}

impl Index<'_> {
    /// No places: the fields are looked for.
    pub(super) const NONE: Self = Index { slots: &[], end: 0 };
}

impl<'a> Index<'a> {
    /// The places of all fields of `bytes`; `None` if it ends before.
    pub(super) fn whole(self, bytes: &[u8]) -> Option<&'a [Slot]> {
        (self.end >= bytes.len()).then_some(self.slots)
    }
}

/// The first slot with `tag`. Four at a time, so that the loop itself costs little.
#[inline]
pub(super) fn find(slots: &[Slot], tag: Tag) -> Option<Slot> {
    let (fours, rest) = slots.as_chunks::<4>();
    for [a, b, c, d] in fours {
        for slot in [a, b, c, d] {
            if slot.tag() == tag {
                return Some(*slot);
            }
        }
    }
    rest.iter().find(|slot| slot.tag() == tag).copied()
}

/// Goes over the fields of a message, by their index as far as it goes. What is no field is passed over.
#[derive(Clone)]
pub(super) struct Cursor<'a> {
    bytes: &'a [u8],
    slots: &'a [Slot],
    /// How many slots have been passed.
    passed: usize,
    /// The fields behind the index.
    fields: Fields<'a, &'static [DataPair]>,
}

impl<'a> Cursor<'a> {
    /// Without an index; `extra` are the data fields beside those of FIX 4.4.
    pub(super) fn scan(bytes: &'a [u8], extra: &'static [DataPair]) -> Self {
        Cursor { bytes: &[], slots: &[], passed: 0, fields: Fields::with_data_tags(bytes, extra) }
    }

    /// From the field that begins at `at` on.
    pub(super) fn indexed(bytes: &'a [u8], index: Index<'a>, at: usize, extra: &'static [DataPair]) -> Self {
        let passed = index.slots.partition_point(|slot| usize::from(slot.at) < at);
        let behind = if passed == index.slots.len() { at } else { index.end };
        let fields = Fields::with_data_tags(bytes.get(behind..).unwrap_or_default(), extra);
        Cursor { bytes, slots: index.slots, passed, fields }
    }

    /// The data fields beside those of FIX 4.4 that it knows.
    pub(super) fn extra(&self) -> &'static [DataPair] {
        self.fields.data_tags()
    }

    /// The bytes from the next field on.
    #[inline]
    pub(super) fn rest(&self) -> &'a [u8] {
        if self.passed >= self.slots.len() {
            return self.fields.rest();
        }
        let last = self.passed.checked_sub(1).and_then(|last| self.slots.get(last));
        self.bytes.get(last.map_or(0, |last| last.end().wrapping_add(1))..).unwrap_or_default()
    }

    /// The next field, for loops that are worth it.
    #[inline(always)]
    pub(super) fn step(&mut self) -> Option<Field<'a>> {
        match self.slots.get(self.passed) {
            Some(slot) => {
                self.passed = self.passed.wrapping_add(1);
                Some(Field { tag: slot.tag(), value: slot.value(self.bytes)? })
            }
            None => match self.fields.step()? {
                Ok(field) => Some(field),
                Err(NotAField) => self.fields.next_good(),
            },
        }
    }
}

impl<'a> Iterator for Cursor<'a> {
    type Item = Field<'a>;

    #[inline(never)]
    fn next(&mut self) -> Option<Field<'a>> {
        self.step()
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;
    use crate::wire::field::Fix44Data;

    const BYTES: &[u8] = b"35=D\x0134=7\x0195=5\x0196=a\x01b=c\x0158=\x01-1=x\x01";

    fn walk(cursor: Cursor<'_>) -> Vec<(i32, &[u8], usize)> {
        let mut cursor = cursor;
        let mut fields = Vec::new();
        loop {
            let rest = cursor.rest().len();
            match cursor.next() {
                Some(field) => fields.push((field.tag.0, field.value, rest)),
                None => return fields,
            }
        }
    }

    fn note_all(indexer: &mut Indexer<'_>, bytes: &[u8]) {
        let mut fields = Fields::new(bytes);
        while let Some(Ok(placed)) = fields.placed_step(|tag| Fix44Data.announces_data(tag)) {
            indexer.note(placed);
        }
    }

    #[test]
    fn an_index_of_any_size_gives_the_same_fields_and_rests() {
        let scanned = walk(Cursor::scan(BYTES, &[]));
        assert_eq!(scanned.len(), 6);
        for size in 0..10 {
            let mut slots = [Slot::EMPTY; 10];
            let mut indexer = Indexer::new(BYTES, &mut slots[..size]);
            note_all(&mut indexer, BYTES);
            let index = indexer.finish(Fix44Data);
            assert_eq!(walk(Cursor::indexed(BYTES, index, 0, &[])), scanned, "{size}");
            for skipped in 0..=scanned.len() {
                let at = scanned.get(skipped).map_or(BYTES.len(), |(_, _, rest)| BYTES.len() - rest);
                // Between a Length field and its data no cursor begins.
                if skipped != 3 {
                    assert_eq!(
                        walk(Cursor::indexed(BYTES, index, at, &[])),
                        scanned[skipped..],
                        "{size} {skipped}"
                    );
                }
            }
        }
    }

    #[test]
    fn what_is_too_long_for_the_slots_is_scanned() {
        let mut bytes = b"58=".to_vec();
        bytes.resize(70_000, b'x');
        bytes.extend_from_slice(b"\x0155=y\x01");
        let mut slots = [Slot::EMPTY; 4];
        let mut indexer = Indexer::new(&bytes, &mut slots);
        note_all(&mut indexer, &bytes);
        let fields = walk(Cursor::indexed(&bytes, indexer.finish(Fix44Data), 0, &[]));
        assert_eq!(fields.iter().map(|(tag, ..)| *tag).collect::<Vec<_>>(), [58, 55]);
    }
}
