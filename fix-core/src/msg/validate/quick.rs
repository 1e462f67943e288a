//! Whether a message is in order: the answer for nearly every message, without asking what would come first.
//!
//! It knows one switch, that for user-defined fields which the dictionary does not know: many brokers send them, and
//! who lets them pass does so for every message. What passes every other check passes any of them. What it does not
//! find in order at once, be it wrong, forgiven by a switch, or only rare, is left to [`pass`](super::pass), which
//! judges the message anew.

use super::{
    Checks,
    format::{self, Fit},
    pass::{data_size, part_of},
    place::Part,
    shape::Shape,
};
use crate::{
    dict::{Block, Dictionary, FieldDef, FieldType, GroupDef},
    msg::{group::FIRST_USER_DEFINED, index::Slot, message::Message},
    tag::{self, Tag},
    wire::{field::Field, value::FromField},
};

/// One bit for each tag below 1024; those of FIX 4.4 are below 957.
const WORDS: usize = 32;
/// The most other fields that are told apart.
const OTHERS: usize = 32;
/// The fields around the message, which are checked with its frame.
const FRAMING: u32 = 1 << tag::BEGIN_STRING.0 | 1 << tag::BODY_LENGTH.0 | 1 << tag::CHECK_SUM.0;

/// True only if no check finds anything; false says nothing.
#[inline]
pub(super) fn is_in_order(message: &Message<'_>, dictionary: &Dictionary, checks: &Checks) -> bool {
    let Some((bytes, slots)) = message.whole_index() else { return false };
    let Some(def) = dictionary.message(message.header().msg_type_text) else { return false };
    Walk { bytes, dictionary, checks, data_tag: None, others: heapless::Vec::new() }
        .message(slots, &def.body)
        .is_some()
}

/// The walk over the fields; it ends with `None` at the first doubt.
struct Walk<'w> {
    bytes: &'w [u8],
    dictionary: &'w Dictionary,
    checks: &'w Checks,
    /// The data field that the last Length field has announced.
    data_tag: Option<Tag>,
    /// The fields met at the level of the message whose tags have no bit.
    others: heapless::Vec<Tag, OTHERS>,
}

impl<'w> Walk<'w> {
    #[inline(never)]
    fn message(&mut self, fields: &'w [Slot], body: &'static Block) -> Option<()> {
        let header = self.dictionary.header;
        let mut seen = [0u32; WORDS];
        seen[0] = FRAMING;
        let (mut part, mut block) = (Part::Header, header);
        let mut fields = fields;
        while let [field, behind @ ..] = fields {
            let tag = field.tag();
            if !block.contains(tag) {
                (part, block) = self.next_part(tag, part, body)?;
            }
            let Some(word) = seen.get_mut((tag.0 as u32 >> 5) as usize) else {
                fields = self.other(*field, behind)?;
                continue;
            };
            if *word >> (tag.0 & 31) & 1 != 0 {
                return None;
            }
            *word |= 1 << (tag.0 & 31);
            fields = self.field(*field, behind, block)?;
        }
        let has_other = |tag: Tag| self.others.contains(&tag);
        (header.required_set.all_in(&seen, has_other) && body.required_set.all_in(&seen, has_other))
            .then_some(())
    }

    #[inline(never)]
    fn next_part(&self, tag: Tag, reached: Part, body: &'static Block) -> Option<(Part, &'static Block)> {
        let (part, block, foreign) = part_of(tag, self.dictionary, Some(body));
        let may_stand_here = !foreign || self.may_be_unknown(tag);
        (may_stand_here && part.on_the_wire() >= reached.on_the_wire()).then_some((part, block))
    }

    fn may_be_unknown(&self, tag: Tag) -> bool {
        tag.0 >= FIRST_USER_DEFINED && !self.checks.user_defined_fields
    }

    /// Like [`field`](Self::field), for a field whose tag has no bit.
    #[cold]
    #[inline(never)]
    fn other(&mut self, field: Slot, behind: &'w [Slot]) -> Option<&'w [Slot]> {
        let tag = field.tag();
        if self.others.contains(&tag) || field.size() == 0 {
            return None;
        }
        self.others.push(tag).ok()?;
        match self.dictionary.field(tag) {
            Some(def) if def.kind.is_structure() => None,
            Some(def) => self.value_fits(def, field.value(self.bytes)?).then_some(behind),
            None => self.may_be_unknown(tag).then_some(behind),
        }
    }

    /// Checks the value of `field`, and gives what is behind it at its level.
    #[inline(always)]
    fn field(&mut self, field: Slot, behind: &'w [Slot], block: &'static Block) -> Option<&'w [Slot]> {
        let def = self.dictionary.fields.get(field.tag().0 as u32 as usize)?;
        if field.size() == 0 {
            return None;
        }
        if def.is_any_text() {
            return Some(behind);
        }
        let (value, bytes) = field.value_at_end(self.bytes)?;
        if let Some(codes) = def.codes {
            let is_letter = match value {
                [letter] if matches!(def.kind, FieldType::Char | FieldType::String) => {
                    codes.has_letter(*letter)
                }
                _ => false,
            };
            return (is_letter || (!def.kind.is_structure() && self.value_fits(def, value)))
                .then_some(behind);
        }
        match format::fits_at_once(def.kind, value, bytes) {
            Fit::Yes => Some(behind),
            Fit::No => None,
            Fit::Structure => self.structure(Field { tag: field.tag(), value }, def.kind, behind, block),
        }
    }

    #[inline(never)]
    fn value_fits(&self, def: &FieldDef, value: &[u8]) -> bool {
        format::fits(def.kind, value)
            && def.codes.is_none_or(|codes| def.open || format::is_coded(def.kind, codes, value))
    }

    #[inline(never)]
    fn structure(
        &mut self,
        field: Field<'w>,
        kind: FieldType,
        behind: &'w [Slot],
        block: &'static Block,
    ) -> Option<&'w [Slot]> {
        if let Some(group) = block.group(field.tag) {
            return self.group(field, group, behind);
        }
        if kind.is_data() {
            return (self.data_tag.take() == Some(field.tag)).then_some(behind);
        }
        self.data_tag = self.dictionary.data_tag(field.tag);
        let fits = |data_tag| {
            let data = behind.first().filter(|next| next.tag() == data_tag);
            data.is_some_and(|data| data_size(field) == Some(data.size()))
        };
        self.data_tag.is_none_or(fits).then_some(behind)
    }

    /// Checks the entries of a group, and gives what is behind them.
    fn group(&mut self, count: Field<'w>, def: &'static GroupDef, behind: &'w [Slot]) -> Option<&'w [Slot]> {
        let mut entries = 0u32;
        let mut shape = Shape::new(&def.entry);
        let mut fields = behind;
        while let [field, behind @ ..] = fields {
            if field.tag() == def.delimiter {
                if entries != 0 && !shape.end() {
                    return None;
                }
                entries = entries.wrapping_add(1);
                shape.take(field.tag())?;
            } else if entries == 0 && def.entry.contains(field.tag()) {
                return None;
            } else if entries == 0 || !shape.take(field.tag())? {
                if field.tag().0 >= FIRST_USER_DEFINED {
                    // Whether it belongs to the entry depends on what follows.
                    return None;
                }
                break;
            }
            fields = self.field(*field, behind, &def.entry)?;
        }
        let in_order = (entries == 0 || shape.end()) && u32::from_field(count.value) == Ok(entries);
        in_order.then_some(fields)
    }
}
