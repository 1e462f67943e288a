//! Bytes to frames, frames to fields, fields to values, and back. Knows no message.

pub mod check_sum;
pub mod deframer;
pub(crate) mod digits;
#[cfg(target_pointer_width = "64")]
mod ends;
pub mod field;
pub mod frame;
pub(crate) mod magnitude;
pub(crate) mod shift;
mod sink;
mod skip;
mod soh;
#[cfg(target_pointer_width = "64")]
mod tag_text;
pub mod value;
#[cfg(target_pointer_width = "64")]
mod whole_field;
mod word;
pub mod writer;

/// The field delimiter, ASCII 0x01.
pub const SOH: u8 = 0x01;
