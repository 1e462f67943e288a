//! Numbers and texts in few bytes, for what is kept over a restart.

/// Appends a number: seven bits a byte, the lowest first, each byte but the last with its highest bit set.
pub fn put(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Appends a number that may be below zero: those near zero are short.
pub fn put_signed(out: &mut Vec<u8>, number: i64) {
    put(out, (number << 1 ^ number >> 63) as u64);
}

/// Appends a number, or that there is none.
pub fn put_optional(out: &mut Vec<u8>, number: Option<i64>) {
    out.push(number.is_some().into());
    if let Some(number) = number {
        put_signed(out, number);
    }
}

/// Appends bytes, with their count before them.
pub fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Takes apart what was appended, in the same order. Whatever is not there, or is no such thing, is `None`.
#[derive(Clone, Copy, Debug)]
pub struct Unpack<'a>(pub &'a [u8]);

impl<'a> Unpack<'a> {
    /// True if nothing is left.
    pub fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// One byte.
    pub fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    /// A byte that is yes or no.
    pub fn flag(&mut self) -> Option<bool> {
        match self.byte()? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }

    /// A number.
    pub fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if bits << shift >> shift != bits {
                return None;
            }
            number |= bits << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    /// A number that fits in less.
    pub fn small<T: TryFrom<u64>>(&mut self) -> Option<T> {
        T::try_from(self.number()?).ok()
    }

    /// A number that may be below zero.
    pub fn signed(&mut self) -> Option<i64> {
        let number = self.number()?;
        Some((number >> 1) as i64 ^ -((number & 1) as i64))
    }

    /// A number, or none: `Some(None)`.
    pub fn optional(&mut self) -> Option<Option<i64>> {
        if self.flag()? { self.signed().map(Some) } else { Some(None) }
    }

    /// Bytes.
    pub fn bytes(&mut self) -> Option<&'a [u8]> {
        let count = self.small()?;
        let (bytes, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(bytes)
    }

    /// Text.
    pub fn text(&mut self) -> Option<&'a str> {
        std::str::from_utf8(self.bytes()?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_is_unpacked_and_nothing_else() {
        let numbers = [0, 1, 127, 128, 300, 1 << 40, u64::MAX - 1, u64::MAX];
        let mut out = Vec::new();
        for number in numbers {
            put(&mut out, number);
            put_signed(&mut out, number as i64);
            put_optional(&mut out, Some(number as i64));
            put_optional(&mut out, None);
            put_bytes(&mut out, "é".as_bytes());
        }
        let mut from = Unpack(&out);
        for number in numbers {
            assert_eq!(from.number(), Some(number));
            assert_eq!(from.signed(), Some(number as i64));
            assert_eq!(from.optional(), Some(Some(number as i64)));
            assert_eq!(from.optional(), Some(None));
            assert_eq!(from.text(), Some("é"));
        }
        assert!(from.is_empty());
        assert_eq!(from.byte(), None);
        let mut short = Vec::new();
        put_signed(&mut short, -3);
        assert_eq!(short.len(), 1);
        assert_eq!(Unpack(&[0x80; 12]).number(), None, "it has no end");
        assert_eq!(Unpack(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02]).number(), None);
        assert_eq!(Unpack(&[3, b'a']).bytes(), None);
        assert_eq!(Unpack(&[1, 0xff]).text(), None);
        assert_eq!(Unpack(&[2]).flag(), None);
    }
}
