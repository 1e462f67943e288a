//! Bytes of a dictionary file to text: UTF-8, or the encoding that the file says it is in.

use std::{borrow::Cow, str};

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use crate::{error::Warnings, place::Cursor};

/// The text of a file that is called `name`. Bytes that mean nothing in its encoding become U+FFFD.
///
/// Everything but UTF-8 is a warning: the engine compares names and values as UTF-8.
pub(crate) fn decode<'b>(name: &str, bytes: &'b [u8], warnings: &mut Warnings) -> Cow<'b, str> {
    let at = |offset| Cursor::new(name, bytes).at(offset);
    if let Some(utf_16) = utf_16(bytes) {
        warnings.push(&at(0), format!("is in {}: read as such, UTF-8 is usual", utf_16.name()));
        return utf_16.decode_with_bom_removal(bytes).0;
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let declared = declaration(bytes);
    if let Some((offset, label)) = declared {
        let label = String::from_utf8_lossy(label);
        let said = format!("encoding=\"{label}\"");
        match Encoding::for_label(label.trim().as_bytes()) {
            // US-ASCII is UTF-8 too.
            Some(encoding) if encoding == UTF_8 || label.to_ascii_lowercase().contains("ascii") => {}
            Some(encoding) if encoding.is_ascii_compatible() && encoding.name() != "replacement" => {
                let (text, malformed) = encoding.decode_without_bom_handling(bytes);
                let but = if malformed { "; some bytes mean nothing in it" } else { "" };
                warnings.push(&at(offset), format!("{said}: read as such, UTF-8 is usual{but}"));
                return text;
            }
            Some(_) => warnings.push(&at(offset), format!("{said}, but its bytes are not: read as UTF-8")),
            None => warnings.push(&at(offset), format!("{said} is not known: read as UTF-8")),
        }
    }
    match str::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(error) => {
            let message = "a byte that is no UTF-8: the file is read as windows-1252; say its encoding in the \
                           XML declaration";
            warnings.push(&at(error.valid_up_to()), message);
            WINDOWS_1252.decode_without_bom_handling(bytes).0
        }
    }
}

/// UTF-16 is known by its byte order mark, or by a first character of which one byte is zero.
fn utf_16(bytes: &[u8]) -> Option<&'static Encoding> {
    match bytes {
        [0xff, 0xfe, ..] => Some(UTF_16LE),
        [0xfe, 0xff, ..] => Some(UTF_16BE),
        [0, second, ..] if *second != 0 => Some(UTF_16BE),
        [first, 0, ..] if *first != 0 => Some(UTF_16LE),
        _ => None,
    }
}

/// Where the XML declaration stands, which may have text or a comment before it, and the encoding that it names.
fn declaration(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let start = memchr::memmem::find_iter(bytes, b"<?xml")
        .find(|start| bytes.get(start + 5).is_some_and(u8::is_ascii_whitespace))?;
    let inside = &bytes[start + 5..];
    let inside = &inside[..memchr::memmem::find(inside, b"?>")?];
    let rest = &inside[memchr::memmem::find(inside, b"encoding")? + "encoding".len()..];
    let rest = rest.trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let (quote, rest) = rest.split_first().filter(|(quote, _)| matches!(quote, b'"' | b'\''))?;
    Some((start, &rest[..memchr::memchr(*quote, rest)?]))
}
