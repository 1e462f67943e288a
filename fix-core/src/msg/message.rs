//! A received message, read in place.

use core::ops::Deref;

pub use super::field_map::{FieldError, FieldMap, FieldProblem};
use super::{
    header::{Class, Header, HeaderFields, is_header_tag, is_trailer_tag},
    index::{Cursor, Index, Indexer, Slot, Span},
    malformed,
    msg_type::MsgType,
    reject::Finding,
};
use crate::{
    dict::MessageDef,
    wire::{
        field::{DataPair, DataTags, Field, Fields, Fix44Data, NotAField, PlacedField},
        frame::Frame,
    },
};

/// A view of a message: the header is read once, fields are found by scanning the frame's bytes.
///
/// ```
/// use fix_core::{Decimal, Message, MsgType, tag, wire::frame::{Scan, scan}};
///
/// let bytes = b"8=FIX.4.4\x019=20\x0135=8\x0144=101.25\x0158=x\x0110=200\x01";
/// let Scan::Frame(frame, _) = scan(bytes, bytes.len()) else { return Err("no frame".into()) };
/// let message = Message::parse(frame)?;
/// assert_eq!(message.msg_type(), MsgType::EXECUTION_REPORT);
/// assert_eq!(message.required::<Decimal>(tag::PRICE)?, Decimal::new(10125, 2));
/// assert_eq!(message.optional::<&str>(tag::SYMBOL)?, None);
/// let missing = message.required::<&str>(tag::SYMBOL).unwrap_err();
/// assert_eq!(missing.to_string(), "Symbol(55): required, but missing");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy)]
pub struct Message<'a> {
    frame: Frame<'a>,
    header: Header<'a>,
    fields: FieldMap<'a>,
    /// From the first field that is not of the header to the end, CheckSum(10) excluded.
    body: &'a [u8],
    /// The first run of bytes that is no field.
    malformed: Option<Finding>,
}

impl<'a> Message<'a> {
    /// Reads the header and checks that every field is `tag=value`.
    ///
    /// # Errors
    /// [`NotAField`]: the message counts in its session all the same; [`recover`](Self::recover) reads the rest.
    pub fn parse(frame: Frame<'a>) -> Result<Self, NotAField> {
        Self::parse_each(frame, |_| {})
    }

    /// Like [`parse`](Self::parse) where there are data fields beside those of FIX 4.4: those of a counterparty's
    /// dictionary ([`Dictionary::extra_data_pairs`](crate::dict::Dictionary::extra_data_pairs)). Their values may
    /// hold SOH and `=` too.
    ///
    /// # Errors
    /// [`NotAField`].
    pub fn parse_with(frame: Frame<'a>, extra: &'static [DataPair]) -> Result<Self, NotAField> {
        if extra.is_empty() {
            return Self::parse(frame);
        }
        let message = Self::walk(frame, extra, |_| {})?;
        Ok(Message { fields: FieldMap::new(Span::scan(frame.body()), &[], extra), ..message })
    }

    /// Like [`parse`](Self::parse), and notes in `slots` where the fields are, one slot for each. What is read of
    /// the message afterwards, be it a field, a struct or its validation, then finds them there instead of looking
    /// for them again. Fields beyond the slots, and messages beyond 64 KiB, are found as without.
    ///
    /// # Errors
    /// [`NotAField`].
    pub fn parse_indexed(frame: Frame<'a>, slots: &'a mut [Slot]) -> Result<Self, NotAField> {
        Self::index(frame, slots, Fix44Data, &[])
    }

    /// [`parse_indexed`](Self::parse_indexed) and [`parse_with`](Self::parse_with) in one.
    ///
    /// # Errors
    /// [`NotAField`].
    pub fn parse_indexed_with(
        frame: Frame<'a>,
        slots: &'a mut [Slot],
        extra: &'static [DataPair],
    ) -> Result<Self, NotAField> {
        if extra.is_empty() {
            return Self::parse_indexed(frame, slots);
        }
        Self::index(frame, slots, extra, extra)
    }

    /// Reads what can be read of a message that [`parse`](Self::parse) refuses: the runs of bytes that are no fields
    /// are passed over, and the first of them is [`malformed`](Self::malformed). `extra` is as in
    /// [`parse_with`](Self::parse_with).
    #[cold]
    #[inline(never)]
    pub fn recover(frame: Frame<'a>, extra: &'static [DataPair]) -> Self {
        let bytes = frame.body();
        let mut header = HeaderFields::default();
        let (mut malformed, mut header_end, mut in_header) = (None, 0, true);
        let mut fields = Fields::with_data_tags(bytes, extra);
        loop {
            let rest = fields.rest();
            match fields.next() {
                None => break,
                Some(Err(NotAField)) => _ = malformed.get_or_insert_with(|| malformed::finding(rest)),
                Some(Ok(field)) => match Class::of(field.tag).header_place() {
                    Some(place) => header.keep(place, field.value),
                    None => in_header = false,
                },
            }
            if in_header {
                header_end = fields.position();
            }
        }
        let (body, fields) =
            (bytes.get(header_end..).unwrap_or_default(), FieldMap::new(Span::scan(bytes), &[], extra));
        Message { frame, header: header.read(), fields, body, malformed }
    }

    #[inline]
    fn index(
        frame: Frame<'a>,
        slots: &'a mut [Slot],
        data_tags: impl DataTags,
        extra: &'static [DataPair],
    ) -> Result<Self, NotAField> {
        let bytes = frame.body();
        let mut header = HeaderFields::default();
        let (body_at, index) = index_fields(bytes, data_tags, &mut header, slots)?;
        let fields = FieldMap::new(Span::indexed(bytes, index), &[], extra);
        let body = bytes.get(body_at..).unwrap_or_default();
        Ok(Message { frame, header: header.read(), fields, body, malformed: None })
    }

    /// Like [`parse`](Self::parse), and shows every field to `visit` in the same walk: the cheapest way to
    /// read a message whole. What was visited counts for nothing if a field turns out to be none.
    ///
    /// # Errors
    /// [`NotAField`].
    #[inline]
    pub fn parse_each(frame: Frame<'a>, visit: impl FnMut(Field<'a>)) -> Result<Self, NotAField> {
        Self::walk(frame, Fix44Data, visit)
    }

    #[inline(always)]
    fn walk(
        frame: Frame<'a>,
        data_tags: impl DataTags,
        mut visit: impl FnMut(Field<'a>),
    ) -> Result<Self, NotAField> {
        let bytes = frame.body();
        let mut header = HeaderFields::default();
        let body_at = walk(bytes, data_tags, &mut header, |placed| visit(placed.field))?;
        let fields = FieldMap::new(Span::scan(bytes), &[], &[]);
        let body = bytes.get(body_at..).unwrap_or_default();
        Ok(Message { frame, header: header.read(), fields, body, malformed: None })
    }

    /// The bytes as received.
    pub fn frame(&self) -> Frame<'a> {
        self.frame
    }

    /// What is wrong with the first run of bytes that is no `tag=value` field; `None` of a message that could be
    /// parsed.
    pub fn malformed(&self) -> Option<Finding> {
        self.malformed
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

    /// The fields of the message alone, without those inside the repeating groups that `def` tells of.
    pub fn level(&self, def: &'static MessageDef) -> FieldMap<'a> {
        self.fields.without(def.body.groups)
    }

    /// The bytes from MsgType(35) on, and where all fields are in them; `None` if that was not noted.
    pub(super) fn whole_index(&self) -> Option<(&'a [u8], &'a [Slot])> {
        self.fields.whole_index()
    }

    /// All fields, from MsgType(35) on.
    pub(super) fn cursor(&self) -> Cursor<'a> {
        self.fields.cursor()
    }

    /// The fields from the first one that is not of the header on.
    pub(super) fn body_cursor(&self) -> Cursor<'a> {
        self.fields.cursor_from(self.frame.body().len().saturating_sub(self.body.len()))
    }

    /// The header fields from MsgType(35) on, up to the first field that is not of the header.
    pub fn header_fields(&self) -> impl Iterator<Item = Field<'a>> + Clone + use<'a> {
        self.fields.fields().take_while(|field| is_header_tag(field.tag))
    }

    /// The body fields in wire order, repeating groups flat, without the trailer and without header fields that
    /// stand behind a body field.
    pub fn body_fields(&self) -> impl Iterator<Item = Field<'a>> + Clone + use<'a> {
        self.body_cursor().filter(|field| !is_trailer_tag(field.tag) && !is_header_tag(field.tag))
    }
}

/// A function of its own, because the loop has use for every register.
#[inline(never)]
fn index_fields<'a>(
    bytes: &'a [u8],
    data_tags: impl DataTags,
    header: &mut HeaderFields<'a>,
    slots: &'a mut [Slot],
) -> Result<(usize, Index<'a>), NotAField> {
    let mut indexer = Indexer::new(bytes, slots);
    let body_at = walk(bytes, data_tags, header, |placed| indexer.note(placed))?;
    Ok((body_at, indexer.finish(data_tags)))
}

/// Shows all fields to `visit`, keeps those of the header, and tells where the first one begins that is not of it.
#[inline(always)]
fn walk<'a>(
    bytes: &'a [u8],
    data_tags: impl DataTags,
    header: &mut HeaderFields<'a>,
    mut visit: impl FnMut(PlacedField<'a>),
) -> Result<usize, NotAField> {
    let mut fields = Fields::with_data_tags(bytes, data_tags);
    let mut header_end = 0;
    loop {
        let at = fields.position();
        let mut class = Class::PLAIN;
        let step = fields.placed_step(|tag| {
            class = Class::of(tag);
            class.announces_data() || data_tags.is_own_length(tag)
        });
        match step {
            Some(Ok(placed)) => {
                let Field { tag: _, value } = placed.field;
                visit(placed);
                if let Some(place) = class.header_place() {
                    // A header field behind a body field does not move the end.
                    if at == header_end {
                        header_end = fields.position();
                    }
                    header.keep(place, value);
                }
            }
            Some(Err(NotAField)) => return Err(NotAField),
            None => return Ok(header_end),
        }
    }
}

/// Field access: `get`, `required`, `optional` and `group`, header and trailer included.
impl<'a> Deref for Message<'a> {
    type Target = FieldMap<'a>;
    fn deref(&self) -> &FieldMap<'a> {
        &self.fields
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        decimal::Decimal,
        msg::reject::SessionRejectReason,
        tag::Tag,
        wire::{
            frame::{Scan, scan},
            writer::MessageWriter,
        },
    };

    fn with_message<R>(fields: &[u8], check: impl FnOnce(Result<Message<'_>, NotAField>) -> R) -> R {
        with_frame(fields, |frame| check(Message::parse(frame)))
    }

    fn with_frame<R>(fields: &[u8], check: impl FnOnce(Frame<'_>) -> R) -> R {
        let mut buffer = [0; 512];
        let mut writer = MessageWriter::new(&mut buffer, b"FIX.4.4", MsgType::from_static(b"D"));
        writer.writer().encoded(fields);
        let len = writer.finish().unwrap();
        match scan(&buffer[..len], 512) {
            Scan::Frame(frame, _) => check(frame),
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
    fn header_fields_behind_the_body_still_count() {
        with_message(b"11=id\x0134=2\x0149=TW\x0155=X\x01", |message| {
            let message = message.unwrap();
            assert_eq!(message.header().msg_seq_num(), Some(Ok(2)));
            assert_eq!(message.header().sender_comp_id, Some(&b"TW"[..]));
            assert_eq!(
                message.body_fields().map(|field| field.tag.0).collect::<std::vec::Vec<_>>(),
                [11, 55]
            );
        });
    }

    #[test]
    fn a_level_does_not_see_into_its_groups() {
        use crate::{dict::fix44::message::TRADE_CAPTURE_REPORT, tag};
        with_message(b"34=2\x01552=1\x0154=1\x0137=o\x011=inner\x0158=t\x01", |message| {
            let message = message.unwrap();
            assert_eq!(message.get(tag::ACCOUNT), Some(&b"inner"[..]));
            assert_eq!(message.level(&TRADE_CAPTURE_REPORT).get(tag::ACCOUNT), None);
        });
    }

    #[test]
    fn a_tag_with_letters_is_no_field() {
        with_message(b"34=7\x014garbled9=TW\x01", |message| assert!(message.is_err()));
    }

    #[test]
    fn what_is_no_field_is_passed_over_and_named() {
        with_frame(b"49=A\x0134\x0156=B\x0134=7\x01=\x0111=x\x0152=t\x0177\x0144=1.5\x01", |frame| {
            assert!(Message::parse(frame).is_err());
            let message = Message::recover(frame, &[]);
            assert_eq!(
                message.malformed(),
                Some(Finding::field(SessionRejectReason::TagWithoutValue, Tag(34))),
                "the first is named"
            );
            let header = message.header();
            assert_eq!((header.msg_seq_num(), header.sending_time), (Some(Ok(7)), Some(&b"t"[..])));
            assert_eq!(message.get(Tag(44)), Some(&b"1.5"[..]));
            assert_eq!(message.header_fields().count(), 4);
            assert_eq!(
                message.body_fields().map(|field| field.tag.0).collect::<std::vec::Vec<_>>(),
                [11, 44]
            );
        });
    }
}
