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
        group::{FIRST_USER_DEFINED, user_defined_run},
        message::Message,
    },
    tag::{self, Tag},
    wire::{
        field::{Field, Fields},
        value::FromField,
    },
};

/// Gives each finding with its place to `report`, in wire order.
pub(super) fn run(
    message: &Message<'_>,
    dictionary: &Dictionary,
    checks: &Checks,
    report: &mut dyn FnMut(Place, Finding),
) {
    let fields = Fields::new(message.frame().body());
    let mut pass = Pass { dictionary, checks, report, fields, data: None };
    let body = dictionary.message(message.header().msg_type_text).map(|def| &def.body);
    if body.is_none() {
        (pass.report)(Place::MSG_TYPE, Finding::message(Reason::InvalidMsgType));
    }
    let seen = pass.level(body);
    pass.data_is_due();
    if checks.required_fields {
        pass.required(Part::Header, dictionary.header, &seen);
        pass.required(Part::Body, body.unwrap_or(&Block::EMPTY), &seen);
    }
}

struct Pass<'p, 'a> {
    dictionary: &'p Dictionary,
    checks: &'p Checks,
    report: &'p mut dyn FnMut(Place, Finding),
    fields: Fields<'a>,
    /// A Length field has been passed, so a data field of that size is due.
    data: Option<DataDue>,
}

#[derive(Clone, Copy)]
struct DataDue {
    length_tag: Tag,
    length_place: Place,
    data_tag: Tag,
    /// `None` if the Length is no number, which is reported as such.
    size: Option<u32>,
}

impl<'a> Pass<'_, 'a> {
    /// Checks the fields of the message itself and, through [`group`](Self::group), those of its groups.
    fn level(&mut self, body: Option<&'static Block>) -> Seen {
        let mut seen = Seen::new();
        for framing in [tag::BEGIN_STRING, tag::BODY_LENGTH, tag::CHECK_SUM] {
            seen.insert(framing);
        }
        let mut reached = Part::Header;
        let mut next = self.next();
        while let Some(field) = next {
            let (part, block) = self.part_of(field.tag, body);
            let place = Place::field(part, field.tag);
            if part.on_the_wire() >= reached.on_the_wire() {
                reached = part;
            } else if self.checks.fields_out_of_order {
                self.found(Place::OUT_OF_ORDER, Reason::TagOutOfOrder, field.tag);
            }
            let def = self.dictionary.field(field.tag);
            if seen.insert(field.tag) {
                self.value(place, field, def);
                self.membership(place, field.tag, def, block);
            } else if self.checks.repeated_fields {
                self.found(place, Reason::TagAppearsMoreThanOnce, field.tag);
            }
            self.data(place, field, def);
            next = match group_of(def, block, field.tag) {
                Some(group) => self.group(place, field, group),
                None => self.next(),
            };
        }
        seen
    }

    fn part_of(&self, tag: Tag, body: Option<&'static Block>) -> (Part, Option<&'static Block>) {
        if self.dictionary.header.contains(tag) {
            (Part::Header, Some(self.dictionary.header))
        } else if self.dictionary.trailer.contains(tag) {
            (Part::Trailer, Some(self.dictionary.trailer))
        } else {
            (Part::Body, body)
        }
    }

    /// Checks the entries of a group and returns the first field that is not of it.
    fn group(&mut self, place: Place, count: Field<'a>, def: &'static GroupDef) -> Option<Field<'a>> {
        let (mut entries, mut entry, mut delimiter) = (0u32, Entry::begin(def), None);
        let mut user_defined = 0usize;
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
                if user_defined == 0 {
                    user_defined = user_defined_run(field.tag, &self.fields, def);
                }
                if user_defined == 0 || entries == 0 {
                    break;
                }
                user_defined = user_defined.saturating_sub(1);
            }
            let field_def = self.dictionary.field(field.tag);
            self.value(place.entry_field(), field, field_def);
            self.data(place.entry_field(), field, field_def);
            next = match group_of(field_def, Some(&def.entry), field.tag) {
                Some(nested) => self.group(place, field, nested),
                None => self.next(),
            };
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

    fn value(&mut self, place: Place, field: Field<'_>, def: Option<&'static FieldDef>) {
        if field.value.is_empty() {
            if self.checks.fields_have_values {
                self.found(place, Reason::TagWithoutValue, field.tag);
            }
            return;
        }
        let Some(def) = def else {
            if !self.may_be_unknown(field.tag) {
                self.found(place, Reason::InvalidTagNumber, field.tag);
            }
            return;
        };
        if self.checks.formats && !format::fits(def.kind, field.value) {
            self.found(place, Reason::IncorrectDataFormat, field.tag);
            return;
        }
        if let Some(codes) = def.codes
            && !(def.open || self.checks.allow_unknown_enum_values)
            && !format::is_coded(def.kind, codes, field.value)
        {
            self.found(place, Reason::ValueIncorrect, field.tag);
        }
    }

    /// A known field must be one of the message.
    fn membership(
        &mut self,
        place: Place,
        tag: Tag,
        def: Option<&'static FieldDef>,
        block: Option<&'static Block>,
    ) {
        let foreign = def.is_some() && block.is_some_and(|block| !block.contains(tag));
        if foreign && !self.may_be_unknown(tag) {
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
    fn data(&mut self, place: Place, field: Field<'_>, def: Option<&'static FieldDef>) {
        let kind = def.map_or(FieldType::Undefined, |def| def.kind);
        if kind == FieldType::Length {
            self.data_is_due();
            self.data = self.dictionary.data_tag(field.tag).map(|data_tag| DataDue {
                length_tag: field.tag,
                length_place: place,
                data_tag,
                size: u32::from_field(field.value).ok(),
            });
        } else if kind.is_data() || self.data.is_some() {
            match self.data {
                Some(due) if due.data_tag == field.tag => {
                    self.data = None;
                    if due.size.is_some_and(|size| usize::try_from(size) != Ok(field.value.len())) {
                        self.found(due.length_place, Reason::ValueIncorrect, due.length_tag);
                    }
                }
                _ => {
                    self.data_is_due();
                    if kind.is_data() && self.checks.formats {
                        self.found(place, Reason::IncorrectDataFormat, field.tag);
                    }
                }
            }
        }
    }

    /// Reports the Length field whose data field has not come.
    fn data_is_due(&mut self) {
        if let Some(due) = self.data.take() {
            self.found(due.length_place, Reason::ValueIncorrect, due.length_tag);
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

    fn next(&mut self) -> Option<Field<'a>> {
        self.fields.next()?.ok()
    }

    #[cold]
    fn found(&mut self, place: Place, reason: Reason, tag: Tag) {
        (self.report)(place, Finding::field(reason, tag));
    }
}

/// The group that a field counts.
fn group_of(
    def: Option<&'static FieldDef>,
    block: Option<&'static Block>,
    tag: Tag,
) -> Option<&'static GroupDef> {
    def.filter(|def| def.kind == FieldType::NumInGroup).and(block)?.group(tag)
}
