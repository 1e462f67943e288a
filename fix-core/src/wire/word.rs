//! Bytes a machine word at a time: the scalar path that is good on a server and on a Cortex-M alike.

use super::SOH;

#[cfg(target_pointer_width = "64")]
type Word = u64;
#[cfg(not(target_pointer_width = "64"))]
type Word = u32;

const BYTES: usize = size_of::<Word>();
/// 0x01 in every byte: also SOH in every byte.
const ONES: Word = Word::MAX / 255;
const HIGH_BITS: Word = ONES << 7;

/// A bit in every byte of `word` that is zero; exact up to the lowest such byte.
fn zero_bytes(word: Word) -> Word {
    word.wrapping_sub(ONES) & !word & HIGH_BITS
}

/// The place of the first SOH.
#[inline(always)]
pub(super) fn find_soh(bytes: &[u8]) -> Option<usize> {
    let mut rest = bytes;
    while let Some((word, tail)) = rest.split_first_chunk::<BYTES>() {
        let hits = zero_bytes(Word::from_le_bytes(*word) ^ (ONES * SOH as Word));
        if hits != 0 {
            let before = bytes.len().wrapping_sub(rest.len());
            return Some(before.wrapping_add((hits.trailing_zeros() / 8) as usize));
        }
        rest = tail;
    }
    let before = bytes.len().wrapping_sub(rest.len());
    rest.iter().position(|byte| *byte == SOH).map(|at| before.wrapping_add(at))
}

/// The number that four digits are; `None` if one is no digit. Shorter numbers are padded with `0`.
#[cfg(target_pointer_width = "64")]
#[inline(always)]
pub(super) fn four_digits(text: [u8; 4]) -> Option<i32> {
    let mut number = 0i32;
    for byte in text {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        number = number.wrapping_mul(10).wrapping_add(i32::from(digit));
    }
    Some(number)
}

#[cfg(test)]
mod tests {
    use std::vec;

    use super::*;

    #[test]
    fn soh_is_found_at_every_place_and_length() {
        for len in 0..40 {
            let mut bytes = vec![0x81u8; len];
            assert_eq!(find_soh(&bytes), None);
            for at in (0..len).rev() {
                bytes[at] = SOH;
                assert_eq!(find_soh(&bytes), Some(at));
            }
        }
    }

    #[test]
    fn bytes_near_soh_are_not_soh() {
        for byte in (0..=255u8).filter(|byte| *byte != SOH) {
            let bytes = [byte, byte, byte, byte, byte, byte, byte, byte, byte, SOH, byte];
            assert_eq!(find_soh(&bytes), Some(9), "{byte}");
        }
    }
}
