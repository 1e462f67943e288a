//! Finding the delimiters of a message one after the other.

#[cfg(not(target_arch = "x86_64"))]
pub(super) use self::words::Delimiters;
#[cfg(target_arch = "x86_64")]
pub(super) use blocks::Delimiters;

/// With vector compares: one mask tells the delimiters of 64 bytes.
#[cfg(target_arch = "x86_64")]
mod blocks {
    use safe_arch::{cmp_eq_mask_i8_m128i, m128i, move_mask_i8_m128i, set_splat_i8_m128i};

    use super::super::SOH;

    const BLOCK: usize = 64;

    /// The places of SOH in a run of bytes, ascending.
    #[derive(Clone)]
    pub(in super::super) struct Delimiters {
        /// Where the block of `mask` begins.
        block: usize,
        /// A bit for every SOH of the block that was not given out.
        mask: u64,
    }

    impl Delimiters {
        /// The delimiters from `at` on.
        #[inline(always)]
        pub(in super::super) fn from(at: usize) -> Self {
            Delimiters { block: at.wrapping_sub(BLOCK), mask: 0 }
        }

        /// No delimiters, whatever the bytes are.
        pub(in super::super) fn none() -> Self {
            Delimiters { block: usize::MAX.wrapping_sub(2 * BLOCK), mask: 0 }
        }

        /// The place of the next SOH of `bytes`; they must be the same bytes in every call.
        #[inline(always)]
        pub(in super::super) fn next(&mut self, bytes: &[u8], _from: usize) -> Option<usize> {
            while self.mask == 0 {
                self.block = self.block.wrapping_add(BLOCK);
                self.mask = mask_at(bytes, self.block)?;
            }
            let place = self.block.wrapping_add(self.mask.trailing_zeros() as usize);
            self.mask &= self.mask.wrapping_sub(1);
            Some(place)
        }
    }

    /// The mask of the block that begins at `at`; `None` behind the end.
    #[inline(always)]
    fn mask_at(bytes: &[u8], at: usize) -> Option<u64> {
        let rest = bytes.len().checked_sub(at)?;
        // The last whole block of the bytes overlaps what was before.
        let (block, known) = match bytes.get(at..)?.first_chunk() {
            Some(block) => (block, 0),
            None => match bytes.last_chunk() {
                Some(block) => (block, BLOCK.wrapping_sub(rest) as u32),
                None => return short_mask(bytes.get(at..)?),
            },
        };
        mask(block).checked_shr(known)
    }

    /// Fewer bytes than a block in all.
    #[cold]
    #[inline(never)]
    fn short_mask(bytes: &[u8]) -> Option<u64> {
        if bytes.is_empty() {
            return None;
        }
        let mut block = [0; BLOCK];
        block.get_mut(..bytes.len())?.copy_from_slice(bytes);
        Some(mask(&block))
    }

    #[inline(always)]
    fn mask(block: &[u8; BLOCK]) -> u64 {
        let (parts, _) = block.as_chunks::<16>();
        let delimiter = set_splat_i8_m128i(SOH as i8);
        let mask_of =
            |part: &[u8; 16]| move_mask_i8_m128i(cmp_eq_mask_i8_m128i(m128i::from(*part), delimiter));
        parts.iter().rev().fold(0, |mask, part| mask << 16 | u64::from(mask_of(part) as u16))
    }
}

/// Without vectors: a machine word at a time.
#[cfg(any(test, not(target_arch = "x86_64")))]
mod words {
    use super::super::word::find_soh;

    /// The places of SOH in a run of bytes, ascending.
    #[derive(Clone)]
    pub(in super::super) struct Delimiters {
        stopped: bool,
    }

    impl Delimiters {
        /// The delimiters from `at` on.
        #[inline(always)]
        pub(in super::super) fn from(_at: usize) -> Self {
            Delimiters { stopped: false }
        }

        /// No delimiters, whatever the bytes are.
        #[cfg(not(target_arch = "x86_64"))]
        pub(in super::super) fn none() -> Self {
            Delimiters { stopped: true }
        }

        /// The place of the next SOH of `bytes`, which is not before `from`.
        #[inline(always)]
        pub(in super::super) fn next(&mut self, bytes: &[u8], from: usize) -> Option<usize> {
            if self.stopped {
                return None;
            }
            find_soh(bytes.get(from..)?)?.checked_add(from)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{vec, vec::Vec};

    use super::{super::SOH, *};

    fn places(bytes: &[u8], from: usize) -> Vec<usize> {
        bytes.iter().enumerate().skip(from).filter(|(_, byte)| **byte == SOH).map(|(at, _)| at).collect()
    }

    #[test]
    fn both_ways_find_the_delimiters_that_the_plain_one_finds() {
        for len in [0usize, 1, 7, 8, 15, 16, 63, 64, 65, 127, 128, 129, 200] {
            for step in [1usize, 2, 3, 7, 11, 64, 65, 300] {
                for from in [0, 1, 5, 64, 70] {
                    let bytes: Vec<u8> = (0..len).map(|at| if at % step == 0 { SOH } else { b'x' }).collect();
                    let (mut vector, mut scalar) = (Delimiters::from(from), words::Delimiters::from(from));
                    let (mut by_vector, mut by_scalar) = (vec![], vec![]);
                    while let Some(place) = vector.next(&bytes, by_vector.last().map_or(from, |at| at + 1)) {
                        by_vector.push(place);
                    }
                    while let Some(place) = scalar.next(&bytes, by_scalar.last().map_or(from, |at| at + 1)) {
                        by_scalar.push(place);
                    }
                    assert_eq!(by_vector, places(&bytes, from), "{len} {step} {from}");
                    assert_eq!(by_scalar, places(&bytes, from), "{len} {step} {from}");
                }
            }
        }
    }
}
