//! The standard header, read once (FIX 4.4 Vol. 1, "Standard Message Header").

use super::msg_type::MsgType;
use crate::{
    tag::{Tag, TagSet},
    wire::value::{FromField, ValueError},
};

pub use crate::wire::field::data_tag_of;

/// The header fields that a session decides on; the others are reached through
/// [`Message::header_fields`](super::message::Message::header_fields).
#[derive(Clone, Copy, Default)]
pub struct Header<'a> {
    /// MsgType(35) as it stands.
    pub msg_type_text: &'a [u8],
    /// MsgType(35), `None` if it is no possible type.
    pub msg_type: Option<MsgType>,
    /// MsgSeqNum(34) as it stands.
    pub msg_seq_num_text: Option<&'a [u8]>,
    /// SenderCompID(49).
    pub sender_comp_id: Option<&'a [u8]>,
    /// TargetCompID(56).
    pub target_comp_id: Option<&'a [u8]>,
    /// SendingTime(52) as it stands.
    pub sending_time: Option<&'a [u8]>,
    /// OrigSendingTime(122) as it stands.
    pub orig_sending_time: Option<&'a [u8]>,
    /// PossDupFlag(43)=Y.
    pub poss_dup: bool,
    /// PossResend(97)=Y.
    pub poss_resend: bool,
}

impl<'a> Header<'a> {
    /// MsgSeqNum(34).
    ///
    /// # Errors
    /// [`ValueError`] when it is no number or too large; `None` when it is missing.
    pub fn msg_seq_num(&self) -> Option<Result<u64, ValueError>> {
        self.msg_seq_num_text.map(u64::from_field)
    }

    /// Takes note of a header field, wherever it stands: one behind a body field is a finding of validation, but
    /// its message must still be answered with its numbers.
    #[inline(always)]
    pub(super) fn take(&mut self, tag: Tag, value: &'a [u8]) {
        match tag.0 {
            35 => self.take_msg_type(value),
            34 => first(&mut self.msg_seq_num_text, value),
            49 => first(&mut self.sender_comp_id, value),
            56 => first(&mut self.target_comp_id, value),
            52 => first(&mut self.sending_time, value),
            122 => first(&mut self.orig_sending_time, value),
            43 => self.poss_dup |= value == b"Y",
            97 => self.poss_resend |= value == b"Y",
            _ => {}
        }
    }

    /// Out of line so that the header of a message being read stays in memory: the loop that reads it has
    /// better use for registers.
    #[inline(never)]
    fn take_msg_type(&mut self, value: &'a [u8]) {
        if self.msg_type_text.is_empty() {
            self.msg_type_text = value;
            self.msg_type = MsgType::from_bytes(value);
        }
    }
}

/// A repeated field is a finding of validation; until then the first one counts.
fn first<'a>(slot: &mut Option<&'a [u8]>, value: &'a [u8]) {
    slot.get_or_insert(value);
}

/// The tags of the FIX 4.4 standard header, its hops group included.
const HEADER_TAGS: TagSet<10> = TagSet::new(&[
    8, 9, 34, 35, 43, 49, 50, 52, 56, 57, 90, 91, 97, 115, 116, 122, 128, 129, 142, 143, 144, 145, 212, 213,
    347, 369, 627, 628, 629, 630,
]);

/// True for the tags of the FIX 4.4 standard header, its hops group included.
#[inline]
pub const fn is_header_tag(tag: Tag) -> bool {
    HEADER_TAGS.contains(tag)
}

/// True for the tags of the FIX 4.4 standard trailer.
pub const fn is_trailer_tag(tag: Tag) -> bool {
    matches!(tag.0, 10 | 89 | 93)
}

/// The Length field that announces a data field: the inverse of [`data_tag_of`].
pub(super) fn length_tag_of(tag: Tag) -> Option<Tag> {
    let before = Tag(tag.0.wrapping_sub(1));
    // Signature(89) alone does not follow its Length field in number.
    [before, Tag(93)].into_iter().find(|length| data_tag_of(*length) == Some(tag))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dict::fix44::DICTIONARY;

    #[test]
    fn the_tag_tests_agree_with_the_dictionary() {
        let hops = &crate::dict::fix44::group::HOPS.entry;
        for tag in (-1..1000).map(Tag) {
            assert_eq!(is_header_tag(tag), DICTIONARY.header.contains(tag) || hops.contains(tag), "{tag}");
            assert_eq!(is_trailer_tag(tag), DICTIONARY.trailer.contains(tag), "{tag}");
            assert_eq!(data_tag_of(tag), DICTIONARY.data_tag(tag), "{tag}");
        }
        for pair in DICTIONARY.data_pairs {
            assert_eq!(length_tag_of(pair.data), Some(pair.length));
        }
        assert_eq!(length_tag_of(Tag(58)), None);
    }
}
