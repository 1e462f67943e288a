//! A recording as it stands in a file.

use std::{fmt, fs, io, path::Path};

use fix_core::flight::block::{self, BlockFault};

/// The entries of a file, from the first Start on.
#[derive(Debug, PartialEq, Eq)]
pub struct Recording {
    /// Without the blocks around them.
    pub entries: Vec<u8>,
    /// What is behind them and cannot be read.
    pub gap: Option<Gap>,
}

/// Where the blocks end before the file does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// How many bytes of the file are good.
    pub at: usize,
    why: Why,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Why {
    Block(BlockFault),
    /// A block is missing: number and the one that was to come.
    Missing(u32, u32),
}

impl Gap {
    /// The file is no recording at all.
    #[must_use]
    pub fn is_foreign(&self) -> bool {
        self.at == 0 && self.why == Why::Block(BlockFault::NoBlock)
    }

    /// The file ends in the middle of a block, as it does when its writer was killed.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        self.why == Why::Block(BlockFault::Cut)
    }
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "byte {}: ", self.at)?;
        match self.why {
            Why::Block(fault) => write!(f, "{fault}"),
            Why::Missing(found, wanted) => write!(f, "block {found} comes where block {wanted} was to come"),
        }
    }
}

impl Recording {
    /// Reads a file.
    ///
    /// # Errors
    /// The system's.
    pub fn read(path: &Path) -> io::Result<Self> {
        Ok(Self::parse(&fs::read(path)?))
    }

    /// Of the bytes of a file, or of a board's ring.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Self {
        let (mut entries, mut at, mut next) = (Vec::new(), 0, None);
        let mut is_begun = false;
        let why = loop {
            if at == bytes.len() {
                return Recording { entries, gap: None };
            }
            let block = match block::read(&bytes[at..]) {
                Ok(block) => block,
                Err(fault) => break Why::Block(fault),
            };
            if let Some(wanted) = next.filter(|wanted| *wanted != block.number) {
                break Why::Missing(block.number, wanted);
            }
            let from = match (is_begun, block.start) {
                (true, _) => 0,
                (false, Some(start)) => start.min(block.payload.len()),
                (false, None) => block.payload.len(),
            };
            is_begun |= block.start.is_some();
            entries.extend_from_slice(&block.payload[from..]);
            next = Some(block.number.wrapping_add(1));
            at += block.len;
        };
        Recording { entries, gap: Some(Gap { at, why }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(number: u32, payload: &[u8], start: Option<u16>) -> Vec<u8> {
        let head = block::head(number, payload.len() as u16, start);
        [&head[..], payload, &block::tail(&head, payload)].concat()
    }

    #[test]
    fn blocks_are_joined_from_the_first_start_to_the_first_that_is_bad() {
        let mut file = [block(3, b"old", None), block(4, b"xyAB", Some(2)), block(5, b"CD", None)].concat();
        let good = file.len();
        assert_eq!(Recording::parse(&file), Recording { entries: b"ABCD".to_vec(), gap: None });
        file.extend(block(7, b"EF", None));
        let missing = Recording::parse(&file);
        assert_eq!(missing.entries, b"ABCD");
        let gap = missing.gap.unwrap().to_string();
        assert_eq!(gap, format!("byte {good}: block 7 comes where block 6 was to come"));
        file[good - 5] ^= 1;
        assert_eq!(Recording::parse(&file).entries, b"AB");
        assert!(Recording::parse(&file[..good - 1]).gap.unwrap().to_string().contains("cut off"));
        assert!(Recording::parse(b"[DEFAULT]\n").gap.is_some_and(|gap| gap.at == 0));
    }
}
