//! Code sets: the values that a field may take, with their meanings.

/// One value of a code set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    /// The value on the wire.
    pub value: &'static str,
    /// Its meaning, such as `PARTIALLY_FILLED`.
    pub name: &'static str,
}

/// The values that a field may take.
#[derive(Clone, Copy, Debug)]
pub struct CodeSet {
    /// Which one-byte ASCII values are members: most code sets have no other.
    letters: [u32; 4],
    codes: &'static [Code],
}

impl CodeSet {
    /// A set of codes, which must be in ascending order of their values' bytes.
    #[must_use]
    pub const fn new(codes: &'static [Code]) -> CodeSet {
        let mut letters = [0; 4];
        let mut left = codes;
        while let [code, rest @ ..] = left {
            if let [letter @ 0..128] = code.value.as_bytes() {
                letters[(*letter / 32) as usize] |= 1 << (*letter % 32);
            }
            left = rest;
        }
        CodeSet { letters, codes }
    }

    /// The codes in ascending order of their values' bytes.
    #[must_use]
    pub const fn codes(&self) -> &'static [Code] {
        self.codes
    }

    /// Whether `letter` alone is one of the codes, and no control character.
    #[inline]
    pub(crate) fn has_letter(&self, letter: u8) -> bool {
        letter >= b' '
            && self.letters.get(usize::from(letter / 32)).is_some_and(|word| word >> (letter % 32) & 1 != 0)
    }

    /// Whether `value` is one of the codes.
    #[inline]
    #[must_use]
    pub fn contains(&self, value: &[u8]) -> bool {
        match value {
            [letter] => {
                let word = self.letters.get(usize::from(*letter / 32));
                word.is_some_and(|word| word >> (*letter % 32) & 1 == 1)
            }
            _ => self.find(value).is_some(),
        }
    }

    /// What `value` means.
    #[must_use]
    pub fn name(&self, value: &[u8]) -> Option<&'static str> {
        self.find(value).map(|code| code.name)
    }

    fn find(&self, value: &[u8]) -> Option<&'static Code> {
        let index = self.codes.binary_search_by(|code| code.value.as_bytes().cmp(value)).ok()?;
        self.codes.get(index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static SET: CodeSet = CodeSet::new(&[
        Code { value: "1", name: "ONE" },
        Code { value: "10", name: "TEN" },
        Code { value: "A", name: "LETTER" },
    ]);

    #[test]
    fn finds_short_and_long_codes() {
        assert!(SET.contains(b"1") && SET.contains(b"10") && SET.contains(b"A"));
        for other in [&b""[..], b"0", b"a", b"100", b"1 ", b"\xff"] {
            assert!(!SET.contains(other) && SET.name(other).is_none());
        }
        assert_eq!(SET.name(b"10"), Some("TEN"));
    }
}
