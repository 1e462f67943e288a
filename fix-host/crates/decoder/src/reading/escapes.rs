//! Text in which a logger has escaped what it found: `\"`, `\n`, `\x01`, `\001`, `\u0001`, `&lt;`, `&#1;`.

use super::separated::Separated;

/// Reads one level of escapes with a backslash, as JSON, C, Python and Java write them.
pub(super) fn backslashes(text: &Separated) -> Separated {
    text.replaced(|rest| match rest {
        [b'\\', b'u', ..] => unicode(rest),
        [b'\\', b'x', digits @ ..] => Some((bytes([hex(digits.get(..2)?)? as u8]), 4)),
        [b'\\', a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', ..] => {
            Some((bytes([(a - b'0') << 6 | (b - b'0') << 3 | (c - b'0')]), 4))
        }
        [b'\\', letter, ..] => Some((bytes([simple(*letter)?]), 2)),
        _ => None,
    })
}

/// Reads the entities of XML and HTML.
pub(super) fn entities(text: &Separated) -> Separated {
    text.replaced(|rest| {
        let rest = rest.strip_prefix(b"&")?;
        let len = rest.iter().take(10).position(|byte| *byte == b';')?;
        let character = match &rest[..len] {
            b"amp" => '&',
            b"lt" => '<',
            b"gt" => '>',
            b"quot" => '"',
            b"apos" => '\'',
            [b'#', b'x' | b'X', digits @ ..] => char::from_u32(hex(digits)?)?,
            [b'#', digits @ ..] => char::from_u32(std::str::from_utf8(digits).ok()?.parse().ok()?)?,
            _ => return None,
        };
        Some((character.to_string().into_bytes(), len + 2))
    })
}

/// `\u00e9`, or two of them for a character outside the Basic Multilingual Plane.
fn unicode(rest: &[u8]) -> Option<(Vec<u8>, usize)> {
    let unit = |at: usize| match rest.get(at..at + 6)? {
        [b'\\', b'u', digits @ ..] => hex(digits),
        _ => None,
    };
    let first = unit(0)?;
    let (code, len) = match (first, unit(6)) {
        (0xd800..0xdc00, Some(second @ 0xdc00..0xe000)) => {
            (0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00), 12)
        }
        _ => (first, 6),
    };
    Some((char::from_u32(code)?.to_string().into_bytes(), len))
}

fn simple(letter: u8) -> Option<u8> {
    Some(match letter {
        b'"' | b'\'' | b'\\' | b'/' => letter,
        b'b' => 8,
        b'f' => 12,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        _ => return None,
    })
}

fn hex(digits: &[u8]) -> Option<u32> {
    let text =
        std::str::from_utf8(digits).ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
    u32::from_str_radix(text, 16).ok()
}

fn bytes<const N: usize>(bytes: [u8; N]) -> Vec<u8> {
    bytes.to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, how: fn(&Separated) -> Separated) -> String {
        let read = how(&Separated::whole(text.as_bytes()));
        assert_eq!(read.bytes.len(), read.ends.len());
        assert!(read.ends.is_sorted() && read.ends.last().copied().unwrap_or(0) == text.len());
        String::from_utf8(read.bytes).unwrap()
    }

    #[test]
    fn escapes_are_read_and_what_is_none_stays() {
        let text = r#"a\"b\\c\/d\n\x01\001\u0001\u00e9\ud83d\ude00\q\x\u12"#;
        assert_eq!(read(text, backslashes), "a\"b\\c/d\n\u{1}\u{1}\u{1}é😀\\q\\x\\u12");
        assert_eq!(read(r"\\u0001", backslashes), r"\u0001");
        assert_eq!(read("a&lt;b&#1;&#x01;&amp;lt;&nbsp;&", entities), "a<b\u{1}\u{1}&lt;&nbsp;&");
    }
}
