//! Bytes to frames, frames to fields, fields to values, and back. Knows no message.

pub mod check_sum;
pub mod deframer;
pub(crate) mod digits;
pub mod field;
pub mod frame;
pub(crate) mod shift;
mod sink;
mod soh;
pub mod value;
mod word;
pub mod writer;

/// The field delimiter, ASCII 0x01.
pub const SOH: u8 = 0x01;
