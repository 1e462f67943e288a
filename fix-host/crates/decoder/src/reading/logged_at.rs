//! The time that a logger puts in front of what it logs.

/// The first time of day in `line`, with the date in front of it and the fraction and zone behind it, as they stand
/// there: `20260102-10:11:12.123`, `2026-01-02T10:11:12,123Z`, `10:11:12`. It is ASCII.
#[must_use]
pub fn logged_at(line: &[u8]) -> Option<&[u8]> {
    memchr::memchr_iter(b':', line).find_map(|colon| time_around(line, colon))
}

/// `colon` is the first one of `hh:mm:ss`.
fn time_around(line: &[u8], colon: usize) -> Option<&[u8]> {
    let time_at = colon.checked_sub(2)?;
    let [b'0'..=b'2', b'0'..=b'9', b':', b'0'..=b'5', b'0'..=b'9', b':', b'0'..=b'6', b'0'..=b'9'] =
        line.get(time_at..colon + 6)?
    else {
        return None;
    };
    let mut end = colon + 6;
    if matches!(line.get(end), Some(b'.' | b',')) {
        let digits = digits(line, end + 1);
        end += if digits > 0 { digits + 1 } else { 0 };
    }
    end += zone(line.get(end..).unwrap_or_default());
    Some(&line[date_before(&line[..time_at])..end])
}

/// Where the date begins that `front` ends with, or where it ends itself if there is none.
fn date_before(front: &[u8]) -> usize {
    let Some((b'-' | b' ' | b'T', date)) = front.split_last() else { return front.len() };
    let is_marked = |date: &[u8; 10]| {
        let digits = date.iter().filter(|byte| byte.is_ascii_digit()).count();
        let marks = date.iter().filter(|byte| matches!(byte, b'-' | b'/' | b'.')).count();
        date[0].is_ascii_digit() && (digits, marks) == (8, 2)
    };
    match (date.last_chunk::<10>(), date.last_chunk::<8>()) {
        (Some(long), _) if is_marked(long) => date.len() - 10,
        (_, Some(short)) if short.iter().all(u8::is_ascii_digit) => date.len() - 8,
        _ => front.len(),
    }
}

/// Bytes of `Z`, `+01:00` or `+0100`.
fn zone(behind: &[u8]) -> usize {
    match behind {
        [b'Z', ..] => 1,
        [b'+' | b'-', rest @ ..] => match digits(rest, 0) {
            2 if rest.get(2) == Some(&b':') && digits(rest, 3) == 2 => 6,
            4 => 5,
            _ => 0,
        },
        _ => 0,
    }
}

fn digits(text: &[u8], from: usize) -> usize {
    text.get(from..).unwrap_or_default().iter().take(9).take_while(|byte| byte.is_ascii_digit()).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_as_loggers_write_them() {
        for (line, time) in [
            ("20260102-10:11:12.123 : ", "20260102-10:11:12.123"),
            ("20200101-00:00:04.635: 20200101-00:00:04.635", "20200101-00:00:04.635"),
            ("2026-01-02 10:11:12,123 INFO [main] ", "2026-01-02 10:11:12,123"),
            ("[2026-01-02T10:11:12.123456Z] in ", "2026-01-02T10:11:12.123456Z"),
            ("{\"ts\":\"2026-01-02T10:11:12+01:00\",\"msg\":\"", "2026-01-02T10:11:12+01:00"),
            ("2026/01/02 10:11:12 IN ", "2026/01/02 10:11:12"),
            ("IN: 10:11:12. x", "10:11:12"),
        ] {
            assert_eq!(logged_at(line.as_bytes()), Some(time.as_bytes()), "{line}");
        }
        for none in ["", ":", "host:8080: ", "a::b:c", "1:11:12 "] {
            assert_eq!(logged_at(none.as_bytes()), None, "{none}");
        }
    }
}
