//! Numbers of up to eight characters, all characters at once in one 64-bit word.
//!
//! Only for processors with 64-bit registers: on a Cortex-M a plain loop is the shorter one.

const ONES: u64 = u64::MAX / 255;
const HIGH_BITS: u64 = ONES << 7;
const ZEROS: u64 = ONES * b'0' as u64;

/// The number that one to eight digits are; `None` for anything else.
#[cfg(any(test, target_pointer_width = "64"))]
#[inline]
pub(crate) fn short_number(text: &[u8]) -> Option<u64> {
    value(right_aligned(text)?)
}

/// The digits and the number of decimals of `12`, `12.`, `12.50` or `.5`, up to eight characters; `None` for
/// anything else.
#[cfg(any(test, target_pointer_width = "64"))]
#[inline]
pub(crate) fn short_decimal(text: &[u8]) -> Option<(u64, u8)> {
    let word = right_aligned(text)?;
    let points = word ^ (ONES * b'.' as u64);
    let point = points.wrapping_sub(ONES) & !points & HIGH_BITS;
    if point == 0 {
        return Some((value(word)?, 0));
    }
    if text.len() == 1 {
        return None;
    }
    // The characters in front of the point move up over it. A second point is then no digit.
    let at = point.trailing_zeros() & !7;
    let front = word & 1u64.wrapping_shl(at).wrapping_sub(1);
    let behind = word & u64::MAX.wrapping_shl(at).wrapping_shl(8);
    Some((value(behind | front << 8 | u64::from(b'0'))?, (7 - at / 8) as u8))
}

/// The last characters of some bytes, looked at for what they are, not for what they mean.
#[derive(Clone, Copy)]
pub(crate) struct Tail {
    /// The last character in the highest byte, `0` in front of them.
    word: u64,
    /// A bit for each that is no digit; exact up to the first such character.
    others: u64,
}

impl Tail {
    /// The last one to eight characters of `bytes`, which must be eight at least.
    #[inline(always)]
    pub(crate) fn new(bytes: &[u8], len: usize) -> Option<Self> {
        let free = 8u32.checked_sub(u32::try_from(len).ok()?)?.wrapping_mul(8);
        let text = u64::MAX.wrapping_shl(free);
        let word = (u64::from_le_bytes(*bytes.last_chunk()?) & text) | (ZEROS & !text);
        let digits = word ^ ZEROS;
        Some(Tail { word, others: (digits | digits.wrapping_add(ONES * 0x76)) & HIGH_BITS })
    }

    /// Whether [`short_number`] reads them.
    #[inline(always)]
    pub(crate) fn is_number(self) -> bool {
        self.others == 0
    }

    /// Whether [`short_decimal`] reads them, given that there is more than one, or no point.
    #[inline(always)]
    pub(crate) fn is_number_with_point(self) -> bool {
        let single = self.others & self.others.wrapping_sub(1) == 0;
        let other = self.word.wrapping_shr(self.others.trailing_zeros().wrapping_sub(7));
        single && other as u8 == b'.'
    }
}

/// The text's bytes with the last one in the highest byte and `0` in front of them.
#[cfg(any(test, target_pointer_width = "64"))]
#[inline(always)]
fn right_aligned(text: &[u8]) -> Option<u64> {
    let free = 8u32.checked_sub(u32::try_from(text.len()).ok()?)?.wrapping_mul(8);
    let word = match text {
        [] => return None,
        [a] => u64::from(*a) << 56,
        [a, b] => u64::from(u16::from_le_bytes([*a, *b])) << 48,
        [a, b, c] => u64::from(u32::from_le_bytes([0, *a, *b, *c])) << 32,
        _ => {
            // The two halves overlap in bytes that are the same in both.
            let first = u64::from(u32::from_le_bytes(*text.first_chunk()?));
            let last = u64::from(u32::from_le_bytes(*text.last_chunk()?));
            last << 32 | first.wrapping_shl(free)
        }
    };
    Some(word | (ZEROS & !u64::MAX.wrapping_shl(free)))
}

/// The number that eight digits are, the highest byte the last digit.
#[cfg(any(test, target_pointer_width = "64"))]
#[inline(always)]
fn value(word: u64) -> Option<u64> {
    let digits = word ^ ZEROS;
    if (digits | digits.wrapping_add(ONES * 0x76)) & HIGH_BITS != 0 {
        return None;
    }
    // Pairs, then fours, then all eight.
    let pairs = digits.wrapping_mul(10).wrapping_add(digits >> 8) & 0x00FF_00FF_00FF_00FF;
    let fours = pairs.wrapping_mul(100).wrapping_add(pairs >> 16) & 0x0000_FFFF_0000_FFFF;
    Some(fours.wrapping_mul(10_000).wrapping_add(fours >> 32) & 0xFFFF_FFFF)
}

/// The eight digits of a number below 100,000,000 as text, the first digit in the lowest byte.
#[cfg(any(test, target_pointer_width = "64"))]
#[inline]
pub(crate) fn eight_digits(number: u32) -> u64 {
    two_fours(number / 10_000, number % 10_000)
}

/// The digits of two numbers below 10,000, one behind the other.
#[cfg(any(test, target_pointer_width = "64"))]
#[inline]
pub(crate) fn two_fours(first: u32, second: u32) -> u64 {
    // Pairs, then single digits; multiplying by 10486 / 2^20 divides by 100 what is below 10,000, and by
    // 103 / 2^10 divides by 10 what is below 100.
    let fours = u64::from(first) | u64::from(second) << 32;
    let hundreds = (fours.wrapping_mul(10_486) >> 20) & 0x0000_007F_0000_007F;
    let pairs = hundreds | fours.wrapping_sub(hundreds.wrapping_mul(100)) << 16;
    let tens = (pairs.wrapping_mul(103) >> 10) & 0x000F_000F_000F_000F;
    ZEROS + (tens | pairs.wrapping_sub(tens.wrapping_mul(10)) << 8)
}

/// The three digits of a number below 1000, the first one in the lowest byte, and a zero byte behind them.
#[cfg(any(test, target_pointer_width = "64"))]
#[inline(always)]
pub(crate) fn three_digits(number: u32) -> u32 {
    // Multiplying by 41 / 2^12 divides by 100 what is below 1000, and by 103 / 2^10 divides by 10 what is below 100.
    let hundreds = number.wrapping_mul(41) >> 12;
    let rest = number.wrapping_sub(hundreds.wrapping_mul(100));
    let tens = rest.wrapping_mul(103) >> 10;
    let ones = rest.wrapping_sub(tens.wrapping_mul(10));
    (hundreds | tens << 8 | ones << 16).wrapping_add(0x0030_3030)
}

/// How many of eight digits of text are zeros that are not written: all in front, but not the last one.
#[cfg(any(test, target_pointer_width = "64"))]
#[inline]
pub(crate) fn leading_zeros(digits: u64) -> u32 {
    // A digit 1 in the last place keeps the zero of zero.
    ((digits ^ ZEROS) | 1 << 56).trailing_zeros() / 8
}

#[cfg(test)]
mod tests {
    use std::format;

    use super::*;

    #[test]
    fn numbers_of_every_length() {
        for number in
            [0u64, 1, 9, 10, 42, 99, 100, 999, 1234, 54321, 654_321, 7_654_321, 12_345_678, 99_999_999]
        {
            assert_eq!(short_number(format!("{number}").as_bytes()), Some(number));
            assert_eq!(short_number(format!("{number:08}").as_bytes()), Some(number));
        }
        for bad in [&b""[..], b"123456789", b"-1", b"1a", b"1:", b"/2", b"1.5", b"\xB1", b"12345\xFF78"] {
            assert_eq!(short_number(bad), None, "{}", bad.escape_ascii());
        }
    }

    #[test]
    fn every_number_of_eight_digits_is_written_as_it_is_read() {
        for number in (0..100_000_000u32).step_by(997).chain(0..20_000).chain(99_990_000..100_000_000) {
            let digits = eight_digits(number);
            assert_eq!(value(digits), Some(number.into()));
            let zeros = leading_zeros(digits) as usize;
            assert_eq!(&digits.to_le_bytes()[zeros..], format!("{number}").as_bytes());
        }
    }

    #[test]
    fn every_number_of_three_digits() {
        for number in 0..1000 {
            assert_eq!(three_digits(number).to_le_bytes(), *format!("{number:03}\0").as_bytes());
        }
    }

    #[test]
    fn decimals_with_the_point_anywhere() {
        for (text, digits, scale) in [
            ("0", 0, 0),
            ("12345678", 12_345_678, 0),
            ("1.09375", 109_375, 5),
            (".5", 5, 1),
            ("5.", 5, 0),
            (".1234567", 1_234_567, 7),
            ("1234567.", 1_234_567, 0),
            ("123.4567", 1_234_567, 4),
            ("0.00", 0, 2),
        ] {
            assert_eq!(short_decimal(text.as_bytes()), Some((digits, scale)), "{text}");
        }
        for bad in ["", ".", "..", "1..", ".1.", "1.2.3", "-1", "1,5", "123456789", "1./", "+1"] {
            assert_eq!(short_decimal(bad.as_bytes()), None, "{bad}");
        }
    }

    #[test]
    fn a_tail_is_what_the_readers_say() {
        let mut text = [0; 11];
        for number in 0..6u32.pow(6) {
            let mut left = number;
            for byte in text.iter_mut().rev() {
                *byte = *b"09./:x".get((left % 6) as usize).unwrap();
                left /= 6;
            }
            for len in 1..=8 {
                let tail = &text[11 - len..];
                let known = Tail::new(&text, len).unwrap();
                assert_eq!(known.is_number(), short_number(tail).is_some());
                let is_decimal = known.is_number() || (len > 1 && known.is_number_with_point());
                assert_eq!(is_decimal, short_decimal(tail).is_some(), "{}", tail.escape_ascii());
            }
        }
        assert!(Tail::new(&text, 9).is_none() && Tail::new(&text[..7], 1).is_none());
    }

    #[test]
    fn every_byte_that_is_no_digit_is_refused_at_every_place() {
        for byte in (0..=255u8).filter(|byte| !byte.is_ascii_digit()) {
            for at in 0..8 {
                let mut text = *b"12345678";
                text[at] = byte;
                assert_eq!(short_number(&text), None);
                assert_eq!(short_decimal(&text).is_some(), byte == b'.', "{byte} {at}");
            }
        }
    }
}
