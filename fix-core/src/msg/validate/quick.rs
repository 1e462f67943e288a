//! Whether a message is in order: the answer for nearly every message, without asking what would come first.
//!
//! It knows no switches: what passes every check passes any of them. What it does not find in order at once, be
//! it wrong, forgiven by a switch, or only rare (tags from 1024 on), is left to [`pass`](super::pass), which
//! judges the message anew.

use super::{
    format::{self, Fit},
    pass::{data_size, part_of},
    place::Part,
    shape::Shape,
};
use crate::{
    dict::{Block, Dictionary, FieldType, GroupDef},
    msg::{index::Slot, message::Message},
    tag::{self, Tag},
    wire::{field::Field, value::FromField},
};

/// One bit for each tag below 1024; those of FIX 4.4 are below 957.
const WORDS: usize = 32;
/// The fields around the message, which are checked with its frame.
const FRAMING: u32 = 1 << tag::BEGIN_STRING.0 | 1 << tag::BODY_LENGTH.0 | 1 << tag::CHECK_SUM.0;

/// True only if no check finds anything; false says nothing.
pub(super) fn is_in_order(message: &Message<'_>, dictionary: &Dictionary) -> bool {
    let Some((bytes, slots)) = message.whole_index() else { return false };
    let Some(def) = dictionary.message(message.header().msg_type_text) else { return false };
    Walk { bytes, dictionary, data_tag: None }.message(slots, &def.body).is_some()
}

/// The walk over the fields; it ends with `None` at the first doubt.
struct Walk<'w> {
    bytes: &'w [u8],
    dictionary: &'w Dictionary,
    /// The data field that the last Length field has announced.
    data_tag: Option<Tag>,
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
            let word = seen.get_mut((tag.0 >> 5) as usize)?;
            let bit = 1 << (tag.0 & 31);
            if *word & bit != 0 {
                return None;
            }
            *word |= bit;
            fields = self.field(*field, behind, block)?;
        }
        (has_all(&seen, header.required) && has_all(&seen, body.required)).then_some(())
    }

    #[inline(never)]
    fn next_part(&self, tag: Tag, reached: Part, body: &'static Block) -> Option<(Part, &'static Block)> {
        let (part, block, foreign) = part_of(tag, self.dictionary, Some(body));
        (!foreign && part.on_the_wire() >= reached.on_the_wire()).then_some((part, block))
    }

    /// Checks the value of `field`, and gives what is behind it at its level.
    #[inline(always)]
    fn field(&mut self, field: Slot, behind: &'w [Slot], block: &'static Block) -> Option<&'w [Slot]> {
        let def = self.dictionary.fields.get(field.tag().0 as usize)?;
        if field.size() == 0 {
            return None;
        }
        let (value, bytes) = field.value_at_end(self.bytes)?;
        match def.codes {
            None if def.kind == FieldType::String => Some(behind),
            None => match format::fits_at_once(def.kind, value, bytes) {
                Fit::Yes => Some(behind),
                Fit::No => None,
                Fit::Structure => self.structure(Field { tag: field.tag(), value }, def.kind, behind, block),
            },
            Some(codes) => {
                let fits = match def.kind {
                    FieldType::String => true,
                    FieldType::Char => value.len() == 1,
                    // Codes are nothing that one expects of these.
                    FieldType::Undefined
                    | FieldType::NumInGroup
                    | FieldType::Length
                    | FieldType::Data
                    | FieldType::XmlData => return None,
                    kind => format::fits(kind, value),
                };
                (fits && (format::is_coded(def.kind, codes, value) || def.open)).then_some(behind)
            }
        }
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
                break;
            }
            fields = self.field(*field, behind, &def.entry)?;
        }
        let in_order = (entries == 0 || shape.end()) && u32::from_field(count.value) == Ok(entries);
        in_order.then_some(fields)
    }
}

fn has_all(seen: &[u32; WORDS], required: &[Tag]) -> bool {
    let has = |tag: &Tag| seen.get((tag.0 >> 5) as usize).is_some_and(|word| word >> (tag.0 & 31) & 1 != 0);
    required.iter().all(has)
}
