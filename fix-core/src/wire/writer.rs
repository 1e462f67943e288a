//! Encoding a message into the caller's buffer.

use core::fmt;

use super::{SOH, check_sum, value::ToField};
use crate::{msg::msg_type::MsgType, tag::Tag};

/// Why a message was not encoded. The buffer's contents beyond its old length are then meaningless, and
/// nothing of the message counts as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum EncodeError {
    /// The message does not fit into the buffer.
    Full,
    /// A value contains SOH, or would be empty; it would break the message apart.
    BadValue,
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            EncodeError::Full => "the message does not fit into the output buffer",
            EncodeError::BadValue => "a value is empty or contains SOH (0x01)",
        })
    }
}

impl core::error::Error for EncodeError {}

/// Where values are written: a cursor over the caller's buffer that remembers its first error.
pub struct Sink<'b> {
    buffer: &'b mut [u8],
    len: usize,
    error: Option<EncodeError>,
}

impl<'b> Sink<'b> {
    /// A sink that starts at the beginning of `buffer`.
    pub fn new(buffer: &'b mut [u8]) -> Self {
        Sink { buffer, len: 0, error: None }
    }

    /// Writes bytes as they are.
    pub fn bytes(&mut self, bytes: &[u8]) {
        let end = self.len.saturating_add(bytes.len());
        match self.buffer.get_mut(self.len..end) {
            Some(room) => {
                room.copy_from_slice(bytes);
                self.len = end;
            }
            None => self.fail(EncodeError::Full),
        }
    }

    /// Writes the bytes of a value that must not contain SOH and must not be empty.
    pub fn text(&mut self, bytes: &[u8]) {
        if bytes.is_empty() || bytes.contains(&SOH) {
            self.fail(EncodeError::BadValue);
        }
        self.bytes(bytes);
    }

    /// Writes one byte.
    pub fn byte(&mut self, byte: u8) {
        self.bytes(&[byte]);
    }

    /// Writes a number in decimal, without leading zeros.
    pub fn number(&mut self, number: u64) {
        let mut buffer = [0u8; 20];
        let mut rest = number;
        let mut at = buffer.len();
        for slot in buffer.iter_mut().rev() {
            *slot = b'0'.wrapping_add((rest % 10) as u8);
            rest /= 10;
            at = at.saturating_sub(1);
            if rest == 0 {
                break;
            }
        }
        self.bytes(buffer.get(at..).unwrap_or_default());
    }

    fn fail(&mut self, error: EncodeError) {
        self.error.get_or_insert(error);
    }
}

/// Writes fields. What [`Encode`] implementations and applications see of a message in the making.
pub struct Writer<'b> {
    sink: Sink<'b>,
}

impl<'b> Writer<'b> {
    /// A writer of bare fields, without header and trailer, into `buffer`.
    pub fn fields(buffer: &'b mut [u8]) -> Self {
        Writer { sink: Sink::new(buffer) }
    }

    /// Appends `tag=value`. Errors are remembered and come out at the end.
    pub fn field(&mut self, tag: Tag, value: impl ToField) -> &mut Self {
        self.tag(tag);
        value.to_field(&mut self.sink);
        self.sink.byte(SOH);
        self
    }

    /// Appends the field if there is a value.
    pub fn optional(&mut self, tag: Tag, value: Option<impl ToField>) -> &mut Self {
        if let Some(value) = value {
            self.field(tag, value);
        }
        self
    }

    /// Appends a Length field and its data field, whose bytes may be anything.
    pub fn data(&mut self, length_tag: Tag, data_tag: Tag, data: &[u8]) -> &mut Self {
        self.field(length_tag, data.len() as u64);
        self.tag(data_tag);
        self.sink.bytes(data);
        self.sink.byte(SOH);
        self
    }

    /// Appends whole fields that are already encoded, each ended by SOH.
    pub fn encoded(&mut self, fields: &[u8]) -> &mut Self {
        if !fields.is_empty() && fields.last() != Some(&SOH) {
            self.sink.fail(EncodeError::BadValue);
        }
        self.sink.bytes(fields);
        self
    }

    /// Ends a writer of bare fields and returns the number of bytes.
    ///
    /// # Errors
    /// The first [`EncodeError`] met.
    pub fn finish_fields(self) -> Result<usize, EncodeError> {
        self.sink.error.map_or(Ok(self.sink.len), Err)
    }

    fn tag(&mut self, tag: Tag) {
        self.sink.number(u64::from(tag.0.unsigned_abs()));
        self.sink.byte(b'=');
    }
}

/// Digits reserved for BodyLength; most messages have that many, others are moved once at the end.
const RESERVED_DIGITS: usize = 3;

/// A whole message: `8=..9=..35=..` in front, CheckSum(10) behind, BodyLength in canonical digits.
pub struct MessageWriter<'b> {
    writer: Writer<'b>,
    /// Where the digits of BodyLength(9) begin.
    length_at: usize,
}

impl<'b> MessageWriter<'b> {
    /// Starts a message at the beginning of `buffer`.
    pub fn new(buffer: &'b mut [u8], begin_string: &[u8], msg_type: MsgType) -> Self {
        let mut writer = Writer::fields(buffer);
        writer.field(Tag(8), begin_string);
        writer.sink.bytes(b"9=");
        let length_at = writer.sink.len;
        writer.sink.bytes(&[b'0'; RESERVED_DIGITS]);
        writer.sink.byte(SOH);
        writer.field(Tag(35), msg_type.as_bytes());
        MessageWriter { writer, length_at }
    }

    /// The writer for header and body fields.
    pub fn writer(&mut self) -> &mut Writer<'b> {
        &mut self.writer
    }

    /// Back-fills BodyLength(9), appends CheckSum(10), and returns the length of the message.
    ///
    /// # Errors
    /// The first [`EncodeError`] met.
    pub fn finish(mut self) -> Result<usize, EncodeError> {
        if let Some(error) = self.writer.sink.error {
            return Err(error);
        }
        self.fill_body_length().ok_or(EncodeError::Full)?;
        let sink = &mut self.writer.sink;
        let sum = check_sum::check_sum(sink.buffer.get(..sink.len).unwrap_or_default());
        sink.bytes(b"10=");
        sink.bytes(&check_sum::digits(sum));
        sink.byte(SOH);
        self.writer.finish_fields()
    }

    fn fill_body_length(&mut self) -> Option<()> {
        let sink = &mut self.writer.sink;
        let body_at = self.length_at.checked_add(RESERVED_DIGITS)?.checked_add(1)?;
        let body_length = sink.len.checked_sub(body_at)?;
        let mut digits = [0u8; 20];
        let mut length_sink = Sink::new(&mut digits);
        length_sink.number(body_length as u64);
        let count = length_sink.len;
        if count != RESERVED_DIGITS {
            let soh_at = body_at.checked_sub(1)?;
            let moved_to = self.length_at.checked_add(count)?;
            let new_len = sink.len.checked_add(count)?.checked_sub(RESERVED_DIGITS)?;
            if new_len > sink.buffer.len() || soh_at > sink.len {
                return None;
            }
            sink.buffer.copy_within(soh_at..sink.len, moved_to);
            sink.len = new_len;
        }
        let digits = digits.get(..count)?;
        sink.buffer.get_mut(self.length_at..self.length_at.checked_add(count)?)?.copy_from_slice(digits);
        Some(())
    }
}

/// A message body that the session can send: an application message or an administrative one.
pub trait Encode {
    /// MsgType(35).
    fn msg_type(&self) -> MsgType;

    /// Writes the body fields; header and trailer are the session's.
    fn encode_body(&self, out: &mut Writer<'_>);

    /// Writes header fields beyond the session's own, such as PossResend(97) or OnBehalfOfCompID(115),
    /// in the order they shall have. BeginString, MsgSeqNum, CompIDs, SendingTime are the session's.
    fn encode_header(&self, _out: &mut Writer<'_>) {}
}

#[cfg(test)]
mod tests {
    use std::{string::String, vec, vec::Vec};

    use super::*;

    fn encode(body: &[u8], size: usize) -> Result<Vec<u8>, EncodeError> {
        let mut buffer = vec![0xAA; size];
        let mut message = MessageWriter::new(&mut buffer, b"FIX.4.4", MsgType::from_static(b"0"));
        message.writer().field(Tag(112), body);
        let len = message.finish()?;
        buffer.truncate(len);
        Ok(buffer)
    }

    #[test]
    fn body_length_is_canonical_at_every_number_of_digits() {
        for size in [1usize, 4, 50, 85, 86, 87, 88, 90, 91, 92, 100, 500, 985, 986, 990, 991, 5000] {
            let message = encode(&vec![b'x'; size], size + 64).unwrap();
            let text = String::from_utf8(message).unwrap();
            let body_length = 5 + 5 + size;
            let (head, rest) = text.split_once("\x0135=").unwrap();
            assert_eq!(head, std::format!("8=FIX.4.4\x019={body_length}"));
            assert_eq!(rest.len() + 3 - 7, body_length);
            let sum = check_sum::check_sum(&text.as_bytes()[..text.len() - 7]);
            assert!(text.ends_with(&std::format!("\x0110={sum:03}\x01")));
        }
    }

    #[test]
    fn a_buffer_of_exactly_the_size_is_enough_and_one_less_is_full() {
        let whole = encode(b"TEST", 100).unwrap().len();
        // The reserve for BodyLength may need one byte more while a two-digit message is being written.
        assert!(encode(b"TEST", whole + 1).is_ok());
        for size in 0..whole {
            assert_eq!(encode(b"TEST", size), Err(EncodeError::Full), "{size}");
        }
    }

    #[test]
    fn a_value_that_would_break_the_message_is_refused() {
        assert_eq!(encode(b"a\x0158=b", 100), Err(EncodeError::BadValue));
        assert_eq!(encode(b"", 100), Err(EncodeError::BadValue));
    }
}
