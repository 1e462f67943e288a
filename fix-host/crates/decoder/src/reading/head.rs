//! The head of a message, `8=..|9=..|`, and with it the separator that the text has between fields.

/// Bytes that a separator may have: `[SOH]`, `\u0001`, a comma and blanks.
pub(super) const MAX_SEPARATOR: usize = 16;
/// Bytes in which a head shows: `8=FIXT.1.1SP2`, a separator, `9=`, ten digits, a separator, `35=`.
pub(super) const MAX_HEAD: usize = 64;
/// Digits of a BodyLength(9).
const MAX_DIGITS: usize = 9;
const SOH: &[u8] = b"\x01";
/// How a text may show SOH: looked for where BodyLength(9) is not there to tell.
const NOTATIONS: [&[u8]; 15] = [
    SOH,
    b"\\\\u0001",
    b"\\u0001",
    b"\\x01",
    b"\\001",
    b"^A",
    b"<SOH>",
    b"[SOH]",
    b"{SOH}",
    b"&#1;",
    b"&#x1;",
    b"&#x01;",
    b"&#01;",
    b"%01",
    b"|",
];

/// What the head of a message says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct HeadAsWritten<'t> {
    /// What stands between fields; empty if there is only the one field.
    pub(super) separator: &'t [u8],
    /// The value of BodyLength(9), if it stands in its place and is a number.
    pub(super) body_length: Option<usize>,
    /// Bytes of the head with every separator as one byte.
    pub(super) plain_len: usize,
    /// Whether it stays so whatever comes behind the text.
    pub(super) is_decided: bool,
}

impl HeadAsWritten<'_> {
    /// Whether the separator seems to be an escape, but is none that is known: it may be the beginning of one.
    pub(super) fn has_damaged_separator(&self) -> bool {
        matches!(self.separator, [b'\\' | b'&', ..]) && !NOTATIONS.contains(&self.separator)
    }
}

/// Reads the head of the message at the beginning of `message`.
pub(super) fn head(message: &[u8]) -> HeadAsWritten<'_> {
    let version_end = version_end(message);
    let behind = message.get(version_end..).unwrap_or_default();
    let Some((first, after_tag)) = up_to(behind, b"9=").filter(|(separator, _)| is_separator(separator))
    else {
        let separator = guess(behind);
        let is_decided = message.len() >= 2 * MAX_HEAD;
        return HeadAsWritten { separator, body_length: None, plain_len: 0, is_decided };
    };
    let digits = after_tag.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (number, behind) = after_tag.split_at(digits);
    let second = up_to(behind, b"35=").map(|(separator, _)| separator);
    let second = second.filter(|separator| digits > 0 && is_separator(separator));
    let is_no_number = digits == 0 && !after_tag.is_empty();
    let is_same = second.is_some_and(|second| second == first);
    // Where the two differ, one is damaged: the one that goes on counts.
    let near = message.get(..2 * MAX_HEAD).unwrap_or(message);
    let count = |separator: &[u8]| memchr::memmem::find_iter(near, separator).count();
    let separator = match second {
        // Nothing but a separator is SOH.
        _ if first == SOH && count(SOH) > 1 => first,
        // `9=5|junk|35=D` has the separator of `8=FIX.4.4|9=`, and `9=5x|35=D` too.
        Some(second)
            if !is_same && memchr::memmem::find(second, first).is_none() && count(second) > count(first) =>
        {
            second
        }
        _ => first,
    };
    let is_decided = near.len() == 2 * MAX_HEAD
        || is_same
        || is_no_number
        || message.len() >= MAX_HEAD && second.is_none();
    let is_ended = behind.starts_with(separator) && !number.is_empty() && digits <= MAX_DIGITS;
    let body_length =
        std::str::from_utf8(number).ok().filter(|_| is_ended).and_then(|text| text.parse().ok());
    HeadAsWritten { separator, body_length, plain_len: version_end + 1 + 2 + digits + 1, is_decided }
}

/// Whether `8=FIX.4.4|9=` or the like stands here.
pub(super) fn is_head(message: &[u8]) -> bool {
    let behind = message.get(version_end(message)..).unwrap_or_default();
    message.starts_with(b"8=FIX")
        && message.get(5).is_some_and(|byte| matches!(byte, b'.' | b'T'))
        && up_to(behind, b"9=").is_some_and(|(separator, value)| {
            is_separator(separator) && value.first().is_some_and(u8::is_ascii_digit)
        })
}

/// Where the value of BeginString(8) ends: `FIX.4.4`, `FIXT.1.1`, `FIX.5.0SP2`, or letters, digits and points.
///
/// It looks at a bounded number of bytes, fewer than [`MAX_HEAD`]: what follows later may not move it.
fn version_end(message: &[u8]) -> usize {
    let count = |from: usize, is: fn(&u8) -> bool| {
        let near = message.get(from..).unwrap_or_default().iter().take(MAX_SEPARATOR);
        near.take_while(|byte| is(byte)).count()
    };
    let at = 2 + count(2, u8::is_ascii_uppercase);
    let point =
        |at: usize| message.get(at) == Some(&b'.') && message.get(at + 1).is_some_and(u8::is_ascii_digit);
    if point(at) && point(at + 2) {
        let end = at + 4;
        let is_pack =
            message.get(end..end + 3).is_some_and(|pack| pack.starts_with(b"SP") && pack[2].is_ascii_digit());
        return if is_pack { end + 3 } else { end };
    }
    2 + count(2, |byte| byte.is_ascii_alphanumeric() || *byte == b'.')
}

/// What stands in front of `tag`, and what behind it; `None` if it is not near.
fn up_to<'t>(text: &'t [u8], tag: &[u8]) -> Option<(&'t [u8], &'t [u8])> {
    let near = text.get(..MAX_SEPARATOR + tag.len()).unwrap_or(text);
    let at = memchr::memmem::find(near, tag)?;
    Some((&text[..at], &text[at + tag.len()..]))
}

/// Whether this may stand between fields.
fn is_separator(text: &[u8]) -> bool {
    let Some((first, _)) = text.split_first() else { return false };
    if text.contains(&b'=') || text.contains(&SOH[0]) {
        return text == SOH;
    }
    // `<SOH>` and `\\x01` have letters and digits, and ` 4.4|` of a damaged version is none.
    !text.iter().any(u8::is_ascii_alphanumeric)
        || matches!(first, b'\\' | b'&' | b'%' | b'^' | b'<' | b'[' | b'{' | b'(')
}

/// The separator where no BodyLength(9) follows.
fn guess(behind: &[u8]) -> &[u8] {
    let near = behind.get(..MAX_HEAD).unwrap_or(behind);
    if near.contains(&SOH[0]) {
        return SOH;
    }
    if let Some(known) = NOTATIONS.iter().find(|known| behind.starts_with(known)) {
        return &behind[..known.len()];
    }
    if behind
        .first()
        .is_some_and(|first| matches!(first, b'\\' | b'&' | b'=') || first.is_ascii_alphanumeric())
    {
        // It is damaged or missing here: the next ones are whole.
        let find = |known: &[u8]| memchr::memmem::find(near, known).map(|at| &near[at..at + known.len()]);
        return NOTATIONS.iter().find_map(|known| find(known)).unwrap_or_default();
    }
    let character = behind.utf8_chunks().next().and_then(|chunk| chunk.valid().chars().next());
    behind.get(..character.map_or(0, char::len_utf8)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{super::tests::SEPARATORS, *};

    #[test]
    fn the_separator_stands_between_body_length_and_msg_type() {
        for separator in SEPARATORS {
            for version in ["FIX.4.4", "FIXT.1.1", "FIX.5.0SP2"] {
                let text = format!("8={version}{separator}9=12{separator}35=0{separator}");
                let head = head(text.as_bytes());
                assert_eq!(head.separator, separator.as_bytes(), "{text:?}");
                assert_eq!((head.body_length, head.plain_len), (Some(12), version.len() + 8), "{text:?}");
                assert!(head.is_decided && is_head(text.as_bytes()));
            }
        }
    }

    #[test]
    fn a_damaged_head_still_has_its_separator() {
        for (text, separator, body_length) in [
            ("8=FIX.4.4|35=0|10=163|", "|", None),
            ("8=FIX.4.4\\x0135=0\\x01", "\\x01", None),
            ("8=FIX.4.4|9=x|35=0|", "|", None),
            ("8=FIX.4.4|9=-5|35=0|", "|", None),
            ("8=FIX.4.4|9=6|350=0|", "|", Some(6)),
            ("8=FIX.4.4|9=6|junk|35=0|", "|", Some(6)),
            ("8=FIX.4.4|109=5|9=6|", "|", None),
            ("8=FIX.4.49=27\u{1}35=8\u{1}", "\u{1}", None),
            ("8=FIX.4.4x9=27|35=8|", "|", None),
            ("8=FIX.4.4", "", None),
            ("8=FIX", "", None),
        ] {
            let head = head(text.as_bytes());
            assert_eq!((head.separator, head.body_length), (separator.as_bytes(), body_length), "{text}");
        }
    }
}
