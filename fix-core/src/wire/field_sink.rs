//! Whole fields into a [`Sink`].

use super::value::ToField;
#[cfg(target_pointer_width = "64")]
use super::{
    tag_text::TagText,
    whole_field::{self, WINDOW, Window},
};
#[cfg(target_pointer_width = "64")]
use crate::ascii::EncodeError;
use crate::{
    ascii::{SOH, Sink},
    tag::Tag,
};

impl Sink<'_> {
    /// A field in one go by `write`, which returns its length, or `None` for what it cannot write.
    #[cfg(target_pointer_width = "64")]
    #[inline(always)]
    pub(super) fn whole_field<T: ToField>(
        &mut self,
        tag: Tag,
        value: T,
        write: impl FnOnce(&mut Window, TagText) -> Option<usize>,
    ) {
        if let (Some(text), Some(window)) = (TagText::new(tag), self.room::<WINDOW>())
            && let Some(len) = write(window, text)
        {
            self.advance(len);
            return;
        }
        self.field_in_parts(tag, value);
    }

    /// The same for a text, which may be long.
    #[cfg(target_pointer_width = "64")]
    #[inline(always)]
    pub(super) fn whole_text(&mut self, tag: Tag, text: &[u8]) {
        if text.len() <= whole_field::MOST_TEXT {
            return self.whole_field(tag, text, |window, tag| whole_field::text(window, tag, text));
        }
        if let (Some(tag), Some(room)) = (TagText::new(tag), self.buffer.get_mut(self.len as usize..))
            && let Some(len) = whole_field::long_text(room, tag, text)
        {
            self.advance(len);
            return;
        }
        self.field_in_parts(tag, text);
    }

    #[cfg(target_pointer_width = "64")]
    #[inline(always)]
    fn field_in_parts<T: ToField>(&mut self, tag: Tag, value: T) {
        // Nobody gets the address of the sink, so it can live in registers.
        let (len, error) = field_in_parts(self.buffer, self.len, tag, value);
        self.len = len;
        self.error = self.error.or(error);
    }

    /// `tag=`, the value and SOH, one after the other.
    #[inline(always)]
    pub(super) fn parts(&mut self, tag: Tag, value: &(impl ToField + ?Sized)) {
        self.tag(tag);
        value.to_field(self);
        self.byte(SOH);
    }

    /// `tag=`.
    #[cfg_attr(not(target_pointer_width = "64"), inline(never))]
    pub(super) fn tag(&mut self, tag: Tag) {
        self.padded_then(tag.0.unsigned_abs(), 1, Some(b'='));
    }
}

#[cfg(target_pointer_width = "64")]
#[inline(never)]
fn field_in_parts<T: ToField>(buffer: &mut [u8], len: u32, tag: Tag, value: T) -> (u32, Option<EncodeError>) {
    let mut sink = Sink { buffer, len, error: None };
    sink.parts(tag, &value);
    (sink.len, sink.error)
}
