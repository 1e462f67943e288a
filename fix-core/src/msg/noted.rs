//! Repeating groups whose fields have all been noted in an [`Index`](super::index): only tags are looked at.

use super::{
    group::{is_unknown_to_fix44, unknown_run},
    index::{Slot, Span},
};
use crate::{
    dict::{Block, GroupDef},
    tag::Tag,
};

/// The entries of a group, one after the other.
#[derive(Clone)]
pub(super) struct NotedEntries<'a> {
    /// What the places count from.
    bytes: &'a [u8],
    /// Where the next entry begins.
    at: usize,
    /// The places of the fields from there on.
    slots: &'a [Slot],
    cuts: Cuts<'a>,
}

impl<'a> NotedEntries<'a> {
    /// The entries that `fields` begin with; `None` if not all fields were noted.
    #[inline]
    pub(super) fn new(fields: Span<'a>, def: &'static GroupDef) -> Option<Self> {
        let (bytes, slots) = fields.whole()?;
        Some(NotedEntries { bytes, at: fields.begin(), slots, cuts: Cuts::new(slots, def)? })
    }

    /// The fields of the next entry.
    #[inline(always)]
    pub(super) fn next(&mut self, def: &'static GroupDef) -> Option<Span<'a>> {
        let count = self.cuts.next(self.slots, def)?;
        let (slots, behind) = self.slots.split_at_checked(count)?;
        let entry = Span::noted(self.bytes, self.at, slots)?;
        self.at = entry.end();
        self.slots = behind;
        Some(entry)
    }
}

/// Where the entries of a group end.
#[derive(Clone)]
struct Cuts<'a> {
    /// The tag that every entry begins with.
    delimiter: Tag,
    /// The fields of an entry before: the next one ends where that has if it has the same tags, and another entry behind.
    before: &'a [Slot],
}

impl<'a> Cuts<'a> {
    /// Of the entries that `slots` begin with; `None` if they do not begin with one.
    #[inline]
    fn new(slots: &[Slot], def: &'static GroupDef) -> Option<Self> {
        let delimiter = slots.first()?.tag();
        def.entry.contains(delimiter).then_some(Cuts { delimiter, before: &[] })
    }

    /// How many fields the entry has that `slots` begin with.
    #[inline(always)]
    fn next(&mut self, slots: &'a [Slot], def: &'static GroupDef) -> Option<usize> {
        let behind = slots.get(self.before.len());
        let is_as_before = !self.before.is_empty()
            && behind.is_some_and(|next| next.tag() == self.delimiter)
            && self.before.iter().zip(slots).all(|(before, slot)| before.tag() == slot.tag());
        if is_as_before { Some(self.before.len()) } else { self.look_up(slots, def) }
    }

    /// The same by the definition of the group.
    #[inline(never)]
    fn look_up(&mut self, slots: &'a [Slot], def: &'static GroupDef) -> Option<usize> {
        let (first, behind) = slots.split_first().filter(|(first, _)| first.tag() == self.delimiter)?;
        let behind = match def.entry.group(first.tag()) {
            Some(nested) => behind_group(behind, nested),
            None => behind,
        };
        let behind = behind_members(behind, def, self.delimiter);
        let count = slots.len().wrapping_sub(behind.len());
        // An entry with another one behind it ends by their tags alone, unless FIX 4.4 does not have the delimiter: see
        // `unknown_run`.
        if behind.first().is_some_and(|next| next.tag() == self.delimiter)
            && !is_unknown_to_fix44(self.delimiter)
        {
            self.before = slots.get(..count).unwrap_or_default();
        }
        Some(count)
    }
}

/// The first field with `tag` that is not in an entry of `groups`, and what is behind it.
#[inline]
pub(super) fn find<'a>(
    slots: &'a [Slot],
    tag: Tag,
    groups: &[&'static GroupDef],
) -> Option<(Slot, &'a [Slot])> {
    let mut left = slots;
    while let [slot, behind @ ..] = left {
        if slot.tag() == tag {
            return Some((*slot, behind));
        }
        left = match groups.iter().find(|group| group.count == slot.tag()) {
            Some(nested) => behind_group(behind, nested),
            None => behind,
        };
    }
    None
}

/// What is behind the last entry of the group that `slots` begin with.
#[inline(never)]
pub(super) fn behind_group<'a>(slots: &'a [Slot], def: &'static GroupDef) -> &'a [Slot] {
    let mut left = slots;
    if let Some(mut cuts) = Cuts::new(slots, def) {
        while let Some(count) = cuts.next(left, def) {
            left = left.get(count..).unwrap_or_default();
        }
    }
    left
}

/// What is behind the fields of an entry of `def` that `slots` begin with. Nested groups are passed as a whole, so that a
/// field of this level behind one is still found to be of this level.
#[inline]
fn behind_members<'a>(slots: &'a [Slot], def: &'static GroupDef, delimiter: Tag) -> &'a [Slot] {
    let entry = &def.entry;
    let mut left = slots;
    loop {
        let stops = |slot: &Slot| {
            let tag = slot.tag();
            tag == delimiter || !entry.contains(tag) || counts(entry, tag)
        };
        let members = left.iter().position(stops).unwrap_or(left.len());
        left = left.get(members..).unwrap_or_default();
        let [stop, behind @ ..] = left else { return left };
        let tag = stop.tag();
        if tag == delimiter {
            return left;
        }
        left = if let Some(nested) = entry.group(tag) {
            behind_group(behind, nested)
        } else {
            match unknown_run(tag, behind.iter().map(|slot| slot.tag()), def, is_unknown_to_fix44) {
                0 => return left,
                run => left.get(run..).unwrap_or_default(),
            }
        };
    }
}

#[inline(always)]
fn counts(entry: &Block, tag: Tag) -> bool {
    entry.groups.iter().any(|group| group.count == tag)
}

#[cfg(test)]
mod tests {
    use std::{format, string::String, vec, vec::Vec};

    use super::*;
    use crate::{
        dict::{Block, TagSet, fix44::group},
        msg::{field_map::FieldMap, index::Indexer},
        wire::field::{DataTags, Fields, Fix44Data},
    };

    /// A group whose delimiter FIX 4.4 does not have, around one that it has.
    static OWN: GroupDef = GroupDef {
        name: "Own",
        count: Tag(453),
        delimiter: Tag(9001),
        entry: Block {
            members: &[Tag(9001), Tag(448), Tag(802)],
            set: TagSet::new(&TagSet::words::<26>(&[Tag(448), Tag(802)]), &[Tag(9001)]),
            groups: &[&group::PTYS_SUB_GRP],
            ..Block::EMPTY
        },
    };

    /// Every entry with its values and those of its nested groups.
    fn entries(level: &FieldMap<'_>, def: &'static GroupDef) -> String {
        let tags = [448, 447, 452, 802, 523, 803, 9001, 9002, 55].map(Tag);
        let entry = |entry: FieldMap<'_>| {
            let values: Vec<_> = tags.iter().map(|tag| entry.get(*tag)).collect();
            let nested: Vec<_> = def.entry.groups.iter().map(|nested| entries(&entry, nested)).collect();
            format!("{} {values:?} {nested:?}", entry.as_bytes().escape_ascii())
        };
        format!("{:?}", level.group(def).iter().map(entry).collect::<Vec<_>>())
    }

    fn assert_same(bytes: &[u8]) {
        let mut slots = vec![Slot::EMPTY; 64];
        let mut indexer = Indexer::new(bytes, &mut slots);
        let mut fields = Fields::new(bytes);
        while let Some(Ok(placed)) = fields.placed_step(|tag| Fix44Data.announces_data(tag)) {
            indexer.note(placed);
        }
        let index = indexer.finish(Fix44Data);
        for def in [&group::PARTIES, &OWN] {
            let level = |span| FieldMap::new(span, &[], &[]);
            let scanned = entries(&level(Span::scan(bytes)), def);
            assert_eq!(
                entries(&level(Span::indexed(bytes, index)), def),
                scanned,
                "{}",
                bytes.escape_ascii()
            );
        }
    }

    #[test]
    fn entries_are_cut_by_their_places_where_a_scan_cuts_them() {
        // xorshift64.
        let mut state = 0x9E37_79B9_7F4A_7C15_u64;
        let mut below = move |limit: usize| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state % limit as u64) as usize
        };
        for _ in 0..20_000 {
            let mut text = String::from("35=D\x01453=9\x01");
            let mut before = String::new();
            for number in 0..1 + below(6) {
                // Mostly as the entry before, for which there is a shorter way.
                if before.is_empty() || below(3) == 0 {
                    before = String::from(["448=a\x01", "9001=a\x01", "447=a\x01"][below(3)]);
                    for _ in 0..below(7) {
                        let tag = [448, 447, 452, 802, 523, 523, 803, 9001, 9002, 55][below(10)];
                        before.push_str(&format!("{tag}=2\x01"));
                    }
                }
                text.push_str(&before.replace("=a", &format!("={number}")));
            }
            text.push_str(["", "55=X\x01", "9002=y\x01", "9002=y\x01448=z\x01"][below(4)]);
            assert_same(text.as_bytes());
        }
    }
}
