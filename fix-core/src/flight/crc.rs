//! CRC-32 as Ethernet and zip have it, with a table of sixteen: a board has no kilobyte to spare for it.

/// A CRC-32 in the making.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crc(u32);

const TABLE: [u32; 16] = table();

const fn table() -> [u32; 16] {
    let mut table = [0; 16];
    let mut nibble = 0;
    while nibble < 16 {
        let mut rest = nibble as u32;
        let mut bit = 0;
        while bit < 4 {
            rest = if rest & 1 == 1 { rest >> 1 ^ 0xEDB8_8320 } else { rest >> 1 };
            bit += 1;
        }
        table[nibble] = rest;
        nibble += 1;
    }
    table
}

impl Default for Crc {
    fn default() -> Self {
        Crc(u32::MAX)
    }
}

impl Crc {
    /// One byte more.
    pub fn byte(&mut self, byte: u8) {
        self.nibble(byte & 15);
        self.nibble(byte >> 4);
    }

    /// More bytes.
    #[must_use]
    pub fn bytes(mut self, bytes: &[u8]) -> Self {
        bytes.iter().for_each(|byte| self.byte(*byte));
        self
    }

    /// The sum of all bytes so far.
    #[must_use]
    pub fn value(self) -> u32 {
        !self.0
    }

    fn nibble(&mut self, nibble: u8) {
        let [low, ..] = self.0.to_le_bytes();
        let index = usize::from((low ^ nibble) & 15);
        self.0 = self.0 >> 4 ^ TABLE.get(index).copied().unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_value_of_crc_32() {
        assert_eq!(Crc::default().bytes(b"123456789").value(), 0xCBF4_3926);
        assert_eq!(Crc::default().value(), 0);
    }
}
