//! The order of the fields in one entry of a repeating group.

use crate::{dict::GroupDef, tag::Tag};

/// Members of an entry that are told apart; the largest entry of FIX 4.4 has fewer than 200.
const MEMBERS: usize = 256;

/// An entry of a group, while its fields pass by.
///
/// Capacity: of members beyond the 256th, a repetition or absence is not noticed.
pub(super) struct Entry {
    def: &'static GroupDef,
    /// The place, among the members, behind the last one that stood in order.
    ahead: usize,
    /// One bit for each member met.
    met: [u64; MEMBERS / 64],
}

/// Where a field stands among those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Right,
    Wrong,
    Repeated,
}

impl Entry {
    pub(super) const fn begin(def: &'static GroupDef) -> Self {
        Entry { def, ahead: 0, met: [0; MEMBERS / 64] }
    }

    /// Takes note of a member of the group.
    #[inline]
    pub(super) fn take(&mut self, tag: Tag) -> Order {
        let ahead = self.def.entry.members.get(self.ahead..).unwrap_or_default();
        match ahead.iter().position(|member| *member == tag) {
            Some(offset) => {
                let place = self.ahead.saturating_add(offset);
                self.meet(place);
                self.ahead = place.saturating_add(1);
                Order::Right
            }
            None => self.take_from_behind(tag),
        }
    }

    /// The lowest required field that is missing.
    pub(super) fn missing(&self) -> Option<Tag> {
        let is_missing = |tag: &Tag| {
            let place = self.def.entry.members.iter().position(|member| member == tag);
            place.is_some_and(|place| {
                self.met.get(place / 64).is_some_and(|word| word >> (place % 64) & 1 == 0)
            })
        };
        self.def.entry.required.iter().copied().filter(is_missing).min()
    }

    #[cold]
    fn take_from_behind(&mut self, tag: Tag) -> Order {
        let place = self.def.entry.members.iter().position(|member| *member == tag);
        if place.is_none_or(|place| self.meet(place)) { Order::Wrong } else { Order::Repeated }
    }

    /// Marks a member; false if it was marked before.
    #[inline]
    fn meet(&mut self, place: usize) -> bool {
        let bit = 1u64 << (place % 64);
        self.met.get_mut(place / 64).is_none_or(|word| {
            let is_new = *word & bit == 0;
            *word |= bit;
            is_new
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{dict::fix44::group, tag};

    #[test]
    fn members_come_in_order_and_once() {
        let mut entry = Entry::begin(&group::LIST_ORD_GRP);
        assert_eq!(entry.missing(), Some(tag::CL_ORD_ID));
        assert_eq!(entry.take(tag::CL_ORD_ID), Order::Right);
        assert_eq!(entry.take(tag::SIDE), Order::Right);
        assert_eq!(entry.missing(), Some(tag::LIST_SEQ_NO));
        assert_eq!(entry.take(tag::LIST_SEQ_NO), Order::Wrong);
        assert_eq!(entry.take(tag::LIST_SEQ_NO), Order::Repeated);
        assert_eq!(entry.take(tag::SIDE), Order::Repeated);
        assert_eq!(entry.take(tag::ORDER_QTY), Order::Right);
        assert_eq!(entry.missing(), None);
    }
}
