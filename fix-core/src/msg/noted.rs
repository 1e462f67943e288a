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
    /// From the next entry on.
    rest: Span<'a>,
    /// The tag that every entry begins with.
    delimiter: Tag,
}

impl<'a> NotedEntries<'a> {
    /// The entries that `fields` begin with; `None` if not all fields were noted.
    #[inline]
    pub(super) fn new(fields: Span<'a>, def: &'static GroupDef) -> Option<Self> {
        let (_, slots) = fields.whole()?;
        let delimiter = slots.first()?.tag();
        def.entry.contains(delimiter).then_some(NotedEntries { rest: fields, delimiter })
    }

    /// The fields of the next entry.
    #[inline(always)]
    pub(super) fn next(&mut self, def: &'static GroupDef) -> Option<Span<'a>> {
        let (_, slots) = self.rest.whole()?;
        let (first, behind) = slots.split_first().filter(|(first, _)| first.tag() == self.delimiter)?;
        let behind = match def.entry.group(first.tag()) {
            Some(nested) => behind_group(behind, nested),
            None => behind,
        };
        let behind = behind_members(behind, def, |tag| tag == self.delimiter);
        let (entry, rest) = self.rest.split_noted(slots.len().wrapping_sub(behind.len()))?;
        self.rest = rest;
        Some(entry)
    }
}

/// What is behind the last entry of the group that `slots` begin with.
pub(super) fn behind_group<'a>(slots: &'a [Slot], def: &'static GroupDef) -> &'a [Slot] {
    match slots.first() {
        Some(first) if def.entry.contains(first.tag()) => behind_members(slots, def, |_| false),
        _ => slots,
    }
}

/// What is behind the fields of entries of `def` that `slots` begin with, or from the next one on that `delimits`. Nested groups are
/// passed as a whole, so that a field of this level behind one is still found to be of this level.
#[inline]
fn behind_members<'a>(
    slots: &'a [Slot],
    def: &'static GroupDef,
    delimits: impl Fn(Tag) -> bool,
) -> &'a [Slot] {
    let entry = &def.entry;
    let mut left = slots;
    loop {
        let stops = |slot: &Slot| {
            let tag = slot.tag();
            delimits(tag) || !entry.contains(tag) || counts(entry, tag)
        };
        let members = left.iter().position(stops).unwrap_or(left.len());
        left = left.get(members..).unwrap_or_default();
        let [stop, behind @ ..] = left else { return left };
        let tag = stop.tag();
        if delimits(tag) {
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
