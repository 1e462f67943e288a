//! MsgType(35).

#[rustfmt::skip]
mod fix44;

use core::fmt;

/// A message type, packed so that comparing two is one machine compare.
/// Capacity: 8 bytes; FIX 4.4 uses up to 2, user-defined types (`U...`) a few more.
///
/// ```
/// use fix_core::MsgType;
///
/// assert_eq!(MsgType::from_bytes(b"8"), Some(MsgType::EXECUTION_REPORT));
/// assert!(MsgType::LOGON.is_admin() && !MsgType::NEW_ORDER_SINGLE.is_admin());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MsgType([u8; 8]);

impl MsgType {
    /// The type named by `text`; `None` if it is empty, longer than 8 bytes, or holds a control character.
    pub fn from_bytes(text: &[u8]) -> Option<Self> {
        match *text {
            // The types of FIX 4.4.
            [a] if a >= b' ' => Some(MsgType([a, 0, 0, 0, 0, 0, 0, 0])),
            [a, b] if a >= b' ' && b >= b' ' => Some(MsgType([a, b, 0, 0, 0, 0, 0, 0])),
            _ => Self::user_defined(text),
        }
    }

    #[cold]
    fn user_defined(text: &[u8]) -> Option<Self> {
        let mut packed = [0; 8];
        let mut rest = text.iter();
        for (slot, byte) in packed.iter_mut().zip(&mut rest) {
            if *byte < b' ' {
                return None;
            }
            *slot = *byte;
        }
        (!text.is_empty() && rest.len() == 0).then_some(MsgType(packed))
    }

    /// For constants: the first 8 bytes of `text`.
    pub const fn from_static(text: &'static [u8]) -> Self {
        let mut packed = [0; 8];
        let mut rest: &[u8] = text;
        let mut index = 0;
        while let [byte, tail @ ..] = rest {
            if index == 8 {
                break;
            }
            packed[index] = *byte;
            index += 1;
            rest = tail;
        }
        MsgType(packed)
    }

    /// The text on the wire with zeros behind it.
    #[cfg(target_pointer_width = "64")]
    pub(crate) const fn to_array(self) -> [u8; 8] {
        self.0
    }

    /// The text on the wire.
    pub fn as_bytes(&self) -> &[u8] {
        let len = self.0.iter().position(|byte| *byte == 0).unwrap_or(self.0.len());
        self.0.get(..len).unwrap_or_default()
    }

    /// True for the seven session-level types: 0 1 2 3 4 5 A (FIX 4.4 Vol. 2).
    pub const fn is_admin(self) -> bool {
        matches!(self.0, [b'0'..=b'5' | b'A', 0, ..])
    }
}

impl fmt::Display for MsgType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.as_bytes().escape_ascii(), f)
    }
}

impl fmt::Debug for MsgType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for MsgType {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "{=[u8]:a}", self.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn admin_types_and_bounds() {
        for admin in [b"0", b"1", b"2", b"3", b"4", b"5", b"A"] {
            assert!(MsgType::from_bytes(admin).unwrap().is_admin());
        }
        for app in [&b"D"[..], b"8", b"AE", b"0A", b"AA"] {
            assert!(!MsgType::from_bytes(app).unwrap().is_admin());
        }
        assert_eq!(MsgType::from_bytes(b""), None);
        assert_eq!(MsgType::from_bytes(b"U23456789"), None);
        assert_eq!(MsgType::from_bytes(b"AE"), Some(MsgType::from_static(b"AE")));
    }
}
