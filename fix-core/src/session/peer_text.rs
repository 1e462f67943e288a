//! What a counterparty says in a Text(58), kept without memory of one's own.

use core::{fmt, str};

/// Bytes that are kept of it.
const MAX: usize = 64;

/// A Text(58) of the counterparty's, cut to 64 bytes. What is no UTF-8 or would not print is a `?`. It may repeat what
/// our message said.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PeerText {
    bytes: [u8; MAX],
    len: u8,
}

impl PeerText {
    /// No text.
    pub const NONE: PeerText = PeerText { bytes: [0; MAX], len: 0 };

    /// The value of a Text(58).
    pub(crate) fn new(value: &[u8]) -> Self {
        let mut text = PeerText::NONE;
        for chunk in value.utf8_chunks() {
            let broken = (!chunk.invalid().is_empty()).then_some('?');
            let shown = |char: char| if char.is_control() { '?' } else { char };
            if !chunk.valid().chars().map(shown).chain(broken).all(|char| text.push(char)) {
                break;
            }
        }
        text
    }

    /// False if there is no room for it.
    fn push(&mut self, char: char) -> bool {
        let mut encoded = [0; 4];
        let encoded = char.encode_utf8(&mut encoded).as_bytes();
        let start = usize::from(self.len);
        let end = start.saturating_add(encoded.len());
        let (Some(room), Ok(len)) = (self.bytes.get_mut(start..end), u8::try_from(end)) else { return false };
        room.copy_from_slice(encoded);
        self.len = len;
        true
    }

    /// The text; empty if there was none.
    pub fn as_str(&self) -> &str {
        let bytes = self.bytes.get(..self.len.into()).unwrap_or_default();
        str::from_utf8(bytes).unwrap_or_default()
    }
}

impl fmt::Debug for PeerText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl fmt::Display for PeerText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for PeerText {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "{}", self.as_str());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_at_a_character_and_prints() {
        let long = "\u{fc}".repeat(40);
        assert_eq!(PeerText::new(long.as_bytes()).as_str(), "\u{fc}".repeat(32));
        assert_eq!(PeerText::new(b"no\x1b[2J\xffway").as_str(), "no?[2J?way");
        assert_eq!(PeerText::new(b""), PeerText::NONE);
    }
}
