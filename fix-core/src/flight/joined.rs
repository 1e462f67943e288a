//! The blocks of a recording, one behind the other as a file has them, and where they end before the file does.

use core::fmt;

use super::block::{self, BlockFault};

/// The entries of the blocks in some bytes, a piece a block, from the first [`Start`](super::Start) on. What comes after the
/// first block that is bad is not read.
#[derive(Clone, Debug)]
pub struct Joined<'a> {
    bytes: &'a [u8],
    at: usize,
    /// The number that the next block must have.
    next: Option<u32>,
    is_begun: bool,
    is_over: bool,
}

/// Where the blocks end before the bytes do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// How many bytes are good.
    pub at: usize,
    why: Why,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Why {
    Block(BlockFault),
    /// Another block than the one that was to come.
    Missing {
        found: u32,
        wanted: u32,
    },
}

impl Gap {
    /// The bytes are no recording at all.
    #[must_use]
    pub fn is_foreign(&self) -> bool {
        self.at == 0 && self.why == Why::Block(BlockFault::NoBlock)
    }

    /// The bytes end in the middle of a block, as they do when their writer was killed.
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
            Why::Missing { found, wanted } => {
                write!(f, "block {found} comes where block {wanted} was to come")
            }
        }
    }
}

impl core::error::Error for Gap {}

impl<'a> Joined<'a> {
    /// Of the bytes of a file, or of a board's ring.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Joined { bytes, at: 0, next: None, is_begun: false, is_over: false }
    }

    fn block(&mut self) -> Result<&'a [u8], Gap> {
        let gap = |why| Gap { at: self.at, why };
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let block = block::read(rest).map_err(|fault| gap(Why::Block(fault)))?;
        if let Some(wanted) = self.next.filter(|wanted| *wanted != block.number) {
            return Err(gap(Why::Missing { found: block.number, wanted }));
        }
        let from = match (self.is_begun, block.start) {
            (true, _) => 0,
            (false, Some(start)) => start.min(block.payload.len()),
            (false, None) => block.payload.len(),
        };
        self.is_begun |= block.start.is_some();
        self.next = Some(block.number.wrapping_add(1));
        self.at = self.at.saturating_add(block.len);
        Ok(block.payload.get(from..).unwrap_or_default())
    }
}

impl<'a> Iterator for Joined<'a> {
    type Item = Result<&'a [u8], Gap>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_over || self.at >= self.bytes.len() {
            return None;
        }
        let block = self.block();
        self.is_over = block.is_err();
        Some(block)
    }
}

#[cfg(test)]
mod tests {
    use std::{string::ToString, vec::Vec};

    use super::*;

    fn block(number: u32, payload: &[u8], start: Option<u16>) -> Vec<u8> {
        let head = block::head(number, payload.len() as u16, start);
        [&head[..], payload, &block::tail(&head, payload)].concat()
    }

    fn joined(bytes: &[u8]) -> (Vec<u8>, Option<Gap>) {
        let (mut entries, mut gap) = (Vec::new(), None);
        for piece in Joined::new(bytes) {
            match piece {
                Ok(piece) => entries.extend_from_slice(piece),
                Err(found) => gap = Some(found),
            }
        }
        (entries, gap)
    }

    #[test]
    fn blocks_are_joined_from_the_first_start_to_the_first_that_is_bad() {
        let mut file = [block(3, b"old", None), block(4, b"xyAB", Some(2)), block(5, b"CD", None)].concat();
        let good = file.len();
        assert_eq!(joined(&file), (b"ABCD".to_vec(), None));
        file.extend(block(7, b"EF", None));
        let (entries, gap) = joined(&file);
        assert_eq!(entries, b"ABCD");
        let gap = gap.unwrap().to_string();
        assert_eq!(gap, std::format!("byte {good}: block 7 comes where block 6 was to come"));
        file[good - 5] ^= 1;
        assert_eq!(joined(&file).0, b"AB");
        assert!(joined(&file[..good - 1]).1.unwrap().to_string().contains("cut off"));
        assert!(joined(b"[DEFAULT]\n").1.is_some_and(|gap| gap.is_foreign()));
    }
}
