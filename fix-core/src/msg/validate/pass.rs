//! The one pass over the fields of a message.

use super::{
    Checks, Finding, SessionRejectReason as Reason,
    entry::{Entry, Order},
    format,
    place::{Part, Place},
    seen::Seen,
};
use crate::{
    dict::{Block, Dictionary, FieldDef, FieldType, GroupDef},
    msg::{
        group::{FIRST_USER_DEFINED, unknown_run},
        index::Cursor,
        message::Message,
    },
    tag::{self, Tag},
    wire::{field::Field, value::FromField},
};

/// Gives each finding with its place to `report`, in wire order.
pub(super) fn run(
    message: &Message<'_>,
    dictionary: &Dictionary,
    checks: &Checks,
    report: &mut impl FnMut(Place, Finding),
) {
    let fields = message.cursor();
    let mut pass = Pass { dictionary, checks, report, fields, data_tag: None };
    let body = dictionary.message(message.header().msg_type_text).map(|def| &def.body);
    if body.is_none() {
        (pass.report)(Place::MSG_TYPE, Finding::message(Reason::InvalidMsgType));
    }
    let mut seen = Seen::new();
    pass.level(body, &mut seen);
    if checks.required_fields {
        pass.required(Part::Header, dictionary.header, &seen);
        pass.required(Part::Body, body.unwrap_or(&Block::EMPTY), &seen);
    }
}

struct Pass<'p, 'a, R> {
    dictionary: &'p Dictionary,
    checks: &'p Checks,
    report: &'p mut R,
    fields: Cursor<'a>,
    /// The data field that the last Length field has announced.
    data_tag: Option<Tag>,
}

impl<'a, R: FnMut(Place, Finding)> Pass<'_, 'a, R> {
    /// Checks the fields of the message itself and, through [`group`](Self::group), those of its groups.
    #[inline(always)]
    fn level(&mut self, body: Option<&'static Block>, seen: &mut Seen) {
        for framing in [tag::BEGIN_STRING, tag::BODY_LENGTH, tag::CHECK_SUM] {
            seen.insert(framing);
        }
        let dictionary = self.dictionary;
        let mut reached = (Part::Header, dictionary.header);
        let mut next = self.next();
        while let Some(field) = next {
            // Most fields are of the part that the one before was of.
            let (mut part, mut block, mut foreign) = (reached.0, reached.1, false);
            if !block.contains(field.tag) {
                (part, block, foreign) = part_of(field.tag, dictionary, body);
                // The parts follow one another.
                if part.on_the_wire() >= reached.0.on_the_wire() {
                    reached = (part, block);
                } else if self.checks.fields_out_of_order {
                    self.found(Place::OUT_OF_ORDER, Reason::TagOutOfOrder, field.tag);
                }
            }
            let def = dictionary.field(field.tag);
            if seen.insert(field.tag) {
                self.value(Place::field(part, field.tag), field, def);
            } else if self.checks.repeated_fields {
                self.found(Place::field(part, field.tag), Reason::TagAppearsMoreThanOnce, field.tag);
            }
            if foreign {
                self.foreign(Place::field(part, field.tag), field.tag, def);
            }
            next = self.behind(Place::field(part, field.tag), field, def, block);
        }
    }

    /// The field behind `field` at its level: behind its entries, if it counts some.
    #[inline(always)]
    fn behind(
        &mut self,
        place: Place,
        field: Field<'a>,
        def: Option<&'static FieldDef>,
        block: &'static Block,
    ) -> Option<Field<'a>> {
        let kind = def.map_or(FieldType::Undefined, |def| def.kind);
        if matches!(kind, FieldType::NumInGroup | FieldType::Length | FieldType::Data | FieldType::XmlData) {
            return self.behind_structure(place, field, kind, block);
        }
        self.next()
    }

    #[inline(never)]
    fn behind_structure(
        &mut self,
        place: Place,
        field: Field<'a>,
        kind: FieldType,
        block: &'static Block,
    ) -> Option<Field<'a>> {
        match block.group(field.tag) {
            Some(group) => self.group(place, field, group),
            None => {
                self.data(place, field, kind);
                self.next()
            }
        }
    }

    /// Checks the entries of a group and returns the first field that is not of it.
    fn group(&mut self, place: Place, count: Field<'a>, def: &'static GroupDef) -> Option<Field<'a>> {
        let (mut entries, mut entry, mut delimiter) = (0u32, Entry::begin(def), None);
        let (mut unknown, dictionary) = (0usize, self.dictionary);
        let is_unknown = |tag: Tag| tag.0 >= FIRST_USER_DEFINED || dictionary.field(tag).is_none();
        let mut next = self.next();
        while let Some(field) = next {
            if def.entry.contains(field.tag) {
                if *delimiter.get_or_insert(field.tag) == field.tag {
                    self.end_of_entry(entries, &entry);
                    entries = entries.saturating_add(1);
                    entry = Entry::begin(def);
                }
                self.entry_order(place, &mut entry, field.tag);
            } else {
                if unknown == 0 {
                    unknown = unknown_run(field.tag, self.fields.tags(), def, is_unknown);
                }
                if unknown == 0 || entries == 0 {
                    break;
                }
                unknown = unknown.saturating_sub(1);
            }
            let field_def = self.dictionary.field(field.tag);
            self.value(place.entry_field(), field, field_def);
            // Findings about a nested group stand at the outermost count field, too.
            next = self.behind(place.entry_field(), field, field_def, &def.entry);
        }
        self.end_of_entry(entries, &entry);
        if delimiter.is_some_and(|first| first != def.delimiter)
            && !self.checks.first_field_in_group_is_delimiter
        {
            self.found(
                place.entry_order(),
                Reason::GroupFieldsOutOfOrder,
                delimiter.unwrap_or(def.delimiter),
            );
        }
        let declared = u32::from_field(count.value);
        if self.checks.group_counts && declared.is_ok_and(|declared| declared != entries) {
            self.found(place.count(), Reason::IncorrectNumInGroup, count.tag);
        }
        next
    }

    #[inline(always)]
    fn value(&mut self, place: Place, field: Field<'_>, def: Option<&'static FieldDef>) {
        let Some(def) = def.filter(|_| !field.value.is_empty()) else {
            return self.empty_or_unknown(place, field);
        };
        if !format::fits(def.kind, field.value) && self.misfit(place, field, def) {
            return;
        }
        if let Some(codes) = def.codes
            && !format::is_coded(def.kind, codes, field.value)
            && !(def.open || self.checks.allow_unknown_enum_values)
        {
            self.found(place, Reason::ValueIncorrect, field.tag);
        }
    }

    /// A value that cannot be read as its type. False if nothing of that is checked, and it may still be no code.
    #[cold]
    fn misfit(&mut self, place: Place, field: Field<'_>, def: &FieldDef) -> bool {
        let (is_checked, reason) = if format::is_beyond_range(def.kind, field.value) {
            (self.checks.number_range, Reason::ValueIncorrect)
        } else {
            (self.checks.formats, Reason::IncorrectDataFormat)
        };
        if is_checked {
            self.found(place, reason, field.tag);
        }
        is_checked
    }

    #[cold]
    fn empty_or_unknown(&mut self, place: Place, field: Field<'_>) {
        if field.value.is_empty() {
            if self.checks.fields_have_values {
                self.found(place, Reason::TagWithoutValue, field.tag);
            }
        } else if !self.may_be_unknown(field.tag) {
            self.found(place, Reason::InvalidTagNumber, field.tag);
        }
    }

    /// A known field that is not of the message; an unknown one has been reported as such.
    #[cold]
    fn foreign(&mut self, place: Place, tag: Tag, def: Option<&'static FieldDef>) {
        if def.is_some() && !self.may_be_unknown(tag) {
            self.found(place, Reason::TagNotDefinedForMessageType, tag);
        }
    }

    fn may_be_unknown(&self, tag: Tag) -> bool {
        match tag.0 {
            FIRST_USER_DEFINED.. => !self.checks.user_defined_fields,
            1.. => self.checks.allow_unknown_msg_fields,
            _ => false,
        }
    }

    /// A data field must follow its Length field at once, and have that size.
    fn data(&mut self, place: Place, field: Field<'_>, kind: FieldType) {
        if kind.is_data() {
            if self.data_tag.take() != Some(field.tag) && self.checks.formats {
                self.found(place, Reason::IncorrectDataFormat, field.tag);
            }
            return;
        }
        self.data_tag = self.dictionary.data_tag(field.tag);
        let Some(data_tag) = self.data_tag else { return };
        let data = self.fields.clone().next().filter(|next| next.tag == data_tag);
        let size = data.map(|data| data.value.len());
        // A Length that is no number is reported as such.
        let length = data_size(field);
        if length.is_some() && length != size {
            self.found(place, Reason::ValueIncorrect, field.tag);
        }
    }

    fn entry_order(&mut self, place: Place, entry: &mut Entry, tag: Tag) {
        match entry.take(tag) {
            Order::Right => {}
            Order::Repeated if self.checks.repeated_fields => {
                self.found(place.entry_field(), Reason::TagAppearsMoreThanOnce, tag);
            }
            Order::Wrong if self.checks.unordered_group_fields => {
                self.found(place.entry_order(), Reason::GroupFieldsOutOfOrder, tag);
            }
            Order::Repeated | Order::Wrong => {}
        }
    }

    fn end_of_entry(&mut self, entries: u32, entry: &Entry) {
        if entries != 0
            && self.checks.required_fields
            && let Some(tag) = entry.missing()
        {
            self.found(Place::MISSING_IN_GROUP, Reason::RequiredTagMissing, tag);
        }
    }

    fn required(&mut self, part: Part, block: &Block, seen: &Seen) {
        for tag in block.required {
            if !seen.contains(*tag) {
                self.found(Place::missing(part, *tag), Reason::RequiredTagMissing, *tag);
            }
        }
    }

    #[inline(always)]
    fn next(&mut self) -> Option<Field<'a>> {
        self.fields.step()
    }

    #[cold]
    fn found(&mut self, place: Place, reason: Reason, tag: Tag) {
        (self.report)(place, Finding::field(reason, tag));
    }
}

/// The size that a Length field tells; `None` if it is no number, or one beyond memory.
pub(super) fn data_size(length: Field<'_>) -> Option<usize> {
    usize::try_from(u32::from_field(length.value).ok()?).ok()
}

/// The part of a message that a field is of, and whether it is foreign to the message.
#[inline(never)]
pub(super) fn part_of(
    tag: Tag,
    dictionary: &Dictionary,
    body: Option<&'static Block>,
) -> (Part, &'static Block, bool) {
    if dictionary.header.contains(tag) {
        (Part::Header, dictionary.header, false)
    } else if dictionary.trailer.contains(tag) {
        (Part::Trailer, dictionary.trailer, false)
    } else {
        (Part::Body, body.unwrap_or(&Block::EMPTY), body.is_some_and(|body| !body.contains(tag)))
    }
}
