//! Blocks: how entries stand in a file, in flash or in memory, so that what is damaged or cut off is found.
//!
//! | bytes | are |
//! |---|---|
//! | 4 | `FXR1` |
//! | 4 | the block's number, one more than that of the block before |
//! | 2 | how many bytes of entries follow |
//! | 2 | where among them the first [`Start`](super::Start) begins; 65,535: none does |
//! | n | entries; one that does not fit goes on in the next block |
//! | 4 | the CRC-32 of all before |
//!
//! Numbers have their low byte first.

use core::fmt;

use super::crc::Crc;

/// Bytes of a block beside its entries: 12 in front and 4 behind.
pub const OVERHEAD: usize = HEAD + TAIL;
const HEAD: usize = 12;
const TAIL: usize = 4;
const MAGIC: [u8; 4] = *b"FXR1";
/// No [`Start`](super::Start) begins in the block.
const NO_START: u16 = u16::MAX;

/// The most bytes of entries in a block.
pub const MAX_PAYLOAD: usize = 60_000;

/// What stands in front of the entries of a block: `len` bytes of them follow, and the first Start among them begins at
/// `start`.
#[must_use]
pub fn head(number: u32, len: u16, start: Option<u16>) -> [u8; HEAD] {
    let [m0, m1, m2, m3] = MAGIC;
    let [n0, n1, n2, n3] = number.to_le_bytes();
    let [l0, l1] = len.to_le_bytes();
    let [s0, s1] = start.unwrap_or(NO_START).to_le_bytes();
    [m0, m1, m2, m3, n0, n1, n2, n3, l0, l1, s0, s1]
}

/// What stands behind them.
#[must_use]
pub fn tail(head: &[u8; HEAD], payload: &[u8]) -> [u8; TAIL] {
    Crc::default().bytes(head).bytes(payload).value().to_le_bytes()
}

/// A block that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block<'a> {
    /// One more than that of the block before.
    pub number: u32,
    /// Where the first Start among the entries begins.
    pub start: Option<usize>,
    /// Entries, the first of which may have begun in the block before.
    pub payload: &'a [u8],
    /// All bytes of the block.
    pub len: usize,
}

/// Why there is no block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockFault {
    /// The bytes end before it does.
    Cut,
    /// No block begins here.
    NoBlock,
    /// Its check sum is wrong.
    Damaged,
}

impl fmt::Display for BlockFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            BlockFault::Cut => "the recording is cut off",
            BlockFault::NoBlock => "no block of a recording begins here",
            BlockFault::Damaged => "the block's check sum is wrong",
        })
    }
}

impl core::error::Error for BlockFault {}

/// The block at the front of `bytes`.
///
/// # Errors
/// [`BlockFault`].
pub fn read(bytes: &[u8]) -> Result<Block<'_>, BlockFault> {
    let Some((head, rest)) = bytes.split_first_chunk::<HEAD>() else {
        let is_beginning = MAGIC.iter().zip(bytes).all(|(magic, byte)| magic == byte);
        return Err(if is_beginning { BlockFault::Cut } else { BlockFault::NoBlock });
    };
    let [m0, m1, m2, m3, n0, n1, n2, n3, l0, l1, s0, s1] = *head;
    if [m0, m1, m2, m3] != MAGIC {
        return Err(BlockFault::NoBlock);
    }
    let len = usize::from(u16::from_le_bytes([l0, l1]));
    let (payload, rest) = rest.split_at_checked(len).ok_or(BlockFault::Cut)?;
    let found = rest.first_chunk::<TAIL>().ok_or(BlockFault::Cut)?;
    if *found != tail(head, payload) {
        return Err(BlockFault::Damaged);
    }
    let start = u16::from_le_bytes([s0, s1]);
    let start = (start != NO_START).then_some(usize::from(start));
    let number = u32::from_le_bytes([n0, n1, n2, n3]);
    Ok(Block { number, start, payload, len: len.saturating_add(OVERHEAD) })
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;

    fn block() -> Vec<u8> {
        let head = head(7, 3, Some(1));
        [&head[..], b"abc", &tail(&head, b"abc")].concat()
    }

    #[test]
    fn a_block_is_read_as_it_was_written() {
        let mut bytes = block();
        bytes.extend(b"more");
        assert_eq!(read(&bytes), Ok(Block { number: 7, start: Some(1), payload: b"abc", len: 19 }));
    }

    #[test]
    fn every_flipped_bit_and_every_cut_is_found() {
        let good = block();
        for at in 0..good.len() {
            assert_eq!(read(&good[..at]), Err(BlockFault::Cut), "cut at {at}");
            for bit in 0..8 {
                let mut bad = good.clone();
                bad[at] ^= 1 << bit;
                assert!(read(&bad).is_err(), "bit {bit} of byte {at}");
            }
        }
    }
}
