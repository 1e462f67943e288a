//! A received message, read in place.

use core::fmt;

use super::{
    header::{Header, data_tag_of, is_trailer_tag},
    msg_type::MsgType,
};
use crate::{
    tag::Tag,
    wire::{
        field::{Field, Fields},
        frame::{Frame, GarbledReason},
        value::{FromField, ValueError},
    },
};

/// A view of a message: the header is read once, fields are found by scanning the frame's bytes.
#[derive(Clone, Copy)]
pub struct Message<'a> {
    frame: Frame<'a>,
    header: Header<'a>,
    /// From the first field that is not of the header to the end, CheckSum(10) excluded.
    body: &'a [u8],
}

impl<'a> Message<'a> {
    /// Reads the header and checks that every field is `tag=value`.
    ///
    /// # Errors
    /// [`GarbledReason::NotAField`]: the message is garbled and consumes no sequence number.
    pub fn parse(frame: Frame<'a>) -> Result<Self, GarbledReason> {
        let mut fields = Fields::new(frame.body(), data_tag_of);
        let header = Header::read(&mut fields).map_err(|_| GarbledReason::NotAField)?;
        let body = fields.rest();
        if fields.any(|field| field.is_err()) {
            return Err(GarbledReason::NotAField);
        }
        Ok(Message { frame, header, body })
    }

    /// The bytes as received.
    pub fn frame(&self) -> Frame<'a> {
        self.frame
    }

    /// The standard header.
    pub fn header(&self) -> &Header<'a> {
        &self.header
    }

    /// MsgType(35); an impossible type reads as the empty one.
    pub fn msg_type(&self) -> MsgType {
        self.header.msg_type.unwrap_or(MsgType::from_static(b""))
    }

    /// The encoded body and trailer fields, CheckSum(10) excluded.
    pub fn body(&self) -> &'a [u8] {
        self.body
    }

    /// All fields from MsgType(35) on, CheckSum(10) excluded.
    pub fn fields(&self) -> impl Iterator<Item = Field<'a>> + Clone + use<'a> {
        Fields::new(self.frame.body(), data_tag_of).map_while(Result::ok)
    }

    /// The header fields from MsgType(35) on.
    pub fn header_fields(&self) -> impl Iterator<Item = Field<'a>> + Clone + use<'a> {
        let len = self.frame.body().len().saturating_sub(self.body.len());
        Fields::new(self.frame.body().get(..len).unwrap_or_default(), data_tag_of).map_while(Result::ok)
    }

    /// The body fields in wire order, repeating groups flat, trailer excluded.
    pub fn body_fields(&self) -> impl Iterator<Item = Field<'a>> + Clone + use<'a> {
        Fields::new(self.body, data_tag_of).map_while(Result::ok).filter(|field| !is_trailer_tag(field.tag))
    }

    /// The value of the first field with `tag`, header included.
    pub fn get(&self, tag: Tag) -> Option<&'a [u8]> {
        self.fields().find(|field| field.tag == tag).map(|field| field.value)
    }

    /// The value of a field that must be there.
    ///
    /// # Errors
    /// [`FieldError`] when it is missing or not of type `T`.
    pub fn required<T: FromField<'a>>(&self, tag: Tag) -> Result<T, FieldError> {
        self.optional(tag)?.ok_or(FieldError { tag, problem: FieldProblem::Missing })
    }

    /// The value of a field that may be there.
    ///
    /// # Errors
    /// [`FieldError`] when it is there and not of type `T`.
    pub fn optional<T: FromField<'a>>(&self, tag: Tag) -> Result<Option<T>, FieldError> {
        let Some(value) = self.get(tag) else { return Ok(None) };
        T::from_field(value)
            .map(Some)
            .map_err(|error| FieldError { tag, problem: FieldProblem::Value(error) })
    }
}

/// A field that is not as a reader needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// The field.
    pub tag: Tag,
    /// What is wrong with it.
    pub problem: FieldProblem,
}

/// What is wrong with a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum FieldProblem {
    /// Required, but not in the message.
    Missing,
    /// Not of its type.
    Value(ValueError),
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.problem {
            FieldProblem::Missing => write!(f, "{}: required, but missing", self.tag),
            FieldProblem::Value(error) => write!(f, "{}: {error}", self.tag),
        }
    }
}

impl core::error::Error for FieldError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        decimal::Decimal,
        wire::{
            frame::{Scan, scan},
            writer::MessageWriter,
        },
    };

    fn with_message<R>(fields: &[u8], check: impl FnOnce(Result<Message<'_>, GarbledReason>) -> R) -> R {
        let mut buffer = [0; 512];
        let mut writer = MessageWriter::new(&mut buffer, b"FIX.4.4", MsgType::from_static(b"D"));
        writer.writer().encoded(fields);
        let len = writer.finish().unwrap();
        match scan(&buffer[..len], 512) {
            Scan::Frame(frame, _) => check(Message::parse(frame)),
            _ => panic!("not a frame"),
        }
    }

    #[test]
    fn header_and_body_are_told_apart() {
        with_message(b"34=7\x0149=A\x0156=B\x0143=Y\x0111=x\x0144=1.50\x0193=1\x0189=s\x01", |message| {
            let message = message.unwrap();
            assert_eq!(message.header().msg_seq_num(), Some(Ok(7)));
            assert!(message.header().poss_dup);
            assert_eq!(message.required::<&str>(Tag(11)), Ok("x"));
            assert_eq!(message.required::<Decimal>(Tag(44)).map(|price| price.mantissa()), Ok(150));
            assert_eq!(message.body_fields().count(), 2);
            assert_eq!(message.header_fields().count(), 5);
            assert_eq!(
                message.required::<&str>(Tag(55)),
                Err(FieldError { tag: Tag(55), problem: FieldProblem::Missing })
            );
        });
    }

    #[test]
    fn a_tag_with_letters_makes_the_whole_message_garbled() {
        with_message(b"34=7\x014garbled9=TW\x01", |message| {
            assert!(matches!(message, Err(GarbledReason::NotAField)));
        });
    }
}
