//! Which dictionary it was: a check sum of all that a session asks of one.

use super::crc::Crc;
use crate::{
    dict::{Block, Dictionary, FieldDef},
    tag::Tag,
};

/// A CRC-32 of what messages are checked against: the types and codes of the fields, the members and required fields of
/// header, trailer, messages and groups, and which fields are data. Names do not count.
#[must_use]
pub fn fingerprint(dictionary: &Dictionary) -> u32 {
    let mut crc = Crc::default().bytes(dictionary.begin_string.as_bytes());
    let dense = (0..).map(Tag).zip(dictionary.fields);
    let high = dictionary.high_fields.iter().map(|(tag, field)| (*tag, field));
    for (tag, field) in dense.chain(high).filter(|(_, field)| field.kind != FieldDef::UNDEFINED.kind) {
        crc = number(crc, tag.0).bytes(&[field.kind as u8, field.open.into()]);
        for code in field.codes.map(|codes| codes.codes()).unwrap_or_default() {
            crc = crc.bytes(code.value.as_bytes()).bytes(b"\0");
        }
    }
    crc = block(block(crc, dictionary.header), dictionary.trailer);
    for message in dictionary.messages {
        crc = block(crc.bytes(message.msg_type.as_bytes()).bytes(&[message.admin.into()]), &message.body);
    }
    for pair in dictionary.data_pairs.iter().chain(dictionary.extra_data_pairs) {
        crc = number(number(crc, pair.length.0), pair.data.0);
    }
    crc.value()
}

fn block(crc: Crc, of: &Block) -> Crc {
    let tags =
        |crc, tags: &[Tag]| tags.iter().fold(number(crc, tags.len() as i32), |crc, tag| number(crc, tag.0));
    let own = tags(tags(crc, of.members), of.required);
    of.groups
        .iter()
        .fold(own, |crc, group| block(number(number(crc, group.count.0), group.delimiter.0), &group.entry))
}

fn number(crc: Crc, number: i32) -> Crc {
    crc.bytes(&number.to_le_bytes())
}
