//! The fields of a message that its struct does not name.

use core::fmt;

use crate::{
    dict::GroupDef,
    msg::{
        group::{self, Level},
        header::{data_tag_of, is_header_tag, is_trailer_tag, length_tag_of},
        index::{Cursor, Mark},
    },
    tag::Tag,
    wire::{
        field::{DataPair, Field, Fields},
        value::FromField,
        writer::{EncodeError, Writer},
    },
};

/// Fields that a typed message does not name: rarer ones of FIX 4.4, user-defined ones, those of a later version.
/// They are kept in wire order, and written behind the named ones.
#[derive(Clone, Copy, Default)]
pub struct Extra<'a> {
    bytes: &'a [u8],
    /// What the table of the struct names; `None` for fields to be sent, which are all extra.
    known: Option<&'static [Known]>,
    /// The data fields beside those of FIX 4.4.
    data_pairs: &'static [DataPair],
}

/// A field that a table names. Data and no function: a call through a pointer could not be proven not to panic.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Known {
    tag: i32,
    /// It counts this group, whose entries are known too.
    group: Option<&'static GroupDef>,
}

impl Known {
    #[doc(hidden)]
    pub const fn new(tag: i32, group: Option<&'static GroupDef>) -> Self {
        Known { tag, group }
    }
}

impl<'a> Extra<'a> {
    /// Fields to be sent along, already encoded, each ended by SOH. What is no field, and one of the header or trailer, is
    /// refused when it is written.
    pub const fn encoded(fields: &'a [u8]) -> Self {
        Extra { bytes: fields, known: None, data_pairs: &[] }
    }

    /// The same fields, with data fields beside those of FIX 4.4 among them: `pairs` of the counterparty's dictionary
    /// ([`Dictionary::extra_data_pairs`](crate::dict::Dictionary::extra_data_pairs)).
    #[must_use]
    pub const fn with_data_fields(self, pairs: &'static [DataPair]) -> Self {
        Extra { data_pairs: pairs, ..self }
    }

    pub(super) fn received(level: &Level<'a>, start: Mark<'a>, known: &'static [Known]) -> Self {
        Extra { bytes: level.since(start).as_bytes(), known: Some(known), data_pairs: level.fields.extra() }
    }

    /// Writes a data field behind its Length field.
    #[doc(hidden)]
    pub fn write_data(tag: Tag, data: &[u8], out: &mut Writer<'_>) {
        if let Some(length_tag) = length_tag_of(tag) {
            out.data(length_tag, tag, data);
        }
    }

    /// The fields in wire order, those inside groups that the struct does not name included.
    pub fn iter(&self) -> impl Iterator<Item = Field<'a>> + use<'a> {
        self.spans().map(|(field, _)| field)
    }

    /// The value of the first of them with `tag`.
    pub fn get(&self, tag: Tag) -> Option<&'a [u8]> {
        self.iter().find(|field| field.tag == tag).map(|field| field.value)
    }

    #[doc(hidden)]
    pub fn write(&self, out: &mut Writer<'_>) {
        if self.known.is_none() {
            if !self.is_body() {
                out.refuse(EncodeError::Extra);
            }
            out.encoded(self.bytes);
            return;
        }
        // What stood between a Length field and a data field may be left out, and the two come to stand together:
        // the Length must then be right, or it would take the bytes behind the data with it.
        let mut length: Option<(Field<'_>, &[u8])> = None;
        for (field, bytes) in self.spans() {
            match length.take() {
                Some((before, _)) if self.is_pair(before.tag, field.tag) && !is_length_of(before, field) => {
                    out.data(before.tag, field.tag, field.value);
                    continue;
                }
                Some((_, before)) => _ = out.encoded(before),
                None => {}
            }
            if self.announces_data(field.tag) {
                length = Some((field, bytes));
            } else {
                out.encoded(bytes);
            }
        }
        if let Some((_, bytes)) = length {
            out.encoded(bytes);
        }
    }

    /// Whether these are fields, and none of them of the header or trailer.
    fn is_body(&self) -> bool {
        let is_of_body =
            |Field { tag, value }| !is_header_tag(tag) && !is_trailer_tag(tag) && !value.is_empty();
        Fields::with_data_tags(self.bytes, self.data_pairs).all(|field| field.is_ok_and(is_of_body))
    }

    fn announces_data(&self, tag: Tag) -> bool {
        data_tag_of(tag).is_some() || self.data_pairs.iter().any(|pair| pair.length == tag)
    }

    fn is_pair(&self, length: Tag, data: Tag) -> bool {
        data_tag_of(length) == Some(data)
            || self.data_pairs.iter().any(|pair| pair.length == length && pair.data == data)
    }

    /// Each field with the bytes that it takes, SOH included.
    fn spans(&self) -> impl Iterator<Item = (Field<'a>, &'a [u8])> + use<'a> {
        let known = self.known;
        let mut fields = Cursor::scan(self.bytes, self.data_pairs);
        core::iter::from_fn(move || {
            loop {
                let bytes = fields.rest();
                let field = fields.next()?;
                match known.and_then(|known| lookup(known, field.tag)) {
                    None => {
                        let len = bytes.len().saturating_sub(fields.rest().len());
                        return Some((field, bytes.get(..len).unwrap_or_default()));
                    }
                    Some(Known { group: Some(def), .. }) => group::skip(&mut fields, def),
                    Some(_) => {}
                }
            }
        })
    }
}

/// True if the value of `length` is the number of bytes of `data`.
fn is_length_of(length: Field<'_>, data: Field<'_>) -> bool {
    u64::from_field(length.value).is_ok_and(|number| number == data.value.len() as u64)
}

/// What a table says of a field; `None` if it is extra.
fn lookup(known: &[Known], tag: Tag) -> Option<Known> {
    let find = |tag: Tag| known.iter().find(|known| known.tag == tag.0).copied();
    let unnamed = Known { tag: tag.0, group: None };
    // The Length field of a data field that is named goes with it.
    let length = || data_tag_of(tag).and_then(find).map(|_| unnamed);
    let around = || (is_header_tag(tag) || is_trailer_tag(tag)).then_some(unnamed);
    find(tag).or_else(around).or_else(length)
}

impl PartialEq for Extra<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

/// Shows the tags only: one of the values may be a secret that this version of FIX does not know.
impl fmt::Debug for Extra<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter().map(|field| field.tag)).finish()
    }
}
