//! OrderID(37) and ExecID(17): a number, made unique over restarts by what stands before it.

use std::fmt;

use fix_core::wire::value::Text;

/// What stands before the numbers: the letter apart, the same for all ids of an exchange.
#[derive(Clone, Copy, Debug)]
pub struct IdPrefix {
    text: [u8; MOST],
    len: usize,
}

/// The longest prefix.
const MOST: usize = 16;

impl IdPrefix {
    /// From a text of letters and digits, of which sixteen count: such as the moment of the start.
    pub fn new(text: &str) -> Self {
        let mut prefix = IdPrefix { text: [0; MOST], len: 0 };
        for byte in text.bytes().filter(u8::is_ascii_alphanumeric).take(MOST) {
            prefix.text[prefix.len] = byte;
            prefix.len += 1;
        }
        prefix
    }

    /// OrderID(37)
    pub fn order(&self, number: u64) -> Id {
        self.id(b'O', number)
    }

    /// ExecID(17)
    pub fn execution(&self, number: u64) -> Id {
        self.id(b'E', number)
    }

    /// MDEntryID(278) of a trade
    pub fn trade(&self, number: u64) -> Id {
        self.id(b'T', number)
    }

    /// QuoteID(117)
    pub fn quote(&self, number: u64) -> Id {
        self.id(b'Q', number)
    }

    /// The number of an OrderID(37) of this exchange.
    pub fn order_number(&self, id: &str) -> Option<u64> {
        self.number('O', id)
    }

    /// The number of an ExecID(17) of this exchange.
    pub fn execution_number(&self, id: &str) -> Option<u64> {
        self.number('E', id)
    }

    fn number(&self, kind: char, id: &str) -> Option<u64> {
        let (prefix, number) = id.strip_prefix(kind)?.split_once('-')?;
        (prefix.as_bytes() == &self.text[..self.len]).then_some(())?;
        number.parse().ok()
    }

    fn id(&self, kind: u8, number: u64) -> Id {
        let mut digits = itoa::Buffer::new();
        let digits = digits.format(number).as_bytes();
        let mut id = Id { text: [0; ID_LEN], len: self.len + 2 + digits.len() };
        id.text[0] = kind;
        id.text[1..=self.len].copy_from_slice(&self.text[..self.len]);
        id.text[self.len + 1] = b'-';
        id.text[self.len + 2..id.len].copy_from_slice(digits);
        id
    }
}

/// The letter, the prefix, a dash and twenty digits.
const ID_LEN: usize = MOST + 22;

/// An OrderID or ExecID.
#[derive(Clone, Copy, Debug)]
pub struct Id {
    text: [u8; ID_LEN],
    len: usize,
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text().as_str().unwrap_or_default())
    }
}

impl Id {
    /// As a field's value.
    pub fn text(&self) -> Text<'_> {
        Text::new(&self.text[..self.len])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_told_and_known_again() {
        let ids = IdPrefix::new("67a-b");
        assert_eq!(ids.order(12).text().as_str(), Some("O67ab-12"));
        assert_eq!(ids.execution(u64::MAX).text().as_str(), Some("E67ab-18446744073709551615"));
        assert_eq!((ids.order_number("O67ab-12"), ids.execution_number("E67ab-12")), (Some(12), Some(12)));
        assert_eq!((ids.order_number("E67ab-12"), ids.execution_number("O67ab-12")), (None, None));
        for other in ["O67ac-12", "O67ab-", "", "é", "12"] {
            assert_eq!(ids.order_number(other), None, "{other}");
        }
        assert_eq!(IdPrefix::new("0123456789abcdefgh").order(1).text().as_str(), Some("O0123456789abcdef-1"));
    }
}
