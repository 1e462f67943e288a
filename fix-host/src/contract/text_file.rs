//! Files of text that users name.

use std::{fs::File, io::Read, path::Path};

/// Reads a file of text of at most `most` bytes; a byte order mark is no part of it.
///
/// # Errors
/// What is wrong with it, for a line behind its name.
pub fn read_text(path: &Path, most: u64) -> Result<String, String> {
    let file = File::open(path).map_err(|error| error.to_string())?;
    let mut bytes = Vec::new();
    file.take(most.saturating_add(1)).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() as u64 > most {
        return Err(format!("is longer than the {most} bytes that are read"));
    }
    if bytes.starts_with("\u{feff}".as_bytes()) {
        bytes.drain(.."\u{feff}".len());
    }
    String::from_utf8(bytes).map_err(|_| "is not UTF-8 text".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_read_without_its_mark_and_what_is_too_long_or_no_text_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("text");
        for (bytes, read) in [
            (&b"\xef\xbb\xbfabc"[..], Ok("abc".to_owned())),
            (b"abcdef", Ok("abcdef".to_owned())),
            (b"abcdefg", Err("is longer than the 6 bytes that are read".to_owned())),
            (b"\xff", Err("is not UTF-8 text".to_owned())),
        ] {
            std::fs::write(&path, bytes).unwrap();
            assert_eq!(read_text(&path, 6), read);
        }
        assert!(read_text(Path::new("/dev/zero"), 6).is_err_and(|error| error.contains("longer")));
        assert!(read_text(folder.path(), 6).is_err());
    }
}
