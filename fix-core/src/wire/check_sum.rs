//! CheckSum(10): the sum of all bytes before it, modulo 256, as three digits (FIX 4.4 Vol. 2, "CheckSum").

/// The sum of `bytes` modulo 256.
#[inline]
pub fn check_sum(bytes: &[u8]) -> u8 {
    #[cfg(target_pointer_width = "64")]
    return lanes::check_sum(bytes);
    #[cfg(not(target_pointer_width = "64"))]
    return words::check_sum(bytes);
}

#[cfg(target_pointer_width = "64")]
pub(super) use lanes::{LANES, blocks};

/// Sixteen sums side by side, which compilers turn into vector adds.
#[cfg(any(test, target_pointer_width = "64"))]
mod lanes {
    #[cfg(target_arch = "x86_64")]
    use safe_arch::{
        add_i8_m128i, get_i64_from_m128i_s, m128i, sum_of_u8_abs_diff_m128i, unpack_high_i64_m128i,
    };

    pub(crate) const LANES: usize = 16;
    /// The bytes that the sum takes in one turn.
    const TURN: usize = 4 * LANES;
    /// Read from an index up, it keeps that many last bytes of a turn.
    static KEEP_LAST: [u8; 2 * TURN] = {
        let mut mask = [0; 2 * TURN];
        let mut at = TURN;
        while at < mask.len() {
            mask[at] = 0xFF;
            at += 1;
        }
        mask
    };

    #[inline(always)]
    pub(super) fn check_sum(bytes: &[u8]) -> u8 {
        let (turns, rest) = bytes.as_chunks::<TURN>();
        let Some(last) = bytes.last_chunk::<TURN>() else { return short(rest) };
        let mut sums = Sums::default();
        for turn in turns {
            for block in turn.as_chunks().0 {
                sums = sums.add(block);
            }
        }
        // The last turn overlaps what is summed already: only its last bytes count.
        if let Some(mask) = KEEP_LAST.get(rest.len()..).and_then(|mask| mask.first_chunk::<TURN>()) {
            let blocks = last.as_chunks().0.iter().zip(mask.as_chunks().0);
            sums = blocks.fold(sums, |sums, (block, mask)| sums.add_masked(block, mask));
        }
        sums.total()
    }

    /// Less than a turn.
    #[cold]
    #[inline(never)]
    fn short(bytes: &[u8]) -> u8 {
        one_by_one(bytes)
    }

    /// The sum of whole blocks.
    #[cfg(target_pointer_width = "64")]
    #[inline(always)]
    pub(crate) fn blocks(blocks: &[[u8; LANES]]) -> u8 {
        sums(blocks).total()
    }

    #[cfg(target_pointer_width = "64")]
    #[inline(always)]
    fn sums(blocks: &[[u8; LANES]]) -> Sums {
        // Four at a time, so that the loop itself costs little.
        let (fours, blocks) = blocks.as_chunks::<4>();
        let sums = fours.iter().fold(Sums::default(), |sums, four| four.iter().fold(sums, Sums::add));
        blocks.iter().fold(sums, Sums::add)
    }

    /// A vector register, said so: the compiler's own way to add up its lanes takes forty instructions.
    #[cfg(target_arch = "x86_64")]
    #[derive(Default)]
    struct Sums(m128i);

    #[cfg(target_arch = "x86_64")]
    impl Sums {
        #[inline(always)]
        fn add(self, block: &[u8; LANES]) -> Self {
            Sums(add_i8_m128i(self.0, m128i::from(*block)))
        }

        #[inline(always)]
        fn add_masked(self, block: &[u8; LANES], mask: &[u8; LANES]) -> Self {
            Sums(add_i8_m128i(self.0, m128i::from(*block) & m128i::from(*mask)))
        }

        #[inline(always)]
        fn total(self) -> u8 {
            // Two sums of eight lanes each; neither overflows its half.
            let halves = sum_of_u8_abs_diff_m128i(self.0, m128i::default());
            let upper = unpack_high_i64_m128i(halves, halves);
            get_i64_from_m128i_s(halves).wrapping_add(get_i64_from_m128i_s(upper)) as u8
        }
    }

    #[cfg(not(target_arch = "x86_64"))]
    #[derive(Default)]
    struct Sums([u8; LANES]);

    #[cfg(not(target_arch = "x86_64"))]
    impl Sums {
        #[inline(always)]
        fn add(mut self, block: &[u8; LANES]) -> Self {
            self.0.iter_mut().zip(block).for_each(|(sum, byte)| *sum = sum.wrapping_add(*byte));
            self
        }

        #[inline(always)]
        fn add_masked(self, block: &[u8; LANES], mask: &[u8; LANES]) -> Self {
            let mut masked = *block;
            masked.iter_mut().zip(mask).for_each(|(byte, mask)| *byte &= mask);
            self.add(&masked)
        }

        #[inline(always)]
        fn total(self) -> u8 {
            one_by_one(&self.0)
        }
    }

    #[inline(always)]
    fn one_by_one(bytes: &[u8]) -> u8 {
        bytes.iter().fold(0u8, |sum, byte| sum.wrapping_add(*byte))
    }
}

/// Four sums in one 32-bit word: two words of two 16-bit lanes, which cannot overflow within a block.
#[cfg(any(test, not(target_pointer_width = "64")))]
mod words {
    const EVEN: u32 = 0x00FF_00FF;
    /// Words summed before the lanes could overflow: 2 bytes of at most 255 per lane and word.
    const BLOCK: usize = 4 * 128;

    pub(super) fn check_sum(bytes: &[u8]) -> u8 {
        bytes.chunks(BLOCK).fold(0u8, |sum, block| sum.wrapping_add(block_sum(block)))
    }

    /// The even lanes, and whole words.
    #[inline(always)]
    fn add((even, all): (u32, u32), word: &[u8; 4]) -> (u32, u32) {
        let word = u32::from_le_bytes(*word);
        (even.wrapping_add(word & EVEN), all.wrapping_add(word))
    }

    fn block_sum(block: &[u8]) -> u8 {
        let (words, rest) = block.as_chunks::<4>();
        // Four at a time, so that the loop itself costs little.
        let (fours, words) = words.as_chunks::<4>();
        let sums = fours.iter().fold((0, 0), |sums, [a, b, c, d]| add(add(add(add(sums, a), b), c), d));
        let (even, all) = words.iter().fold(sums, add);
        // What the even lanes leave of the words is the odd lanes, one byte higher up.
        let odd = all.wrapping_sub(even) >> 8;
        let lanes = even.wrapping_add(odd);
        let sum = (lanes as u8).wrapping_add((lanes >> 16) as u8);
        rest.iter().fold(sum, |sum, byte| sum.wrapping_add(*byte))
    }
}

/// The three digits of a check sum.
#[inline]
pub fn digits(sum: u8) -> [u8; 3] {
    let [digits @ .., _] = digits_and_soh(sum);
    digits
}

/// The three digits of a check sum and the SOH behind them.
#[inline(always)]
pub(super) fn digits_and_soh(sum: u8) -> [u8; 4] {
    #[cfg(target_pointer_width = "64")]
    return DIGITS.get(usize::from(sum)).copied().unwrap_or_default();
    #[cfg(not(target_pointer_width = "64"))]
    return digits_of(sum);
}

/// Of every check sum: a server has the kilobyte, and one load then tells whether a message is whole.
#[cfg(target_pointer_width = "64")]
static DIGITS: [[u8; 4]; 256] = {
    let mut table = [[0; 4]; 256];
    let mut sum = 0;
    while sum < table.len() {
        table[sum] = digits_of(sum as u8);
        sum += 1;
    }
    table
};

const fn digits_of(sum: u8) -> [u8; 4] {
    [b'0'.wrapping_add(sum / 100), b'0'.wrapping_add(sum / 10 % 10), b'0'.wrapping_add(sum % 10), super::SOH]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn always_three_digits() {
        for sum in 0..=255 {
            assert_eq!(digits(sum), std::format!("{sum:03}").as_bytes());
        }
    }

    #[test]
    fn sum_wraps() {
        assert_eq!(check_sum(&[255, 1, 7]), 7);
    }

    #[test]
    fn both_ways_to_sum_agree_with_the_plain_one() {
        let bytes: std::vec::Vec<u8> = (0..2000u32).map(|at| (at * at / 7) as u8 | 0x80).collect();
        for len in (0..100).chain([511, 512, 513, 1024, 2000]) {
            let plain = bytes[..len].iter().fold(0u8, |sum, byte| sum.wrapping_add(*byte));
            assert_eq!(lanes::check_sum(&bytes[..len]), plain, "{len}");
            assert_eq!(words::check_sum(&bytes[..len]), plain, "{len}");
        }
        assert_eq!(words::check_sum(&[255; 4096]), lanes::check_sum(&[255; 4096]));
    }
}
