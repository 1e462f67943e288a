//! Where values are written.

use super::{EncodeError, SOH};

/// A cursor over the caller's buffer that remembers its first error. A buffer counts up to 2 GiB.
pub struct Sink<'b> {
    pub(crate) buffer: &'b mut [u8],
    /// Half a machine word, so that the sum with the length of a field cannot overflow.
    pub(crate) len: u32,
    pub(crate) error: Option<EncodeError>,
}

impl<'b> Sink<'b> {
    /// A sink that starts at the beginning of `buffer`.
    #[inline(always)]
    pub fn new(buffer: &'b mut [u8]) -> Self {
        const MOST: usize = i32::MAX as usize;
        let buffer = if buffer.len() > MOST { buffer.get_mut(..MOST).unwrap_or_default() } else { buffer };
        Sink { buffer, len: 0, error: None }
    }

    /// The number of bytes written.
    #[inline(always)]
    pub(crate) fn written(&self) -> usize {
        self.len as usize
    }

    #[inline(always)]
    pub(crate) fn advance(&mut self, count: usize) {
        self.len = self.len.wrapping_add(count as u32);
    }

    /// Writes bytes as they are.
    pub fn bytes(&mut self, bytes: &[u8]) {
        match self.next(bytes.len()) {
            Some(room) => {
                room.iter_mut().zip(bytes).for_each(|(room, byte)| *room = *byte);
                self.advance(bytes.len());
            }
            None => self.fail(EncodeError::Full),
        }
    }

    /// Writes the bytes of a value that must not contain SOH and must not be empty.
    #[cfg_attr(not(target_pointer_width = "64"), inline(never))]
    pub fn text(&mut self, bytes: &[u8]) {
        let mut bad = bytes.is_empty();
        match self.next(bytes.len()) {
            Some(room) => {
                for (room, byte) in room.iter_mut().zip(bytes) {
                    *room = *byte;
                    if *byte == SOH {
                        bad = true;
                        break;
                    }
                }
                self.advance(bytes.len());
            }
            None => self.fail(EncodeError::Full),
        }
        if bad {
            self.fail(EncodeError::BadValue);
        }
    }

    /// The next bytes of the buffer, if there are so many.
    #[inline(always)]
    fn next(&mut self, count: usize) -> Option<&mut [u8]> {
        let at = self.written();
        self.buffer.get_mut(at..at.saturating_add(count))
    }

    /// Writes one byte.
    #[cfg_attr(target_pointer_width = "64", inline)]
    #[cfg_attr(not(target_pointer_width = "64"), inline(never))]
    pub fn byte(&mut self, byte: u8) {
        match self.buffer.get_mut(self.len as usize) {
            Some(room) => {
                *room = byte;
                self.advance(1);
            }
            None => self.fail(EncodeError::Full),
        }
    }

    /// The next bytes of the buffer, if there are so many.
    #[cfg(target_pointer_width = "64")]
    #[inline(always)]
    pub(crate) fn room<const N: usize>(&mut self) -> Option<&mut [u8; N]> {
        let at = self.written();
        self.buffer.get_mut(at..at.wrapping_add(N))?.first_chunk_mut()
    }

    /// Writes a number in decimal, without leading zeros.
    pub fn number(&mut self, number: u64) {
        self.decimal(number, 0);
    }

    /// Writes a number with at least `least` digits, zeros in front.
    #[inline(always)]
    pub(crate) fn padded(&mut self, number: u32, least: u8) {
        self.padded_then(number, least, None);
    }

    /// Writes a number with at least `least` digits, and what stands behind it.
    #[cfg_attr(not(target_pointer_width = "64"), inline(never))]
    pub(crate) fn padded_then(&mut self, number: u32, least: u8, behind: Option<u8>) {
        let digits = digits(number).max(least);
        let len = usize::from(digits).wrapping_add(behind.is_some().into());
        let Some(room) = self.next(len) else { return self.fail(EncodeError::Full) };
        let mut slots = room.iter_mut().rev();
        if let Some(behind) = behind
            && let Some(slot) = slots.next()
        {
            *slot = behind;
        }
        let mut rest = number;
        for slot in slots {
            *slot = b'0'.wrapping_add((rest % 10) as u8);
            rest /= 10;
        }
        self.advance(len);
    }

    /// Writes a number of which the last `scale` digits are decimals.
    #[cfg_attr(not(target_pointer_width = "64"), inline(never))]
    pub(crate) fn decimal(&mut self, number: u64, scale: u8) {
        match u32::try_from(number) {
            Ok(number) if scale == 0 => self.padded(number, 1),
            Ok(number) if scale <= 9 => {
                let unit = 10u32.wrapping_pow(scale.into());
                self.padded(number.checked_div(unit).unwrap_or_default(), 1);
                self.byte(b'.');
                self.padded(number.checked_rem(unit).unwrap_or_default(), scale);
            }
            _ => self.wide_decimal(number, scale),
        }
    }

    /// The last digit alone, behind the others.
    #[cold]
    #[inline(never)]
    fn wide_decimal(&mut self, number: u64, scale: u8) {
        let (front, digit) = div_10(number);
        self.decimal(front, scale.saturating_sub(1));
        if scale == 1 {
            self.byte(b'.');
        }
        self.byte(b'0'.wrapping_add(digit));
    }

    #[cold]
    #[cfg_attr(not(target_pointer_width = "64"), inline(never))]
    pub(crate) fn fail(&mut self, error: EncodeError) {
        self.error.get_or_insert(error);
    }
}

/// How many digits a number has.
pub(crate) fn digits(number: u32) -> u8 {
    let (mut rest, mut digits) = (number, 1u8);
    while rest >= 10 {
        (rest, digits) = (rest / 10, digits.wrapping_add(1));
    }
    digits
}

/// Quotient and remainder of a division by ten, in steps of 32 bits, because a Cortex-M has no wider one.
fn div_10(number: u64) -> (u64, u8) {
    let high = (number >> 32) as u32;
    let middle = ((high % 10) << 16) | ((number >> 16) as u32 & 0xFFFF);
    let low = ((middle % 10) << 16) | (number as u32 & 0xFFFF);
    let quotient = (u64::from(high / 10) << 32).wrapping_add(u64::from(middle / 10) << 16);
    (quotient.wrapping_add((low / 10).into()), (low % 10) as u8)
}

#[cfg(test)]
mod tests {
    use std::{format, vec, vec::Vec};

    use super::*;

    fn written(size: usize, write: impl FnOnce(&mut Sink<'_>)) -> Result<Vec<u8>, EncodeError> {
        let mut buffer = vec![0xAA; size];
        let mut sink = Sink::new(&mut buffer);
        write(&mut sink);
        let (len, error) = (sink.written(), sink.error);
        buffer.truncate(len);
        error.map_or(Ok(buffer), Err)
    }

    #[test]
    fn numbers_of_every_length_in_buffers_of_every_size() {
        let mut number = 0u64;
        for digit in (1..=9).chain(1..=9).chain(0..=1) {
            number = number.wrapping_mul(10).wrapping_add(digit);
            for number in [number, number - 1, u64::MAX] {
                let text = format!("{number}");
                assert_eq!(written(40, |sink| sink.number(number)), Ok(text.clone().into_bytes()));
                assert_eq!(written(text.len(), |sink| sink.number(number)), Ok(text.clone().into_bytes()));
                assert_eq!(written(text.len() - 1, |sink| sink.number(number)), Err(EncodeError::Full));
            }
        }
    }

    #[test]
    fn texts_of_every_length() {
        for len in 1..70 {
            let text: Vec<u8> = (0..len).map(|at| b'A' + at as u8 % 26).collect();
            assert_eq!(written(len, |sink| sink.text(&text)), Ok(text.clone()));
            assert_eq!(written(len - 1, |sink| sink.text(&text)), Err(EncodeError::Full));
            for at in 0..len {
                let mut text = text.clone();
                text[at] = 1;
                assert_eq!(written(100, |sink| sink.text(&text)), Err(EncodeError::BadValue));
            }
        }
        assert_eq!(written(10, |sink| sink.text(b"")), Err(EncodeError::BadValue));
    }
}
