//! The digits of a number of any length, one after the other: what a small processor reads all numbers with.

use super::ValueError;

/// Characters whose digits always fit into 32 bits.
const SHORT: usize = 9;

/// The number that the digits of `text` are, and how many of them stand behind the point, if there is one.
///
/// # Errors
/// [`ValueError::Format`] for other characters, a second point, and for no digit; otherwise
/// [`ValueError::Overflow`] beyond 64 bits.
pub(crate) fn magnitude(text: &[u8]) -> Result<(u64, Option<usize>), ValueError> {
    if text.len() > SHORT {
        return long(text);
    }
    let (mut number, mut point) = (0u32, None);
    let mut rest = text.iter();
    while let Some(byte) = rest.next() {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            if *byte != b'.' || point.is_some() {
                return Err(ValueError::Format);
            }
            point = Some(rest.len());
            continue;
        }
        number = number.wrapping_mul(10).wrapping_add(digit.into());
    }
    if text.len() == usize::from(point.is_some()) {
        return Err(ValueError::Format);
    }
    Ok((number.into(), point))
}

/// Any length.
#[cold]
#[inline(never)]
fn long(text: &[u8]) -> Result<(u64, Option<usize>), ValueError> {
    let (mut number, mut point) = (Some(0), None);
    let mut rest = text.iter();
    while let Some(byte) = rest.next() {
        let digit = byte.wrapping_sub(b'0');
        if digit <= 9 {
            number = number.and_then(|front| with_digit(front, digit));
        } else if *byte == b'.' && point.is_none() {
            point = Some(rest.len());
        } else {
            return Err(ValueError::Format);
        }
    }
    Ok((number.ok_or(ValueError::Overflow)?, point))
}

/// One more digit behind a number.
fn with_digit(number: u64, digit: u8) -> Option<u64> {
    // With a bound in front, no multiplication needs more than 64 bits.
    if number > u64::MAX / 10 {
        return None;
    }
    number.wrapping_mul(10).checked_add(digit.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_of_every_number_and_a_point_anywhere() {
        for text in ["0", "7", "999999999", "1000000000", "9999999999", "18446744073709551615"] {
            let number = text.parse().unwrap();
            assert_eq!(magnitude(text.as_bytes()), Ok((number, None)));
            for at in 0..=text.len() {
                let (whole, decimals) = text.split_at(at);
                let with_point = std::format!("{whole}.{decimals}");
                assert_eq!(magnitude(with_point.as_bytes()), Ok((number, Some(decimals.len()))));
            }
        }
    }

    #[test]
    fn what_is_no_number_or_too_large() {
        for bad in ["", ".", "1..", "1.2.3", "-1", "+1", "1 ", "18446744073709551616x"] {
            assert_eq!(magnitude(bad.as_bytes()), Err(ValueError::Format), "{bad}");
        }
        for large in ["18446744073709551616", "99999999999999999999", "1844674407370955161.60"] {
            assert_eq!(magnitude(large.as_bytes()), Err(ValueError::Overflow), "{large}");
        }
    }
}
