//! Where a finding stands among others.

use crate::tag::Tag;

/// The order in which findings are answered, as one number: the check, the part of the message, the tag, and what
/// about that field.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place(u64);

/// The parts of a message, in the order in which their fields are answered for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Header,
    Trailer,
    Body,
}

impl Part {
    /// The place of the part on the wire.
    pub(super) const fn on_the_wire(self) -> u8 {
        match self {
            Part::Header => 0,
            Part::Body => 1,
            Part::Trailer => 2,
        }
    }
}

impl Place {
    /// A field in the wrong part of the message. All such places are equal: the first one found stays.
    pub(super) const OUT_OF_ORDER: Place = Place(0);
    pub(super) const MSG_TYPE: Place = Place(1 << 60);
    /// A missing field in an entry of a group; equal for all.
    pub(super) const MISSING_IN_GROUP: Place = Place(2 << 60 | 3 << 56);

    pub(super) const fn missing(part: Part, tag: Tag) -> Place {
        Place(2 << 60 | Place::at(part, tag))
    }

    /// Something about a field itself.
    pub(super) const fn field(part: Part, tag: Tag) -> Place {
        Place(3 << 60 | Place::at(part, tag))
    }

    /// The number of entries of the group whose count field is here.
    pub(super) const fn count(self) -> Place {
        Place(self.0 & !0xFF | 1)
    }

    /// The order of the fields in its entries.
    pub(super) const fn entry_order(self) -> Place {
        Place(self.0 & !0xFF | 2)
    }

    /// A field in its entries.
    pub(super) const fn entry_field(self) -> Place {
        Place(self.0 & !0xFF | 3)
    }

    const fn at(part: Part, tag: Tag) -> u64 {
        // Flipping the sign bit sorts the negative tags, which the wire can hold, in front.
        (part as u64) << 56 | ((tag.0 as u32 ^ 1 << 31) as u64) << 8
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_in_the_order_of_the_answers() {
        let body = |tag| Place::field(Part::Body, Tag(tag));
        let order = [
            Place::OUT_OF_ORDER,
            Place::MSG_TYPE,
            Place::missing(Part::Header, Tag(56)),
            Place::missing(Part::Body, Tag(11)),
            Place::missing(Part::Body, Tag(60)),
            Place::MISSING_IN_GROUP,
            Place::field(Part::Header, Tag(1128)),
            Place::field(Part::Trailer, Tag(93)),
            body(i32::MIN),
            body(-1),
            body(0),
            body(453),
            body(453).count(),
            body(453).entry_order(),
            body(453).entry_field(),
            body(454),
            body(i32::MAX),
        ];
        assert!(order.is_sorted_by(|a, b| a < b));
    }
}
