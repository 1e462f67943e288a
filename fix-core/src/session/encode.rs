//! The standard header: the session's own fields and those of the message, merged in ascending order.

use super::config::SessionId;
use crate::{
    tag::Tag,
    time::UtcTimestamp,
    wire::{field::Fields, writer::Writer},
};

/// What the session knows of a header.
pub(crate) struct StandardHeader<'a> {
    pub(crate) id: &'a SessionId,
    pub(crate) msg_seq_num: u64,
    pub(crate) sending_time: UtcTimestamp,
    /// PossDupFlag(43)=Y and this OrigSendingTime(122).
    pub(crate) orig_sending_time: Option<OrigSendingTime<'a>>,
    /// LastMsgSeqNumProcessed(369).
    pub(crate) last_processed: Option<u64>,
}

/// OrigSendingTime(122): of a stored message as it stands there, or a moment.
#[derive(Clone, Copy)]
pub(crate) enum OrigSendingTime<'a> {
    Text(&'a [u8]),
    Moment(UtcTimestamp),
}

impl StandardHeader<'_> {
    /// Writes the header behind MsgType(35). `extra` holds the encoded header fields of the message itself,
    /// in ascending order; of the session's own fields it may replace only 50, 57, 142 and 143.
    pub(crate) fn write(&self, out: &mut Writer<'_>, extra: &[u8]) {
        let (id, mut extra) = (self.id, Extra::new(extra));
        extra.up_to(34, out).field(Tag(34), self.msg_seq_num);
        extra.up_to(43, out).optional(Tag(43), self.orig_sending_time.map(|_| true));
        extra.up_to(49, out).field(Tag(49), id.sender_comp_id.as_str());
        extra.unless_it_has(50, &id.sender_sub_id, out);
        extra.up_to(52, out).field(Tag(52), self.sending_time);
        extra.up_to(56, out).field(Tag(56), id.target_comp_id.as_str());
        extra.unless_it_has(57, &id.target_sub_id, out);
        extra.up_to(122, out);
        match self.orig_sending_time {
            Some(OrigSendingTime::Text(text)) => out.field(Tag(122), text),
            Some(OrigSendingTime::Moment(moment)) => out.field(Tag(122), moment),
            None => out,
        };
        extra.unless_it_has(142, &id.sender_location_id, out);
        extra.unless_it_has(143, &id.target_location_id, out);
        extra.up_to(369, out).optional(Tag(369), self.last_processed);
        extra.up_to(i32::MAX, out);
    }
}

/// The encoded fields that a message adds, without those that are the session's.
struct Extra<'a> {
    fields: Fields<'a>,
    current: Option<(i32, &'a [u8])>,
}

impl<'a> Extra<'a> {
    fn new(encoded: &'a [u8]) -> Self {
        let mut extra = Extra { fields: Fields::new(encoded), current: None };
        extra.advance();
        extra
    }

    /// Writes those with lower tags.
    #[cfg_attr(target_pointer_width = "64", inline)]
    #[cfg_attr(not(target_pointer_width = "64"), inline(never))]
    fn up_to<'w, 'b>(&mut self, tag: i32, out: &'w mut Writer<'b>) -> &'w mut Writer<'b> {
        while let Some((before, field)) = self.current
            && before < tag
        {
            out.encoded(field);
            self.advance();
        }
        out
    }

    /// Writes a field of the session's own, if it is used, and none of these takes its place.
    #[cfg_attr(target_pointer_width = "64", inline)]
    #[cfg_attr(not(target_pointer_width = "64"), inline(never))]
    fn unless_it_has(&mut self, tag: i32, value: &str, out: &mut Writer<'_>) {
        self.up_to(tag, out);
        if !value.is_empty() && self.current.is_none_or(|(own, _)| own != tag) {
            out.field(Tag(tag), value);
        }
    }

    fn advance(&mut self) {
        loop {
            let before = self.fields.rest();
            let Some(Ok(field)) = self.fields.next() else {
                self.current = None;
                return;
            };
            let len = before.len().saturating_sub(self.fields.rest().len());
            if !matches!(field.tag.0, 8 | 9 | 10 | 34 | 35 | 43 | 49 | 52 | 56 | 122 | 369) {
                self.current = before.get(..len).map(|bytes| (field.tag.0, bytes));
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::string::String;

    use super::*;
    use crate::session::config::id;

    fn head(extra: &str) -> String {
        let mut session = SessionId::new("US", "THEM").unwrap();
        session.target_sub_id = id("DESK").unwrap();
        let head = StandardHeader {
            id: &session,
            msg_seq_num: 7,
            sending_time: UtcTimestamp::UNIX_EPOCH,
            orig_sending_time: Some(OrigSendingTime::Text(b"19700101-00:00:00")),
            last_processed: Some(3),
        };
        let mut buffer = [0; 256];
        let mut writer = Writer::fields(&mut buffer);
        head.write(&mut writer, extra.replace('|', "\x01").as_bytes());
        let len = writer.finish_fields().unwrap();
        String::from_utf8(buffer[..len].to_vec()).unwrap().replace('\x01', "|")
    }

    #[test]
    fn fields_of_the_message_stand_between_those_of_the_session() {
        assert_eq!(
            head("97=Y|115=A|128=B|627=1|"),
            "34=7|43=Y|49=US|52=19700101-00:00:00.000|56=THEM|57=DESK|97=Y|115=A|122=19700101-00:00:00|128=B|369=3|627=1|"
        );
    }

    #[test]
    fn a_message_cannot_replace_what_is_the_sessions() {
        assert_eq!(
            head("34=1|49=EVE|57=OTHER|"),
            "34=7|43=Y|49=US|52=19700101-00:00:00.000|56=THEM|57=OTHER|122=19700101-00:00:00|369=3|"
        );
    }
}
