//! One message on the wire: `8=..|9=..|` body `10=nnn|`, found and verified.

use core::fmt;

#[cfg(target_pointer_width = "64")]
use super::word::four_digits;
use super::{SOH, check_sum};

/// Bytes that a BeginString(8) value may have; longer ones cannot be a FIX version.
const MAX_BEGIN_STRING: usize = 16;
/// Digits that a BodyLength(9) may have.
const MAX_LENGTH_DIGITS: usize = 9;
/// Bytes that a CheckSum(10) value may have before the search for its end is given up.
const MAX_CHECK_SUM: usize = 8;

/// A message whose BodyLength and CheckSum are right and whose first fields are 8, 9 and 35.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Frame<'a> {
    bytes: &'a [u8],
    head: FrameHead,
}

impl<'a> Frame<'a> {
    /// The whole message.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The value of BeginString(8).
    pub fn begin_string(&self) -> &'a [u8] {
        self.bytes.get(BEGIN_STRING..self.head.begin_string_end.into()).unwrap_or_default()
    }

    /// What BodyLength(9) counts: from `35=` to the SOH before `10=`.
    #[inline]
    pub fn body(&self) -> &'a [u8] {
        let end = self.bytes.len().wrapping_sub(TRAILER);
        self.bytes.get(self.head.len.into()..end).unwrap_or_default()
    }
}

/// What stands at the beginning of a run of bytes.
#[derive(Clone, Copy, Debug)]
pub enum Scan<'a> {
    /// A good message; the second value is the number of bytes to take away.
    Frame(Frame<'a>, usize),
    /// A message may begin here, but it is not all there.
    Partial,
    /// Not a good message: take that many bytes away and look again.
    Garbled(GarbledReason, usize),
}

/// Why bytes were skipped. They consume no sequence number (FIX 4.4 Vol. 2, cases 2d, 2m, 3b).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum GarbledReason {
    /// Bytes in front of `8=`.
    NoBeginString,
    /// BeginString(8) is not followed by a numeric BodyLength(9).
    NoBodyLength,
    /// The message is larger than one may be here; it is passed over by its BodyLength(9).
    TooLong {
        /// Bytes of the message, head and trailer included, as BodyLength(9) says.
        len: u32,
        /// Bytes of the largest message taken.
        limit: u32,
    },
    /// BodyLength(9) does not lead to CheckSum(10).
    WrongBodyLength,
    /// CheckSum(10) is not three digits or not the right number.
    WrongCheckSum,
    /// MsgType(35) is not the third field.
    NoMsgType,
}

impl fmt::Display for GarbledReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            GarbledReason::TooLong { len, limit } => {
                return write!(
                    f,
                    "a message of {len} bytes is larger than MaxMessageSize {limit}: not taken"
                );
            }
            GarbledReason::NoBeginString => "bytes in front of BeginString(8)",
            GarbledReason::NoBodyLength => "BeginString(8) is not followed by a numeric BodyLength(9)",
            GarbledReason::WrongBodyLength => "BodyLength(9) does not lead to CheckSum(10)",
            GarbledReason::WrongCheckSum => "CheckSum(10) is wrong",
            GarbledReason::NoMsgType => "MsgType(35) is not the third field",
        })
    }
}

impl core::error::Error for GarbledReason {}

/// Looks at the beginning of `bytes` for a message of at most `max_len` bytes.
///
/// ```
/// use fix_core::wire::frame::{Scan, scan};
///
/// let bytes = b"8=FIX.4.4\x019=5\x0135=0\x0110=163\x018=FIX";
/// let Scan::Frame(frame, taken) = scan(bytes, 4096) else { panic!("a whole message is there") };
/// assert_eq!((frame.begin_string(), taken), (&b"FIX.4.4"[..], 26));
/// assert!(matches!(scan(&bytes[taken..], 4096), Scan::Partial));
/// ```
#[inline]
pub fn scan(bytes: &[u8], max_len: usize) -> Scan<'_> {
    match common_frame(bytes, max_len) {
        Some(frame) => Scan::Frame(frame, frame.bytes.len()),
        None => scan_any(bytes, max_len),
    }
}

/// A good message with a head as nearly every one has it; `None` says nothing. What is wrong with a message is told
/// by [`scan_any`] alone, so that nothing of it stands in the way here.
#[cfg(target_pointer_width = "64")]
#[inline(always)]
pub(super) fn common_frame(bytes: &[u8], max_len: usize) -> Option<Frame<'_>> {
    let (head, body_length) = common_head(bytes)?;
    let body_at = usize::from(head.len);
    let message = bytes.get(..body_at.wrapping_add(body_length).wrapping_add(TRAILER))?;
    let (summed, _) = message.split_at_checked(message.len().wrapping_sub(TRAILER))?;
    if message.len() > max_len || !is_msg_type(message.get(body_at..)?) {
        return None;
    }
    if !is_trailer(*message.last_chunk()?, check_sum::check_sum(summed)) {
        return None;
    }
    Some(Frame { bytes: message, head })
}

/// A Cortex-M has its flash for other things than a second way to find a message.
#[cfg(not(target_pointer_width = "64"))]
#[inline(always)]
pub(super) fn common_frame(_: &[u8], _: usize) -> Option<Frame<'_>> {
    None
}

/// Whether a field MsgType(35) begins here; at least one more byte follows it in a message.
#[cfg(target_pointer_width = "64")]
#[inline(always)]
fn is_msg_type(bytes: &[u8]) -> bool {
    const MASK: u32 = u32::from_le_bytes([0xFF, 0xFF, 0xFF, 0]);
    bytes.first_chunk().is_some_and(|text| u32::from_le_bytes(*text) & MASK == u32::from_le_bytes(*b"35=\0"))
}

/// Whether a message with this check sum ends so: the SOH of the last body field and `10=nnn` with its SOH.
#[inline(always)]
fn is_trailer(trailer: [u8; 8], sum: u8) -> bool {
    let [soh, one, zero, equals, digits @ ..] = trailer;
    u32::from_le_bytes([soh, one, zero, equals]) == u32::from_le_bytes(*b"\x0110=")
        && u32::from_le_bytes(digits) == u32::from_le_bytes(check_sum::digits_and_soh(sum))
}

#[cold]
#[inline(never)]
pub(super) fn scan_any(bytes: &[u8], max_len: usize) -> Scan<'_> {
    match any_head(bytes) {
        Ok((head, body_length)) => scan_body(bytes, head, body_length, max_len),
        // No head is that long in a buffer meant for messages, but no buffer may be waited for in vain.
        Err(Scan::Partial) if bytes.len() >= max_len => {
            Scan::Garbled(too_long(bytes.len(), max_len), bytes.len().min(2))
        }
        Err(other) => other,
    }
}

fn too_long(len: usize, limit: usize) -> GarbledReason {
    let number = |size| u32::try_from(size).unwrap_or(u32::MAX);
    GarbledReason::TooLong { len: number(len), limit: number(limit) }
}

/// True while the end of a message with a wrong BodyLength(9) is looked for and has not come for a while: then none of
/// its bytes is of use any more.
pub(super) fn has_lost_its_end(bytes: &[u8]) -> bool {
    const A_WHILE: usize = 4096;
    match any_head(bytes) {
        Ok((head, body_length)) => {
            bytes.len() > usize::from(head.len).saturating_add(body_length).saturating_add(A_WHILE)
        }
        Err(_) => false,
    }
}

/// Where the value of BeginString(8) begins.
const BEGIN_STRING: usize = 2;

/// BeginString(8) and BodyLength(9). They are short: see [`MAX_BEGIN_STRING`] and [`MAX_LENGTH_DIGITS`].
#[derive(Clone, Copy, PartialEq, Eq)]
struct FrameHead {
    /// Where the value of BeginString(8) ends.
    begin_string_end: u8,
    /// Bytes up to the body.
    len: u8,
}

/// `8=FIX.x.y|9=` and one to four digits: the head of nearly every message, told by a few wide compares; and the
/// number that BodyLength(9) is.
#[cfg(target_pointer_width = "64")]
#[inline(always)]
fn common_head(bytes: &[u8]) -> Option<(FrameHead, usize)> {
    // Half of the byte that a digit is: no SOH, which would end the value there.
    const FIRST: u64 = u64::from_le_bytes(*b"8=FIX.0.");
    const FIRST_MASK: u64 = u64::from_le_bytes(*b"\xFF\xFF\xFF\xFF\xFF\xFF\xF0\xFF");
    const SECOND: u32 = u32::from_le_bytes(*b"0\x019=");
    const SECOND_MASK: u32 = u32::from_le_bytes(*b"\xF0\xFF\xFF\xFF");
    let head = bytes.first_chunk::<17>()?;
    let (first, rest) = head.split_first_chunk()?;
    let (second, rest) = rest.split_first_chunk()?;
    if u64::from_le_bytes(*first) & FIRST_MASK != FIRST || u32::from_le_bytes(*second) & SECOND_MASK != SECOND
    {
        return None;
    }
    let &[a, b, c, d, e] = rest.first_chunk()?;
    let (body_length, len) = if d == SOH {
        (three_digits([a, b, c, d])?, 16)
    } else if c == SOH {
        (four_digits([b'0', b'0', a, b])?, 15)
    } else if e == SOH {
        (four_digits([a, b, c, d])?, 17)
    } else if b == SOH {
        (four_digits([b'0', b'0', b'0', a])?, 14)
    } else {
        return None;
    };
    Some((FrameHead { begin_string_end: 9, len }, body_length as usize))
}

fn any_head(bytes: &[u8]) -> Result<(FrameHead, usize), Scan<'_>> {
    match find_begin(bytes) {
        0 => {}
        skip => return Err(Scan::Garbled(GarbledReason::NoBeginString, skip)),
    }
    let no_length = Scan::Garbled(GarbledReason::NoBodyLength, 2);
    let (begin_string, rest) = match begin_string(bytes) {
        Value::Whole(value, rest) => (value, rest),
        Value::Partial => return Err(Scan::Partial),
        Value::Wrong => return Err(no_length),
    };
    let (length, rest) = match rest {
        [b'9', b'=', digits @ ..] => match number_to_soh(digits) {
            Value::Whole(length, rest) => (length, rest),
            Value::Partial => return Err(Scan::Partial),
            Value::Wrong => return Err(no_length),
        },
        [] | [b'9'] => return Err(Scan::Partial),
        _ => return Err(no_length),
    };
    let begin_string_end = BEGIN_STRING.wrapping_add(begin_string.len()) as u8;
    let len = bytes.len().saturating_sub(rest.len()) as u8;
    Ok((FrameHead { begin_string_end, len }, usize::try_from(length).unwrap_or(usize::MAX)))
}

/// The number that three digits are whose SOH follows: the length of nearly every message.
#[cfg(target_pointer_width = "64")]
#[inline(always)]
fn three_digits(text: [u8; 4]) -> Option<i32> {
    let digits = u32::from_le_bytes(text) ^ u32::from_le_bytes(*b"000\x01");
    // Adding this sets the high bit of a digit above 9.
    if (digits | digits.wrapping_add(0x0076_7676)) & 0x8080_8080 != 0 {
        return None;
    }
    // Hundreds and ones come out of one multiplication, 16 bits up.
    let others = (digits & 0x00FF_00FF).wrapping_mul(100 << 16 | 1) >> 16;
    Some((others.wrapping_add(((digits >> 8) & 0xFF).wrapping_mul(10))) as i32)
}

/// `10=nnn` and SOH.
const TRAILER: usize = 7;

fn scan_body(bytes: &[u8], head: FrameHead, body_length: usize, max_len: usize) -> Scan<'_> {
    let body_end = usize::from(head.len).saturating_add(body_length);
    let taken = body_end.saturating_add(TRAILER);
    if taken > max_len {
        return Scan::Garbled(too_long(taken, max_len), 2);
    }
    // The bytes in front of the trailer can show already that BodyLength is wrong.
    let Some(message) = bytes.get(..taken) else { return scan_start_of_trailer(bytes, body_end, max_len) };
    if !message.last_chunk().is_some_and(is_any_trailer) {
        return resynchronise(bytes, body_end, max_len);
    }
    let frame = Frame { bytes: message, head };
    let summed = bytes.get(..body_end).unwrap_or_default();
    if !message.last_chunk().is_some_and(|trailer| is_trailer(*trailer, check_sum::check_sum(summed))) {
        return Scan::Garbled(GarbledReason::WrongCheckSum, taken);
    }
    if !matches!(frame.body(), [b'3', b'5', b'=', ..]) {
        return Scan::Garbled(GarbledReason::NoMsgType, taken);
    }
    Scan::Frame(frame, taken)
}

/// Whether the last body field ends here and CheckSum(10) follows with three digits, whatever their number.
fn is_any_trailer(trailer: &[u8; 8]) -> bool {
    matches!(trailer, [SOH, b'1', b'0', b'=', b'0'..=b'9', b'0'..=b'9', b'0'..=b'9', SOH])
}

/// Less than a whole message is there: wait for it, unless what is there of the trailer is none.
fn scan_start_of_trailer(bytes: &[u8], body_end: usize, max_len: usize) -> Scan<'_> {
    match bytes.get(body_end..) {
        None => Scan::Partial,
        Some(_) => resynchronise(bytes, body_end, max_len),
    }
}

/// The body does not end where BodyLength says. The message then ends with the next CheckSum field from
/// there on, however long its value is, so that the message behind it is not lost (case 2m).
fn resynchronise(bytes: &[u8], from: usize, max_len: usize) -> Scan<'_> {
    const MARK: usize = 4;
    let from = from.saturating_sub(1);
    let tail = bytes.get(from..).unwrap_or_default();
    let Some(at) = tail.windows(MARK).position(|window| matches!(window, [SOH, b'1', b'0', b'='])) else {
        return if bytes.len() >= max_len {
            Scan::Garbled(GarbledReason::WrongBodyLength, 2)
        } else {
            Scan::Partial
        };
    };
    let value_at = from.saturating_add(at).saturating_add(MARK);
    let value = bytes.get(value_at..).unwrap_or_default();
    match value.iter().take(MAX_CHECK_SUM).position(|byte| *byte == SOH) {
        Some(end) => {
            let skip = value_at.saturating_add(end).saturating_add(1);
            let reason = if at == 0 { GarbledReason::WrongCheckSum } else { GarbledReason::WrongBodyLength };
            Scan::Garbled(reason, skip)
        }
        None if value.len() < MAX_CHECK_SUM && bytes.len() < max_len => Scan::Partial,
        None => Scan::Garbled(GarbledReason::WrongCheckSum, value_at),
    }
}

/// How many bytes stand in front of the first `8=`; a last byte `8` may be the begin of one.
fn find_begin(bytes: &[u8]) -> usize {
    let found = bytes.windows(2).position(|window| matches!(window, b"8="));
    found.unwrap_or(bytes.len().saturating_sub(usize::from(bytes.last() == Some(&b'8'))))
}

enum Value<'a, T> {
    /// The value, and what stands behind its SOH.
    Whole(T, &'a [u8]),
    Partial,
    Wrong,
}

/// BeginString(8), up to [`MAX_BEGIN_STRING`] bytes.
fn begin_string(bytes: &[u8]) -> Value<'_, &[u8]> {
    let rest = match bytes {
        [b'8', b'=', rest @ ..] => rest,
        [] | [b'8'] => return Value::Partial,
        _ => return Value::Wrong,
    };
    match rest.iter().take(MAX_BEGIN_STRING + 1).position(|byte| *byte == SOH) {
        Some(0) => Value::Wrong,
        Some(end) => {
            let (value, rest) = rest.split_at_checked(end).unwrap_or_default();
            Value::Whole(value, rest.get(1..).unwrap_or_default())
        }
        None if rest.len() <= MAX_BEGIN_STRING => Value::Partial,
        None => Value::Wrong,
    }
}

/// A number of one digit to [`MAX_LENGTH_DIGITS`].
fn number_to_soh(bytes: &[u8]) -> Value<'_, u32> {
    let mut rest = bytes.iter();
    let mut number = 0u32;
    while let Some(byte) = rest.next() {
        let digit = byte.wrapping_sub(b'0');
        let digits = bytes.len().wrapping_sub(rest.len()).wrapping_sub(1);
        if digit <= 9 && digits < MAX_LENGTH_DIGITS {
            number = number.wrapping_mul(10).wrapping_add(digit.into());
        } else if *byte == SOH && digits != 0 {
            return Value::Whole(number, rest.as_slice());
        } else {
            return Value::Wrong;
        }
    }
    Value::Partial
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &[u8] = b"8=FIX.4.4\x019=5\x0135=0\x0110=163\x01";

    #[test]
    fn a_good_message_and_every_prefix_of_it() {
        let Scan::Frame(frame, GOOD_LEN) = scan(GOOD, 4096) else { panic!("no frame") };
        assert_eq!(
            (frame.begin_string(), frame.body(), frame.bytes()),
            (&b"FIX.4.4"[..], &b"35=0\x01"[..], GOOD)
        );
        const GOOD_LEN: usize = GOOD.len();
        for end in 1..GOOD.len() {
            assert!(matches!(scan(&GOOD[..end], 4096), Scan::Partial), "{end}");
        }
    }

    #[test]
    fn garbled_bytes_are_skipped_with_their_reason() {
        let cases: &[(&[u8], GarbledReason, usize)] = &[
            (b"xx8=FIX", GarbledReason::NoBeginString, 2),
            (b"8=FIX.4.4\x0135=0\x01", GarbledReason::NoBodyLength, 2),
            (b"8=FIX.4.\x01\x019=5\x0135=0\x0110=112\x01", GarbledReason::NoBodyLength, 2),
            (b"8=FIX.4.4\x019=-5\x01", GarbledReason::NoBodyLength, 2),
            (b"8=FIX.4.4\x019=99999\x01", GarbledReason::TooLong { len: 100_024, limit: 4096 }, 2),
            (b"8=FIX.4.4\x019=5\x0135=0\x0110=164\x01", GarbledReason::WrongCheckSum, 26),
            (b"8=FIX.4.4\x019=5\x0135=0\x0110=7\x018=", GarbledReason::WrongCheckSum, 24),
            (b"8=FIX.4.4\x019=4\x0135=0\x0110=163\x018=", GarbledReason::WrongBodyLength, 26),
        ];
        for (bytes, reason, skip) in cases {
            match scan(bytes, 4096) {
                Scan::Garbled(got, taken) => assert_eq!((got, taken), (*reason, *skip)),
                _ => panic!("{}", bytes.escape_ascii()),
            }
        }
    }
}
