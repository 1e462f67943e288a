//! Passing over the rest of a message that is not taken, however long it is: each byte is looked at once and none is
//! held back, so that a message of gigabytes costs one report and no memory.

use super::SOH;

/// What is being passed over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Skip {
    /// Nothing: the next byte begins a message.
    #[default]
    Nothing,
    /// A message larger than allowed, of which BodyLength(9) counts so many more bytes. If a trailer and the begin
    /// of another message come earlier, the length was false, and that message is not lost to it.
    Message(usize),
    /// A message whose BodyLength(9) is wrong: it ends with the next CheckSum(10) (case 2m).
    ToCheckSum,
}

/// `|10=nnn|8=` with SOH as `|`.
const BOUNDARY: usize = 10;
/// `|10=`
const MARK: usize = 4;
/// Bytes that a CheckSum(10) value may have before the search for its end is given up.
const MAX_CHECK_SUM: usize = 8;

impl Skip {
    /// How many bytes at the front of `pending` belong to what is passed over; it is [`Skip::Nothing`] when that ends
    /// with them.
    pub(super) fn take(&mut self, pending: &[u8]) -> usize {
        match *self {
            Skip::Nothing => 0,
            Skip::Message(left) => {
                let part = pending.get(..left.saturating_add(2)).unwrap_or(pending);
                let boundary = part.windows(BOUNDARY).position(is_boundary);
                let (taken, ends) = match boundary {
                    Some(at) => (at.saturating_add(BOUNDARY - 2), true),
                    // One byte more is waited for: a length that is false by one would take it from the next message.
                    None if pending.len() > left => (left, true),
                    None => (pending.len().saturating_sub(BOUNDARY - 1), false),
                };
                *self = if ends { Skip::Nothing } else { Skip::Message(left.saturating_sub(taken)) };
                taken
            }
            Skip::ToCheckSum => {
                let (taken, ends) = to_check_sum(pending);
                if ends {
                    *self = Skip::Nothing;
                }
                taken
            }
        }
    }
}

fn is_boundary(window: &[u8]) -> bool {
    matches!(window, [SOH, b'1', b'0', b'=', b'0'..=b'9', b'0'..=b'9', b'0'..=b'9', SOH, b'8', b'='])
}

/// Bytes up to and with the first CheckSum(10), and whether it is there as a whole.
fn to_check_sum(pending: &[u8]) -> (usize, bool) {
    let mut from = 0usize;
    loop {
        let rest = pending.get(from..).unwrap_or_default();
        let Some(at) = rest.windows(MARK).position(|window| matches!(window, [SOH, b'1', b'0', b'='])) else {
            return (pending.len().saturating_sub(MARK - 1).max(from), false);
        };
        let value_at = from.saturating_add(at).saturating_add(MARK);
        let value = pending.get(value_at..).unwrap_or_default();
        match value.iter().take(MAX_CHECK_SUM).position(|byte| *byte == SOH) {
            Some(end) => return (value_at.saturating_add(end).saturating_add(1), true),
            None if value.len() < MAX_CHECK_SUM => return (from.saturating_add(at), false),
            None => from = value_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Feeds `stream` in pieces of `chunk` bytes; the number of bytes passed over until the end.
    fn passed_over(mut skip: Skip, stream: &[u8], chunk: usize) -> Option<usize> {
        let (mut held, mut passed) = (std::vec::Vec::new(), 0);
        for piece in stream.chunks(chunk) {
            held.extend_from_slice(piece);
            let taken = skip.take(&held);
            held.drain(..taken);
            passed += taken;
            if skip == Skip::Nothing {
                return Some(passed);
            }
        }
        None
    }

    #[test]
    fn any_split_ends_at_the_same_byte() {
        let false_length = b"abc\x0110=12\x0110=123\x01";
        let stream = [&false_length[..], b"8=FIX.4.4\x019=5\x01"].concat();
        for chunk in 1..=stream.len() {
            let end = Some(false_length.len());
            assert_eq!(passed_over(Skip::Message(1_000_000), &stream, chunk), end, "a false length, {chunk}");
            let one_too_many = Skip::Message(false_length.len() + 1);
            assert_eq!(passed_over(one_too_many, &stream, chunk), end, "one too many, {chunk}");
            assert_eq!(passed_over(Skip::Message(10), &stream, chunk), Some(10), "{chunk}");
            assert_eq!(passed_over(Skip::ToCheckSum, &stream, chunk), Some(10), "{chunk}");
        }
        for chunk in 1..20 {
            assert_eq!(passed_over(Skip::ToCheckSum, b"a\x0110=123456789\x0110=1\x01", chunk), Some(20));
        }
    }

    #[test]
    fn nearly_nothing_is_held_back() {
        let mut skip = Skip::Message(usize::MAX);
        assert_eq!(skip.take(&[b'x'; 1000]), 991);
        assert_eq!(Skip::ToCheckSum.take(&[b'x'; 1000]), 997);
    }
}
