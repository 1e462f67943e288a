//! CheckSum(10): the sum of all bytes before it, modulo 256, as three digits (FIX 4.4 Vol. 2, "CheckSum").

/// The sum of `bytes` modulo 256.
pub fn check_sum(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0u8, |sum, byte| sum.wrapping_add(*byte))
}

/// The three digits of a check sum.
pub fn digits(sum: u8) -> [u8; 3] {
    [b'0'.wrapping_add(sum / 100), b'0'.wrapping_add(sum / 10 % 10), b'0'.wrapping_add(sum % 10)]
}

/// The value of exactly three digits up to 255, or `None`.
pub fn parse(text: &[u8]) -> Option<u8> {
    match text {
        [a @ b'0'..=b'2', b @ b'0'..=b'9', c @ b'0'..=b'9'] => {
            let [a, b, c] = [a, b, c].map(|digit| digit.wrapping_sub(b'0'));
            a.checked_mul(100)?.checked_add(b.wrapping_mul(10))?.checked_add(c)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_and_parse_are_inverse() {
        for sum in 0..=255 {
            assert_eq!(parse(&digits(sum)), Some(sum));
        }
        for bad in [&b"256"[..], b"299", b"7", b"07", b"0007", b"1a1", b""] {
            assert_eq!(parse(bad), None);
        }
    }

    #[test]
    fn sum_wraps() {
        assert_eq!(check_sum(&[255, 1, 7]), 7);
    }
}
