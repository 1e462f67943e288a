//! The decoder against one written in the most obvious way, byte by byte, from the words of the standard.
#![no_main]

use fix_core::{
    decimal::Decimal,
    msg::message::Message,
    tag::Tag,
    wire::{
        field::{DataPair, Field, Fields, NotAField},
        frame::{GarbledReason, Scan, scan},
        value::FromField,
    },
};
use libfuzzer_sys::fuzz_target;

const SOH: u8 = 1;
const MAX_LEN: usize = 4096;

/// Length fields and their data fields (FIX 4.4 Vol. 6, fields of type Length).
const DATA: [(i32, i32); 16] = [
    (90, 91),
    (93, 89),
    (95, 96),
    (212, 213),
    (348, 349),
    (350, 351),
    (352, 353),
    (354, 355),
    (356, 357),
    (358, 359),
    (360, 361),
    (362, 363),
    (364, 365),
    (445, 446),
    (618, 619),
    (621, 622),
];

/// The good message that the bytes begin with: its BeginString, its body, and its whole length.
fn naive_frame(bytes: &[u8]) -> Option<(&[u8], &[u8], usize)> {
    let (begin_string, rest) = naive_value(bytes.strip_prefix(b"8=")?)?;
    if begin_string.is_empty() || begin_string.len() > 16 {
        return None;
    }
    let (length, rest) = naive_value(rest.strip_prefix(b"9=")?)?;
    let length = naive_number(length).filter(|_| length.len() <= 9)? as usize;
    let body = rest.get(..length)?;
    let trailer = rest.get(length..length + 7)?;
    let sum = trailer.strip_prefix(b"10=")?.strip_suffix(b"\x01")?;
    let summed = &bytes[..bytes.len() - rest.len() + length];
    let right = summed.iter().map(|byte| u32::from(*byte)).sum::<u32>() % 256;
    let whole = summed.len() + trailer.len();
    let good = naive_number(sum) == Some(right.into())
        && body.last() == Some(&SOH)
        && body.starts_with(b"35=")
        && whole <= MAX_LEN;
    good.then_some((begin_string, body, whole))
}

fn naive_value(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.iter().position(|byte| *byte == SOH)?;
    Some((&bytes[..end], &bytes[end + 1..]))
}

fn naive_number(text: &[u8]) -> Option<u64> {
    let digits = !text.is_empty() && text.iter().all(u8::is_ascii_digit);
    std::str::from_utf8(text).ok().filter(|_| digits)?.parse().ok()
}

/// The fields of a body; `None` for what is no field, up to the next SOH.
fn naive_fields<'a>(mut bytes: &'a [u8], data: &[(i32, i32)]) -> Vec<Option<(i32, &'a [u8])>> {
    let mut fields = Vec::new();
    let mut announced = None;
    while !bytes.is_empty() {
        let Some((tag, value, rest)) = naive_field(bytes, announced) else {
            fields.push(None);
            announced = None;
            bytes = naive_value(bytes).map_or(&[], |(_, rest)| rest);
            continue;
        };
        announced = data
            .iter()
            .find(|(length_tag, _)| *length_tag == tag)
            .and_then(|(_, data_tag)| Some((*data_tag, u32::try_from(naive_number(value)?).ok()?)));
        fields.push(Some((tag, value)));
        bytes = rest;
    }
    fields
}

fn naive_field(bytes: &[u8], announced: Option<(i32, u32)>) -> Option<(i32, &[u8], &[u8])> {
    let equals = bytes.iter().position(|byte| *byte == b'=')?;
    let digits = bytes[..equals].strip_prefix(b"-").unwrap_or(&bytes[..equals]);
    let number = i32::try_from(naive_number(digits)?).ok()?;
    let tag = if digits.len() < equals { -number } else { number };
    let rest = &bytes[equals + 1..];
    if let Some((_, length)) = announced.filter(|(data_tag, _)| *data_tag == tag)
        && rest.get(length as usize) == Some(&SOH)
    {
        return Some((tag, &rest[..length as usize], &rest[length as usize + 1..]));
    }
    let (value, rest) = naive_value(rest)?;
    Some((tag, value, rest))
}

/// Mantissa and scale of up to 30 digits.
fn naive_decimal(text: &[u8]) -> Option<(i128, usize)> {
    let text = std::str::from_utf8(text).ok()?;
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
    let all = format!("{whole}{decimals}");
    if all.is_empty() || !all.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number: i128 = all.parse().ok().filter(|number| *number < 10i128.pow(30))?;
    Some((if digits.len() < text.len() { -number } else { number }, decimals.len()))
}

fn without_trailing_zeros(text: &[u8]) -> &[u8] {
    let sign = usize::from(text.first() == Some(&b'-'));
    let mut end = text.len();
    while text.contains(&b'.') && end > sign + 2 && text[end - 1] == b'0' {
        end -= 1;
    }
    &text[..end]
}

fn compare_values(value: &[u8]) {
    let number = naive_number(value);
    assert_eq!(u64::from_field(value).ok(), number, "{}", value.escape_ascii());
    assert_eq!(u32::from_field(value).ok(), number.and_then(|number| number.try_into().ok()));
    let held = |text: &[u8]| {
        let (mantissa, scale) = naive_decimal(text)?;
        Some((i64::try_from(mantissa).ok()?, scale))
            .filter(|(mantissa, scale)| *mantissa != i64::MIN && *scale <= 18)
    };
    // Zeros that end the decimals are dropped only where they do not fit.
    let decimal = held(value).or_else(|| held(without_trailing_zeros(value)));
    let ours = Decimal::parse(value).ok().map(|decimal| (decimal.mantissa(), decimal.scale().into()));
    assert_eq!(ours, decimal, "{}", value.escape_ascii());
}

fn compare_fields(body: &[u8]) {
    let ours: Vec<_> = Fields::new(body).map(pair).collect();
    assert_eq!(ours, naive_fields(body, &DATA), "{}", body.escape_ascii());
    ours.iter().flatten().for_each(|(_, value)| compare_values(value));
    let own = [&DATA[..], &OWN.map(|pair| (pair.length.0, pair.data.0))].concat();
    let again: Vec<_> = Fields::with_data_tags(body, &OWN[..]).map(pair).collect();
    assert_eq!(again, naive_fields(body, &own), "{}", body.escape_ascii());
}

/// Data fields of a dictionary of one's own: ClOrdID tells the length of Text, and Text that of Symbol.
static OWN: [DataPair; 2] =
    [DataPair { length: Tag(11), data: Tag(58) }, DataPair { length: Tag(58), data: Tag(55) }];

fn pair(field: Result<Field<'_>, NotAField>) -> Option<(i32, &[u8])> {
    field.ok().map(|field| (field.tag.0, field.value))
}

fuzz_target!(|input: &[u8]| {
    compare_fields(input);
    let stream = fuzz::stream(input);
    let mut rest = &stream[..];
    while !rest.is_empty() {
        let naive = naive_frame(rest);
        match scan(rest, MAX_LEN) {
            Scan::Frame(frame, taken) => {
                assert_eq!(naive, Some((frame.begin_string(), frame.body(), taken)));
                compare_fields(frame.body());
                let is_message = naive_fields(frame.body(), &DATA).iter().all(Option::is_some);
                assert_eq!(Message::parse(frame).is_ok(), is_message);
                assert_eq!(Message::recover(frame, &[]).malformed().is_none(), is_message);
                rest = &rest[taken..];
            }
            Scan::Partial => {
                assert_eq!(naive, None, "a whole message is waited for");
                break;
            }
            Scan::Garbled(reason, skip) => {
                assert_eq!(naive, None, "{reason}: {}", rest.escape_ascii());
                if reason == GarbledReason::NoBeginString {
                    let lost = (1..skip).find(|at| naive_frame(&rest[*at..]).is_some());
                    assert_eq!(lost, None, "a message is skipped");
                }
                rest = &rest[skip..];
            }
        }
    }
});
