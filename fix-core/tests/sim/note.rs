//! The application messages of a run: everything in them follows from an id, so that whoever receives one
//! can tell whether it is whole.

use fix_core::{
    msg::{message::Message, msg_type::MsgType},
    tag::Tag,
    wire::writer::{Encode, Writer},
};

use crate::rng::mix;

const CL_ORD_ID: Tag = Tag(11);
const TEXT: Tag = Tag(58);
const ENCODED_TEXT_LEN: Tag = Tag(354);
const ENCODED_TEXT: Tag = Tag(355);

pub(crate) const NEWS: MsgType = MsgType::from_static(b"B");
pub(crate) const ORDER: MsgType = MsgType::from_static(b"D");
const REPORT: MsgType = MsgType::from_static(b"8");

/// Bytes that look like the end of a message and the beginning of the next.
const TRAP: &[u8] = b"\x0110=000\x018=FIX.4.4\x019=5\x0135=0\x0110=163\x01";

/// The largest text of a note.
pub(crate) const MAX_TEXT: usize = 160;

pub(crate) struct Note {
    pub(crate) id: u64,
}

impl Note {
    fn text_len(&self) -> usize {
        1 + (mix(self.id) as usize >> 8) % if self.id.is_multiple_of(4) { MAX_TEXT } else { 12 }
    }

    fn letter(&self, index: usize) -> u8 {
        b'a' + (mix(self.id ^ index as u64) % 26) as u8
    }

    fn has_trap(&self) -> bool {
        self.id % 5 == 2
    }
}

impl Encode for Note {
    fn msg_type(&self) -> MsgType {
        match self.id % 3 {
            0 => NEWS,
            1 => ORDER,
            _ => REPORT,
        }
    }

    fn encode_body(&self, out: &mut Writer<'_>) {
        let mut text = [0u8; MAX_TEXT];
        let len = self.text_len();
        for (index, byte) in text.iter_mut().enumerate().take(len) {
            *byte = self.letter(index);
        }
        out.field(CL_ORD_ID, self.id).field(TEXT, &text[..len]);
        if self.has_trap() {
            out.data(ENCODED_TEXT_LEN, ENCODED_TEXT, TRAP);
        }
    }
}

/// The id of a note; an error if the message is not, byte for byte, the note of that id.
pub(crate) fn read(message: &Message<'_>) -> Result<u64, String> {
    let id: u64 = message.required(CL_ORD_ID).map_err(|error| format!("a note without id: {error:?}"))?;
    let note = Note { id };
    let text: &[u8] = message.required(TEXT).map_err(|error| format!("note {id}: {error:?}"))?;
    let whole = text.len() == note.text_len()
        && text.iter().enumerate().all(|(index, byte)| *byte == note.letter(index))
        && message.get(ENCODED_TEXT) == note.has_trap().then_some(TRAP)
        && message.msg_type() == note.msg_type();
    if whole { Ok(id) } else { Err(format!("note {id} arrived with other contents")) }
}
