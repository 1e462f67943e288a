//! What every value on the wire is made of: digits, read and written, and the cursor that writes them. Knows no tag and
//! no type of value.

pub(crate) mod digits;
mod error;
pub(crate) mod magnitude;
pub(crate) mod sink;

pub use error::{EncodeError, ValueError};
pub use sink::Sink;

/// The field delimiter, ASCII 0x01.
pub const SOH: u8 = 0x01;
