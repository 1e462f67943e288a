//! Messages as scripts write them: `|` for SOH, and without what every message has.

use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};

use fix_core::{
    time::{UTC_TIMESTAMP_LEN, UtcTimestamp},
    wire::check_sum::{check_sum, digits},
};

/// `{now}`, `{now+10}`, `{now-121}` (seconds, shown in whole seconds) and `{ms}` in a value.
pub fn fill_in_times(text: &str, now: UtcTimestamp) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, tail) = after.split_once('}').expect("a closing brace");
        out.push_str(before);
        out.push_str(&time(name, now));
        rest = tail;
    }
    out.push_str(rest);
    out
}

fn time(name: &str, now: UtcTimestamp) -> String {
    use fix_core::time::Precision;
    if name == "ms" {
        return shown(now.with_precision(Precision::Millis));
    }
    let seconds = name.strip_prefix("now").expect("{now} or {ms}");
    let seconds: i64 = if seconds.is_empty() { 0 } else { seconds.parse().expect("seconds") };
    shown(now.plus_seconds(seconds).with_precision(Precision::Seconds))
}

pub fn shown(time: UtcTimestamp) -> String {
    let mut buffer = [0; UTC_TIMESTAMP_LEN];
    let len = time.format(&mut buffer);
    String::from_utf8_lossy(&buffer[..len]).into_owned()
}

/// A whole message of what the script says: 8, 9, 49, 52, 56 and 10 are added unless they are there.
/// Text that begins with `raw ` is taken as it is.
pub fn message(text: &str, sender: &str, target: &str, now: UtcTimestamp) -> Vec<u8> {
    let text = fill_in_times(text, now);
    if let Some(raw) = text.strip_prefix("raw ") {
        return raw.replace('|', "\x01").into_bytes();
    }
    let mut fields: Vec<(String, String)> = Vec::new();
    for field in text.split('|').filter(|field| !field.is_empty()) {
        let (tag, value) = field.split_once('=').unwrap_or((field, ""));
        fields.push((tag.into(), value.into()));
    }
    let has = |tag: &str| text.split('|').any(|field| field.starts_with(&format!("{tag}=")));
    let mut body = String::new();
    for field in text.split('|').filter(|field| !field.is_empty()) {
        if ["8=", "9=", "10="].iter().any(|prefix| field.starts_with(prefix)) {
            continue;
        }
        body.push_str(field);
        body.push('\x01');
        if field.starts_with("35=") {
            for (tag, value) in [("49", sender), ("52", &shown(now)), ("56", target)] {
                if !has(tag) && !has(&format!("-{tag}")) {
                    body.push_str(&format!("{tag}={value}\x01"));
                }
            }
        }
    }
    let body = strip_negated(&body);
    let given = |tag: &str| fields.iter().find(|field| field.0 == tag).map(|field| field.1.clone());
    let begin = given("8").unwrap_or("FIX.4.4".into());
    let length = given("9").unwrap_or(body.len().to_string());
    let mut whole = format!("8={begin}\x019={length}\x01{body}").into_bytes();
    let sum = given("10").map_or_else(|| digits(check_sum(&whole)).to_vec(), String::into_bytes);
    whole.extend_from_slice(b"10=");
    whole.extend_from_slice(&sum);
    whole.push(1);
    whole
}

/// `-52=` in a script means: without field 52.
fn strip_negated(body: &str) -> String {
    let keep = |field: &&str| !matches!(*field, "" | "-49=" | "-52=" | "-56=");
    body.split('\x01').filter(keep).map(|field| format!("{field}\x01")).collect()
}

/// The fields of a sent message.
pub fn fields(message: &[u8]) -> Vec<(String, String)> {
    let text = String::from_utf8_lossy(message);
    text.split('\x01')
        .filter(|field| !field.is_empty())
        .map(|field| field.split_once('=').map(|(t, v)| (t.to_string(), v.to_string())).unwrap_or_default())
        .collect()
}

/// Compares a sent message with what the script expects; both sides in order. A script that begins with
/// `8=` is compared field for field, only the form of times and the CheckSum are free; any other leaves out
/// 8, 9, 10, 49, 52, 56 and (unless it names it) 122. `*` is any value.
pub fn matches(expected: &str, actual: &[u8], now: UtcTimestamp) -> Result<(), String> {
    let strict = expected.starts_with("8=");
    let expected = fill_in_times(expected, now).replace('|', "\x01");
    let expected = fields(expected.as_bytes());
    let names_original = expected.iter().any(|field| field.0 == "122");
    let omitted = |tag: &str| {
        !strict
            && (["8", "9", "10", "49", "52", "56"].contains(&tag) && !expected.iter().any(|f| f.0 == tag)
                || (tag == "122" && !names_original))
    };
    let shown = String::from_utf8_lossy(actual).replace('\x01', "|");
    let actual: Vec<_> = fields(actual).into_iter().filter(|field| !omitted(&field.0)).collect();
    let free = |tag: &str| strict && ["10", "42", "52", "60", "122"].contains(&tag);
    let same = actual.len() == expected.len()
        && actual.iter().zip(&expected).all(|(a, e)| a.0 == e.0 && (e.1 == "*" || free(&e.0) || a.1 == e.1));
    if same { Ok(()) } else { Err(format!("sent {shown}")) }
}
