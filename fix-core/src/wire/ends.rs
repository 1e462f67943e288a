//! Both ends of the usual message, for processors with 64-bit registers: a BeginString(8) of seven characters, a
//! MsgType(35) of one or two, a BodyLength(9) of three digits, and room behind the message.

use super::{
    SOH, check_sum,
    whole_field::{is_plain, put},
};
use crate::{ascii::digits::three_digits, msg_type::MsgType};

/// Where the digits of BodyLength(9) begin.
pub(super) const LENGTH_AT: usize = 12;
/// A buffer of this size holds a message whose BodyLength(9) has three digits.
const ENOUGH: usize = 128;

/// `8=..`, `9=000` and `35=..` at the beginning of `buffer`, and their length.
#[inline(always)]
pub(super) fn head(buffer: &mut [u8], begin_string: &[u8], msg_type: MsgType) -> Option<u32> {
    let buffer: &mut [u8; ENOUGH] = buffer.first_chunk_mut()?;
    let [a, b, c, d, e, f, g] = *begin_string.as_array()?;
    let head = u64::from_le_bytes([b'8', b'=', a, b, c, d, e, f]);
    if !is_plain(head, u64::from_le_bytes([b'8', b'=', a, b, c, d, e, g])) {
        return None;
    }
    put(buffer, 0, head.to_le_bytes());
    put(buffer, 8, [g, SOH, b'9', b'=', b'0', b'0', b'0', SOH]);
    let (text, len) = match msg_type.to_array() {
        [a @ b' '..=u8::MAX, 0, ..] => ([b'3', b'5', b'=', a, SOH, 0, 0, 0], 21),
        [a @ b' '..=u8::MAX, b @ b' '..=u8::MAX, 0, ..] => ([b'3', b'5', b'=', a, b, SOH, 0, 0], 22),
        _ => return None,
    };
    put(buffer, 16, text);
    Some(len)
}

/// Back-fills BodyLength(9) and appends CheckSum(10) to `len` bytes that began with [`head`]; the whole length.
#[inline(never)]
pub(super) fn finish(buffer: &mut [u8], len: u32) -> Option<usize> {
    const BLOCK: usize = check_sum::LANES;
    let body_length = len.checked_sub(LENGTH_AT as u32 + 4)?;
    let len = len as usize;
    if !(100..1000).contains(&body_length) {
        return None;
    }
    // Zeros behind the message make its last block a whole one.
    *buffer.get_mut(len..)?.first_chunk_mut()? = [0; BLOCK];
    let [a, b, c, _] = three_digits(body_length).to_le_bytes();
    *buffer.get_mut(LENGTH_AT..)?.first_chunk_mut()? = [a, b, c];
    let (blocks, _) = buffer.as_chunks();
    let sum = check_sum::blocks(blocks.get(..len.div_ceil(BLOCK))?);
    let trailer = u64::from_le_bytes([b'1', b'0', b'=', 0, 0, 0, SOH, 0]);
    let trailer = trailer | u64::from(three_digits(sum.into())) << 24;
    *buffer.get_mut(len..)?.first_chunk_mut()? = trailer.to_le_bytes();
    Some(len.wrapping_add(7))
}
