//! Bytes to frames, frames to fields, fields to values, and back. Knows no message.

pub mod check_sum;
pub mod deframer;
#[cfg(target_pointer_width = "64")]
mod ends;
pub mod field;
mod field_sink;
pub mod frame;
pub(crate) mod shift;
mod skip;
mod soh;
#[cfg(target_pointer_width = "64")]
mod tag_text;
pub mod value;
#[cfg(target_pointer_width = "64")]
mod whole_field;
mod word;
pub mod writer;

pub use crate::ascii::SOH;
