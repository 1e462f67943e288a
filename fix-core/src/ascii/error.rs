//! What can be wrong with a value that is read or written.

use core::fmt;

/// Why a value is not of its type. Each is reason 6 or 4 of SessionRejectReason(373).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ValueError {
    /// No bytes at all (reason 4, tag specified without a value).
    Empty,
    /// Not the form of its type (reason 6).
    Format,
    /// The right form, but beyond what this engine can hold (reason 6; of a `float` 5, and not rejected).
    Overflow,
}

impl fmt::Display for ValueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ValueError::Empty => "the value is empty",
            ValueError::Format => "the value has the wrong format",
            ValueError::Overflow => "the value is too large",
        })
    }
}

impl core::error::Error for ValueError {}

/// Why a message was not encoded. The buffer's contents beyond its old length are then meaningless, and
/// nothing of the message counts as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum EncodeError {
    /// The message does not fit into the buffer.
    Full,
    /// A value contains SOH, or would be empty; it would break the message apart.
    BadValue,
    /// A date or time that the message must have was left out of its struct.
    MissingTime,
    /// What the struct has as [`Extra`](crate::msg::typed::Extra) is no field, or one of the header or trailer.
    Extra,
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            EncodeError::Full => "the message does not fit into the output buffer",
            EncodeError::BadValue => "a value is empty or contains SOH (0x01)",
            EncodeError::MissingTime => {
                "a required date or time, such as TransactTime(60), was left out of the message"
            }
            EncodeError::Extra => {
                "the extra fields hold what is no tag=value, or a field of the header or trailer"
            }
        })
    }
}

impl core::error::Error for EncodeError {}
