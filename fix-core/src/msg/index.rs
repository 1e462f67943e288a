//! Where the fields of a message are, noted down while it is parsed, so that what reads it afterwards need not
//! look for them again.

use super::noted;
use crate::{
    dict::GroupDef,
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

/// The places of the first fields of a run of fields.
#[derive(Clone, Copy)]
pub(super) struct Index<'a> {
    slots: &'a [Slot],
    /// Where the first field behind them begins.
    end: usize,
}

/// A run of fields, and where they are.
#[derive(Clone, Copy)]
pub(super) struct Span<'a> {
    /// What the places count from; it ends with the run.
    bytes: &'a [u8],
    /// Where the run begins.
    at: usize,
    index: Index<'a>,
}

impl<'a> Span<'a> {
    /// Fields that are looked for.
    pub(super) const fn scan(bytes: &'a [u8]) -> Self {
        Span { bytes, at: 0, index: Index { slots: &[], end: 0 } }
    }

    /// All fields of a message.
    pub(super) const fn indexed(bytes: &'a [u8], index: Index<'a>) -> Self {
        Span { bytes, at: 0, index }
    }

    /// The bytes of the run.
    pub(super) const fn as_bytes(&self) -> &'a [u8] {
        match self.bytes.split_at_checked(self.at) {
            Some((_, run)) => run,
            None => &[],
        }
    }

    /// What the places count from, and the places of all fields; `None` if they were not all noted.
    #[inline]
    pub(super) fn whole(&self) -> Option<(&'a [u8], &'a [Slot])> {
        (self.index.end >= self.bytes.len()).then_some((self.bytes, self.index.slots))
    }

    /// Where the run begins.
    #[inline]
    pub(super) fn begin(&self) -> usize {
        self.at
    }

    /// Where the next field behind the run begins, if all of its fields were noted.
    #[inline]
    pub(super) fn end(&self) -> usize {
        self.index.end
    }

    /// The run of these fields of `bytes`, the first of which begins at `at`; `None` if there are none.
    #[inline(always)]
    pub(super) fn noted(bytes: &'a [u8], at: usize, slots: &'a [Slot]) -> Option<Self> {
        let end = slots.last()?.end().wrapping_add(1);
        Some(Span { bytes: bytes.get(..end)?, at, index: Index { slots, end } })
    }

    /// What is behind the first `count` fields, all of which were noted.
    #[inline]
    pub(super) fn behind_noted(&self, count: usize) -> Option<Span<'a>> {
        let (passed, slots) = self.index.slots.split_at_checked(count)?;
        let at = passed.last()?.end().wrapping_add(1);
        Some(Span { bytes: self.bytes, at, index: Index { slots, end: self.index.end } })
    }

    /// Goes over the fields; `extra` are the data fields beside those of FIX 4.4.
    #[inline]
    pub(super) fn cursor(&self, extra: &'static [DataPair]) -> Cursor<'a> {
        let Index { slots, end } = self.index;
        let behind = if slots.is_empty() { self.at } else { end };
        let fields = Fields::with_data_tags(self.bytes.get(behind..).unwrap_or_default(), extra);
        Cursor { bytes: self.bytes, at: self.at, slots, passed: 0, fields }
    }

    /// Goes over the fields from the one on that begins at `at`.
    pub(super) fn cursor_from(&self, at: usize, extra: &'static [DataPair]) -> Cursor<'a> {
        let Index { slots, end } = self.index;
        let passed = slots.partition_point(|slot| usize::from(slot.at) < at);
        let slots = slots.get(passed..).unwrap_or_default();
        Span { bytes: self.bytes, at, index: Index { slots, end } }.cursor(extra)
    }
}

/// The first slot with `tag`. On 64 bits four at a time, so that the loop itself costs little; on 32 bits compiled once.
#[cfg_attr(target_pointer_width = "64", inline)]
#[cfg_attr(not(target_pointer_width = "64"), inline(never))]
pub(super) fn find(slots: &[Slot], tag: Tag) -> Option<Slot> {
    #[cfg(target_pointer_width = "64")]
    let slots = {
        let (fours, rest) = slots.as_chunks::<4>();
        for [a, b, c, d] in fours {
            for slot in [a, b, c, d] {
                if slot.tag() == tag {
                    return Some(*slot);
                }
            }
        }
        rest
    };
    slots.iter().find(|slot| slot.tag() == tag).copied()
}

/// Goes over a run of fields, by their index as far as it goes. What is no field is passed over.
#[derive(Clone)]
pub(super) struct Cursor<'a> {
    bytes: &'a [u8],
    /// Where the first of the slots' fields begins.
    at: usize,
    slots: &'a [Slot],
    /// How many slots have been passed.
    passed: usize,
    /// The fields behind the index.
    fields: Fields<'a, &'static [DataPair]>,
}

/// A place that a [`Cursor`] has been at.
#[derive(Clone, Copy)]
pub(super) struct Mark<'a> {
    passed: usize,
    rest: &'a [u8],
}

impl<'a> Mark<'a> {
    /// The fields from here to `end`, which are looked for.
    pub(super) fn to(self, end: Mark<'a>) -> Span<'a> {
        let len = self.rest.len().saturating_sub(end.rest.len());
        Span::scan(self.rest.get(..len).unwrap_or_default())
    }
}

impl<'a> Cursor<'a> {
    /// Without an index; `extra` are the data fields beside those of FIX 4.4.
    pub(super) fn scan(bytes: &'a [u8], extra: &'static [DataPair]) -> Self {
        Span::scan(bytes).cursor(extra)
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
        self.bytes.get(last.map_or(self.at, |last| last.end().wrapping_add(1))..).unwrap_or_default()
    }

    /// Whether nothing is left.
    #[inline(always)]
    pub(super) fn is_at_end(&self) -> bool {
        self.passed >= self.slots.len() && self.fields.rest().is_empty()
    }

    /// Where it is.
    #[inline]
    pub(super) fn mark(&self) -> Mark<'a> {
        Mark { passed: self.passed, rest: self.rest() }
    }

    /// The fields passed since `mark`.
    #[inline]
    pub(super) fn since(&self, mark: Mark<'a>) -> Span<'a> {
        let noted = if self.fields.position() == 0 { self.slots.get(mark.passed..self.passed) } else { None };
        let at = self.bytes.len().wrapping_sub(mark.rest.len());
        if let Some(span) = noted.and_then(|slots| Span::noted(self.bytes, at, slots)) {
            return span;
        }
        mark.to(self.mark())
    }

    /// The tag of the next field, if its place was noted.
    #[inline(always)]
    pub(super) fn noted(&self) -> Option<Tag> {
        self.slots.get(self.passed).map(|slot| slot.tag())
    }

    /// The next field, if its place was noted.
    #[inline(always)]
    pub(super) fn step_noted(&mut self) -> Option<Field<'a>> {
        let slot = self.slots.get(self.passed)?;
        self.passed = self.passed.wrapping_add(1);
        Some(Field { tag: slot.tag(), value: slot.value(self.bytes)? })
    }

    /// How many fields whose places were noted have passed.
    #[inline(always)]
    pub(super) fn passed(&self) -> usize {
        self.passed
    }

    /// The places of all fields from the next one on; `None` if they were not all noted.
    #[inline]
    pub(super) fn noted_rest(&self) -> Option<&'a [Slot]> {
        let rest = self.slots.get(self.passed..).filter(|rest| !rest.is_empty())?;
        self.fields.rest().is_empty().then_some(rest)
    }

    /// Passes `count` fields whose places were noted.
    #[inline]
    pub(super) fn pass_noted(&mut self, count: usize) {
        self.passed = self.passed.wrapping_add(count);
    }

    /// Passes the entries of the group whose count field has just passed, if the places of all fields were noted.
    #[inline]
    pub(super) fn pass_noted_group(&mut self, def: &'static GroupDef) -> Option<Span<'a>> {
        let slots = self.noted_rest()?;
        let count = slots.len().wrapping_sub(noted::behind_group(slots, def).len());
        let count_field = self.passed.checked_sub(1).and_then(|last| self.slots.get(last))?;
        let entries = Span::noted(self.bytes, count_field.end().wrapping_add(1), slots.get(..count)?)?;
        self.passed = self.passed.wrapping_add(count);
        Some(entries)
    }

    /// The fields from the next one on.
    pub(super) fn span(&self) -> Span<'a> {
        let slots = self.slots.get(self.passed..).unwrap_or_default();
        if slots.is_empty() {
            return Span::scan(self.fields.rest());
        }
        let (len, rest) = (self.bytes.len(), self.rest().len());
        let end = len.wrapping_sub(self.fields.rest().len());
        Span { bytes: self.bytes, at: len.wrapping_sub(rest), index: Index { slots, end } }
    }

    /// The tags of the fields from the next one on.
    pub(super) fn tags(&self) -> impl Iterator<Item = Tag> + use<'a> {
        self.clone().map(|field| field.tag)
    }

    /// The next field, for loops that are worth it.
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    #[cfg_attr(not(target_pointer_width = "64"), inline(never))]
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

    #[cfg_attr(target_pointer_width = "64", inline(never))]
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
            assert_eq!(walk(Span::indexed(BYTES, index).cursor(&[])), scanned, "{size}");
            for skipped in 0..=scanned.len() {
                let at = scanned.get(skipped).map_or(BYTES.len(), |(_, _, rest)| BYTES.len() - rest);
                // Between a Length field and its data no cursor begins.
                if skipped != 3 {
                    assert_eq!(
                        walk(Span::indexed(BYTES, index).cursor_from(at, &[])),
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
        let fields = walk(Span::indexed(&bytes, indexer.finish(Fix44Data)).cursor(&[]));
        assert_eq!(fields.iter().map(|(tag, ..)| *tag).collect::<Vec<_>>(), [58, 55]);
    }
}
