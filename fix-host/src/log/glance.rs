//! A look at a message before its fields are: most hold nothing that must be masked or escaped, and are then copied as
//! they are.

/// Looks for tags before each `=`, wherever that stands: nothing that could be a field is passed over.
#[derive(Clone, Debug)]
pub(super) struct Glance {
    tags: Vec<u32>,
    /// By the low four bits of the last two characters of a tag, the bits of what may stand before those: anything else is
    /// none of them.
    ends: [u16; 256],
}

impl Glance {
    /// Looks for these.
    pub(super) fn new(tags: Vec<u32>) -> Self {
        const ANY: u16 = u16::MAX;
        let mut ends = [0; 256];
        for tag in &tags {
            let digit = |scale: u32| (tag / scale % 10) as usize;
            // What stands before the first digit can be anything.
            match tag {
                0..10 => (0..16).for_each(|before| ends[before * 16 + digit(1)] = ANY),
                10..100 => ends[digit(10) * 16 + digit(1)] = ANY,
                _ => ends[digit(10) * 16 + digit(1)] |= 1 << digit(100),
            }
        }
        Glance { tags, ends }
    }

    /// Calls `found` with each of the tags that stands before a `=`, until that returns false.
    pub(super) fn look(&self, message: &[u8], mut found: impl FnMut(u32) -> bool) {
        each_place(b'=', message, |place| self.check(message, place, &mut found));
    }

    /// False if `found` wants no more.
    #[inline]
    fn check(&self, message: &[u8], equals: usize, found: &mut impl FnMut(u32) -> bool) -> bool {
        let [.., first, before, last] = message[..equals] else {
            return equals == 0 || self.check_slowly(message, equals, found);
        };
        let end = usize::from(before & 0xF) * 16 + usize::from(last & 0xF);
        self.ends[end] >> (first & 0xF) & 1 == 0 || self.check_slowly(message, equals, found)
    }

    #[cold]
    fn check_slowly(&self, message: &[u8], equals: usize, found: &mut impl FnMut(u32) -> bool) -> bool {
        let digits = message[..equals].iter().rev().take_while(|byte| byte.is_ascii_digit());
        let mut scale = 1u32;
        let mut tag = 0u32;
        for digit in digits {
            tag = tag.saturating_add(scale.saturating_mul(u32::from(digit - b'0')));
            scale = scale.saturating_mul(10);
        }
        !self.tags.contains(&tag) || found(tag)
    }
}

/// Calls `found` with each place of `byte` in `message`, until that returns false.
#[inline]
pub(crate) fn each_place(byte: u8, message: &[u8], mut found: impl FnMut(usize) -> bool) {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const LOW: u64 = 0x7F * ONES;
    let (chunks, rest) = message.as_chunks::<8>();
    for (index, chunk) in chunks.iter().enumerate() {
        let other = u64::from_le_bytes(*chunk) ^ (ONES * u64::from(byte));
        // The highest bit of each byte that is zero.
        let mut places = !(((other & LOW) + LOW) | other | LOW);
        while places != 0 {
            if !found(index * 8 + (places.trailing_zeros() / 8) as usize) {
                return;
            }
            places &= places - 1;
        }
    }
    for (index, _) in rest.iter().enumerate().filter(|(_, other)| **other == byte) {
        if !found(chunks.len() * 8 + index) {
            return;
        }
    }
}

/// True if no byte is a control character, but SOH if `keep_soh`.
pub(super) fn is_harmless(bytes: &[u8], keep_soh: bool) -> bool {
    let kept = if keep_soh { 0x01 } else { b' ' };
    let bad = |byte: u8| u8::from(((byte < b' ') & (byte != kept)) | (byte == 0x7F));
    // Without a way out in the loop, 16 bytes are looked at in one go; the last of them once more instead of one by one.
    let (chunks, rest) = bytes.as_chunks::<16>();
    let last = if rest.is_empty() { None } else { bytes.last_chunk::<16>() };
    let mut any = [0; 16];
    for chunk in chunks.iter().chain(last) {
        for (any, byte) in any.iter_mut().zip(chunk) {
            *any |= bad(*byte);
        }
    }
    let alone = if last.is_none() { rest } else { &[] };
    any == [0; 16] && alone.iter().all(|byte| bad(*byte) == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(tags: &[u32], message: &str) -> Vec<u32> {
        let mut all = Vec::new();
        Glance::new(tags.to_vec()).look(message.replace('|', "\x01").as_bytes(), |tag| {
            all.push(tag);
            true
        });
        all
    }

    #[test]
    fn tags_are_found_wherever_they_stand_and_others_are_not() {
        let tags = [1, 35, 554];
        for at in 0..20 {
            let before = "x".repeat(at);
            assert_eq!(found(&tags, &format!("{before}554=a")), [554]);
            assert_eq!(found(&tags, &format!("{before}|00554=|35=A|")), [554, 35]);
            assert_eq!(found(&tags, &format!("{before}|1=a|11=b|{before}|1=|")), [1, 1]);
            assert!(found(&tags, &format!("{before}|1554=a|5540=b|135=c|==|54=|=")).is_empty());
        }
        assert_eq!(found(&tags, "1=a"), [1]);
        assert!(found(&tags, "99999999999999999554=").is_empty());
    }

    #[test]
    fn control_characters_are_seen_and_letters_of_any_language_are_not() {
        for at in 0..40 {
            let mut bytes = "ä~ ".repeat(20).into_bytes();
            assert!(is_harmless(&bytes, false));
            bytes[at] = 0x01;
            assert!(is_harmless(&bytes, true) && !is_harmless(&bytes, false));
            for control in [0x00, 0x0A, 0x1F, 0x7F] {
                bytes[at] = control;
                assert!(!is_harmless(&bytes, true) && !is_harmless(&bytes, false));
            }
        }
    }
}
