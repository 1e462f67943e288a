//! The entries of a typed repeating group, received or to be sent.

use core::fmt;

use super::{Extra, Known};
use crate::{
    dict::GroupDef,
    msg::{
        field_map::{self, FieldError},
        group::{Group, Level},
        index::Mark,
        message::Message,
        msg_type::MsgType,
    },
    tag::Tag,
    wire::{field::Field, value::FromField, writer::Writer},
};

/// One entry of a repeating group; implemented by the tables.
pub trait GroupEntry<'a>: Copy {
    /// The definition of the group.
    const GROUP: &'static GroupDef;

    /// Reads the next entry.
    ///
    /// # Errors
    /// [`FieldError`] when a required field is missing or a field is not of its type.
    fn read_entry(fields: &mut EntryFields<'a>) -> Result<Self, FieldError>;

    /// Writes the fields of the entry.
    fn write_entry(&self, out: &mut Writer<'_>);
}

/// The received fields of a message or of entries, for [`GroupEntry::read_entry`].
pub struct EntryFields<'a>(Level<'a>);

/// Where reading began.
#[doc(hidden)]
pub struct Start<'a>(Mark<'a>);

impl fmt::Debug for Start<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Start")
    }
}

/// What the tables of messages and entries read with.
impl<'a> EntryFields<'a> {
    #[doc(hidden)]
    #[inline]
    pub fn of_message(message: &Message<'a>, msg_type: MsgType) -> Result<Self, FieldError> {
        if message.msg_type() != msg_type {
            return Err(FieldError::other_message());
        }
        Ok(EntryFields(Level::message(message.body_cursor())))
    }

    #[doc(hidden)]
    #[inline]
    pub fn start(&self) -> Start<'a> {
        Start(self.0.mark())
    }

    /// The next field of the message or entry.
    #[doc(hidden)]
    #[inline(always)]
    pub fn next_field(&mut self) -> Option<Field<'a>> {
        self.0.next()
    }

    #[doc(hidden)]
    #[inline]
    pub fn value<T: FromField<'a>>(field: Field<'a>) -> Result<T, FieldError> {
        field_map::read(field.tag, field.value)
    }

    /// The entries of the group that `count` counts.
    #[doc(hidden)]
    #[inline]
    pub fn group<T: GroupEntry<'a>>(&mut self, count: Field<'a>) -> Entries<'a, T> {
        Entries::Received(Group::read(count.value, &mut self.0.fields, T::GROUP))
    }

    #[doc(hidden)]
    #[inline]
    pub fn missing(tag: Tag) -> FieldError {
        FieldError::missing(tag)
    }

    #[doc(hidden)]
    #[inline]
    pub fn extra_since(&self, start: Start<'a>, known: &'static [Known]) -> Extra<'a> {
        Extra::received(&self.0, start.0, known)
    }
}

impl<'a> EntryFields<'a> {
    fn read<T: GroupEntry<'a>>(&mut self) -> Option<Result<T, FieldError>> {
        if self.0.is_at_end() {
            return None;
        }
        let entry = T::read_entry(self);
        if entry.is_err() {
            // It may have stopped in the middle; the entries behind are still good.
            self.0.end_entry();
        }
        Some(entry)
    }
}

/// The entries of a repeating group.
#[derive(Clone, Copy, Default)]
pub enum Entries<'a, T> {
    /// No count field: the group is not there.
    #[default]
    Absent,
    /// In a received message.
    Received(Group<'a>),
    /// To be sent. An empty slice is sent as a count of 0.
    Slice(&'a [T]),
    /// To be sent: so many, made one by one when they are written.
    Made(usize, &'a dyn Fn(usize) -> T),
}

impl<'a, T: GroupEntry<'a>> Entries<'a, T> {
    /// To send these entries; none leaves the group out.
    pub const fn of(entries: &'a [T]) -> Self {
        if entries.is_empty() { Entries::Absent } else { Entries::Slice(entries) }
    }

    /// To send `count` entries that `make` makes from their index, without a buffer for all of them.
    pub const fn from_fn(count: usize, make: &'a dyn Fn(usize) -> T) -> Self {
        Entries::Made(count, make)
    }

    /// The entries in their order.
    ///
    /// # Errors
    /// [`FieldError`] for each received entry that lacks a required field or has a field that is not of its type.
    pub fn iter(self) -> impl Iterator<Item = Result<T, FieldError>> + use<'a, T> {
        let (mut received, slice, mut made) = match self {
            Entries::Absent => (None, &[][..], None),
            Entries::Received(group) => (Some(EntryFields(group.level())), &[][..], None),
            Entries::Slice(slice) => (None, slice, None),
            Entries::Made(count, make) => (None, &[][..], Some((0..count).map(make))),
        };
        let mut slice = slice.iter();
        core::iter::from_fn(move || {
            if let Some(received) = &mut received {
                return received.read();
            }
            slice.next().copied().or_else(|| made.as_mut().and_then(Iterator::next)).map(Ok)
        })
    }

    /// The number of entries that are there, whatever a received count field says.
    pub fn len(self) -> usize {
        match self {
            Entries::Absent => 0,
            Entries::Received(group) => group.iter().count(),
            Entries::Slice(slice) => slice.len(),
            Entries::Made(count, _) => count,
        }
    }

    /// True if there is no entry.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    #[doc(hidden)]
    pub fn write(self, out: &mut Writer<'_>) {
        if !matches!(self, Entries::Absent) {
            out.field(T::GROUP.count, self.len() as u64);
        }
        match self {
            Entries::Absent => {}
            Entries::Received(group) => _ = out.encoded(group.as_bytes()),
            Entries::Slice(slice) => slice.iter().for_each(|entry| entry.write_entry(out)),
            Entries::Made(count, make) => (0..count).for_each(|index| make(index).write_entry(out)),
        }
    }
}

impl<'a, T: GroupEntry<'a> + PartialEq> PartialEq for Entries<'a, T> {
    /// Whether the same entries are there, wherever they come from.
    fn eq(&self, other: &Self) -> bool {
        matches!(self, Entries::Absent) == matches!(other, Entries::Absent) && self.iter().eq(other.iter())
    }
}

impl<'a, T: GroupEntry<'a> + fmt::Debug> fmt::Debug for Entries<'a, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}
