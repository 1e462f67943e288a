//! Messages in a text: where they begin and end, with which separators, and what is wrong with them.

use fix_core::{
    tag,
    wire::{
        SOH, check_sum,
        field::{DataPair, Fields},
        frame::{GarbledReason, Scan, scan},
    },
};
use memchr::memmem;

const BEGIN: &[u8] = b"8=FIX";
const CHECK_SUM: &[u8] = b"\x0110=";
/// `10=nnn` and SOH.
const TRAILER_LEN: usize = 7;

/// A message in a text.
pub(super) struct Found<'a> {
    /// Where it begins in the text.
    pub(super) start: usize,
    /// Its bytes, separated by SOH whatever the text has.
    pub(super) bytes: &'a [u8],
    /// What is wrong with it.
    pub(super) problem: Option<String>,
}

/// Calls `take` for each message in `text`.
pub(super) fn each(text: &[u8], data_pairs: &'static [DataPair], mut take: impl FnMut(Found<'_>)) {
    let mut scratch = Vec::new();
    let mut from = 0;
    while let Some(start) = next_begin(text, from) {
        let rest = &text[start..];
        if let Some(len) = good_len(rest) {
            take(Found { start, bytes: &rest[..len], problem: None });
            from = start + len;
            continue;
        }
        let end = end_of_region(rest);
        separate(&rest[..end], &mut scratch);
        let (bytes, problem) = match good_len(&scratch) {
            Some(len) => (&scratch[..len], None),
            None => (scratch.as_slice(), Some(describe(&scratch, data_pairs))),
        };
        take(Found { start, bytes, problem });
        from = start + end;
    }
}

/// Where the next message begins. `58=FIX` is not one.
pub(super) fn next_begin(text: &[u8], from: usize) -> Option<usize> {
    memmem::find_iter(text.get(from..)?, BEGIN).map(|at| from + at).find(|at| is_begin(text, *at))
}

/// Where the last message begins.
pub(super) fn last_begin(text: &[u8]) -> Option<usize> {
    memmem::rfind_iter(text, BEGIN).find(|at| is_begin(text, *at))
}

fn is_begin(text: &[u8], at: usize) -> bool {
    !at.checked_sub(1).is_some_and(|before| text[before].is_ascii_digit())
}

/// How long the message at the beginning of `bytes` is by its BodyLength(9), if it has its SOHs.
pub(super) fn announced_len(bytes: &[u8]) -> Option<usize> {
    let (head, body_length) = head(bytes)?;
    head.checked_add(body_length)?.checked_add(TRAILER_LEN)
}

/// The length of the message at the beginning of `bytes`, if nothing is wrong with it.
fn good_len(bytes: &[u8]) -> Option<usize> {
    let message = bytes.get(..announced_len(bytes)?)?;
    matches!(scan(message, message.len()), Scan::Frame(..)).then_some(message.len())
}

/// The length of `8=..|9=..|` and the value of BodyLength(9).
fn head(bytes: &[u8]) -> Option<(usize, usize)> {
    let after_begin = bytes.iter().take(20).position(|byte| *byte == SOH)? + 1;
    let digits = bytes.get(after_begin..)?.strip_prefix(b"9=")?;
    let len = digits.iter().take(10).position(|byte| *byte == SOH)?;
    let number = std::str::from_utf8(&digits[..len]).ok()?;
    let number = number.bytes().all(|byte| byte.is_ascii_digit()).then(|| number.parse().ok())??;
    Some((after_begin + 2 + len + 1, number))
}

/// Where a message that cannot be measured ends: with its CheckSum(10), else with its line, at the latest where the
/// next one begins.
fn end_of_region(rest: &[u8]) -> usize {
    let region = &rest[..next_begin(rest, BEGIN.len()).unwrap_or(rest.len())];
    if let Some(at) = memmem::rfind(region, CHECK_SUM) {
        let value = &region[at + CHECK_SUM.len()..];
        if let Some(len) = value.iter().take(8).position(|byte| *byte == SOH) {
            return at + CHECK_SUM.len() + len + 1;
        }
    }
    memchr::memchr(b'\n', region).unwrap_or(region.len())
}

/// Puts SOH in place of the separators that a human has, and behind the last field.
fn separate(region: &[u8], out: &mut Vec<u8>) {
    out.clear();
    let region = region.trim_ascii_end();
    let separator = region.iter().skip(2).find(|byte| !byte.is_ascii_alphanumeric() && **byte != b'.');
    match separator {
        Some(b'|') => out.extend(region.iter().map(|byte| if *byte == b'|' { SOH } else { *byte })),
        Some(b'^') => {
            let mut rest = region;
            while let Some(at) = memmem::find(rest, b"^A") {
                out.extend_from_slice(&rest[..at]);
                out.push(SOH);
                rest = &rest[at + 2..];
            }
            out.extend_from_slice(rest);
        }
        _ => out.extend_from_slice(region),
    }
    if out.last() != Some(&SOH) {
        out.push(SOH);
    }
}

/// What is wrong with a garbled message, in the order in which a reader finds out.
fn describe(message: &[u8], data_pairs: &'static [DataPair]) -> String {
    let Some((head, body_length)) = head(message) else {
        return if memchr::memchr(SOH, message) == Some(message.len() - 1) {
            "cut off, or its fields are not separated by SOH, | or ^A".into()
        } else {
            GarbledReason::NoBodyLength.to_string()
        };
    };
    let Some(at) = memmem::rfind(message, CHECK_SUM) else {
        let there = message.len() - head;
        return format!(
            "cut off: no {}; {} is {body_length}, {there} bytes follow",
            tag::CHECK_SUM,
            tag::BODY_LENGTH
        );
    };
    // The SOH in front of CheckSum belongs to the body.
    let counted = (at + 1).saturating_sub(head);
    if counted != body_length {
        return format!("{} is {body_length}, counted {counted}", tag::BODY_LENGTH);
    }
    let given = message[at + CHECK_SUM.len()..].split(|byte| *byte == SOH).next().unwrap_or_default();
    let computed = check_sum::check_sum(&message[..=at]);
    if given != check_sum::digits(computed) {
        let given = given.escape_ascii();
        return format!("{} is {given}, computed {computed:03}", tag::CHECK_SUM);
    }
    let mut fields = Fields::with_data_tags(message, data_pairs);
    let mut at = 0;
    while let Some(field) = fields.next() {
        if let Err(fault) = field {
            return format!("{fault} (at byte {})", at + 1);
        }
        at = message.len() - fields.rest().len();
    }
    GarbledReason::NoMsgType.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &[u8]) -> Vec<(usize, String, Option<String>)> {
        let mut all = Vec::new();
        each(text, &[], |found| {
            all.push((
                found.start,
                String::from_utf8_lossy(found.bytes).replace('\u{1}', "|"),
                found.problem,
            ));
        });
        all
    }

    const GOOD: &str = "8=FIX.4.4|9=5|35=0|10=163|";

    #[test]
    fn every_separator_reads_the_same() {
        for text in [
            GOOD.replace('|', "\u{1}"),
            GOOD.into(),
            GOOD.replace('|', "^A"),
            GOOD.trim_end_matches('|').into(),
            GOOD.trim_end_matches('|').replace('|', "\u{1}"),
            format!("{GOOD}\r\n"),
        ] {
            assert_eq!(found(text.as_bytes()), [(0, GOOD.into(), None)], "{text:?}");
        }
    }

    #[test]
    fn what_stands_between_messages_is_skipped() {
        let raw = GOOD.replace('|', "\u{1}");
        let text = format!("20260102-10:11:12.123 : {raw}\nnothing\n: {GOOD}junk {GOOD}\n{raw}{raw}");
        let starts: Vec<_> =
            found(text.as_bytes()).into_iter().map(|(start, _, problem)| (start, problem)).collect();
        assert_eq!(starts, [24, 61, 92, 119, 145].map(|start| (start, None)));
    }

    #[test]
    fn what_is_wrong_is_told_and_the_next_message_is_found() {
        for (bad, problem) in [
            ("8=FIX.4.4|9=5|35=0|10=164|", "CheckSum(10) is 164, computed 163"),
            ("8=FIX.4.4|9=5|35=0|10=1\u{1b}3|", "CheckSum(10) is 1\\x1b3, computed 163"),
            ("8=FIX.4.4|9=6|35=0|10=163|", "BodyLength(9) is 6, counted 5"),
            ("8=FIX.4.4|35=0|10=163|", "BeginString(8) is not followed by a numeric BodyLength(9)"),
            ("8=FIX.4.4|9=-5|35=0|10=163|", "BeginString(8) is not followed by a numeric BodyLength(9)"),
            ("8=FIX.4.4|9=50|35=0|49=A", "cut off: no CheckSum(10); BodyLength(9) is 50, 10 bytes follow"),
            ("8=FIX.4.4|9=6|350=0|10=212|", "MsgType(35) is not the third field"),
            ("8=FIX.4.4", "cut off, or its fields are not separated by SOH, | or ^A"),
        ] {
            for text in [format!("{bad}\n{GOOD}"), format!("{}\n{GOOD}", bad.replace('|', "\u{1}"))] {
                let found = found(text.as_bytes());
                assert_eq!(found[0].2.as_deref(), Some(problem), "{text:?}");
                assert_eq!((found.len(), &found[1].1, &found[1].2), (2, &GOOD.to_owned(), &None), "{text:?}");
            }
        }
    }

    #[test]
    fn no_bytes_make_it_fail() {
        let alphabet: [&[u8]; 7] = [b"8=FIX", b"\x01", b"|", b"9=3", b"10=", b"\n", b"^A"];
        for number in 0..7usize.pow(6) {
            let text: Vec<u8> =
                (0..6).flat_map(|i| alphabet[number / 7usize.pow(i) % 7].iter().copied()).collect();
            each(&text, &[], |found| assert!(found.start < text.len()));
        }
    }
}
