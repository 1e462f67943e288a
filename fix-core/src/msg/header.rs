//! The standard header, read once (FIX 4.4 Vol. 1, "Standard Message Header").

use super::msg_type::MsgType;
use crate::{
    tag::{Tag, TagBits},
    wire::{
        field::announces_data,
        value::{FromField, ValueError},
    },
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
}

/// The fields of a [`Header`] while a message is read: they are stored without a look at what they are, so that the
/// loop that reads it has few branches.
#[derive(Default)]
pub(super) struct HeaderFields<'a> {
    values: [Option<&'a [u8]>; PLACES],
}

impl<'a> HeaderFields<'a> {
    /// Takes note of a header field, wherever it stands: one behind a body field is a finding of validation, but
    /// its message must still be answered with its numbers.
    #[inline(always)]
    pub(super) fn keep(&mut self, place: usize, value: &'a [u8]) {
        if let Some(kept) = self.values.get_mut(place) {
            // A repeated field is a finding of validation, too; until then the first one counts.
            kept.get_or_insert(value);
        }
    }

    #[inline(always)]
    pub(super) fn read(self) -> Header<'a> {
        let [_, msg_type, number, sender, target, time, orig_time, poss_dup, poss_resend, _] = self.values;
        Header {
            msg_type_text: msg_type.unwrap_or_default(),
            msg_type: msg_type.and_then(MsgType::from_bytes),
            msg_seq_num_text: number,
            sender_comp_id: sender,
            target_comp_id: target,
            sending_time: time,
            orig_sending_time: orig_time,
            poss_dup: poss_dup == Some(b"Y"),
            poss_resend: poss_resend == Some(b"Y"),
        }
    }
}

/// Places for [`HeaderFields`]: none of the header, those of [`KEPT`], any other of the header.
const PLACES: usize = KEPT.len() + 2;
/// The fields that are kept, in the order of their places.
const KEPT: [usize; 8] = [35, 34, 49, 56, 52, 122, 43, 97];

/// What a tag means to the one who reads a message: one load tells.
#[derive(Clone, Copy)]
pub(super) struct Class(u8);

impl Class {
    /// A field that is neither of the header nor announces data.
    pub(super) const PLAIN: Class = Class(0);
    const ANNOUNCES_DATA: u8 = 0x80;

    #[inline(always)]
    pub(super) fn of(tag: Tag) -> Class {
        match CLASSES.get(tag.0 as u32 as usize) {
            Some(class) => *class,
            #[cfg(not(target_pointer_width = "64"))]
            None => Class::computed(tag),
            #[cfg(target_pointer_width = "64")]
            None => Class::PLAIN,
        }
    }

    const fn computed(tag: Tag) -> Class {
        let place = if HEADER_TAGS.contains(tag) { PLACES as u8 - 1 } else { 0 };
        Class(if announces_data(tag) { place | Class::ANNOUNCES_DATA } else { place })
    }

    #[inline(always)]
    pub(super) const fn announces_data(self) -> bool {
        self.0 & Class::ANNOUNCES_DATA != 0
    }

    /// Where the field is kept, if it is of the header.
    #[inline(always)]
    pub(super) fn header_place(self) -> Option<usize> {
        let place = self.0 & !Class::ANNOUNCES_DATA;
        (place != 0).then_some(place.into())
    }
}

/// The tags of the header and those that announce data are below 640.
#[cfg(target_pointer_width = "64")]
const KNOWN: usize = 640;
/// A Cortex-M looks up the usual ones, and computes the others.
#[cfg(not(target_pointer_width = "64"))]
const KNOWN: usize = 128;

static CLASSES: [Class; KNOWN] = {
    let mut classes = [Class::PLAIN; KNOWN];
    let mut tag = 0;
    while tag < classes.len() {
        classes[tag] = Class::computed(Tag(tag as i32));
        tag += 1;
    }
    let mut place = 0;
    while place < KEPT.len() {
        classes[KEPT[place]].0 = place as u8 + 1;
        place += 1;
    }
    classes
};

/// The tags of the FIX 4.4 standard header, its hops group included.
const HEADER_TAGS: TagBits<20> = TagBits::new(&[
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
