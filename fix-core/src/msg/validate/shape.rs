//! The shape of a group's entries: which members an entry has. Most entries of a group have that of the one before.

use crate::{dict::Block, tag::Tag};

/// The most fields of an entry, those of nested groups not counted, that are remembered.
const FIELDS: usize = 32;

/// The members of the entry that passes by, and of the one before.
pub(super) struct Shape {
    block: &'static Block,
    /// The place of each field of the entry among the members of the block; behind those of this entry, the places
    /// of the entry before.
    places: [u16; FIELDS],
    /// How many fields this entry has had so far, and the one before had.
    len: usize,
    len_before: usize,
    /// The place behind the last field.
    ahead: usize,
    /// So far, this entry has been as the one before.
    same: bool,
}

impl Shape {
    pub(super) const fn new(block: &'static Block) -> Self {
        Shape { block, places: [0; FIELDS], len: 0, len_before: 0, ahead: 0, same: false }
    }

    /// Takes the next field of the entry: false if it is not of the group, `None` if it is out of order, there
    /// twice, or one too many to remember.
    #[inline(always)]
    pub(super) fn take(&mut self, tag: Tag) -> Option<bool> {
        let place = usize::from(*self.places.get(self.len)?);
        if self.same && self.len < self.len_before && self.block.members.get(place) == Some(&tag) {
            self.ahead = place.wrapping_add(1);
            self.len = self.len.wrapping_add(1);
            return Some(true);
        }
        self.take_other(tag)
    }

    #[inline(never)]
    fn take_other(&mut self, tag: Tag) -> Option<bool> {
        let ahead = self.block.members.get(self.ahead..).unwrap_or_default();
        let Some(offset) = ahead.iter().position(|member| *member == tag) else {
            return if self.block.contains(tag) { None } else { Some(false) };
        };
        let place = self.ahead.wrapping_add(offset);
        *self.places.get_mut(self.len)? = u16::try_from(place).ok()?;
        self.len = self.len.wrapping_add(1);
        self.ahead = place.wrapping_add(1);
        self.same = false;
        Some(true)
    }

    /// Ends the entry: false if a required field is missing.
    #[inline(always)]
    pub(super) fn end(&mut self) -> bool {
        let complete = (self.same && self.len == self.len_before) || self.has_all();
        self.len_before = self.len;
        self.len = 0;
        self.ahead = 0;
        self.same = true;
        complete
    }

    fn has_all(&self) -> bool {
        let places = self.places.get(..self.len).unwrap_or_default();
        let has =
            |tag: &Tag| places.iter().any(|place| self.block.members.get(usize::from(*place)) == Some(tag));
        self.block.required.iter().all(has)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{dict::fix44::group, tag};

    fn entry(shape: &mut Shape, tags: &[Tag]) -> bool {
        assert!(tags.iter().all(|tag| shape.take(*tag) == Some(true)), "{tags:?}");
        shape.end()
    }

    #[test]
    fn entries_of_the_same_and_of_another_shape() {
        let mut shape = Shape::new(&group::LIST_ORD_GRP.entry);
        let full = [tag::CL_ORD_ID, tag::LIST_SEQ_NO, tag::SIDE, tag::ORDER_QTY];
        for _ in 0..3 {
            assert!(entry(&mut shape, &full));
        }
        assert!(!entry(&mut shape, &full[..2]), "Side(54) is required, and only the entries before had it");
        assert!(entry(&mut shape, &full[..3]));
        assert!(!entry(&mut shape, &[tag::CL_ORD_ID, tag::SIDE, tag::ORDER_QTY]));
        assert!(entry(&mut shape, &full));
    }

    #[test]
    fn what_is_not_in_order_is_no_entry() {
        let mut shape = Shape::new(&group::LIST_ORD_GRP.entry);
        assert!(entry(&mut shape, &[tag::CL_ORD_ID, tag::LIST_SEQ_NO, tag::SIDE]));
        assert_eq!(shape.take(tag::CL_ORD_ID), Some(true));
        assert_eq!(shape.take(tag::SIDE), Some(true));
        assert_eq!(shape.take(tag::LIST_SEQ_NO), None, "behind what follows it");
        assert_eq!(shape.take(tag::SIDE), None, "twice");
        assert_eq!(shape.take(tag::NO_MD_ENTRIES), Some(false), "not of the group");
    }
}
