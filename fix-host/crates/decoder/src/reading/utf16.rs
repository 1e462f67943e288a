//! Logs in UTF-16, as PowerShell writes them.

/// Turns UTF-16 into UTF-8, piece by piece; other text passes as it is.
#[derive(Debug, Default)]
pub struct Utf16 {
    order: Option<Order>,
    /// Bytes that are no whole character yet.
    held: Vec<u8>,
    /// Whether something was no character: it is U+FFFD in the output.
    damaged: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    NotUtf16,
    LittleEndian,
    BigEndian,
}

impl Utf16 {
    /// Appends the next piece of the input to `out`.
    pub fn push(&mut self, input: &[u8], last: bool, out: &mut Vec<u8>) {
        if self.order == Some(Order::NotUtf16) {
            out.extend_from_slice(input);
            return;
        }
        self.held.extend_from_slice(input);
        let order = match (self.order, self.held.as_slice()) {
            (Some(order), _) => order,
            (None, [_, _, ..]) => order(&self.held),
            (None, _) if last => Order::NotUtf16,
            (None, _) => return,
        };
        self.order = Some(order);
        if order == Order::NotUtf16 {
            out.append(&mut self.held);
            return;
        }
        let mut whole = self.held.len() & !1;
        if !last && whole >= 2 && is_first_half(unit(order, &self.held[whole - 2..])) {
            whole -= 2;
        }
        let units = self.held[..whole].chunks_exact(2).map(|pair| unit(order, pair));
        for character in char::decode_utf16(units) {
            self.damaged |= character.is_err();
            let character = character.unwrap_or(char::REPLACEMENT_CHARACTER);
            out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        }
        self.held.drain(..whole);
        if last && !self.held.is_empty() {
            self.damaged = true;
            self.held.clear();
            out.extend_from_slice("\u{fffd}".as_bytes());
        }
    }

    /// Whether the input is known to be no UTF-16: then it need not pass here.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.order == Some(Order::NotUtf16)
    }

    /// Whether the input is UTF-16.
    #[must_use]
    pub fn is_utf16(&self) -> bool {
        self.order.is_some_and(|order| order != Order::NotUtf16)
    }

    /// Whether it holds something that is no character.
    #[must_use]
    pub fn is_damaged(&self) -> bool {
        self.damaged
    }
}

/// By a byte order mark, or because the first character is ASCII.
fn order(begin: &[u8]) -> Order {
    match begin {
        [0xff, 0xfe, ..] | [1..=0x7f, 0, ..] => Order::LittleEndian,
        [0xfe, 0xff, ..] | [0, 1..=0x7f, ..] => Order::BigEndian,
        _ => Order::NotUtf16,
    }
}

fn unit(order: Order, pair: &[u8]) -> u16 {
    let pair = pair.first_chunk().copied().unwrap_or_default();
    if order == Order::BigEndian { u16::from_be_bytes(pair) } else { u16::from_le_bytes(pair) }
}

fn is_first_half(unit: u16) -> bool {
    (0xd800..0xdc00).contains(&unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_orders_in_pieces_of_every_size() {
        let text = "8=FIX.4.4\u{1}é😀";
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let marked = [&[0xff, 0xfe][..], &little].concat();
        for (input, expected) in
            [(little, text.to_owned()), (big, text.to_owned()), (marked, format!("\u{feff}{text}"))]
        {
            for size in 1..=input.len() {
                let (mut utf16, mut out) = (Utf16::default(), Vec::new());
                input.chunks(size).for_each(|piece| utf16.push(piece, false, &mut out));
                utf16.push(&[], true, &mut out);
                assert_eq!(String::from_utf8_lossy(&out), expected);
                assert!(utf16.is_utf16() && !utf16.is_damaged());
            }
        }
    }

    #[test]
    fn other_text_passes_and_damage_is_told() {
        let (mut utf16, mut out) = (Utf16::default(), Vec::new());
        for byte in b"8=FIX" {
            utf16.push(&[*byte], false, &mut out);
        }
        assert!(out == b"8=FIX" && !utf16.is_utf16());
        let (mut utf16, mut out) = (Utf16::default(), Vec::new());
        utf16.push(b"8\0=\0\x00\xd8x\0y", true, &mut out);
        assert_eq!(String::from_utf8_lossy(&out), "8=\u{fffd}x\u{fffd}");
        assert!(utf16.is_damaged());
    }
}
