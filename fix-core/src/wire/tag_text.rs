//! `tag=` as it is written.

use crate::tag::Tag;

/// `123=` in a word, the first character in the lowest byte, for tags of up to four digits.
#[derive(Clone, Copy)]
pub(super) struct TagText {
    pub(super) word: u64,
    /// How many characters it has: at most five.
    pub(super) len: usize,
}

impl TagText {
    /// A constant when the tag is one. `None` for tags of more than four digits.
    #[inline(always)]
    pub(super) const fn new(tag: Tag) -> Option<Self> {
        let number = tag.0.unsigned_abs();
        let zeros = match number {
            1000..=9999 => 0,
            100..=999 => 1,
            10..=99 => 2,
            0..=9 => 3,
            _ => return None,
        };
        let digits = [digit(number / 1000), digit(number / 100), digit(number / 10), digit(number)];
        let [a, b, c, d] = digits;
        let word = u64::from_le_bytes([a, b, c, d, b'=', 0, 0, 0]);
        Some(TagText { word: word >> (8 * zeros), len: 5usize.wrapping_sub(zeros) })
    }
}

#[inline(always)]
const fn digit(number: u32) -> u8 {
    b'0'.wrapping_add((number % 10) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tag_of_four_digits_at_most() {
        for tag in 0..10_000 {
            let text = TagText::new(Tag(tag)).unwrap();
            assert_eq!(text.word.to_le_bytes()[..text.len], *std::format!("{tag}=").as_bytes());
        }
        assert!(TagText::new(Tag(10_000)).is_none());
    }
}
