//! Untrusted bytes for a terminal or for JSON.

use std::io::Write as _;

/// Appends `bytes`; what could steer a terminal, or is not UTF-8, as `\x1b`.
pub fn terminal(out: &mut Vec<u8>, bytes: &[u8]) {
    if bytes.iter().all(|byte| matches!(byte, b' '..=b'~')) {
        out.extend_from_slice(bytes);
        return;
    }
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            if steers(c) {
                let mut buffer = [0; 4];
                c.encode_utf8(&mut buffer).bytes().for_each(|byte| hex(out, byte));
            } else {
                push(out, c);
            }
        }
        chunk.invalid().iter().for_each(|byte| hex(out, *byte));
    }
}

/// Appends a JSON string.
pub fn json(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend_from_slice(&[b'\\', c as u8]),
            c if steers(c) => {
                c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| _ = write!(out, "\\u{unit:04x}"))
            }
            c => push(out, c),
        }
    }
    out.push(b'"');
}

/// Control characters, and those that turn the direction of text, separate lines or show nothing, so that two values that
/// differ look the same.
fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

fn push(out: &mut Vec<u8>, c: char) {
    out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
}

fn hex(out: &mut Vec<u8>, byte: u8) {
    _ = write!(out, "\\x{byte:02x}");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(escape: impl Fn(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        escape(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn nothing_steers_the_terminal() {
        assert_eq!(shown(|out| terminal(out, b"a\x1b[2J\x07\xff\r\n")), "a\\x1b[2J\\x07\\xff\\x0d\\x0a");
        assert_eq!(shown(|out| terminal(out, "é\u{9b}\u{202e}x".as_bytes())), "é\\xc2\\x9b\\xe2\\x80\\xaex");
    }

    #[test]
    fn what_shows_nothing_is_shown() {
        assert_eq!(
            shown(|out| terminal(out, "DE\u{ad}SK\u{200b}7".as_bytes())),
            "DE\\xc2\\xadSK\\xe2\\x80\\x8b7"
        );
        assert_eq!(shown(|out| terminal(out, "a\u{e0041}".as_bytes())), "a\\xf3\\xa0\\x81\\x81");
    }

    #[test]
    fn json_strings_read_back() {
        let text = "a\"b\\\u{1}\u{7f}\u{202e}é\u{1f600}\u{200b}\u{e0041}";
        let json = shown(|out| json(out, text));
        assert!(!json.chars().any(steers));
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
    }
}
