//! Encoding a message into the caller's buffer.

#[cfg(target_pointer_width = "64")]
use super::ends;
use super::{SOH, check_sum, shift::move_bytes, value::ToField};
pub use crate::ascii::{EncodeError, Sink};
use crate::{ascii::sink::digits, msg_type::MsgType, tag::Tag};

/// Writes fields. What [`Encode`] implementations and applications see of a message in the making.
///
/// ```
/// use fix_core::{Writer, Decimal, tag};
///
/// let mut buffer = [0; 64];
/// let mut fields = Writer::fields(&mut buffer);
/// fields.field(tag::CL_ORD_ID, "A1").field(tag::PRICE, Decimal::new(10125, 2)).optional(tag::TEXT, None::<&str>);
/// let len = fields.finish_fields()?;
/// assert_eq!(&buffer[..len], b"11=A1\x0144=101.25\x01");
///
/// let mut fields = Writer::fields(&mut buffer);
/// fields.field(tag::TEXT, "a\x01b");
/// assert!(fields.finish_fields().is_err(), "it would break the message apart");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Writer<'b> {
    pub(super) sink: Sink<'b>,
}

impl<'b> Writer<'b> {
    /// A writer of bare fields, without header and trailer, into `buffer`.
    pub fn fields(buffer: &'b mut [u8]) -> Self {
        Writer { sink: Sink::new(buffer) }
    }

    /// Appends `tag=value`. Errors are remembered and come out at the end.
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    pub fn field(&mut self, tag: Tag, value: impl ToField) -> &mut Self {
        value.to_whole_field(tag, &mut self.sink);
        self
    }

    /// Appends a field of a struct that must have it: a date or time that was left out is refused.
    #[doc(hidden)]
    #[inline(always)]
    pub fn required(&mut self, tag: Tag, value: impl ToField) -> &mut Self {
        if value.is_left_out() {
            self.sink.fail(EncodeError::MissingTime);
        }
        self.field(tag, value)
    }

    /// Appends the field if there is a value.
    #[inline]
    pub fn optional(&mut self, tag: Tag, value: Option<impl ToField>) -> &mut Self {
        if let Some(value) = value {
            self.field(tag, value);
        }
        self
    }

    /// Appends a Length field and its data field, whose bytes may be anything.
    pub fn data(&mut self, length_tag: Tag, data_tag: Tag, data: &[u8]) -> &mut Self {
        self.field(length_tag, data.len() as u64);
        self.sink.tag(data_tag);
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

    /// The number of bytes written so far.
    pub(crate) fn written(&self) -> usize {
        self.sink.written()
    }

    /// What was written since there were `start` bytes; `None` after an error.
    pub(crate) fn since(&self, start: usize) -> Option<&[u8]> {
        self.sink.error.is_none().then(|| self.sink.buffer.get(start..self.sink.written()))?
    }

    /// Nothing of what was written counts, for this reason unless there was one before.
    #[inline]
    pub(crate) fn refuse(&mut self, error: EncodeError) {
        self.sink.fail(error);
    }

    /// Ends a writer of bare fields and returns the number of bytes.
    ///
    /// # Errors
    /// The first [`EncodeError`] met.
    pub fn finish_fields(self) -> Result<usize, EncodeError> {
        self.sink.error.map_or(Ok(self.sink.written()), Err)
    }
}

/// SOH, `10=nnn` and SOH.
const TRAILER: usize = 8;

/// A whole message: `8=..9=..35=..` in front, CheckSum(10) behind, BodyLength in canonical digits.
///
/// ```
/// use fix_core::{MsgType, Tag, wire::writer::MessageWriter};
///
/// let mut buffer = [0; 64];
/// let mut message = MessageWriter::new(&mut buffer, b"FIX.4.4", MsgType::HEARTBEAT);
/// message.writer().field(Tag(112), "TEST");
/// let len = message.finish()?;
/// assert_eq!(&buffer[..len], b"8=FIX.4.4\x019=14\x0135=0\x01112=TEST\x0110=229\x01");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct MessageWriter<'b> {
    writer: Writer<'b>,
    /// Where the digits of BodyLength(9) begin.
    length_at: usize,
    /// How many digits are reserved for it.
    reserved: u8,
}

impl<'b> MessageWriter<'b> {
    /// Starts a message at the beginning of `buffer`.
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    pub fn new(buffer: &'b mut [u8], begin_string: &[u8], msg_type: MsgType) -> Self {
        let mut writer = Writer::fields(buffer);
        #[cfg(target_pointer_width = "64")]
        if let Some(len) = ends::head(writer.sink.buffer, begin_string, msg_type) {
            writer.sink.len = len;
            return MessageWriter { writer, length_at: ends::LENGTH_AT, reserved: 3 };
        }
        let head = head(writer.sink.buffer, begin_string, msg_type);
        writer.sink.len = head.len;
        writer.sink.error = head.error;
        MessageWriter { writer, length_at: head.length_at, reserved: head.reserved }
    }

    /// The writer for header and body fields.
    pub fn writer(&mut self) -> &mut Writer<'b> {
        &mut self.writer
    }

    /// Back-fills BodyLength(9), appends CheckSum(10), and returns the length of the message.
    ///
    /// # Errors
    /// The first [`EncodeError`] met.
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    pub fn finish(self) -> Result<usize, EncodeError> {
        #[cfg(target_pointer_width = "64")]
        if self.writer.sink.error.is_none()
            && (self.length_at, self.reserved) == (ends::LENGTH_AT, 3)
            && let Some(len) = ends::finish(self.writer.sink.buffer, self.writer.sink.len)
        {
            return Ok(len);
        }
        let Sink { buffer, len, error } = self.writer.sink;
        finish(Sink { buffer, len, error }, self.length_at, self.reserved)
    }
}

/// `8=..`, `9=` with reserved digits, `35=..` as they were written.
struct WrittenHead {
    len: u32,
    error: Option<EncodeError>,
    length_at: usize,
    reserved: u8,
}

#[cfg_attr(target_pointer_width = "64", inline(never))]
fn head(buffer: &mut [u8], begin_string: &[u8], msg_type: MsgType) -> WrittenHead {
    let mut writer = Writer::fields(buffer);
    writer.field(Tag(8), begin_string);
    writer.sink.tag(Tag(9));
    let length_at = writer.sink.written();
    let reserved = reserved_digits(writer.sink.buffer.len().saturating_sub(length_at));
    writer.sink.padded(0, reserved);
    writer.sink.byte(SOH);
    writer.field(Tag(35), msg_type.as_bytes());
    WrittenHead { len: writer.sink.len, error: writer.sink.error, length_at, reserved }
}

#[cfg_attr(target_pointer_width = "64", inline(never))]
fn finish(mut sink: Sink<'_>, length_at: usize, reserved: u8) -> Result<usize, EncodeError> {
    if let Some(error) = sink.error {
        return Err(error);
    }
    fill_body_length(&mut sink, length_at, reserved).ok_or(EncodeError::Full)?;
    let sum = check_sum::check_sum(sink.buffer.get(..sink.written()).unwrap_or_default());
    sink.tag(Tag(10));
    sink.padded(sum.into(), 3);
    sink.byte(SOH);
    sink.error.map_or(Ok(sink.written()), Err)
}

fn fill_body_length(sink: &mut Sink<'_>, length_at: usize, reserved: u8) -> Option<()> {
    let body_at = length_at.checked_add(reserved.into())?.checked_add(1)?;
    let body_length = u32::try_from(sink.written().checked_sub(body_at)?).ok()?;
    let moved_to = length_at.checked_add(digits(body_length).into())?.checked_add(1)?;
    if moved_to != body_at {
        move_bytes(sink.buffer, body_at, sink.written(), moved_to).then_some(())?;
        sink.len = u32::try_from(moved_to).ok()?.checked_add(body_length)?;
    }
    let mut length = Sink::new(sink.buffer.get_mut(length_at..)?);
    length.padded(body_length, 1);
    length.byte(SOH);
    Some(())
}

/// Digits to reserve for BodyLength(9) where `room` bytes are left for them and all that follows: three, which
/// most messages have (others are moved once at the end), but not more than a message that fits can need, so
/// that a buffer of exactly the message's size is enough.
fn reserved_digits(room: usize) -> u8 {
    match room.saturating_sub(TRAILER) {
        0..=10 => 1,
        11..=101 => 2,
        _ => 3,
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
        for len in (1..1200).filter(|len| *len < 120 || *len > 960) {
            let body = vec![b'x'; len];
            let whole = encode(&body, len + 64).unwrap();
            assert_eq!(encode(&body, whole.len()).as_ref(), Ok(&whole), "{len}");
            for size in (0..whole.len()).rev().take(40) {
                assert_eq!(encode(&body, size), Err(EncodeError::Full), "{size}");
            }
        }
    }

    #[test]
    fn a_value_that_would_break_the_message_is_refused() {
        assert_eq!(encode(b"a\x0158=b", 100), Err(EncodeError::BadValue));
        assert_eq!(encode(b"", 100), Err(EncodeError::BadValue));
    }
}
