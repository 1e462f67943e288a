//! Bytes of a dictionary file to text, where only UTF-8 is known: without the feature `encodings`.

use std::borrow::Cow;

use crate::error::Warnings;

/// The text of a file. Bytes that are no UTF-8 become U+FFFD.
pub(crate) fn decode<'b>(_name: &str, bytes: &'b [u8], _warnings: &mut Warnings) -> Cow<'b, str> {
    String::from_utf8_lossy(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes))
}
