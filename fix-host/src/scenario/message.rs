//! The fields of a message, as the script's conditions see them.

use fix_core::{
    tag::{self, Tag},
    wire::field::DataPair,
};

use fix_decoder::reading::Pieces;

/// The data fields of FIX 4.4 need no further ones.
const NO_MORE: &[DataPair] = &[];

/// All fields in their order; what is no `tag=value` is left out.
pub(super) fn fields(message: &[u8]) -> impl Iterator<Item = (Tag, &[u8])> {
    Pieces::new(message, NO_MORE).filter_map(|piece| Some((piece.tag?, piece.value)))
}

/// The value of a field where it stands for the `occurrence`th time, counted from 1.
pub(super) fn field(message: &[u8], tag: Tag, occurrence: usize) -> Option<&[u8]> {
    fields(message).filter(|(found, _)| *found == tag).nth(occurrence.checked_sub(1)?).map(|(_, value)| value)
}

/// MsgType(35); empty if there is none.
pub(super) fn msg_type(message: &[u8]) -> &[u8] {
    field(message, tag::MSG_TYPE, 1).unwrap_or_default()
}

/// True of the fields around a message's body, which are shown only when a script speaks of them.
pub(super) fn is_frame(tag: Tag) -> bool {
    use fix_core::msg::header::{is_header_tag, is_trailer_tag};
    is_header_tag(tag) || is_trailer_tag(tag)
}
