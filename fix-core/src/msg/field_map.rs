//! Typed access to the fields of one level: a message, or an entry of a repeating group.

use core::fmt;

use super::{
    group::{self, Group},
    index::{self, Cursor, Slot, Span},
    noted,
};
use crate::{
    dict::GroupDef,
    tag::{self, Tag},
    wire::{
        field::{DataPair, Field},
        value::{FromField, ValueError},
    },
};

/// The fields of a message or of an entry of a repeating group, found by scanning the received bytes.
///
/// A message knows no dictionary, so it finds fields inside its repeating groups too, the first one first;
/// [`Message::level`](super::message::Message::level) gives a view that does not. An entry never finds the
/// fields of its nested groups: those are reached with [`group`](Self::group).
#[derive(Clone, Copy)]
pub struct FieldMap<'a> {
    span: Span<'a>,
    /// The groups whose entries are not of this level.
    groups: &'static [&'static GroupDef],
    /// The data fields beside those of FIX 4.4.
    extra: &'static [DataPair],
}

impl<'a> FieldMap<'a> {
    /// A view of whole fields, each ended by SOH, without the entries of `groups`.
    #[inline]
    pub(super) const fn new(
        span: Span<'a>,
        groups: &'static [&'static GroupDef],
        extra: &'static [DataPair],
    ) -> Self {
        FieldMap { span, groups, extra }
    }

    /// The same fields without the entries of `groups`.
    pub(super) const fn without(self, groups: &'static [&'static GroupDef]) -> Self {
        FieldMap { groups, ..self }
    }

    /// The bytes of all fields, those of nested groups included, each ended by SOH.
    pub const fn as_bytes(&self) -> &'a [u8] {
        self.span.as_bytes()
    }

    /// All fields in wire order, those of nested groups included.
    pub fn fields(&self) -> impl Iterator<Item = Field<'a>> + Clone + use<'a> {
        self.cursor()
    }

    /// The value of the first field with `tag`; may be empty.
    #[cfg_attr(target_pointer_width = "64", inline)]
    #[cfg_attr(not(target_pointer_width = "64"), inline(never))]
    pub fn get(&self, tag: Tag) -> Option<&'a [u8]> {
        // With no groups to leave out and all places known, it is one walk over the places.
        match self.span.whole() {
            Some((bytes, slots)) if self.groups.is_empty() => index::find(slots, tag)?.value(bytes),
            _ => self.get_around_groups(tag),
        }
    }

    #[inline(never)]
    fn get_around_groups(&self, tag: Tag) -> Option<&'a [u8]> {
        match self.span.whole() {
            Some((bytes, slots)) => noted::find(slots, tag, self.groups)?.0.value(bytes),
            None => self.find(tag).map(|(field, _)| field.value),
        }
    }

    /// The value of a field that must be there.
    ///
    /// # Errors
    /// [`FieldError`] when it is missing or not of type `T`.
    pub fn required<T: FromField<'a>>(&self, tag: Tag) -> Result<T, FieldError> {
        self.optional(tag)?.ok_or(FieldError::missing(tag))
    }

    /// The value of a field that may be there.
    ///
    /// # Errors
    /// [`FieldError`] when it is there and not of type `T`.
    pub fn optional<T: FromField<'a>>(&self, tag: Tag) -> Result<Option<T>, FieldError> {
        self.get(tag).map(|value| read(tag, value)).transpose()
    }

    /// The entries of a repeating group; none if its count field is not there.
    pub fn group(&self, def: &'static GroupDef) -> Group<'a> {
        self.group_if_there(def).unwrap_or(Group::absent(def, self.extra))
    }

    fn group_if_there(&self, def: &'static GroupDef) -> Option<Group<'a>> {
        let Some((bytes, slots)) = self.span.whole() else {
            let (count, fields) = self.find(def.count)?;
            return Some(Group::behind(count.value, fields.span(), def, self.extra));
        };
        let (count, behind) = noted::find(slots, def.count, self.groups)?;
        let fields = self.span.behind_noted(slots.len().wrapping_sub(behind.len()))?;
        Some(Group::behind(count.value(bytes)?, fields, def, self.extra))
    }

    pub(super) fn cursor(&self) -> Cursor<'a> {
        self.span.cursor(self.extra)
    }

    /// The fields from the one on that begins at `at`.
    pub(super) fn cursor_from(&self, at: usize) -> Cursor<'a> {
        self.span.cursor_from(at, self.extra)
    }

    /// The bytes, and where all fields are in them; `None` if that was not noted.
    pub(super) fn whole_index(&self) -> Option<(&'a [u8], &'a [Slot])> {
        self.span.whole()
    }

    /// The first field with `tag` at this level, and what follows it.
    #[inline(never)]
    fn find(&self, tag: Tag) -> Option<(Field<'a>, Cursor<'a>)> {
        let mut fields = self.cursor();
        while let Some(field) = fields.step() {
            if field.tag == tag {
                return Some((field, fields));
            }
            if let Some(nested) = self.groups.iter().find(|group| group.count == field.tag) {
                group::skip(&mut fields, nested);
            }
        }
        None
    }
}

/// Reads the value of the field `tag` as a `T`.
pub(super) fn read<'a, T: FromField<'a>>(tag: Tag, value: &'a [u8]) -> Result<T, FieldError> {
    T::from_field(value).map_err(|error| FieldError { tag, problem: FieldProblem::Value(error) })
}

/// A field that is not as a reader needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct FieldError {
    /// The field.
    pub tag: Tag,
    /// What is wrong with it.
    pub problem: FieldProblem,
}

impl FieldError {
    pub(crate) const fn missing(tag: Tag) -> Self {
        FieldError { tag, problem: FieldProblem::Missing }
    }

    pub(super) const fn other_message() -> Self {
        FieldError { tag: tag::MSG_TYPE, problem: FieldProblem::OtherMessage }
    }
}

/// What is wrong with a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum FieldProblem {
    /// Required, but not in the message.
    Missing,
    /// Not of its type.
    Value(ValueError),
    /// MsgType(35) is not that of the message asked for.
    OtherMessage,
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.problem {
            FieldProblem::Missing => write!(f, "{}: required, but missing", self.tag),
            FieldProblem::Value(error) => write!(f, "{}: {error}", self.tag),
            FieldProblem::OtherMessage => write!(f, "{}: not the message asked for", self.tag),
        }
    }
}

impl core::error::Error for FieldError {}
